//! Retention: when a snapshot is due, and which rows may be removed. Invariant: only rows that a good snapshot covers
//! are removed, and the anchor moves first, so that an interrupted removal is not visible.

use rusqlite::Connection;

use super::{ChainMark, RetentionPolicy, RetentionTime, rows, snapshots};
use crate::floor::Cursor;
use crate::time::Millis;

/// The entries since the last snapshot, which a relay folds when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SnapshotPace {
    /// The number of entries.
    pub entries: u64,
    /// The bytes of their text.
    pub bytes: u64,
    /// The age of the last snapshot, in floor time.
    pub age: Millis,
    /// The bytes of the last snapshot's text.
    pub last: u64,
}

/// The minutes of a day.
const DAY: i64 = 24 * 60;
/// A snapshot is due after this many entries. Folding 80,000 rosters of four people takes about a second.
const MAX_ENTRIES: u64 = 150_000;
/// A snapshot is due after this many bytes of entries. The text of a snapshot of 50,000 calls with four people each has
/// about 90 MB.
const MAX_BYTES: u64 = 64 * 1_024 * 1_024;
/// A small snapshot is due only after this many bytes of entries.
const MIN_BYTES: u64 = 1_024 * 1_024;

impl SnapshotPace {
    /// Returns whether a snapshot is due: once the entries have as many bytes as its text, from 1 to 64 MiB, after
    /// 150,000 entries, and after a day, so that old entries can be removed.
    ///
    /// Packed, a snapshot has at most a fifth of the bytes of its text, so snapshots take at most a sixth of a journal,
    /// unless their text is larger than 64 MiB.
    /// A start folds little more than what the snapshot holds, and so does a seek to an entry.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.entries >= MAX_ENTRIES
            || self.bytes >= self.last.clamp(MIN_BYTES, MAX_BYTES)
            || (self.entries > 0 && self.age >= Millis::minutes(DAY))
    }
}

/// The maximum number of rows that a step removes.
const STEP_ROWS: usize = 256;
/// About how many bytes of text a step removes.
const STEP_BYTES: i64 = 1_024 * 1_024;
/// The number of pages that a step releases. Fewer free pages are kept for new rows.
const STEP_PAGES: i64 = 256;

/// Removes a bounded amount of old data. Returns whether there is more to remove.
pub(super) fn trim_step(
    connection: &mut Connection,
    retention: RetentionPolicy,
    now: &RetentionTime,
) -> rusqlite::Result<bool> {
    let anchor = rows::anchor(connection)?;
    if remove_rows(connection, anchor.cursor)? || remove_snapshot(connection, anchor.cursor)? {
        return Ok(true);
    }
    if release_pages(connection)? {
        return Ok(true);
    }
    let Some(cut) = removable_until(connection, retention, now)? else { return Ok(false) };
    let sql = "UPDATE anchor SET cursor = ?1, sum = ?2 WHERE one = 1";
    connection.execute(sql, (cut.cursor.0.cast_signed(), cut.sum.0.cast_signed()))?;
    tracing::info!(oldest = cut.cursor.0 + 1, "older entries are removed");
    Ok(true)
}

/// Returns the last entry that may be removed now.
fn removable_until(
    connection: &Connection,
    retention: RetentionPolicy,
    now: &RetentionTime,
) -> rusqlite::Result<Option<ChainMark>> {
    let from = Cursor(rows::anchor(connection)?.cursor.0 + 1);
    let places = snapshots::list(connection, from)?;
    if retention.age > Millis(0) {
        let old = places.iter().rev().filter(|(cursor, at)| now.age(*cursor, *at) >= retention.age);
        for (cursor, _) in old {
            if let Ok(good) = snapshots::load(connection, *cursor)? {
                return Ok(Some(ChainMark { cursor: good.cursor, sum: good.sum }));
            }
        }
    }
    if retention.bytes > 0 && used_bytes(connection)? > retention.bytes {
        for (cursor, _) in places {
            if let Ok(good) = snapshots::load(connection, cursor)? {
                return Ok(Some(ChainMark { cursor: good.cursor, sum: good.sum }));
            }
        }
    }
    Ok(None)
}

fn remove_rows(connection: &mut Connection, until: Cursor) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    let mut last = None;
    {
        let sql = "SELECT cursor, octet_length(body) FROM entries WHERE cursor <= ?1 ORDER BY cursor LIMIT ?2";
        let mut query = transaction.prepare_cached(sql)?;
        let mut found = query.query((until.0.cast_signed(), i64::try_from(STEP_ROWS).unwrap_or(i64::MAX)))?;
        let mut bytes = 0;
        while let Some(row) = found.next()? {
            last = Some(row.get::<_, i64>(0)?);
            bytes += row.get::<_, i64>(1)?;
            if bytes >= STEP_BYTES {
                break;
            }
        }
    }
    let Some(last) = last else { return Ok(false) };
    transaction.prepare_cached("DELETE FROM entries WHERE cursor <= ?1")?.execute([last])?;
    transaction.commit()?;
    Ok(true)
}

/// Removes a snapshot before the anchor, or pieces without a seal.
fn remove_snapshot(connection: &mut Connection, until: Cursor) -> rusqlite::Result<bool> {
    use rusqlite::OptionalExtension as _;
    let transaction = connection.transaction()?;
    let sql = "SELECT cursor FROM snapshots WHERE cursor < ?1
               UNION SELECT cursor FROM snapshot_parts WHERE cursor NOT IN (SELECT cursor FROM snapshots)
               UNION SELECT cursor FROM packed_parts WHERE cursor NOT IN (SELECT cursor FROM snapshots) LIMIT 1";
    let stale = transaction.query_row(sql, [until.0.cast_signed()], |row| row.get::<_, i64>(0)).optional()?;
    let Some(stale) = stale else { return Ok(false) };
    transaction.execute("DELETE FROM snapshots WHERE cursor = ?1", [stale])?;
    transaction.execute("DELETE FROM snapshot_parts WHERE cursor = ?1", [stale])?;
    transaction.execute("DELETE FROM packed_parts WHERE cursor = ?1", [stale])?;
    transaction.commit()?;
    Ok(true)
}

/// The value of `auto_vacuum` in a file whose pages can be released in steps.
const INCREMENTAL: i64 = 2;

/// Releases free pages to the file system. Returns whether there were enough of them.
fn release_pages(connection: &Connection) -> rusqlite::Result<bool> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if number("auto_vacuum")? != INCREMENTAL || number("freelist_count")? < STEP_PAGES {
        return Ok(false);
    }
    let mut vacuum = connection.prepare(&format!("PRAGMA incremental_vacuum({STEP_PAGES})"))?;
    let mut pages = vacuum.query([])?;
    while pages.next()?.is_some() {}
    Ok(true)
}

/// Returns the bytes of the pages in use.
pub(super) fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count")? - number("freelist_count")?;
    Ok(pages.saturating_mul(number("page_size")?).max(0).cast_unsigned())
}
