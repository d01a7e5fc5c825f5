//! Walking a journal from its first row to its last, also while a relay writes it: every damaged row is named with
//! what is wrong, and the walk goes on behind it. It changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;

use super::{ChainMark, EncodedBody, JournalError, JournalRow, chain, layout, rows, snapshots};
use crate::floor::{Cursor, Sum};
use crate::time::Timestamp;

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// The identity of the history.
    pub epoch: String,
    /// The first entry that is kept; zero when there is none.
    pub oldest: Cursor,
    /// The last entry, as the journal noted it when the walk began.
    pub head: ChainMark,
    /// How many entries were walked.
    pub entries: u64,
    /// The bytes of their text.
    pub bytes: u64,
    /// The time of the first good one.
    pub began: Option<Timestamp>,
    /// The time of the last good one.
    pub ended: Option<Timestamp>,
    /// Snapshots that are good.
    pub snapshots: u64,
    /// What is not as it was written, oldest first; at most a thousand are named.
    pub damaged: Vec<DamagedRow>,
    /// How many more there are.
    pub unnamed: u64,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRow {
    /// The entry.
    pub cursor: Cursor,
    /// What is wrong with it.
    pub what: String,
}

/// At most so many damages are named.
const NAMED: usize = 1_000;
/// Rows between two looks at where the journal begins: a relay that writes it is not held up by a walk.
const STRETCH: i64 = 1_000;

/// Walks a folder's journal.
///
/// # Errors
/// `Missing` when there is none, `Lost`, `Open` and `Store` when it can't be read at all.
pub fn check(folder: &Path) -> Result<CheckReport, JournalError> {
    Ok(walk(folder)?.found)
}

/// A walk that has come to its end.
pub(super) struct FinishedWalk {
    pub(super) found: CheckReport,
    /// Entries that are there and are not as they were written, all of them.
    pub(super) bad: BTreeSet<Cursor>,
    /// The last entry that is there.
    pub(super) last: Cursor,
}

pub(super) fn walk(folder: &Path) -> Result<FinishedWalk, JournalError> {
    layout::require_content(folder)?;
    let fault = |error| layout::open_error(folder, &error);
    let connection = layout::open_for_reading(&layout::file(folder)).map_err(fault)?;
    let (epoch, head) = rows::identity(&connection).map_err(fault)?;
    let trims = connection.table_exists(None, "anchor").map_err(fault)?;
    let found = CheckReport { epoch, head, ..CheckReport::default() };
    let mut walk = JournalWalk { connection, trims, last: None, bad: BTreeSet::new(), found };
    // Damage that could be stepped over is in what was found.
    let fault = |error| match error {
        error if rows::is_damage(&error) => layout::open_error(folder, &error),
        error => JournalError::Store { error: error.to_string() },
    };
    walk.walk_entries().map_err(fault)?;
    if trims {
        walk.check_snapshots().map_err(fault)?;
    }
    let last = walk.last.map_or(Cursor(0), |it| it.kept.cursor);
    Ok(FinishedWalk { found: walk.found, bad: walk.bad, last })
}

struct JournalWalk {
    connection: Connection,
    /// Whether the file has a place for where the journal begins: one of an early version has not.
    trims: bool,
    last: Option<PreviousRow>,
    bad: BTreeSet<Cursor>,
    found: CheckReport,
}

/// The row before: its mark as it is kept, and as its text gives it. One of them is what the next row was made after.
#[derive(Clone, Copy)]
struct PreviousRow {
    kept: ChainMark,
    made: ChainMark,
    /// Whether its checksum is known: if not, nothing can be said of the next one's.
    is_known: bool,
}

impl JournalWalk {
    fn walk_entries(&mut self) -> rusqlite::Result<()> {
        loop {
            let anchor = if self.trims { rows::anchor(&self.connection)? } else { ChainMark::default() };
            let last = self.last.filter(|it| it.kept.cursor >= anchor.cursor);
            let last = last.unwrap_or(PreviousRow { kept: anchor, made: anchor, is_known: true });
            self.last = Some(last);
            if self.found.oldest == Cursor(0) && self.found.head.cursor > anchor.cursor {
                self.found.oldest = Cursor(anchor.cursor.0 + 1);
            }
            let walked = self.walk_batch(last.kept.cursor);
            match walked {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if rows::is_damage(&error) => self.skip_damaged_row(&error),
                Err(error) => return Err(error),
            }
            if self.last.is_none_or(|it| it.kept.cursor >= self.found.head.cursor) {
                break;
            }
        }
        let last = self.last.map_or(Cursor(0), |it| it.kept.cursor);
        if last < self.found.head.cursor {
            let what = format!("it is missing; the journal went on to entry {}", self.found.head.cursor);
            self.report(Cursor(last.0 + 1), what);
        }
        Ok(())
    }

    /// The rows after a cursor, up to a number; how many there were.
    fn walk_batch(&mut self, after: Cursor) -> rusqlite::Result<u64> {
        let mut read = Vec::new();
        let outcome = {
            let mut query = self.connection.prepare_cached(
                "SELECT cursor, sum, body FROM entries WHERE cursor > ?1 AND cursor <= ?2 ORDER BY cursor LIMIT ?3",
            )?;
            let head = self.found.head.cursor.0.cast_signed();
            let mut found = query.query((after.0.cast_signed(), head, STRETCH))?;
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
        let before =
            self.last.unwrap_or(PreviousRow { kept: ChainMark::default(), made: ChainMark::default(), is_known: true });
        let follows = before.kept.cursor.0 + 1;
        self.found.entries += 1;
        self.found.bytes += u64::try_from(body.len()).unwrap_or(u64::MAX);
        let mut sure = true;
        let mut made = chain::next(ChainMark { cursor: Cursor(mark.cursor.0 - 1), ..before.kept }, &body);
        if mark.cursor.0 > follows {
            let what = match mark.cursor.0 - 1 {
                last if last == follows => "it is missing".to_owned(),
                last => format!("it and all up to entry {last} are missing"),
            };
            self.report(Cursor(follows), what);
            // What it was made after is gone: that this one is good can't be said, nor that it is not.
            (made, sure) = (mark, false);
        } else if !before.is_known {
            (made, sure) = (mark, false);
        } else if made.sum != mark.sum {
            let other = chain::next(before.made, &body);
            if other.sum == mark.sum {
                made = other;
            } else {
                let row =
                    JournalRow { cursor: mark.cursor, after: before.kept.cursor, sum: mark.sum, body: body.clone() };
                let what = chain::fault(before.kept, &row).unwrap_or_default();
                self.bad.insert(mark.cursor);
                self.report(mark.cursor, what);
            }
        }
        let good = !self.bad.contains(&mark.cursor);
        let entry = JournalRow { cursor: mark.cursor, after: before.kept.cursor, sum: mark.sum, body }.entry();
        match entry {
            _ if !good => {}
            Ok(entry) => {
                self.found.began.get_or_insert(entry.at);
                self.found.ended = Some(entry.at);
            }
            Err(error) => {
                // One that is as it was written may be a newer version's.
                if !sure {
                    self.bad.insert(mark.cursor);
                }
                self.report(mark.cursor, error.to_string());
            }
        }
        self.last = Some(PreviousRow { kept: mark, made, is_known: true });
    }

    /// A row that the file can't give: it is named, and the walk goes on behind it.
    fn skip_damaged_row(&mut self, error: &rusqlite::Error) {
        let Some(last) = self.last else { return };
        let cursor = Cursor(last.kept.cursor.0 + 1);
        self.bad.insert(cursor);
        self.report(cursor, error.to_string());
        // Its checksum may be readable where its text is not, and then the next row can be checked.
        let sum =
            self.connection.query_row("SELECT sum FROM entries WHERE cursor = ?1", [cursor.0.cast_signed()], |row| {
                row.get::<_, i64>(0)
            });
        let is_known = sum.is_ok();
        let kept = ChainMark { cursor, sum: Sum(sum.unwrap_or_default().cast_unsigned()) };
        self.last = Some(PreviousRow { kept, made: kept, is_known });
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
            let looked = snapshots::load(&self.connection, cursor);
            // One that a trim has just removed is not missed.
            let gone = rows::anchor(&self.connection)?.cursor > cursor;
            match looked {
                _ if gone => {}
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
        if self.found.damaged.len() < NAMED {
            self.found.damaged.push(DamagedRow { cursor, what });
        } else {
            self.found.unnamed += 1;
        }
    }
}
