//! The journal's only writer: a thread that commits queued batches in groups and publishes the new head.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::recent::RecentRows;
use super::retention;
use super::snapshots::{self, SnapshotSeal};
use super::{ChainMark, EncodedBody, JournalError, JournalRow, RetentionPolicy, RetentionTime, chain, rows};
use crate::floor::Cursor;

/// A command to the writer.
#[derive(Debug)]
pub(super) enum WriterCommand {
    /// Append these bodies in one transaction.
    Append { bodies: Vec<EncodedBody>, bytes: usize, reply: WriterReply<Vec<ChainMark>> },
    /// Set a new epoch.
    RenewEpoch { reply: WriterReply<()> },
    /// Write a piece of a snapshot.
    SnapshotPiece { cursor: Cursor, piece: usize, text: String, reply: WriterReply<()> },
    /// Seal a snapshot whose pieces are written.
    SealSnapshot { seal: SnapshotSeal, reply: WriterReply<()> },
    /// Remove one step's worth of old entries, as the retention policy says; the reply says whether more remain.
    Trim { retention: RetentionPolicy, now: RetentionTime, reply: WriterReply<bool> },
    /// Run a pragma on the writer's connection.
    #[cfg(test)]
    Pragma(String),
    /// Return the value of `synchronous`.
    #[cfg(test)]
    Synchronous(std::sync::mpsc::Sender<i64>),
    /// Pause until the other end is dropped.
    #[cfg(test)]
    Pause(Receiver<()>),
}

pub(super) type WriterReply<T> = oneshot::Sender<Result<T, JournalError>>;

/// A group closes at about this many rows.
const GROUP_ROWS: usize = 256;
/// Appends are frequent while the previous group had more batches than this. A group then waits for more batches, so
/// that one sync of the disk serves more appends.
const FREQUENT_BATCHES: usize = 4;
/// The longest time that a group waits for more batches. It ends sooner if a pause brings none.
const MAX_GROUP_WAIT: Duration = Duration::from_millis(1);
/// The pause between two reads of the queue: waking up for each batch costs more than writing it.
const QUEUE_PAUSE: Duration = Duration::from_micros(100);

#[derive(Debug)]
pub(super) struct StoreWriter {
    connection: Connection,
    /// Never read: it holds the lock until the thread ends.
    _lock: File,
    head: watch::Sender<ChainMark>,
    epoch: Arc<Mutex<Arc<str>>>,
    queued_bytes: Arc<AtomicUsize>,
    /// The cursor of the last row that was removed (the anchor of the stored layout), for readers.
    last_removed: Arc<AtomicU64>,
    recent: Arc<Mutex<RecentRows>>,
}

/// The values that the writer publishes to readers.
#[derive(Debug)]
pub(super) struct WriterProgress {
    pub(super) head: watch::Sender<ChainMark>,
    pub(super) last_removed: Arc<AtomicU64>,
    pub(super) recent: Arc<Mutex<RecentRows>>,
}

struct PendingAppend {
    bodies: Vec<EncodedBody>,
    bytes: usize,
    reply: WriterReply<Vec<ChainMark>>,
}

impl StoreWriter {
    pub(super) fn new(
        connection: Connection,
        lock: File,
        queued_bytes: Arc<AtomicUsize>,
        progress: WriterProgress,
    ) -> rusqlite::Result<Self> {
        let WriterProgress { head, last_removed, recent } = progress;
        let (epoch, _) = rows::identity(&connection)?;
        let epoch = Arc::new(Mutex::new(Arc::from(epoch)));
        Ok(Self { connection, _lock: lock, head, epoch, queued_bytes, last_removed, recent })
    }

    /// Returns the shared epoch.
    pub(super) fn epoch(&self) -> Arc<Mutex<Arc<str>>> {
        Arc::clone(&self.epoch)
    }

    /// Writes until the last sender is dropped.
    pub(super) fn run(mut self, commands: &Receiver<WriterCommand>) {
        let (mut deferred, mut previous_batches) = (None, 0);
        while let Some(command) = deferred.take().or_else(|| commands.recv().ok()) {
            match command {
                WriterCommand::Append { bodies, bytes, reply } => {
                    let is_frequent = previous_batches > FREQUENT_BATCHES;
                    let (group, other) = gather_group(PendingAppend { bodies, bytes, reply }, commands, is_frequent);
                    (deferred, previous_batches) = (other, group.len());
                    self.commit(group);
                }
                WriterCommand::RenewEpoch { reply } => drop(reply.send(self.renew_epoch())),
                WriterCommand::SnapshotPiece { cursor, piece, text, reply } => {
                    drop(reply.send(store_result(snapshots::write_piece(&self.connection, cursor, piece, &text))));
                }
                WriterCommand::SealSnapshot { seal, reply } => {
                    drop(reply.send(store_result(snapshots::seal(&self.connection, &seal))));
                }
                WriterCommand::Trim { retention, now, reply } => {
                    drop(reply.send(store_result(self.trim(retention, &now))));
                }
                #[cfg(test)]
                WriterCommand::Pragma(text) => self.connection.execute_batch(&text).unwrap(),
                #[cfg(test)]
                WriterCommand::Synchronous(reply) => {
                    reply
                        .send(self.connection.pragma_query_value(None, "synchronous", |it| it.get(0)).unwrap())
                        .unwrap();
                }
                #[cfg(test)]
                WriterCommand::Pause(held) => drop(held.recv()),
            }
        }
    }

    fn commit(&mut self, group: Vec<PendingAppend>) {
        let bytes = group.iter().map(|it| it.bytes).sum();
        let written = self.write(&group).map_err(|error| JournalError::Store { error: error.to_string() });
        match written {
            Ok((head, marks)) => {
                self.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                let replies = self.publish_recent(group, marks);
                self.head.send_replace(head);
                for (reply, marks) in replies {
                    // The requester may be gone; then nobody needs the reply.
                    drop(reply.send(Ok(marks)));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "a group of entries was not written");
                self.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                self.reread_head();
                for batch in group {
                    drop(batch.reply.send(Err(error.clone())));
                }
            }
        }
    }

    fn write(&mut self, group: &[PendingAppend]) -> rusqlite::Result<(ChainMark, Vec<Vec<ChainMark>>)> {
        let mut head = *self.head.borrow();
        let transaction = self.connection.transaction()?;
        let mut marks = Vec::with_capacity(group.len());
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO entries (cursor, sum, body) VALUES (?1, ?2, ?3)")?;
            for batch in group {
                let mut written = Vec::with_capacity(batch.bodies.len());
                for body in &batch.bodies {
                    head = chain::next(head, body);
                    insert.execute((head.cursor.0.cast_signed(), head.sum.0.cast_signed(), &**body))?;
                    written.push(head);
                }
                marks.push(written);
            }
            let mut update_head = transaction.prepare_cached("UPDATE journal SET head = ?1, sum = ?2 WHERE one = 1")?;
            update_head.execute((head.cursor.0.cast_signed(), head.sum.0.cast_signed()))?;
        }
        transaction.commit()?;
        Ok((head, marks))
    }

    /// Publishes durable rows to readers in memory; returns the replies to send.
    fn publish_recent(
        &self,
        group: Vec<PendingAppend>,
        marks: Vec<Vec<ChainMark>>,
    ) -> Vec<(WriterReply<Vec<ChainMark>>, Vec<ChainMark>)> {
        let mut after = self.head.borrow().cursor;
        let mut recent = self.recent.lock();
        let batches = group.into_iter().zip(marks).map(|(batch, marks)| {
            for (body, mark) in batch.bodies.into_iter().zip(&marks) {
                recent.push(JournalRow { cursor: mark.cursor, after, sum: mark.sum, body });
                after = mark.cursor;
            }
            (batch.reply, marks)
        });
        batches.collect()
    }

    fn trim(&mut self, retention: RetentionPolicy, now: &RetentionTime) -> rusqlite::Result<bool> {
        let more = retention::trim_step(&mut self.connection, retention, now)?;
        self.last_removed.store(rows::anchor(&self.connection)?.cursor.0, Ordering::Release);
        Ok(more)
    }

    /// Reads the head from the file after an error, because a commit that failed late may still be in the file.
    fn reread_head(&self) {
        match rows::identity(&self.connection) {
            Ok((_, head)) => drop(self.head.send_replace(head)),
            Err(error) => tracing::error!(%error, "the journal's head cannot be read"),
        }
    }

    fn renew_epoch(&self) -> Result<(), JournalError> {
        let epoch = uuid::Uuid::now_v7().to_string();
        self.connection
            .execute("UPDATE journal SET epoch = ?1 WHERE one = 1", [&epoch])
            .map_err(|error| JournalError::Store { error: error.to_string() })?;
        *self.epoch.lock() = Arc::from(epoch);
        Ok(())
    }
}

fn store_result<T>(outcome: rusqlite::Result<T>) -> Result<T, JournalError> {
    outcome.map_err(|error| JournalError::Store { error: error.to_string() })
}

/// Returns the first batch with the batches that wait behind it, up to the limits. Also returns the command of another
/// kind that ended the group, if there was one. If appends are frequent, waits for more batches until a pause brings none.
fn gather_group(
    first: PendingAppend,
    commands: &Receiver<WriterCommand>,
    is_frequent: bool,
) -> (Vec<PendingAppend>, Option<WriterCommand>) {
    let began = crate::time::clock::instant();
    let (mut rows, mut grew_since_pause) = (first.bodies.len(), true);
    let mut group = vec![first];
    while rows < GROUP_ROWS {
        match commands.try_recv() {
            Ok(WriterCommand::Append { bodies, bytes, reply }) => {
                rows += bodies.len();
                group.push(PendingAppend { bodies, bytes, reply });
                grew_since_pause = true;
            }
            Ok(other) => return (group, Some(other)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => {
                if !is_frequent || !grew_since_pause || began.elapsed() >= MAX_GROUP_WAIT {
                    break;
                }
                grew_since_pause = false;
                std::thread::sleep(QUEUE_PAUSE);
            }
        }
    }
    (group, None)
}
