//! The journal's file: its path, its lock, its tables. Knows no rows.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::owner::open_owned;
use super::{emptied, kept_head};
use crate::floor::Cursor;
use crate::journal::{ChainMark, JournalError};

/// How durable a batch is when `append` returns; sets SQLite's `synchronous`.
#[derive(Debug, Clone, Copy)]
pub(in crate::journal) enum Durability {
    /// The batch survives a power failure (`FULL`).
    Durable,
    /// The batch survives the end of the process, but not a power failure: no append waits for the disk (`OFF`).
    Relaxed,
}

/// The size of a page in bytes; several rows fit into one.
pub(in crate::journal) const PAGE_BYTES: u32 = 16 * 1_024;
/// The write-ahead log is moved into the file after this many pages: 8 MiB.
const CHECKPOINT_PAGES: u32 = 512;

/// The tables of a journal file.
const LAYOUT: &str = "
    CREATE TABLE IF NOT EXISTS entries (cursor INTEGER PRIMARY KEY, sum INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS journal (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        epoch TEXT NOT NULL, head INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS anchor (
        one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
    INSERT OR IGNORE INTO anchor (one, cursor, sum) VALUES (1, 0, 0);
    CREATE TABLE IF NOT EXISTS snapshots (
        cursor INTEGER PRIMARY KEY, sum INTEGER NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL,
        parts INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS snapshot_parts (
        cursor INTEGER NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (cursor, part)) STRICT;
    CREATE TABLE IF NOT EXISTS packed_parts (
        cursor INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (cursor, part)) STRICT;
";

/// Returns the path of a folder's journal file.
pub(in crate::journal) fn file(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

/// Returns the path of the file that is locked while a journal is open for writing.
pub(in crate::journal) fn lock_file(folder: &Path) -> PathBuf {
    folder.join("journal.lock")
}

/// Fails with `Missing` unless the folder has a journal file, and with `Gone` if it had one with entries.
pub(in crate::journal) fn require_file(folder: &Path) -> Result<(), JournalError> {
    let path = folder.to_owned();
    match kept_head::read(folder) {
        _ if file(folder).is_file() => Ok(()),
        Some(ChainMark { cursor, .. }) if cursor > Cursor(0) => Err(JournalError::Gone { path, entries: cursor }),
        Some(_) | None => Err(JournalError::Missing { path }),
    }
}

/// Fails with `Missing` if there is no journal file, and with `Lost` if the file is empty.
pub(in crate::journal) fn require_content(folder: &Path) -> Result<(), JournalError> {
    require_file(folder)?;
    if emptied::is_empty(&file(folder)) {
        return Err(JournalError::Lost { path: folder.to_owned(), detail: "its file is empty".to_owned() });
    }
    Ok(())
}

/// Creates a journal file. Replaces a file that an interrupted run has left.
pub(in crate::journal) fn recreate(file: &Path) -> Result<Connection, String> {
    // SQLite would apply the write-ahead log of the old file to the new one.
    for old in ["sqlite", "sqlite-wal", "sqlite-shm"].map(|it| file.with_extension(it)) {
        match std::fs::remove_file(old) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
            Ok(()) | Err(_) => {}
        }
    }
    open_owned(file, false).map_err(|error| error.to_string())?;
    open_database(file, Durability::Durable).map_err(|error| error.to_string())
}

/// Opens a complete journal file for writing.
pub(in crate::journal) fn open_database(file: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    prepare(&connection, durability, false)?;
    Ok(connection)
}

/// Opens a journal file read-only.
pub(in crate::journal) fn open_for_reading(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Takes the lock of the journal; it is held until the returned file is dropped.
pub(in crate::journal) fn lock(folder: &Path) -> Result<File, JournalError> {
    let fault = |error: &std::io::Error| JournalError::Open { path: folder.to_owned(), error: error.to_string() };
    let lock = open_owned(&lock_file(folder), false).map_err(|error| fault(&error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(fault(&error)),
    }
}

/// Creates missing tables. Returns whether an earlier journal of this folder is lost.
pub(super) fn prepare(connection: &Connection, durability: Durability, had_journal: bool) -> rusqlite::Result<bool> {
    // Both settings affect a new file only; an older file gets the second one when it is compacted. A page of the
    // default size holds one roster and is half empty.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Durable => "FULL",
        Durability::Relaxed => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // One transaction: a journal that replaces a lost one records the gap even if this is interrupted.
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    transaction.execute_batch(LAYOUT)?;
    let sql = "INSERT OR IGNORE INTO journal (one, epoch, head, sum) VALUES (1, ?1, 0, 0)";
    let is_new = transaction.execute(sql, [uuid::Uuid::now_v7().to_string()])? > 0;
    let is_lost = had_journal && is_new && emptied::note_lost_journal(&transaction)?;
    transaction.commit()?;
    Ok(is_lost)
}
