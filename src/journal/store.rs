//! The embedded journal: one SQLite file in a folder, one writer thread, read-only connections for readers.
//! Knows the file's layout; the writing itself is `writer.rs`.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures_util::future::BoxFuture;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use tokio::sync::{Semaphore, oneshot, watch};

use super::writer::{Order, Writer};
use super::{Journal, JournalError, Mark, Row, chain};
use crate::floor::{Cursor, Fact, Sum};
use crate::moment::Moment;

/// The journal as one file of a folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    file: PathBuf,
    /// At most [`QUEUED`] batches and [`QUEUED_BYTES`] of text wait; past that `append` answers `Busy`.
    orders: Option<SyncSender<Order>>,
    queued: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
    head: watch::Receiver<Mark>,
    epoch: Arc<Mutex<Arc<str>>>,
    readers: Mutex<Vec<Connection>>,
    reading: Semaphore,
}

const QUEUED: usize = 1_024;
const QUEUED_BYTES: usize = 64 * 1_024 * 1_024;
const READERS: usize = 8;
const TAIL: u64 = 1_000;
/// A read ends with the row that reaches this many bytes of text.
const READ_BYTES: usize = 1_024 * 1_024;

/// What a journal's `append` promises when it answers: a value of SQLite's `synchronous`.
#[derive(Debug, Clone, Copy)]
enum Promise {
    /// The batch outlives a loss of power.
    Durable,
    /// The batch is there for as long as the system runs: nobody waits for the disk.
    Passing,
}

const LAYOUT: &str = "
    CREATE TABLE IF NOT EXISTS entries (cursor INTEGER PRIMARY KEY, sum INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS journal (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        epoch TEXT NOT NULL, head INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
";

impl Store {
    /// Opens the journal of a folder for writing, makes it when there is none, and verifies its tail.
    ///
    /// # Errors
    /// `Open` when the folder can't be used, `Locked` when another relay writes it, `Damaged` naming the first bad
    /// row of the last thousand.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Self::open_as(folder, Promise::Durable)
    }

    /// Opens a journal that goes with its process: as [`Store::open`], but no batch waits for the disk, and a loss of
    /// power may take what was acknowledged.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn temporary(folder: &Path) -> Result<Self, JournalError> {
        Self::open_as(folder, Promise::Passing)
    }

    fn open_as(folder: &Path, promise: Promise) -> Result<Self, JournalError> {
        let fault = |error: String| JournalError::Open { path: folder.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| fault(error.to_string()))?;
        let lock = lock(folder)?;
        let file = folder.join("journal.sqlite");
        // The files that SQLite puts beside it get the same mode.
        owned(&file).map_err(|error| fault(error.to_string()))?;
        let connection = Connection::open(&file).map_err(|error| fault(error.to_string()))?;
        prepare(&connection, promise).map_err(|error| fault(error.to_string()))?;
        let (epoch, head) = identity(&connection).map_err(|error| fault(error.to_string()))?;
        verify_after(&connection, folder, Cursor(head.cursor.0.saturating_sub(TAIL)), Some(head))?;

        let (orders, queue) = sync_channel(QUEUED);
        let (sender, receiver) = watch::channel(head);
        let queued = Arc::new(AtomicUsize::new(0));
        let epoch = Arc::new(Mutex::new(Arc::from(epoch)));
        let writer = Writer::new(connection, lock, sender, Arc::clone(&epoch), Arc::clone(&queued));
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| fault(error.to_string()))?;
        Ok(Self {
            folder: folder.to_owned(),
            file,
            orders: Some(orders),
            queued,
            thread: Some(thread),
            head: receiver,
            epoch,
            readers: Mutex::default(),
            reading: Semaphore::new(READERS),
        })
    }

    /// Verifies every row of a folder's journal, also while a relay writes it; answers its head.
    ///
    /// # Errors
    /// `Open` when there is none, `Damaged` naming the first bad row.
    pub fn verify(folder: &Path) -> Result<Mark, JournalError> {
        let fault = |error: rusqlite::Error| JournalError::Open { path: folder.to_owned(), error: error.to_string() };
        let connection = reader(&folder.join("journal.sqlite")).map_err(fault)?;
        let (_, head) = identity(&connection).map_err(fault)?;
        verify_after(&connection, folder, Cursor(0), Some(head))?;
        Ok(head)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    #[cfg(test)]
    pub(super) fn pragma(&self, text: &str) {
        self.orders.as_ref().unwrap().send(Order::Pragma(text.to_owned())).unwrap();
    }

    /// SQLite's `synchronous` as the writer has it.
    #[cfg(test)]
    pub(super) fn synchronous(&self) -> i64 {
        let (reply, answer) = std::sync::mpsc::channel();
        self.orders.as_ref().unwrap().send(Order::Synchronous(reply)).unwrap();
        answer.recv().unwrap()
    }

    /// Holds the writer until the returned sender is dropped.
    #[cfg(test)]
    pub(crate) fn stall(&self) -> std::sync::mpsc::Sender<()> {
        let (release, held) = std::sync::mpsc::channel();
        self.orders.as_ref().unwrap().send(Order::Stall(held)).unwrap();
        release
    }

    fn order(&self, order: Order) -> Result<(), JournalError> {
        let Some(orders) = &self.orders else { return Err(JournalError::Closed) };
        orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => JournalError::Busy,
            TrySendError::Disconnected(_) => JournalError::Closed,
        })
    }

    async fn read_rows(&self, after: Cursor, most: usize) -> Result<Vec<Row>, JournalError> {
        let _turn = self.reading.acquire().await.map_err(|_closed| JournalError::Closed)?;
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (file, folder) = (self.file.clone(), self.folder.clone());
        let read = tokio::task::spawn_blocking(move || {
            let connection = match kept {
                Some(connection) => connection,
                None => reader(&file).map_err(|error| JournalError::Store { error: error.to_string() })?,
            };
            let rows = rows(&connection, &folder, after, most)?;
            Ok::<_, JournalError>((connection, rows))
        });
        let (connection, rows) = read.await.map_err(|error| JournalError::Store { error: error.to_string() })??;
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(rows)
    }
}

impl Journal for Store {
    fn append(&self, batch: Vec<(Moment, Fact)>) -> BoxFuture<'_, Result<Vec<Mark>, JournalError>> {
        Box::pin(async move {
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            let bodies: Vec<String> = batch.into_iter().map(|(at, fact)| fact.encode(at)).collect();
            let bytes = bodies.iter().map(String::len).sum();
            if self.queued.fetch_add(bytes, Ordering::AcqRel) > QUEUED_BYTES {
                self.queued.fetch_sub(bytes, Ordering::AcqRel);
                return Err(JournalError::Busy);
            }
            let (reply, answer) = oneshot::channel();
            if let Err(error) = self.order(Order::Append { bodies, bytes, reply }) {
                self.queued.fetch_sub(bytes, Ordering::AcqRel);
                return Err(error);
            }
            answer.await.map_err(|_gone| JournalError::Closed)?
        })
    }

    fn read(&self, after: Cursor, most: usize) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        Box::pin(self.read_rows(after, most))
    }

    fn head(&self) -> Mark {
        *self.head.borrow()
    }

    fn oldest(&self) -> Cursor {
        Cursor(u64::from(self.head().cursor.0 > 0))
    }

    fn epoch(&self) -> Arc<str> {
        Arc::clone(&self.epoch.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn renew_epoch(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            self.order(Order::RenewEpoch { reply })?;
            answer.await.map_err(|_gone| JournalError::Closed)?
        })
    }

    fn follow(&self) -> watch::Receiver<Mark> {
        self.head.clone()
    }
}

impl Drop for Store {
    /// Waits until what was queued is written and the lock is free.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer ended badly");
        }
    }
}

fn lock(folder: &Path) -> Result<File, JournalError> {
    let fault = |error: &std::io::Error| JournalError::Open { path: folder.to_owned(), error: error.to_string() };
    let lock = owned(&folder.join("journal.lock")).map_err(|error| fault(&error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(fault(&error)),
    }
}

/// A file that only its owner may read, also when it was there before: it tells who talked with whom.
fn owned(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

fn prepare(connection: &Connection, promise: Promise) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match promise {
        Promise::Durable => "FULL",
        Promise::Passing => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.execute_batch(LAYOUT)?;
    let made = "INSERT OR IGNORE INTO journal (one, epoch, head, sum) VALUES (1, ?1, 0, 0)";
    connection.execute(made, [uuid::Uuid::now_v7().to_string()])?;
    Ok(())
}

/// The epoch, and the head as the last commit noted it.
pub(super) fn identity(connection: &Connection) -> rusqlite::Result<(String, Mark)> {
    connection.query_row("SELECT epoch, head, sum FROM journal WHERE one = 1", [], |row| {
        let (head, sum): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, Mark { cursor: Cursor(head.cast_unsigned()), sum: Sum(sum.cast_unsigned()) }))
    })
}

fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// The checksum of the row at a cursor; zero before the first.
fn sum_at(connection: &Connection, cursor: Cursor) -> rusqlite::Result<Option<Sum>> {
    if cursor == Cursor(0) {
        return Ok(Some(Sum(0)));
    }
    let mut query = connection.prepare_cached("SELECT sum FROM entries WHERE cursor = ?1")?;
    let sum = query.query_row([cursor.0.cast_signed()], |row| row.get::<_, i64>(0)).optional()?;
    Ok(sum.map(|sum| Sum(sum.cast_unsigned())))
}

/// The rows after a cursor, each checked against the one before; about a mebibyte of them.
fn rows(connection: &Connection, folder: &Path, after: Cursor, most: usize) -> Result<Vec<Row>, JournalError> {
    let mut last = Mark { cursor: after, sum: Sum(0) };
    let mut found = Vec::with_capacity(most.min(1_024));
    let mut bytes = 0_usize;
    let mut scan = || -> rusqlite::Result<Option<String>> {
        // One transaction, so that the row before and the rows after are of one state.
        let transaction = connection.unchecked_transaction()?;
        match sum_at(&transaction, after)? {
            Some(sum) => last.sum = sum,
            None => return Ok(None),
        }
        let mut query = transaction
            .prepare_cached("SELECT cursor, sum, body FROM entries WHERE cursor > ?1 ORDER BY cursor LIMIT ?2")?;
        let mut rows = query.query((after.0.cast_signed(), i64::try_from(most).unwrap_or(i64::MAX)))?;
        while let Some(row) = rows.next()? {
            let (cursor, sum): (i64, i64) = (row.get(0)?, row.get(1)?);
            let row = Row {
                cursor: Cursor(cursor.cast_unsigned()),
                after: last.cursor,
                sum: Sum(sum.cast_unsigned()),
                body: row.get(2)?,
            };
            if let Some(detail) = chain::fault(last, &row) {
                return Ok(Some(detail));
            }
            last = Mark { cursor: row.cursor, sum: row.sum };
            bytes += row.body.len();
            found.push(row);
            if bytes >= READ_BYTES {
                break;
            }
        }
        Ok(None)
    };
    let outcome = scan();
    let damaged = |detail| JournalError::Damaged {
        cursor: Cursor(last.cursor.0.saturating_add(1)),
        path: folder.to_owned(),
        detail,
    };
    match outcome {
        Ok(None) => Ok(found),
        Ok(Some(detail)) => Err(damaged(detail)),
        Err(error) if is_damage(&error) => Err(damaged(error.to_string())),
        Err(error) => Err(JournalError::Store { error: error.to_string() }),
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    error.sqlite_error_code().is_some_and(|code| matches!(code, DatabaseCorrupt | NotADatabase))
        || matches!(error, rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::Utf8Error(..))
}

/// Verifies the rows after a cursor, and that they end at the head that was noted with them.
fn verify_after(connection: &Connection, folder: &Path, after: Cursor, head: Option<Mark>) -> Result<(), JournalError> {
    let mut last = Mark { cursor: after, sum: Sum(0) };
    loop {
        let found = rows(connection, folder, last.cursor, 1_000)?;
        let Some(row) = found.last() else { break };
        last = Mark { cursor: row.cursor, sum: row.sum };
    }
    match head {
        Some(head) if last.cursor < head.cursor => Err(JournalError::Damaged {
            cursor: Cursor(last.cursor.0 + 1),
            path: folder.to_owned(),
            detail: format!("it is missing; the journal went on to entry {}", head.cursor),
        }),
        _ => Ok(()),
    }
}
