//! Verifies a journal from its first row to its last, even while a relay writes to it. The check reports every damaged
//! row with its fault, and continues after it. It changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;

use super::files::kept_head::{self, LostEntries};
use super::files::layout;
use super::{ChainMark, EncodedBody, JournalError, JournalRow, chain, rows, snapshots};
use crate::floor::{Cursor, Sum};
use crate::time::Timestamp;

/// The result of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// The identity of the history.
    pub epoch: String,
    /// The first cursor that is kept; zero for an empty journal.
    pub oldest: Cursor,
    /// The last entry when the check began.
    pub head: ChainMark,
    /// How many entries were checked.
    pub entries: u64,
    /// The bytes of their bodies.
    pub bytes: u64,
    /// The time of the first good entry.
    pub began: Option<Timestamp>,
    /// The time of the last good entry.
    pub ended: Option<Timestamp>,
    /// How many snapshots are good.
    pub snapshots: u64,
    /// The damaged rows, oldest first; at most a thousand.
    pub damaged: Vec<DamagedRow>,
    /// How many damaged rows are not in the list.
    pub unlisted: u64,
}

/// A row or snapshot that differs from what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRow {
    /// The cursor of the entry.
    pub cursor: Cursor,
    /// The fault of the row.
    pub what: String,
}

/// The maximum number of damaged rows in the list.
const MAX_LISTED: usize = 1_000;
/// The number of rows in one read transaction. Short transactions do not delay a relay that writes to the journal.
const ROWS_PER_READ: i64 = 1_000;

/// Verifies every row and snapshot of a folder's journal.
///
/// # Errors
/// `Missing` if there is no journal; `Lost`, `Open` and `Store` if the journal cannot be read.
pub fn check(folder: &Path) -> Result<CheckReport, JournalError> {
    Ok(walk(folder)?.found)
}

/// A finished check: the report, and the cursors that a salvage needs besides it.
pub(super) struct FinishedWalk {
    pub(super) found: CheckReport,
    /// Every damaged entry that is present.
    pub(super) bad: BTreeSet<Cursor>,
    /// The last entry that is present.
    pub(super) last: Cursor,
    /// The entries that were acknowledged and are missing.
    pub(super) lost: Option<LostEntries>,
}

/// Verifies a journal like [`check`], for a salvage.
pub(super) fn walk(folder: &Path) -> Result<FinishedWalk, JournalError> {
    layout::require_content(folder)?;
    let fault = |error| unreadable(folder, &error);
    // Read first: a relay that writes meanwhile keeps only heads that are in the journal already.
    let kept = kept_head::read(folder);
    let connection = layout::open_for_reading(&layout::file(folder)).map_err(fault)?;
    let (epoch, head) = rows::identity(&connection).map_err(fault)?;
    let has_anchor = connection.table_exists(None, "anchor").map_err(fault)?;
    let found = CheckReport { epoch, head, ..CheckReport::default() };
    let mut walk = JournalWalk { connection, has_anchor, last: None, bad: BTreeSet::new(), lost: None, found };
    // Damage that could be skipped is in the report already.
    let fault = |error| match error {
        error if is_unreadable(&error) => unreadable(folder, &error),
        error => JournalError::Store { error: error.to_string() },
    };
    walk.walk_entries().map_err(fault)?;
    if has_anchor {
        if let Some(kept) = kept {
            walk.check_kept_head(kept).map_err(fault)?;
        }
        walk.check_snapshots().map_err(fault)?;
    }
    let last = walk.last.map_or(Cursor(0), |it| it.stored.cursor);
    Ok(FinishedWalk { found: walk.found, bad: walk.bad, last, lost: walk.lost })
}

/// Returns whether an error shows damage, or a file without the tables of a journal, which a damaged first page looks like.
fn is_unreadable(error: &rusqlite::Error) -> bool {
    rows::is_damage(error) || error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown)
}

/// Returns the error for a file that cannot be walked: `Lost` if it is unreadable, else `Open`.
fn unreadable(folder: &Path, error: &rusqlite::Error) -> JournalError {
    let (path, detail) = (folder.to_owned(), error.to_string());
    if is_unreadable(error) { JournalError::Lost { path, detail } } else { JournalError::Open { path, error: detail } }
}

struct JournalWalk {
    connection: Connection,
    /// Whether the file has the table `anchor`; files of an early version do not have it.
    has_anchor: bool,
    last: Option<PreviousRow>,
    bad: BTreeSet<Cursor>,
    lost: Option<LostEntries>,
    found: CheckReport,
}

/// The row before: its stored mark, and the mark computed from its text. The next row follows one of them.
#[derive(Clone, Copy)]
struct PreviousRow {
    stored: ChainMark,
    computed: ChainMark,
    /// Whether the checksum is known; if not, the next row cannot be verified.
    is_known: bool,
}

impl JournalWalk {
    fn walk_entries(&mut self) -> rusqlite::Result<()> {
        loop {
            let anchor = if self.has_anchor { rows::anchor(&self.connection)? } else { ChainMark::default() };
            let last = self.last.filter(|it| it.stored.cursor >= anchor.cursor);
            let last = last.unwrap_or(PreviousRow { stored: anchor, computed: anchor, is_known: true });
            self.last = Some(last);
            if self.found.oldest == Cursor(0) && self.found.head.cursor > anchor.cursor {
                self.found.oldest = Cursor(anchor.cursor.0 + 1);
            }
            let walked = self.walk_batch(last.stored.cursor);
            match walked {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if rows::is_damage(&error) => self.skip_damaged_row(&error),
                Err(error) => return Err(error),
            }
            if self.last.is_none_or(|it| it.stored.cursor >= self.found.head.cursor) {
                break;
            }
        }
        let last = self.last.map_or(Cursor(0), |it| it.stored.cursor);
        if last < self.found.head.cursor {
            let what = format!("it is missing; the journal went on to entry {}", self.found.head.cursor);
            self.report(Cursor(last.0 + 1), what);
        }
        Ok(())
    }

    /// Checks the next rows after a cursor. Returns their number.
    fn walk_batch(&mut self, after: Cursor) -> rusqlite::Result<u64> {
        let mut read = Vec::new();
        let outcome = {
            let mut query = self.connection.prepare_cached(
                "SELECT cursor, sum, body FROM entries WHERE cursor > ?1 AND cursor <= ?2 ORDER BY cursor LIMIT ?3",
            )?;
            let head = self.found.head.cursor.0.cast_signed();
            let mut found = query.query((after.0.cast_signed(), head, ROWS_PER_READ))?;
            let mut next = || -> rusqlite::Result<bool> {
                let Some(row) = found.next()? else { return Ok(false) };
                let mark = rows::mark(row.get(0)?, row.get(1)?);
                read.push((mark, row.get::<_, String>(2)?));
                Ok(true)
            };
            loop {
                match next() {
                    Ok(true) => {}
                    Ok(false) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
        };
        let walked = u64::try_from(read.len()).unwrap_or(u64::MAX);
        for (mark, body) in read {
            self.check_row(mark, body.into());
        }
        outcome.map(|()| walked)
    }

    fn check_row(&mut self, mark: ChainMark, body: EncodedBody) {
        let before = self.last.unwrap_or(PreviousRow {
            stored: ChainMark::default(),
            computed: ChainMark::default(),
            is_known: true,
        });
        let expected = before.stored.cursor.0 + 1;
        self.found.entries += 1;
        self.found.bytes += u64::try_from(body.len()).unwrap_or(u64::MAX);
        let mut is_verified = true;
        let mut computed = chain::next(ChainMark { cursor: Cursor(mark.cursor.0 - 1), ..before.stored }, &body);
        if mark.cursor.0 > expected {
            let what = match mark.cursor.0 - 1 {
                last if last == expected => "it is missing".to_owned(),
                last => format!("it and all up to entry {last} are missing"),
            };
            self.report(Cursor(expected), what);
            // The row before is missing, so this one can be neither verified nor refuted.
            (computed, is_verified) = (mark, false);
        } else if !before.is_known {
            (computed, is_verified) = (mark, false);
        } else if computed.sum != mark.sum {
            let other = chain::next(before.computed, &body);
            if other.sum == mark.sum {
                computed = other;
            } else {
                let row =
                    JournalRow { cursor: mark.cursor, after: before.stored.cursor, sum: mark.sum, body: body.clone() };
                let what = chain::fault(before.stored, &row).unwrap_or_default();
                self.bad.insert(mark.cursor);
                self.report(mark.cursor, what);
            }
        }
        let is_good = !self.bad.contains(&mark.cursor);
        let entry = JournalRow { cursor: mark.cursor, after: before.stored.cursor, sum: mark.sum, body }.entry();
        match entry {
            _ if !is_good => {}
            Ok(entry) => {
                self.found.began.get_or_insert(entry.at);
                self.found.ended = Some(entry.at);
            }
            Err(error) => {
                // A verified row that cannot be parsed may come from a newer version.
                if !is_verified {
                    self.bad.insert(mark.cursor);
                }
                self.report(mark.cursor, error.to_string());
            }
        }
        self.last = Some(PreviousRow { stored: mark, computed, is_known: true });
    }

    /// Reports a row that SQLite cannot read, and continues after it.
    fn skip_damaged_row(&mut self, error: &rusqlite::Error) {
        let Some(last) = self.last else { return };
        let cursor = Cursor(last.stored.cursor.0 + 1);
        self.bad.insert(cursor);
        self.report(cursor, error.to_string());
        // If at least the checksum can be read, the next row can be verified.
        let sum =
            self.connection.query_row("SELECT sum FROM entries WHERE cursor = ?1", [cursor.0.cast_signed()], |row| {
                row.get::<_, i64>(0)
            });
        let is_known = sum.is_ok();
        let stored = ChainMark { cursor, sum: Sum(sum.unwrap_or_default().cast_unsigned()) };
        self.last = Some(PreviousRow { stored, computed: stored, is_known });
    }

    /// Reports entries that were acknowledged and are missing.
    fn check_kept_head(&mut self, kept: ChainMark) -> rusqlite::Result<()> {
        match kept_head::compare(&self.connection, kept) {
            Ok(lost) => {
                self.lost = lost;
                if let Some((cursor, what)) = lost.map(LostEntries::as_damage)
                    && self.found.damaged.iter().all(|it| it.cursor != cursor)
                {
                    self.report(cursor, what);
                }
                Ok(())
            }
            // The damage is in the report already.
            Err(error) if rows::is_damage(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn check_snapshots(&mut self) -> rusqlite::Result<()> {
        let places = match snapshots::list(&self.connection, Cursor(0)) {
            Err(error) if rows::is_damage(&error) => {
                self.report(self.found.head.cursor, format!("no snapshot can be read: {error}"));
                return Ok(());
            }
            places => places?,
        };
        for (cursor, _) in places {
            let loaded = snapshots::load(&self.connection, cursor);
            // A snapshot that a trim has just removed is not damaged.
            let was_trimmed = rows::anchor(&self.connection)?.cursor > cursor;
            match loaded {
                _ if was_trimmed => {}
                Ok(Ok(_)) => self.found.snapshots += 1,
                Ok(Err(why)) => self.report(cursor, format!("its snapshot is skipped: {why}")),
                Err(error) if rows::is_damage(&error) => {
                    self.report(cursor, format!("its snapshot is skipped: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn report(&mut self, cursor: Cursor, what: String) {
        if self.found.damaged.len() < MAX_LISTED {
            self.found.damaged.push(DamagedRow { cursor, what });
        } else {
            self.found.unlisted += 1;
        }
    }
}
