//! The journal's only writer: a thread that commits queued batches in groups and publishes the new head.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::recent::RecentRows;
use super::rescue::{OpenFiles, Rescue};
use crate::floor::Cursor;
use crate::journal::snapshots::{self, PackedPiece, SnapshotSeal};
use crate::journal::{
    ChainMark, EncodedBody, JournalError, JournalRow, RetentionPolicy, RetentionTime, chain, retention, rows,
};
use crate::time::Backoff;
use crate::time::clock;

/// A command to the writer.
#[derive(Debug)]
pub(super) enum WriterCommand {
    /// Append these bodies in one transaction.
    Append { bodies: Vec<EncodedBody>, bytes: usize, reply: WriterReply<Vec<ChainMark>> },
    /// Set a new epoch.
    RenewEpoch { reply: WriterReply<()> },
    /// Write a piece of a snapshot.
    SnapshotPiece { cursor: Cursor, piece: usize, packed: PackedPiece, reply: WriterReply<()> },
    /// Seal a snapshot whose pieces are written.
    SealSnapshot { seal: SnapshotSeal, reply: WriterReply<()> },
    /// Remove one step's worth of old entries, as the retention policy says; the reply says whether more remain.
    Trim { retention: RetentionPolicy, now: RetentionTime, reply: WriterReply<bool> },
    /// Check that the files are still in the folder, and go on with a rescue if they are not.
    CheckFiles { reply: WriterReply<()> },
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
    /// The open files; `None` while a rescue has them.
    files: Option<OpenFiles>,
    rescue: Option<Rescue>,
    /// Why the last rescue failed, and when another may begin. Nothing is written meanwhile.
    failed: Option<(JournalError, Instant)>,
    /// The waits between rescues that fail: each copies the whole journal.
    failures: Backoff,
    epoch: Arc<Mutex<Arc<str>>>,
    queued_bytes: Arc<AtomicUsize>,
    progress: WriterProgress,
}

/// The values that the writer publishes to readers.
#[derive(Debug)]
pub(super) struct WriterProgress {
    pub(super) head: watch::Sender<ChainMark>,
    /// The cursor of the last row that was removed (the anchor of the stored layout).
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
        files: OpenFiles,
        queued_bytes: Arc<AtomicUsize>,
        progress: WriterProgress,
    ) -> rusqlite::Result<Self> {
        let (epoch, _) = rows::identity(&files.connection)?;
        let epoch = Arc::new(Mutex::new(Arc::from(epoch)));
        Ok(Self {
            files: Some(files),
            rescue: None,
            failed: None,
            failures: Backoff::default(),
            epoch,
            queued_bytes,
            progress,
        })
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
                WriterCommand::SnapshotPiece { cursor, piece, packed, reply } => {
                    drop(reply.send(self.with(|it| snapshots::write_piece(it, cursor, piece, &packed))));
                }
                WriterCommand::SealSnapshot { seal, reply } => {
                    drop(reply.send(self.with(|it| snapshots::seal(it, &seal))));
                }
                WriterCommand::Trim { retention, now, reply } => drop(reply.send(self.trim(retention, &now))),
                WriterCommand::CheckFiles { reply } => drop(reply.send(self.check_files())),
                #[cfg(test)]
                WriterCommand::Pragma(text) => self.with(|it| it.execute_batch(&text)).unwrap(),
                #[cfg(test)]
                WriterCommand::Synchronous(reply) => {
                    let read = |it: &mut Connection| it.pragma_query_value(None, "synchronous", |row| row.get(0));
                    reply.send(self.with(read).unwrap()).unwrap();
                }
                #[cfg(test)]
                WriterCommand::Pause(held) => drop(held.recv()),
            }
        }
        self.close();
    }

    fn commit(&mut self, group: Vec<PendingAppend>) {
        let bytes = group.iter().map(|it| it.bytes).sum();
        let head = *self.progress.head.borrow();
        // What was written to a file that nobody can find must not be acknowledged.
        let written = self.with(|it| write(it, head, &group)).and_then(|done| self.require_files().map(|()| done));
        self.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
        match written {
            Ok((head, marks)) => {
                let replies = self.publish_recent(group, marks);
                self.progress.head.send_replace(head);
                for (reply, marks) in replies {
                    // The requester may be gone; then nobody needs the reply.
                    drop(reply.send(Ok(marks)));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "a group of entries was not written");
                self.reread_head();
                if matches!(error, JournalError::Removed { .. }) {
                    self.start_rescue(error.clone());
                }
                for batch in group {
                    drop(batch.reply.send(Err(error.clone())));
                }
            }
        }
    }

    /// Runs a query on the writer's connection.
    ///
    /// Fails while the files are not in the folder, and if SQLite fails.
    fn with<T>(&mut self, query: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, JournalError> {
        if self.failed.is_some() {
            return Err(self.refusal());
        }
        let Some(files) = &mut self.files else { return Err(self.refusal()) };
        query(&mut files.connection).map_err(|error| JournalError::Store { error: error.to_string() })
    }

    /// Fails unless the files are in the folder.
    fn require_files(&self) -> Result<(), JournalError> {
        self.files.as_ref().map_or_else(|| Err(self.refusal()), OpenFiles::check)
    }

    /// Returns why nothing is written.
    fn refusal(&self) -> JournalError {
        let failed = self.failed.as_ref().map(|(why, _)| why);
        failed.or(self.rescue.as_ref().map(|it| &it.why)).cloned().unwrap_or(JournalError::Closed)
    }

    /// Looks at the files. If one was removed, has all entries written to new files, and goes on with those once that is
    /// done. Fails until then.
    fn check_files(&mut self) -> Result<(), JournalError> {
        if let Some(rescue) = &mut self.rescue {
            let Some((files, failed)) = rescue.finish() else { return Err(self.refusal()) };
            (self.files, self.rescue) = (Some(files), None);
            if let Some(why) = failed {
                let wait = self.failures.next_wait(rand::random());
                self.failed = Some((why.clone(), clock::instant() + wait));
                return Err(why);
            }
            self.resume();
        }
        let looked = self.require_files();
        match (&looked, &self.failed) {
            (Ok(()), Some(_)) => self.resume(),
            (Err(JournalError::Removed { .. }), Some((why, again))) if clock::instant() < *again => {
                return Err(why.clone());
            }
            (Err(why @ JournalError::Removed { .. }), _) => self.start_rescue(why.clone()),
            (Ok(()) | Err(_), _) => {}
        }
        looked
    }

    /// Writes again, because the files are in place.
    fn resume(&mut self) {
        (self.failed, self.failures) = (None, Backoff::default());
        self.reread_head();
        tracing::warn!("the journal's files are in place again, with all of its entries");
    }

    /// Ends: waits for a rescue, because the entries are nowhere else, and keeps the last head beside a durable journal.
    fn close(mut self) {
        if let Some(rescue) = self.rescue.take() {
            self.files = rescue.wait();
        }
        let head = *self.progress.head.borrow();
        if let Some(files) = self.files.as_ref().filter(|it| it.check().is_ok()) {
            files.keep_head(head);
        }
    }

    fn start_rescue(&mut self, why: JournalError) {
        self.failed = None;
        if let Some(files) = self.files.take() {
            self.rescue = Some(Rescue::start(files, why));
        }
    }

    /// Publishes durable rows to readers in memory; returns the replies to send.
    fn publish_recent(
        &self,
        group: Vec<PendingAppend>,
        marks: Vec<Vec<ChainMark>>,
    ) -> Vec<(WriterReply<Vec<ChainMark>>, Vec<ChainMark>)> {
        let mut after = self.progress.head.borrow().cursor;
        let mut recent = self.progress.recent.lock();
        let batches = group.into_iter().zip(marks).map(|(batch, marks)| {
            for (body, mark) in batch.bodies.into_iter().zip(&marks) {
                recent.push(JournalRow { cursor: mark.cursor, after, sum: mark.sum, body });
                after = mark.cursor;
            }
            (batch.reply, marks)
        });
        batches.collect()
    }

    fn trim(&mut self, retention: RetentionPolicy, now: &RetentionTime) -> Result<bool, JournalError> {
        let (more, anchor) = self.with(|it| {
            let more = retention::trim_step(it, retention, now)?;
            Ok((more, rows::anchor(it)?))
        })?;
        self.progress.last_removed.store(anchor.cursor.0, Ordering::Release);
        Ok(more)
    }

    /// Reads the head from the file after an error, because a commit that failed late may still be in the file.
    fn reread_head(&mut self) {
        if self.files.is_none() || self.failed.is_some() {
            return;
        }
        match self.with(|it| rows::identity(it)) {
            Ok((_, head)) => drop(self.progress.head.send_replace(head)),
            Err(error) => tracing::error!(%error, "the journal's head cannot be read"),
        }
    }

    fn renew_epoch(&mut self) -> Result<(), JournalError> {
        let epoch = self.with(|it| rows::renew_epoch(it))?;
        *self.epoch.lock() = Arc::from(epoch);
        Ok(())
    }
}

/// Writes a group in one transaction. Returns the new head, and the marks of each batch.
fn write(
    connection: &mut Connection,
    mut head: ChainMark,
    group: &[PendingAppend],
) -> rusqlite::Result<(ChainMark, Vec<Vec<ChainMark>>)> {
    let transaction = connection.transaction()?;
    let mut marks = Vec::with_capacity(group.len());
    {
        let mut insert = transaction.prepare_cached("INSERT INTO entries (cursor, sum, body) VALUES (?1, ?2, ?3)")?;
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

/// Returns the first batch with the batches that wait behind it, up to the limits. Also returns the command of another
/// kind that ended the group, if there was one. If appends are frequent, waits for more batches until a pause brings none.
fn gather_group(
    first: PendingAppend,
    commands: &Receiver<WriterCommand>,
    is_frequent: bool,
) -> (Vec<PendingAppend>, Option<WriterCommand>) {
    let began = clock::instant();
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
