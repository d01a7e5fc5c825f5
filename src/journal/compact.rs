//! Compacts a journal while no relay runs: takes the snapshots that are due, removes rows by the policy, and packs the
//! file. It holds the lock of the journal, so no relay can start meanwhile.

use std::path::Path;

use rusqlite::Connection;

use super::files::layout::{self, Durability};
use super::files::opening::{OpenedJournal, open_for_writing};
use super::retention::{self, SnapshotPace};
use super::snapshots;
use super::{JournalError, JournalRow, RetentionPolicy, RetentionTime, rows};
use crate::floor::{Cursor, Floor};
use crate::time::Timestamp;

/// The result of a compaction: the removed entries and the freed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreedSpace {
    /// How many entries were removed.
    pub entries: u64,
    /// The first cursor that is kept; zero for an empty journal.
    pub oldest: Cursor,
    /// The bytes of the journal's files before the compaction.
    pub before: u64,
    /// The bytes of the files after it.
    pub after: u64,
}

/// Removes the entries that the policy does not keep, and packs the file. `now` is floor time.
///
/// Errors: `Locked` while a relay writes to the journal, `Missing` if there is no journal, `Damaged` and `Unreadable` if an
/// entry after the newest snapshot cannot be read, `Store` if SQLite fails.
pub(crate) fn compact(folder: &Path, retention: RetentionPolicy, now: Timestamp) -> Result<FreedSpace, JournalError> {
    layout::require_content(folder)?;
    let before = size(folder);
    let OpenedJournal { mut connection, lock: _lock, .. } = open_for_writing(folder, Durability::Durable)?;
    let floor = catch_up(&connection, folder)?;
    let now = RetentionTime { now, wall_moves: floor.wall_moves().to_vec() };
    let failed = |error: rusqlite::Error| JournalError::Store { error: error.to_string() };
    let first = rows::anchor(&connection).map_err(failed)?.cursor;
    while retention::trim_step(&mut connection, retention, &now).map_err(failed)? {}
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").map_err(failed)?;
    let anchor = rows::anchor(&connection).map_err(failed)?.cursor;
    let (_, head) = rows::identity(&connection).map_err(failed)?;
    let oldest = Cursor(if head.cursor > anchor { anchor.0 + 1 } else { 0 });
    Ok(FreedSpace { entries: anchor.0 - first.0, oldest, before, after: size(folder) })
}

/// The number of rows in one read.
const READ_ROWS: usize = 1_000;

/// Folds the rows after the newest snapshot, and saves snapshots on the way as a relay does. Returns the floor.
fn catch_up(connection: &Connection, folder: &Path) -> Result<Floor, JournalError> {
    let failed = |error: rusqlite::Error| JournalError::Store { error: error.to_string() };
    let newest = snapshots::load_newest(connection, Cursor(u64::MAX >> 1)).map_err(failed)?;
    let anchor = rows::anchor(connection).map_err(failed)?.cursor;
    let mut pace = SnapshotPace { last: newest.as_ref().map_or(0, |it| it.bytes() as u64), ..SnapshotPace::default() };
    let mut last_at = newest.as_ref().map(|it| it.at);
    let mut floor = newest.and_then(|it| it.floor().ok()).unwrap_or_default();
    let mut after = floor.head().max(anchor);
    loop {
        let found = rows::rows(connection, folder, after, READ_ROWS)?;
        if found.is_empty() {
            return Ok(floor);
        }
        for row in &found {
            fold(&mut floor, &mut pace, row)?;
            after = row.cursor;
            pace.age = floor.at().since(*last_at.get_or_insert(floor.at()));
            if pace.is_due() {
                let last = snapshots::write(connection, &floor).map_err(failed)?;
                pace = SnapshotPace { last, ..SnapshotPace::default() };
                last_at = Some(floor.at());
            }
        }
    }
}

fn fold(floor: &mut Floor, pace: &mut SnapshotPace, row: &JournalRow) -> Result<(), JournalError> {
    floor.apply(&row.entry()?);
    pace.entries += 1;
    pace.bytes += row.body.len() as u64;
    Ok(())
}

/// Returns the bytes of the journal's files.
fn size(folder: &Path) -> u64 {
    let file = layout::file(folder);
    let beside = file.with_extension("sqlite-wal");
    [file, beside].iter().filter_map(|it| std::fs::metadata(it).ok()).map(|it| it.len()).sum()
}
