//! A way on from a damaged journal, while no relay runs: what is good is written anew, each damaged or missing entry
//! becomes a gap, and the file as it was is set aside whole. Cursors stay, and with them the numbers of calls and
//! operations; the history is another one, so it gets an epoch of its own. Of a file that was cut short what is left is
//! good or not like any other; one of which nothing can be read is set aside too, and a journal without entries begins
//! in its place.

mod aside;
mod cut;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};

use self::cut::PaddedCopy;
use super::check::{self, CheckReport, DamagedRow, FinishedWalk};
use super::layout::{self, DurabilityPromise, OpenedJournal};
use super::snapshots::{self, SnapshotSeal};
use super::{ChainMark, JournalError, JournalPeek, chain, rows};
use crate::floor::{Cursor, Fact, Noted};
use crate::time::Timestamp;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalvageResult {
    /// The journal as it was; none when no entry was damaged, and then nothing was done.
    pub set_aside: Option<PathBuf>,
    /// Why nothing of it could be read; then a new one was begun, with nothing in it.
    pub lost: Option<String>,
    /// What is damaged, snapshots included, oldest first; at most a thousand are named.
    pub damaged: Vec<DamagedRow>,
    /// How many more there are.
    pub unnamed: u64,
    /// Entries that are gaps now.
    pub gaps: u64,
    /// Entries that are as they were.
    pub kept: u64,
    /// The identity of the history that goes on.
    pub epoch: String,
}

/// Entries that are written at once.
const STRETCH: u64 = 1_000;
/// When more is missing, what was noted of the journal's end is damaged itself.
const MOST_GAPS: u64 = 1_000_000;

/// Sets damage aside: the damaged entries, or a whole journal of which nothing can be read.
///
/// # Errors
/// `Locked` while a relay writes the journal, `Missing` when there is none, `Open` and `Store` when it can't be read at
/// all or the disk refuses; the journal is then as it was.
pub fn salvage(folder: &Path) -> Result<SalvageResult, JournalError> {
    layout::require_file(folder)?;
    {
        let _lock = layout::lock(folder)?;
        aside::resume(folder).map_err(io_failure)?;
        if let Err(JournalError::Lost { detail, .. }) = JournalPeek::open(folder) {
            return salvage_unopenable(folder, detail);
        }
    }
    let OpenedJournal { connection: old, lock: _lock, .. } =
        layout::open_for_writing(folder, DurabilityPromise::Durable)?;
    let walked = check::walk(folder)?;
    let anchor = rows::anchor(&old).map_err(store_failure)?;
    let here = walked.last.0.saturating_sub(anchor.cursor.0);
    let missing = here.saturating_sub(walked.found.entries + walked.bad.len() as u64);
    let CheckReport { epoch, damaged, unnamed, head, .. } = walked.found.clone();
    if walked.bad.is_empty() && missing == 0 && walked.last >= head.cursor {
        return Ok(SalvageResult { set_aside: None, lost: None, damaged, unnamed, gaps: 0, kept: here, epoch });
    }
    let RewrittenJournal { beside, gaps, epoch: renewed } = rewrite(folder, &old, &walked)?;
    let set_aside = folder.join(format!("journal-damaged-{epoch}.sqlite"));
    let set_aside = swap_in(folder, old, &beside, &set_aside)?;
    Ok(SalvageResult {
        set_aside: Some(set_aside),
        lost: None,
        damaged,
        unnamed,
        gaps,
        kept: here - gaps,
        epoch: renewed,
    })
}

/// Puts the new file in the old one's place, where the old one is then: without a log, unless the log does not fit it
/// because the file was cut short.
fn swap_in(folder: &Path, old: Connection, new: &Path, wanted: &Path) -> Result<PathBuf, JournalError> {
    let file = layout::file(folder);
    let emptied = old.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
    old.close().map_err(|(_, error)| store_failure(error))?;
    let done = match emptied {
        Err(error) if rows::is_damage(&error) => aside::swap_with_log(&file, new, wanted),
        emptied => emptied.map_err(store_failure).map(|()| aside::swap(&file, new, wanted))?,
    };
    done.map_err(io_failure)
}

/// Goes on from a file that cannot be opened: with what can still be read, where it is only cut short.
fn salvage_unopenable(folder: &Path, lost: String) -> Result<SalvageResult, JournalError> {
    let Some(copy) = PaddedCopy::make(folder).map_err(io_failure)? else {
        return begin_empty(folder, lost).map_err(|error| JournalError::Store { error });
    };
    let Some(walked) = none_if_lost(check::walk(copy.folder()))? else {
        return begin_empty(folder, lost).map_err(|error| JournalError::Store { error });
    };
    let old = layout::open_for_reading(&layout::file(copy.folder())).map_err(store_failure)?;
    let here = walked.last.0.saturating_sub(rows::anchor(&old).map_err(store_failure)?.cursor.0);
    let RewrittenJournal { beside, gaps, epoch: renewed } = rewrite(folder, &old, &walked)?;
    let CheckReport { epoch, damaged, unnamed, .. } = walked.found;
    let set_aside = folder.join(format!("journal-damaged-{epoch}.sqlite"));
    let set_aside = aside::swap_with_log(&layout::file(folder), &beside, &set_aside).map_err(io_failure)?;
    Ok(SalvageResult {
        set_aside: Some(set_aside),
        lost: None,
        damaged,
        unnamed,
        gaps,
        kept: here - gaps,
        epoch: renewed,
    })
}

/// A walk, or none where nothing can be told apart: where the journal begins and ends stands at the beginning of the file.
/// What may pass by itself is no reason to begin anew.
fn none_if_lost(walked: Result<FinishedWalk, JournalError>) -> Result<Option<FinishedWalk>, JournalError> {
    match walked {
        Err(JournalError::Lost { .. }) => Ok(None),
        walked => walked.map(Some),
    }
}

/// What was written anew.
struct RewrittenJournal {
    /// Where.
    beside: PathBuf,
    gaps: u64,
    epoch: String,
}

/// Writes beside a journal's file what is good of it.
fn rewrite(folder: &Path, old: &Connection, walked: &FinishedWalk) -> Result<RewrittenJournal, JournalError> {
    let anchor = rows::anchor(old).map_err(store_failure)?;
    let here = walked.last.0.saturating_sub(anchor.cursor.0);
    let missing = here.saturating_sub(walked.found.entries + walked.bad.len() as u64);
    if missing > MOST_GAPS {
        let error = format!("{missing} entries are missing, more than can be gaps; restore the journal from a backup");
        return Err(JournalError::Store { error });
    }
    let beside = folder.join("journal-salvaged.sqlite");
    let new = layout::recreate(&beside).map_err(|error| JournalError::Store { error })?;
    let gaps = copy(old, &new, anchor, walked)?;
    copy_good_snapshots(old, &new, walked).map_err(store_failure)?;
    let (epoch, _) = rows::identity(&new).map_err(store_failure)?;
    new.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").map_err(store_failure)?;
    new.close().map_err(|(_, error)| store_failure(error))?;
    Ok(RewrittenJournal { beside, gaps, epoch })
}

/// Sets a file of which nothing can be read aside, and what SQLite has beside it, and begins a journal without entries.
fn begin_empty(folder: &Path, lost: String) -> Result<SalvageResult, String> {
    let beside = folder.join("journal-salvaged.sqlite");
    let new = layout::recreate(&beside)?;
    let (epoch, _) = rows::identity(&new).map_err(|error| error.to_string())?;
    new.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").map_err(|error| error.to_string())?;
    new.close().map_err(|(_, error)| error.to_string())?;
    let set_aside = folder.join(format!("journal-damaged-before-{epoch}.sqlite"));
    let set_aside =
        aside::swap_with_log(&layout::file(folder), &beside, &set_aside).map_err(|error| error.to_string())?;
    let (set_aside, lost) = (Some(set_aside), Some(lost));
    Ok(SalvageResult { set_aside, lost, damaged: Vec::new(), unnamed: 0, gaps: 0, kept: 0, epoch })
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn io_failure(error: std::io::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn store_failure(error: rusqlite::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}

/// Writes all entries anew, gaps in the place of what is not good; how many those are.
fn copy(old: &Connection, new: &Connection, anchor: ChainMark, walked: &FinishedWalk) -> Result<u64, JournalError> {
    let (mut last, mut at, mut gaps) = (anchor, Timestamp(0), 0);
    let sql = "UPDATE anchor SET cursor = ?1, sum = ?2 WHERE one = 1";
    new.execute(sql, (anchor.cursor.0.cast_signed(), anchor.sum.0.cast_signed())).map_err(store_failure)?;
    while last.cursor < walked.last {
        let stretch = new.unchecked_transaction().map_err(store_failure)?;
        for _ in 0..STRETCH.min(walked.last.0 - last.cursor.0) {
            let cursor = Cursor(last.cursor.0 + 1);
            let good = if walked.bad.contains(&cursor) { None } else { body(old, cursor).map_err(store_failure)? };
            if let Some((then, _)) = good.as_deref().and_then(|it| Fact::decode(it).ok()) {
                at = then;
            }
            gaps += u64::from(good.is_none());
            let gap = || Fact::Noted(Noted::Gap { reason: format!("entry {cursor} was damaged").into() }).encode(at);
            let body = good.unwrap_or_else(gap);
            last = chain::next(last, &body);
            let sql = "INSERT INTO entries (cursor, sum, body) VALUES (?1, ?2, ?3)";
            let mut insert = stretch.prepare_cached(sql).map_err(store_failure)?;
            insert.execute((last.cursor.0.cast_signed(), last.sum.0.cast_signed(), body)).map_err(store_failure)?;
        }
        let sql = "UPDATE journal SET head = ?1, sum = ?2 WHERE one = 1";
        stretch.execute(sql, (last.cursor.0.cast_signed(), last.sum.0.cast_signed())).map_err(store_failure)?;
        stretch.commit().map_err(store_failure)?;
    }
    Ok(gaps)
}

/// An entry's text; none where the file does not give it.
fn body(connection: &Connection, cursor: Cursor) -> rusqlite::Result<Option<String>> {
    let mut query = connection.prepare_cached("SELECT body FROM entries WHERE cursor = ?1")?;
    match query.query_row([cursor.0.cast_signed()], |row| row.get(0)).optional() {
        Err(error) if rows::is_damage(&error) => Ok(None),
        body => body,
    }
}

/// Keeps the good snapshots of what was before the first damage: those after it were made of more than is there now.
fn copy_good_snapshots(old: &Connection, new: &Connection, walked: &FinishedWalk) -> rusqlite::Result<()> {
    let places = match snapshots::list(old, Cursor(0)) {
        Err(error) if rows::is_damage(&error) => return Ok(()),
        places => places?,
    };
    for (cursor, _) in places {
        let Ok(Ok(snapshot)) = snapshots::load(old, cursor) else { continue };
        // The new history has the same checksum there as long as nothing before it has changed.
        let same = rows::sum_at(new, rows::anchor(new)?, cursor)? == Some(snapshot.sum);
        if same && walked.bad.first().is_none_or(|first| cursor < *first) {
            for (part, text) in snapshot.pieces.iter().enumerate() {
                snapshots::write_part(new, cursor, part, text)?;
            }
            snapshots::seal(new, &SnapshotSeal::of(&snapshot))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_journal_that_is_lost_is_begun_anew() {
        let lost = JournalError::Lost { path: PathBuf::new(), detail: "malformed".to_owned() };
        assert!(none_if_lost(Err(lost)).unwrap().is_none());
        for passing in ["disk I/O error", "database is locked"].map(str::to_owned) {
            let open = JournalError::Open { path: PathBuf::new(), error: passing.clone() };
            for error in [open, JournalError::Store { error: passing.clone() }] {
                let told = none_if_lost(Err(error)).err().unwrap();
                assert!(told.to_string().contains(&passing), "{told}");
            }
        }
    }
}
