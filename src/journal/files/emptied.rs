//! Distinguishes an emptied journal file from a new one. When a journal is made, its lock file gets a mark; if
//! the mark is there and the journal file is empty, the journal was lost.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rusqlite::Connection;

use super::kept_head;

/// The text of the mark, for a person who opens the lock file.
const MARK: &[u8] = b"this folder has a journal\n";

/// Returns whether a folder had a journal before its file is opened. The write-ahead log of an emptied or missing file is renamed
/// and kept, because SQLite would delete it, and it may hold the lost entries.
pub(in crate::journal) fn had_journal(file: &Path, lock: &File) -> io::Result<bool> {
    let log = file.with_extension("sqlite-wal");
    let has_log = std::fs::metadata(&log).is_ok_and(|it| it.len() > 0);
    if !file.exists() && !has_log {
        // A new journal starts. If entries are missing, the kept head names them.
        lock.set_len(0)?;
        return Ok(false);
    }
    if (is_empty(file) || !file.exists()) && has_log {
        // A log proves that the file had content. Set the mark before the log is moved away.
        mark_journal_made(lock)?;
        let name = format!("journal-damaged-before-{}.sqlite-wal", uuid::Uuid::now_v7());
        std::fs::rename(log, file.with_file_name(name))?;
    }
    Ok(lock.metadata()?.len() > 0)
}

/// Marks the lock file: the folder has a journal.
pub(in crate::journal) fn mark_journal_made(lock: &File) -> io::Result<()> {
    if lock.metadata()?.len() > 0 {
        return Ok(());
    }
    lock.write_all_at(MARK, 0)?;
    lock.sync_all()
}

/// Appends a gap as the first entry of a journal that replaces a lost one. Returns false if there are entries already.
pub(in crate::journal) fn note_lost_journal(connection: &Connection) -> rusqlite::Result<bool> {
    let has_entries = connection.query_row("SELECT EXISTS (SELECT 1 FROM entries)", [], |row| row.get(0))?;
    if has_entries {
        return Ok(false);
    }
    kept_head::append_gap(
        connection,
        "the journal's file was empty or missing when the relay started: its entries are lost",
    )?;
    Ok(true)
}

/// Returns whether a file exists and is empty.
pub(in crate::journal) fn is_empty(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|it| it.len() == 0)
}
