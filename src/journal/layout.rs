//! The journal's file: where it is, who may open it, its tables. Knows no rows.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::owner::open_owned;
use super::{JournalError, emptied, rows};

/// What a journal's `append` promises when it answers: a value of SQLite's `synchronous`.
#[derive(Debug, Clone, Copy)]
pub(super) enum DurabilityPromise {
    /// The batch outlives a loss of power.
    Durable,
    /// The batch is there for as long as the system runs: nobody waits for the disk.
    Passing,
}

/// The bytes of a page: some rows each.
const PAGE: u32 = 16 * 1_024;
/// So many pages of the log are moved into the file at once: 8 MiB.
const CHECKPOINT: u32 = 512;

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
";

/// The file of a folder's journal.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

/// A folder's journal, opened for writing.
pub(super) struct OpenedJournal {
    pub(super) connection: Connection,
    /// Held for as long as the journal is written.
    pub(super) lock: File,
    /// Whether its file held nothing although the folder had a journal before.
    pub(super) was_emptied: bool,
}

/// Opens a folder's journal for writing, makes it when there is none.
pub(super) fn open_for_writing(folder: &Path, promise: DurabilityPromise) -> Result<OpenedJournal, JournalError> {
    let fault = |error: String| JournalError::Open { path: folder.to_owned(), error };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| fault(error.to_string()))?;
    let lock = lock(folder)?;
    let file = file(folder);
    let had_one = emptied::had_journal(&file, &lock).map_err(|error| fault(error.to_string()))?;
    // The files that SQLite puts beside it get the same mode.
    open_owned(&file, false).map_err(|error| fault(error.to_string()))?;
    let connection = Connection::open(&file).map_err(|error| open_error(folder, &error))?;
    let was_emptied = prepare(&connection, promise, had_one).map_err(|error| open_error(folder, &error))?;
    let is_kept = matches!(promise, DurabilityPromise::Durable);
    if let Some(Err(error)) = is_kept.then(|| emptied::mark_journal_made(&lock)) {
        tracing::warn!(%error, folder = %folder.display(), "that the folder has a journal could not be noted");
    }
    Ok(OpenedJournal { connection, lock, was_emptied })
}

/// Why a folder's journal could not be opened.
pub(super) fn open_error(folder: &Path, error: &rusqlite::Error) -> JournalError {
    let path = folder.to_owned();
    if rows::is_damage(error) {
        JournalError::Lost { path, detail: error.to_string() }
    } else {
        JournalError::Open { path, error: error.to_string() }
    }
}

/// A folder is named that has a journal.
pub(super) fn require_file(folder: &Path) -> Result<(), JournalError> {
    if file(folder).is_file() { Ok(()) } else { Err(JournalError::Missing { path: folder.to_owned() }) }
}

/// A folder is named that has a journal, and its file holds something.
pub(super) fn require_content(folder: &Path) -> Result<(), JournalError> {
    require_file(folder)?;
    if emptied::is_empty(&file(folder)) {
        return Err(JournalError::Lost { path: folder.to_owned(), detail: "its file is empty".to_owned() });
    }
    Ok(())
}

/// Makes a journal's file anew, in the place of one that somebody did not finish.
pub(super) fn recreate(file: &Path) -> Result<Connection, String> {
    // The log of the old one would be taken for the new one's.
    for old in ["sqlite", "sqlite-wal", "sqlite-shm"].map(|it| file.with_extension(it)) {
        match std::fs::remove_file(old) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
            Ok(()) | Err(_) => {}
        }
    }
    open_owned(file, false).map_err(|error| error.to_string())?;
    let connection = Connection::open(file).map_err(|error| error.to_string())?;
    prepare(&connection, DurabilityPromise::Durable, false).map_err(|error| error.to_string())?;
    Ok(connection)
}

/// Opens a journal's file to look into.
pub(super) fn open_for_reading(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Keeps relays and whoever else writes the journal away, for as long as the file is held.
pub(super) fn lock(folder: &Path) -> Result<File, JournalError> {
    let fault = |error: &std::io::Error| JournalError::Open { path: folder.to_owned(), error: error.to_string() };
    let lock = open_owned(&folder.join("journal.lock"), false).map_err(|error| fault(&error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(fault(&error)),
    }
}

/// Makes what is not there; whether the journal that had been there is missed.
fn prepare(connection: &Connection, promise: DurabilityPromise, had_one: bool) -> rusqlite::Result<bool> {
    // Both count for a new file only; an older one is given the second when it is compacted. In a page of the usual
    // size there is room for one roster and half a page of nothing.
    connection.pragma_update(None, "page_size", PAGE)?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match promise {
        DurabilityPromise::Durable => "FULL",
        DurabilityPromise::Passing => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
    // All of it or nothing: a journal that begins where one was emptied says so, also when this is interrupted.
    let making = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    making.execute_batch(LAYOUT)?;
    let made = "INSERT OR IGNORE INTO journal (one, epoch, head, sum) VALUES (1, ?1, 0, 0)";
    let is_new = making.execute(made, [uuid::Uuid::now_v7().to_string()])? > 0;
    let is_missed = had_one && is_new && emptied::note_lost_journal(&making)?;
    making.commit()?;
    Ok(is_missed)
}
