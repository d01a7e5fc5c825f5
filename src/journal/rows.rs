//! Reads the rows of a journal, its identity and its anchor. Each row is verified against the row before it.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::{ChainMark, JournalError, JournalRow, chain};
use crate::floor::{Cursor, Sum};

/// The maximum number of rows for which a read reserves memory in advance.
const RESERVED_ROWS: usize = 1_024;
/// The number of rows in one read of a verification.
const VERIFY_ROWS: usize = 1_000;
/// A read ends with the row that reaches this many bytes of text.
const READ_BYTES: usize = 1_024 * 1_024;

/// Reads the epoch, and the head as of the last commit.
pub(super) fn identity(connection: &Connection) -> rusqlite::Result<(String, ChainMark)> {
    connection.query_row("SELECT epoch, head, sum FROM journal WHERE one = 1", [], |row| {
        Ok((row.get(0)?, mark(row.get(1)?, row.get(2)?)))
    })
}

/// Sets a new epoch, and returns it.
pub(super) fn renew_epoch(connection: &Connection) -> rusqlite::Result<String> {
    let epoch = uuid::Uuid::now_v7().to_string();
    connection.execute("UPDATE journal SET epoch = ?1 WHERE one = 1", [&epoch])?;
    Ok(epoch)
}

/// Reads the anchor: the mark of the last entry that was removed, or zero if no entry was removed.
pub(super) fn anchor(connection: &Connection) -> rusqlite::Result<ChainMark> {
    let mut query = connection.prepare_cached("SELECT cursor, sum FROM anchor WHERE one = 1")?;
    query.query_row([], |row| Ok(mark(row.get(0)?, row.get(1)?)))
}

/// Converts the columns of a row to its mark. SQLite has only signed integers.
pub(super) const fn mark(cursor: i64, sum: i64) -> ChainMark {
    ChainMark { cursor: Cursor(cursor.cast_unsigned()), sum: Sum(sum.cast_unsigned()) }
}

/// Reads the checksum of the row or the anchor at a cursor.
pub(super) fn sum_at(connection: &Connection, anchor: ChainMark, cursor: Cursor) -> rusqlite::Result<Option<Sum>> {
    if cursor == anchor.cursor {
        return Ok(Some(anchor.sum));
    }
    let mut query = connection.prepare_cached("SELECT sum FROM entries WHERE cursor = ?1")?;
    let sum = query.query_row([cursor.0.cast_signed()], |row| row.get::<_, i64>(0)).optional()?;
    Ok(sum.map(|sum| Sum(sum.cast_unsigned())).filter(|_| cursor > anchor.cursor))
}

/// Returns the last row before a cursor that is present, or zero.
pub(super) fn last_before(connection: &Connection, cursor: Cursor) -> rusqlite::Result<Cursor> {
    let sql = "SELECT max(cursor) FROM entries WHERE cursor < ?1";
    let last = connection.query_row(sql, [cursor.0.cast_signed()], |row| row.get::<_, Option<i64>>(0))?;
    Ok(Cursor(last.unwrap_or_default().cast_unsigned()))
}

/// The reason why a scan ended before its limit.
enum ScanFault {
    Sqlite(rusqlite::Error),
    Chain(String),
    TooOld(Cursor),
}

impl From<rusqlite::Error> for ScanFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Reads the rows after a cursor: at most `limit` rows, and about a mebibyte of text. Verifies each against
/// the row before it.
pub(super) fn rows(
    connection: &Connection,
    folder: &Path,
    after: Cursor,
    limit: usize,
) -> Result<Vec<JournalRow>, JournalError> {
    let mut found = Vec::with_capacity(limit.min(RESERVED_ROWS));
    let outcome = scan(connection, after, limit, &mut found);
    let damaged = |detail| JournalError::Damaged {
        cursor: Cursor(found.last().map_or(after, |it: &JournalRow| it.cursor).0.saturating_add(1)),
        path: folder.to_owned(),
        detail,
    };
    match outcome {
        Ok(()) => Ok(found),
        Err(ScanFault::Chain(detail)) => Err(damaged(detail)),
        Err(ScanFault::Sqlite(error)) if is_damage(&error) => Err(damaged(error.to_string())),
        Err(ScanFault::Sqlite(error)) => Err(JournalError::Store { error: error.to_string() }),
        Err(ScanFault::TooOld(oldest)) => Err(JournalError::TooOld { cursor: after, oldest }),
    }
}

fn scan(connection: &Connection, after: Cursor, limit: usize, found: &mut Vec<JournalRow>) -> Result<(), ScanFault> {
    // One transaction, so that the row before and the rows after belong to one state.
    let transaction = connection.unchecked_transaction()?;
    let anchor = anchor(&transaction)?;
    if after < anchor.cursor {
        return Err(ScanFault::TooOld(Cursor(anchor.cursor.0 + 1)));
    }
    let Some(sum) = sum_at(&transaction, anchor, after)? else { return Ok(()) };
    let mut last = ChainMark { cursor: after, sum };
    let mut bytes = 0_usize;
    let mut query = transaction
        .prepare_cached("SELECT cursor, sum, body FROM entries WHERE cursor > ?1 ORDER BY cursor LIMIT ?2")?;
    let mut rows = query.query((after.0.cast_signed(), i64::try_from(limit).unwrap_or(i64::MAX)))?;
    while let Some(row) = rows.next()? {
        let at = mark(row.get(0)?, row.get(1)?);
        let row =
            JournalRow { cursor: at.cursor, after: last.cursor, sum: at.sum, body: row.get::<_, String>(2)?.into() };
        if let Some(detail) = chain::fault(last, &row) {
            return Err(ScanFault::Chain(detail));
        }
        last = at;
        bytes += row.body.len();
        found.push(row);
        if bytes >= READ_BYTES {
            break;
        }
    }
    Ok(())
}

/// Returns whether an error shows that the file is damaged.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    error.sqlite_error_code().is_some_and(|code| matches!(code, DatabaseCorrupt | NotADatabase))
        || matches!(
            error,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
        )
}

/// The number of last rows that are verified when a journal is opened.
const VERIFIED_TAIL: u64 = 1_000;

/// Verifies the last rows, and requires that they reach the head. Returns the head and the anchor.
pub(super) fn verify_tail(connection: &Connection, folder: &Path) -> Result<(ChainMark, ChainMark), JournalError> {
    let fault = |error: rusqlite::Error| open_error(folder, &error);
    let (_, head) = identity(connection).map_err(fault)?;
    let anchor = anchor(connection).map_err(fault)?;
    let tail = Cursor(head.cursor.0.saturating_sub(VERIFIED_TAIL)).max(anchor.cursor);
    verify_after(connection, folder, tail, head)?;
    Ok((head, anchor))
}

/// Returns the error for a journal that could not be opened: `Lost` for damage, else `Open`.
pub(super) fn open_error(folder: &Path, error: &rusqlite::Error) -> JournalError {
    let path = folder.to_owned();
    if is_damage(error) {
        JournalError::Lost { path, detail: error.to_string() }
    } else {
        JournalError::Open { path, error: error.to_string() }
    }
}

/// Verifies the rows after a cursor, and requires that they reach the head.
fn verify_after(connection: &Connection, folder: &Path, after: Cursor, head: ChainMark) -> Result<(), JournalError> {
    let mut last = after;
    while let Some(row) = rows(connection, folder, last, VERIFY_ROWS)?.last() {
        last = row.cursor;
    }
    if last < head.cursor {
        return Err(JournalError::Damaged {
            cursor: Cursor(last.0 + 1),
            path: folder.to_owned(),
            detail: format!("it is missing; the journal went on to entry {}", head.cursor),
        });
    }
    Ok(())
}
