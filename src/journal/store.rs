//! The embedded journal: one SQLite file in a folder, one writer thread, read-only connections for readers.
//! `writer` writes, `rows` reads, and `retention` decides what is removed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot, watch};

use super::layout::{self, DurabilityPromise, OpenedJournal};
use super::recent::RecentRows;
use super::snapshots::{self, SnapshotSeal};
use super::writer::{StoreWriter, WriterOrder, WriterProgress};
use super::{ChainMark, EncodedBody, Journal, JournalError, JournalRow, RetentionPolicy, check, rows};
use crate::floor::{Cursor, Fact, FloorSnapshot, Sum};
use crate::time::Timestamp;

/// The journal as one SQLite file of a folder.
#[derive(Debug)]
pub struct JournalStore {
    folder: PathBuf,
    file: PathBuf,
    /// Bounded: at most [`QUEUED`] batches and [`QUEUED_BYTES`] of memory, or one larger batch;
    /// then `append` fails with `Busy`.
    orders: Option<SyncSender<WriterOrder>>,
    queued: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
    head: watch::Receiver<ChainMark>,
    epoch: Arc<Mutex<Arc<str>>>,
    /// The last cursor that was removed.
    anchor: Arc<AtomicU64>,
    recent: Arc<Mutex<RecentRows>>,
    was_emptied: bool,
    readers: Mutex<Vec<Connection>>,
    reading: Semaphore,
}

const QUEUED: usize = 1_024;
const QUEUED_BYTES: usize = 64 * 1_024 * 1_024;
const READERS: usize = 8;
const TAIL: u64 = 1_000;

impl JournalStore {
    /// Opens a folder's journal for writing, creates it if it is missing, and verifies the last thousand rows.
    ///
    /// # Errors
    /// `Open` when the folder cannot be used, `Locked` when another relay writes the journal, `Damaged` with the first
    /// damaged row of the last thousand.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Self::open_with(folder, DurabilityPromise::Durable)
    }

    /// Opens a temporary journal: as [`JournalStore::open`], but appends do not wait for the disk, and a loss of power
    /// may lose acknowledged batches.
    ///
    /// # Errors
    /// When [`JournalStore::open`] fails.
    pub fn temporary(folder: &Path) -> Result<Self, JournalError> {
        Self::open_with(folder, DurabilityPromise::Passing)
    }

    fn open_with(folder: &Path, promise: DurabilityPromise) -> Result<Self, JournalError> {
        let fault = |error: String| JournalError::Open { path: folder.to_owned(), error };
        let OpenedJournal { connection, lock, was_emptied } = layout::open_for_writing(folder, promise)?;
        let (_, head) = rows::identity(&connection).map_err(|error| layout::open_error(folder, &error))?;
        let anchor = rows::anchor(&connection).map_err(|error| layout::open_error(folder, &error))?;
        let tail = Cursor(head.cursor.0.saturating_sub(TAIL)).max(anchor.cursor);
        rows::verify_after(&connection, folder, tail, head)?;

        let (orders, queue) = sync_channel(QUEUED);
        let (sender, receiver) = watch::channel(head);
        let queued = Arc::new(AtomicUsize::new(0));
        let anchor = Arc::new(AtomicU64::new(anchor.cursor.0));
        let recent = Arc::<Mutex<RecentRows>>::default();
        let told = WriterProgress { head: sender, anchor: Arc::clone(&anchor), recent: Arc::clone(&recent) };
        let writer =
            StoreWriter::new(connection, lock, Arc::clone(&queued), told).map_err(|error| fault(error.to_string()))?;
        let epoch = writer.epoch();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| fault(error.to_string()))?;
        Ok(Self {
            folder: folder.to_owned(),
            file: layout::file(folder),
            orders: Some(orders),
            queued,
            thread: Some(thread),
            head: receiver,
            epoch,
            anchor,
            recent,
            was_emptied,
            readers: Mutex::default(),
            reading: Semaphore::new(READERS),
        })
    }

    /// Verifies every row of a folder's journal, also while a relay writes it; returns its head.
    ///
    /// # Errors
    /// `Missing` when there is no journal, and `Damaged` with the first damaged row.
    pub fn verify(folder: &Path) -> Result<ChainMark, JournalError> {
        let found = check(folder)?;
        match found.damaged.into_iter().next() {
            Some(first) => {
                Err(JournalError::Damaged { cursor: first.cursor, path: folder.to_owned(), detail: first.what })
            }
            None => Ok(found.head),
        }
    }

    /// Returns the journal's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the file was empty when it was opened although the folder had a journal before. Its entries may be lost;
    /// the first entry of this journal is a gap that records it.
    #[must_use]
    pub const fn was_emptied(&self) -> bool {
        self.was_emptied
    }

    #[cfg(test)]
    pub(super) fn pragma(&self, text: &str) {
        self.orders.as_ref().unwrap().send(WriterOrder::Pragma(text.to_owned())).unwrap();
    }

    /// SQLite's `synchronous` as the writer has it.
    #[cfg(test)]
    pub(super) fn synchronous(&self) -> i64 {
        let (reply, answer) = std::sync::mpsc::channel();
        self.orders.as_ref().unwrap().send(WriterOrder::Synchronous(reply)).unwrap();
        answer.recv().unwrap()
    }

    /// Forgets what readers need not read from the file.
    #[cfg(test)]
    pub(crate) fn forget(&self) {
        *self.recent.lock() = RecentRows::default();
    }

    /// Holds the writer until the returned sender is dropped.
    #[cfg(test)]
    pub(crate) fn stall(&self) -> std::sync::mpsc::Sender<()> {
        let (release, held) = std::sync::mpsc::channel();
        self.orders.as_ref().unwrap().send(WriterOrder::Stall(held)).unwrap();
        release
    }

    fn order(&self, order: WriterOrder) -> Result<(), JournalError> {
        let Some(orders) = &self.orders else { return Err(JournalError::Closed) };
        orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => JournalError::Busy,
            TrySendError::Disconnected(_) => JournalError::Closed,
        })
    }

    /// Runs a read on one of the read-only connections.
    async fn read_with<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let _turn = self.reading.acquire().await.map_err(|_closed| JournalError::Closed)?;
        let kept = self.readers.lock().pop();
        let file = self.file.clone();
        let read = tokio::task::spawn_blocking(move || {
            let connection = match kept {
                Some(connection) => connection,
                None => layout::open_for_reading(&file).map_err(store_failure)?,
            };
            let found = look(&connection)?;
            Ok::<_, JournalError>((connection, found))
        });
        let (connection, found) = read.await.map_err(|error| JournalError::Store { error: error.to_string() })??;
        self.readers.lock().push(connection);
        Ok(found)
    }

    /// Returns rows from memory, unless they were removed.
    fn recent_rows(&self, after: Cursor, most: usize) -> Option<Vec<JournalRow>> {
        if after.0 < self.anchor.load(Ordering::Acquire) {
            return None;
        }
        self.recent.lock().after(after, most)
    }

    async fn order_and_wait<T>(
        &self,
        order: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> WriterOrder,
    ) -> Result<T, JournalError> {
        let (reply, answer) = oneshot::channel();
        self.order(order(reply))?;
        answer.await.map_err(|_gone| JournalError::Closed)?
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
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
            let bytes = bodies.iter().map(EncodedBody::weight).sum();
            let before = self.queued.fetch_add(bytes, Ordering::AcqRel);
            if before > 0 && before.saturating_add(bytes) > QUEUED_BYTES {
                self.queued.fetch_sub(bytes, Ordering::AcqRel);
                return Err(JournalError::Busy);
            }
            let (reply, answer) = oneshot::channel();
            if let Err(error) = self.order(WriterOrder::Append { bodies, bytes, reply }) {
                self.queued.fetch_sub(bytes, Ordering::AcqRel);
                return Err(error);
            }
            answer.await.map_err(|_gone| JournalError::Closed)?
        })
    }

    fn read(&self, after: Cursor, most: usize) -> BoxFuture<'_, Result<Vec<JournalRow>, JournalError>> {
        if let Some(rows) = self.recent_rows(after, most) {
            return Box::pin(std::future::ready(Ok(rows)));
        }
        let folder = self.folder.clone();
        Box::pin(self.read_with(move |connection| rows::rows(connection, &folder, after, most)))
    }

    fn head(&self) -> ChainMark {
        *self.head.borrow()
    }

    fn oldest(&self) -> Cursor {
        let first = self.anchor.load(Ordering::Acquire) + 1;
        Cursor(if self.head().cursor.0 < first { 0 } else { first })
    }

    fn sum_at(&self, at: Cursor) -> BoxFuture<'_, Result<Option<Sum>, JournalError>> {
        Box::pin(self.read_with(move |connection| {
            let anchor = rows::anchor(connection).map_err(store_failure)?;
            rows::sum_at(connection, anchor, at).map_err(store_failure)
        }))
    }

    fn save_snapshot(&self, snapshot: FloorSnapshot) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            let (cursor, seal) = (snapshot.cursor, SnapshotSeal::of(&snapshot));
            for (part, text) in snapshot.pieces.into_iter().enumerate() {
                self.order_and_wait(|reply| WriterOrder::Part { cursor, part, text, reply }).await?;
            }
            self.order_and_wait(|reply| WriterOrder::Seal { seal, reply }).await
        })
    }

    fn load_snapshot(&self, at: Cursor) -> BoxFuture<'_, Result<Option<FloorSnapshot>, JournalError>> {
        Box::pin(self.read_with(move |connection| snapshots::load_newest(connection, at).map_err(store_failure)))
    }

    fn trim(&self, retention: RetentionPolicy, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.order_and_wait(move |reply| WriterOrder::Trim { retention, now, reply }))
    }

    fn epoch(&self) -> Arc<str> {
        Arc::clone(&self.epoch.lock())
    }

    fn renew_epoch(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.order_and_wait(|reply| WriterOrder::RenewEpoch { reply }))
    }

    fn follow(&self) -> watch::Receiver<ChainMark> {
        self.head.clone()
    }
}

impl Drop for JournalStore {
    /// Waits until the queue is written and the lock is released.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer ended badly");
        }
    }
}
