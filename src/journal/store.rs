//! The embedded journal: one SQLite file in a folder, one writer thread, and read-only connections for readers.
//! `writer` appends rows, `rows` reads them, and `retention` decides which rows are removed. `rescue` moves them to new
//! files if the files are removed, and `head_keeper` keeps the head beside them.

mod head_keeper;
mod reader_pool;
mod recent;
mod rescue;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};

use self::head_keeper::HeadKeeper;
use self::reader_pool::ReaderPool;
use self::recent::RecentRows;
use self::rescue::OpenFiles;
use self::writer::{StoreWriter, WriterCommand, WriterProgress};
use super::files::kept_head;
use super::files::layout::Durability;
use super::files::opening::{OpenedJournal, open_for_writing};
use super::snapshots::{self, PackedPiece, SealBuilder};
use super::{ChainMark, EncodedBody, Journal, JournalError, JournalRow, RetentionPolicy, RetentionTime, rows};
use crate::floor::{Cursor, Fact, Floor, FloorSnapshot, Sum};
use crate::time::Timestamp;

/// A journal that is stored as one SQLite file in a folder.
#[derive(Debug)]
pub struct JournalStore {
    folder: PathBuf,
    /// The queue to the writer, at most [`MAX_QUEUED_BATCHES`] batches and [`MAX_QUEUED_BYTES`] of memory, or one
    /// larger batch. If it is full, `append` fails with `Busy`.
    commands: Option<SyncSender<WriterCommand>>,
    queued_bytes: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
    head: watch::Receiver<ChainMark>,
    epoch: Arc<Mutex<Arc<str>>>,
    /// The cursor of the last row that was removed; the stored layout calls this row the anchor.
    last_removed: Arc<AtomicU64>,
    recent: Arc<Mutex<RecentRows>>,
    loss: Option<String>,
    readers: ReaderPool,
    /// Absent for a temporary journal.
    head_keeper: Option<HeadKeeper>,
}

/// The maximum number of batches in the queue to the writer.
const MAX_QUEUED_BATCHES: usize = 1_024;
/// The maximum memory of the batches in the queue, in bytes.
const MAX_QUEUED_BYTES: usize = 64 * 1_024 * 1_024;

impl JournalStore {
    /// Opens a folder's journal for writing, and verifies its last thousand rows. Creates the journal if it is missing.
    ///
    /// # Errors
    /// `Open` if the folder cannot be used, `Locked` if another relay writes to the journal, `Damaged` with the first
    /// damaged row of the last thousand.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Self::open_with(folder, Durability::Durable)
    }

    /// Opens a temporary journal. Unlike [`JournalStore::open`], appends do not wait for the disk, and a power failure
    /// may lose acknowledged batches.
    ///
    /// # Errors
    /// The same as for [`JournalStore::open`].
    pub fn temporary(folder: &Path) -> Result<Self, JournalError> {
        Self::open_with(folder, Durability::Relaxed)
    }

    fn open_with(folder: &Path, durability: Durability) -> Result<Self, JournalError> {
        let fault = |error: String| JournalError::Open { path: folder.to_owned(), error };
        let sqlite_fault = |error: rusqlite::Error| rows::open_error(folder, &error);
        let OpenedJournal { connection, lock, was_emptied } = open_for_writing(folder, durability)?;
        let (_, anchor) = rows::verify_tail(&connection, folder)?;
        let loss = if was_emptied {
            Some("the journal's file was empty or missing".to_owned())
        } else {
            kept_head::note_lost_entries(&connection, folder, "when the relay started")
                .map_err(sqlite_fault)?
                .map(|it| it.to_string())
        };
        let (_, head) = rows::identity(&connection).map_err(sqlite_fault)?;

        let (commands, queue) = sync_channel(MAX_QUEUED_BATCHES);
        let (sender, receiver) = watch::channel(head);
        let queued_bytes = Arc::new(AtomicUsize::new(0));
        let progress = WriterProgress {
            head: sender,
            last_removed: Arc::new(AtomicU64::new(anchor.cursor.0)),
            recent: Arc::default(),
        };
        let (last_removed, recent) = (Arc::clone(&progress.last_removed), Arc::clone(&progress.recent));
        let files = OpenFiles::new(connection, lock, folder.to_owned(), durability)?;
        let identities = files.identities();
        let writer = StoreWriter::new(files, Arc::clone(&queued_bytes), progress).map_err(sqlite_fault)?;
        let epoch = writer.epoch();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| fault(error.to_string()))?;
        let keeper = matches!(durability, Durability::Durable)
            .then(|| HeadKeeper::start(folder.to_owned(), receiver.clone(), Arc::clone(&identities)));
        Ok(Self {
            folder: folder.to_owned(),
            commands: Some(commands),
            queued_bytes,
            thread: Some(thread),
            head: receiver,
            epoch,
            last_removed,
            recent,
            loss,
            readers: ReaderPool::new(identities),
            head_keeper: keeper.transpose().map_err(|error| fault(error.to_string()))?,
        })
    }

    /// Returns the journal's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns which acknowledged entries the journal had lost when it was opened, as a clause. A gap in the new journal
    /// records it.
    #[must_use]
    pub fn loss(&self) -> Option<&str> {
        self.loss.as_deref()
    }

    #[cfg(test)]
    pub(super) fn pragma(&self, text: &str) {
        self.commands.as_ref().unwrap().send(WriterCommand::Pragma(text.to_owned())).unwrap();
    }

    /// Returns SQLite's `synchronous` setting of the writer's connection.
    #[cfg(test)]
    pub(super) fn synchronous(&self) -> i64 {
        let (reply, answer) = std::sync::mpsc::channel();
        self.commands.as_ref().unwrap().send(WriterCommand::Synchronous(reply)).unwrap();
        answer.recv().unwrap()
    }

    /// Clears the rows in memory, so that readers read from the file.
    #[cfg(test)]
    pub(crate) fn clear_recent(&self) {
        *self.recent.lock() = RecentRows::default();
    }

    /// Pauses the writer until the returned sender is dropped.
    #[cfg(test)]
    pub(crate) fn pause_writer(&self) -> std::sync::mpsc::Sender<()> {
        let (release, held) = std::sync::mpsc::channel();
        self.commands.as_ref().unwrap().send(WriterCommand::Pause(held)).unwrap();
        release
    }

    fn send(&self, command: WriterCommand) -> Result<(), JournalError> {
        let Some(commands) = &self.commands else { return Err(JournalError::Closed) };
        commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => JournalError::Busy,
            TrySendError::Disconnected(_) => JournalError::Closed,
        })
    }

    /// Returns rows from memory. Returns `None` if they must be read from the file, or were removed.
    fn recent_rows(&self, after: Cursor, limit: usize) -> Option<Vec<JournalRow>> {
        if after.0 < self.last_removed.load(Ordering::Acquire) {
            return None;
        }
        self.recent.lock().after(after, limit)
    }

    async fn send_and_wait<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> WriterCommand,
    ) -> Result<T, JournalError> {
        let (reply, answer) = oneshot::channel();
        self.send(command(reply))?;
        answer.await.map_err(|_dropped| JournalError::Closed)?
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err needs")]
fn store_failure(error: rusqlite::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}

impl Journal for JournalStore {
    fn append(&self, batch: Vec<(Timestamp, Fact)>) -> BoxFuture<'_, Result<Vec<ChainMark>, JournalError>> {
        Box::pin(async move {
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            let bodies: Vec<EncodedBody> = batch.into_iter().map(|(at, fact)| EncodedBody::of(at, fact)).collect();
            let bytes = bodies.iter().map(EncodedBody::size).sum();
            let before = self.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
            if before > 0 && before.saturating_add(bytes) > MAX_QUEUED_BYTES {
                self.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                return Err(JournalError::Busy);
            }
            let (reply, answer) = oneshot::channel();
            if let Err(error) = self.send(WriterCommand::Append { bodies, bytes, reply }) {
                self.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                return Err(error);
            }
            answer.await.map_err(|_dropped| JournalError::Closed)?
        })
    }

    fn read(&self, after: Cursor, limit: usize) -> BoxFuture<'_, Result<Vec<JournalRow>, JournalError>> {
        if let Some(rows) = self.recent_rows(after, limit) {
            return Box::pin(std::future::ready(Ok(rows)));
        }
        let folder = self.folder.clone();
        Box::pin(self.readers.read(move |connection| rows::rows(connection, &folder, after, limit)))
    }

    fn head(&self) -> ChainMark {
        *self.head.borrow()
    }

    fn oldest(&self) -> Cursor {
        let first = self.last_removed.load(Ordering::Acquire) + 1;
        Cursor(if self.head().cursor.0 < first { 0 } else { first })
    }

    fn sum_at(&self, at: Cursor) -> BoxFuture<'_, Result<Option<Sum>, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let anchor = rows::anchor(connection).map_err(store_failure)?;
            rows::sum_at(connection, anchor, at).map_err(store_failure)
        }))
    }

    fn save_snapshot(&self, floor: Floor) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(async move {
            let cursor = floor.head();
            // The next piece is made while one is written. The writer only writes: appends wait for it.
            let (pieces, mut made) = mpsc::channel(1);
            let making = tokio::task::spawn_blocking(move || {
                let mut builder = SealBuilder::of_floor(&floor);
                floor.write_snapshot(|text| {
                    let made = (builder.add(&text), PackedPiece::of(&text)?);
                    pieces.blocking_send(made).map_err(io::Error::other)
                })?;
                Ok(builder)
            });
            while let Some((piece, packed)) = made.recv().await {
                self.send_and_wait(|reply| WriterCommand::SnapshotPiece { cursor, piece, packed, reply }).await?;
            }
            let builder = making.await.map_err(io::Error::other).flatten();
            let builder = builder.map_err(|error| JournalError::Store { error: error.to_string() })?;
            let (bytes, seal) = (builder.bytes(), builder.finish());
            self.send_and_wait(|reply| WriterCommand::SealSnapshot { seal, reply }).await?;
            Ok(bytes)
        })
    }

    fn load_snapshot(&self, at: Cursor) -> BoxFuture<'_, Result<Option<FloorSnapshot>, JournalError>> {
        Box::pin(self.readers.read(move |connection| snapshots::load_newest(connection, at).map_err(store_failure)))
    }

    fn trim(&self, retention: RetentionPolicy, now: RetentionTime) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.send_and_wait(move |reply| WriterCommand::Trim { retention, now, reply }))
    }

    fn check_storage(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.send_and_wait(|reply| WriterCommand::CheckFiles { reply }))
    }

    fn epoch(&self) -> Arc<str> {
        Arc::clone(&self.epoch.lock())
    }

    fn renew_epoch(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.send_and_wait(|reply| WriterCommand::RenewEpoch { reply }))
    }

    fn follow(&self) -> watch::Receiver<ChainMark> {
        self.head.clone()
    }
}

impl Drop for JournalStore {
    /// Waits until the writer has written its queue, kept the last head and released the lock.
    fn drop(&mut self) {
        self.head_keeper = None;
        self.commands = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer thread panicked");
        }
    }
}
