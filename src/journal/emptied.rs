//! Tells a journal's file that was emptied from one that is only about to be made. Once a journal is there, the file
//! that is its lock says so; where that one says it and the journal's file holds nothing, the journal was lost.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rusqlite::Connection;

use super::{ChainMark, chain};
use crate::clock;
use crate::floor::{Fact, Noted};

/// What the lock says, for who looks into it.
const MARK: &[u8] = b"this folder has a journal\n";

/// Whether a folder had a journal before its file is opened. The log of a file that was emptied is kept: SQLite throws
/// it away, and it may hold what the file has lost.
pub(super) fn had_journal(file: &Path, lock: &File) -> io::Result<bool> {
    if !file.exists() {
        // Somebody has removed it, and wants a new one.
        lock.set_len(0)?;
        return Ok(false);
    }
    let log = file.with_extension("sqlite-wal");
    if is_empty(file) && std::fs::metadata(&log).is_ok_and(|it| it.len() > 0) {
        // SQLite gives only a file that holds something a log. It is said before the log is gone.
        mark_journal_made(lock)?;
        let name = format!("journal-damaged-before-{}.sqlite-wal", uuid::Uuid::now_v7());
        std::fs::rename(log, file.with_file_name(name))?;
    }
    Ok(lock.metadata()?.len() > 0)
}

/// Says that there is a journal now.
pub(super) fn mark_journal_made(lock: &File) -> io::Result<()> {
    if lock.metadata()?.len() > 0 {
        return Ok(());
    }
    lock.write_all_at(MARK, 0)?;
    lock.sync_all()
}

/// Makes the first entry of a journal that begins where one was emptied; false where there are entries.
pub(super) fn note_lost_journal(connection: &Connection) -> rusqlite::Result<bool> {
    let has_entries = connection.query_row("SELECT EXISTS (SELECT 1 FROM entries)", [], |row| row.get(0))?;
    if has_entries {
        return Ok(false);
    }
    let reason = "the journal's file was empty when the relay started: what it held is lost".into();
    let body = Fact::Noted(Noted::Gap { reason }).encode(clock::wall());
    let first = chain::next(ChainMark::default(), &body);
    let (cursor, sum) = (first.cursor.0.cast_signed(), first.sum.0.cast_signed());
    connection.execute("INSERT INTO entries (cursor, sum, body) VALUES (?1, ?2, ?3)", (cursor, sum, body))?;
    connection.execute("UPDATE journal SET head = ?1, sum = ?2 WHERE one = 1", (cursor, sum))?;
    Ok(true)
}

/// Whether a file is there and holds nothing.
pub(super) fn is_empty(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|it| it.len() == 0)
}
