//! Salvages a damaged journal while no relay runs: good entries are copied to a new file, each damaged or missing entry
//! becomes a gap, and the old file is kept whole under another name. Cursors stay, and with them the numbers of calls
//! and operations; the history differs, so it gets a new epoch. A truncated file is salvaged like any other damage.
//! If nothing can be read, the old file is kept too, and an empty journal takes its place.

mod repaired_copy;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};

use self::repaired_copy::{Repair, RepairedCopy};
use super::check::{self, CheckReport, DamagedRow, FinishedWalk};
use super::files::aside;
use super::files::kept_head::{self, LostEntries};
use super::files::layout::{self, Durability};
use super::files::leftover;
use super::files::opening::{OpenedJournal, open_for_writing};
use super::snapshots;
use super::{ChainMark, JournalError, chain, rows};
use crate::floor::{Cursor, Fact, Noted};
use crate::time::Timestamp;

/// The result of a salvage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalvageResult {
    /// The old file under its new name; `None` if no entry was damaged and nothing was changed.
    pub set_aside: Option<PathBuf>,
    /// The reason why nothing could be read. The new journal is then empty.
    pub lost: Option<String>,
    /// The damaged rows and snapshots, oldest first; at most a thousand.
    pub damaged: Vec<DamagedRow>,
    /// How many damaged rows are not in the list.
    pub unlisted: u64,
    /// The number of gaps that stand for damaged or missing entries.
    pub gaps: u64,
    /// The number of entries that were copied unchanged.
    pub kept: u64,
    /// The epoch of the journal from now on.
    pub epoch: String,
}

/// When entries were missed that the kept head names.
const WHEN_SALVAGED: &str = "when the journal was salvaged";
/// How many entries one transaction copies.
const ENTRIES_PER_TRANSACTION: u64 = 1_000;
/// If more entries are missing, the stored head itself must be damaged.
const MOST_GAPS: u64 = 1_000_000;

/// Replaces a damaged journal by one with its good entries, or by an empty one if nothing can be read.
///
/// Errors: `Locked` while a relay writes to the journal, `Missing` if there is no journal, `Open` and `Store` if SQLite or the
/// disk fails. The journal is then unchanged.
pub(crate) fn salvage(folder: &Path) -> Result<SalvageResult, JournalError> {
    if leftover::rescued_copy(folder).exists() {
        let _lock = layout::lock(folder)?;
        leftover::settle(folder).map_err(io_failure)?;
    }
    layout::require_file(folder)?;
    {
        let _lock = layout::lock(folder)?;
        aside::resume(folder).map_err(io_failure)?;
        // A damaged first page can look like a journal without tables or without entries.
        let lost = match check::walk(folder) {
            Ok(walked) => reads_nothing(&walked),
            Err(JournalError::Lost { detail, .. }) => Some(detail),
            Err(error) => return Err(error),
        };
        if let Some(lost) = lost {
            let salvaged = salvage_from_copy(folder)?;
            return salvaged.map_or_else(|| begin_empty(folder, lost), Ok);
        }
        // The old file cannot be opened for writing then, although its entries can be read.
        if repaired_copy::has_unknown_version(folder).map_err(io_failure)?
            && let Some(salvaged) = salvage_from_copy(folder)?
        {
            return Ok(salvaged);
        }
    }
    let OpenedJournal { connection: old, lock: _lock, .. } = open_for_writing(folder, Durability::Durable)?;
    let walked = check::walk(folder)?;
    let EntryCount { total, missing } = EntryCount::of(&old, &walked)?;
    let CheckReport { epoch, damaged, unlisted, head, .. } = walked.found.clone();
    if walked.bad.is_empty() && missing == 0 && walked.last >= head.cursor {
        let lost = kept_head::note_lost_entries(&old, folder, WHEN_SALVAGED).map_err(store_failure)?;
        let (epoch, _) = rows::identity(&old).map_err(store_failure)?;
        let gaps = u64::from(lost.is_some());
        return Ok(SalvageResult { set_aside: None, lost: None, damaged, unlisted, gaps, kept: total, epoch });
    }
    let rewritten = rewrite(folder, &old, &walked)?;
    let set_aside = folder.join(format!("journal-damaged-{epoch}.sqlite"));
    let set_aside = swap_in(folder, old, &rewritten.beside, &set_aside)?;
    kept_head::keep(folder, rewritten.head);
    Ok(rewritten.into_result(set_aside, walked))
}

/// Returns what is wrong with a journal of which no entry can be read; `None` if there is one, or none was written.
fn reads_nothing(walked: &FinishedWalk) -> Option<String> {
    let CheckReport { entries, oldest, head, .. } = &walked.found;
    let is_written = *oldest > Cursor(0);
    (*entries == 0 && is_written).then(|| format!("none of its entries {oldest} to {} can be read", head.cursor))
}

/// Replaces the old file by the new one. Returns the old file's new name. SQLite's write-ahead
/// log is merged into the old file first, unless it does not fit because the file was truncated.
fn swap_in(folder: &Path, old: Connection, new: &Path, wanted: &Path) -> Result<PathBuf, JournalError> {
    let file = layout::file(folder);
    let merged = old.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
    old.close().map_err(|(_, error)| store_failure(error))?;
    let swapped = match merged {
        Ok(()) => aside::swap(&file, new, wanted),
        Err(error) if rows::is_damage(&error) => aside::swap_with_log(&file, new, wanted),
        Err(error) => return Err(store_failure(error)),
    };
    swapped.map_err(io_failure)
}

/// Salvages a file that cannot be used as it is, from the repaired copy with the most good entries. Returns `None` if
/// there is no such copy.
fn salvage_from_copy(folder: &Path) -> Result<Option<SalvageResult>, JournalError> {
    let mut best: Option<(Repair, u64)> = None;
    for repair in Repair::ALL {
        let Some(copy) = RepairedCopy::make(folder, repair).map_err(io_failure)? else { continue };
        let Some(walked) = none_if_lost(check::walk(copy.folder()))? else { continue };
        if walked.found.entries > best.map_or(0, |(_, entries)| entries) {
            best = Some((repair, walked.found.entries));
        }
    }
    let Some((repair, _)) = best else { return Ok(None) };
    let copy = RepairedCopy::make(folder, repair).map_err(io_failure)?;
    let copy = copy.ok_or_else(|| io_failure(std::io::Error::other("the journal has changed meanwhile")))?;
    let walked = check::walk(copy.folder())?;
    let old = layout::open_for_reading(&layout::file(copy.folder())).map_err(store_failure)?;
    let rewritten = rewrite(folder, &old, &walked)?;
    let set_aside = folder.join(format!("journal-damaged-{}.sqlite", walked.found.epoch));
    let set_aside = aside::swap_with_log(&layout::file(folder), &rewritten.beside, &set_aside).map_err(io_failure)?;
    kept_head::keep(folder, rewritten.head);
    Ok(Some(rewritten.into_result(set_aside, walked)))
}

/// Turns `Lost` into `None`. Any other error is passed on, because a transient error is no reason to
/// start an empty journal.
fn none_if_lost(walked: Result<FinishedWalk, JournalError>) -> Result<Option<FinishedWalk>, JournalError> {
    match walked {
        Err(JournalError::Lost { .. }) => Ok(None),
        walked => walked.map(Some),
    }
}

/// How many entries a journal should hold by its cursors, and how many of them have no row.
struct EntryCount {
    total: u64,
    missing: u64,
}

impl EntryCount {
    fn of(journal: &Connection, walked: &FinishedWalk) -> Result<Self, JournalError> {
        let anchor = rows::anchor(journal).map_err(store_failure)?;
        let total = walked.last.0.saturating_sub(anchor.cursor.0);
        let missing = total.saturating_sub(walked.found.entries + walked.bad.len() as u64);
        Ok(Self { total, missing })
    }
}

/// The new file of a salvage.
struct RewrittenJournal {
    /// The path of the new file.
    beside: PathBuf,
    head: ChainMark,
    gaps: u64,
    /// The number of entries that were copied unchanged.
    kept: u64,
    epoch: String,
}

impl RewrittenJournal {
    /// Returns the result of a salvage that has put the new file in place.
    fn into_result(self, set_aside: PathBuf, walked: FinishedWalk) -> SalvageResult {
        let CheckReport { damaged, unlisted, .. } = walked.found;
        let Self { gaps, kept, epoch, .. } = self;
        SalvageResult { set_aside: Some(set_aside), lost: None, damaged, unlisted, gaps, kept, epoch }
    }
}

/// Copies the good entries and snapshots to a new file beside the old one.
fn rewrite(folder: &Path, old: &Connection, walked: &FinishedWalk) -> Result<RewrittenJournal, JournalError> {
    let EntryCount { total, missing } = EntryCount::of(old, walked)?;
    if missing > MOST_GAPS {
        let error =
            format!("{missing} entries are missing, too many to replace by gaps; restore the journal from a backup");
        return Err(JournalError::Store { error });
    }
    let beside = folder.join("journal-salvaged.sqlite");
    let new = layout::recreate(&beside).map_err(|error| JournalError::Store { error })?;
    let anchor = rows::anchor(old).map_err(store_failure)?;
    let mut gaps = copy(old, &new, anchor, walked)?;
    let kept = total - gaps;
    copy_good_snapshots(old, &new, walked).map_err(store_failure)?;
    if let Some(lost) = walked.lost {
        kept_head::append_gap(&new, &format!("{WHEN_SALVAGED}, {lost}")).map_err(store_failure)?;
        gaps += 1;
    }
    let (epoch, head) = rows::identity(&new).map_err(store_failure)?;
    new.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").map_err(store_failure)?;
    new.close().map_err(|(_, error)| store_failure(error))?;
    Ok(RewrittenJournal { beside, head, gaps, kept, epoch })
}

/// Renames a file that cannot be read, with the files of SQLite beside it, and starts an empty journal.
fn begin_empty(folder: &Path, lost: String) -> Result<SalvageResult, JournalError> {
    let beside = folder.join("journal-salvaged.sqlite");
    let new = layout::recreate(&beside).map_err(|error| JournalError::Store { error })?;
    let kept = kept_head::read(folder).filter(|it| it.cursor > Cursor(0));
    if let Some(ChainMark { cursor: last, .. }) = kept {
        let lost = LostEntries::Missing { first: Cursor(1), last };
        kept_head::append_gap(&new, &format!("{WHEN_SALVAGED}, {lost}")).map_err(store_failure)?;
    }
    let (epoch, head) = rows::identity(&new).map_err(store_failure)?;
    new.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").map_err(store_failure)?;
    new.close().map_err(|(_, error)| store_failure(error))?;
    let set_aside = folder.join(format!("journal-damaged-before-{epoch}.sqlite"));
    let set_aside = aside::swap_with_log(&layout::file(folder), &beside, &set_aside).map_err(io_failure)?;
    kept_head::keep(folder, head);
    let (set_aside, lost) = (Some(set_aside), Some(lost));
    Ok(SalvageResult { set_aside, lost, damaged: Vec::new(), unlisted: 0, gaps: head.cursor.0, kept: 0, epoch })
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err needs")]
fn io_failure(error: std::io::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err needs")]
fn store_failure(error: rusqlite::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}

/// Copies all entries, with a gap for each damaged one. Returns the number of gaps.
fn copy(old: &Connection, new: &Connection, anchor: ChainMark, walked: &FinishedWalk) -> Result<u64, JournalError> {
    let (mut last, mut at, mut gaps) = (anchor, Timestamp(0), 0);
    let sql = "UPDATE anchor SET cursor = ?1, sum = ?2 WHERE one = 1";
    new.execute(sql, (anchor.cursor.0.cast_signed(), anchor.sum.0.cast_signed())).map_err(store_failure)?;
    while last.cursor < walked.last {
        let transaction = new.unchecked_transaction().map_err(store_failure)?;
        for _ in 0..ENTRIES_PER_TRANSACTION.min(walked.last.0 - last.cursor.0) {
            let cursor = Cursor(last.cursor.0 + 1);
            let good = if walked.bad.contains(&cursor) { None } else { body(old, cursor).map_err(store_failure)? };
            if let Some((then, _)) = good.as_deref().and_then(|it| Fact::decode(it).ok()) {
                at = then;
            }
            gaps += u64::from(good.is_none());
            let gap = || {
                Fact::Noted(Noted::Gap { reason: format!("entry {cursor} was damaged").into(), from: None }).encode(at)
            };
            let body = good.unwrap_or_else(gap);
            last = chain::next(last, &body);
            let sql = "INSERT INTO entries (cursor, sum, body) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare_cached(sql).map_err(store_failure)?;
            insert.execute((last.cursor.0.cast_signed(), last.sum.0.cast_signed(), body)).map_err(store_failure)?;
        }
        let sql = "UPDATE journal SET head = ?1, sum = ?2 WHERE one = 1";
        transaction.execute(sql, (last.cursor.0.cast_signed(), last.sum.0.cast_signed())).map_err(store_failure)?;
        transaction.commit().map_err(store_failure)?;
    }
    Ok(gaps)
}

/// Reads an entry's text. Returns `None` if the file is damaged there.
fn body(connection: &Connection, cursor: Cursor) -> rusqlite::Result<Option<String>> {
    let mut query = connection.prepare_cached("SELECT body FROM entries WHERE cursor = ?1")?;
    match query.query_row([cursor.0.cast_signed()], |row| row.get(0)).optional() {
        Err(error) if rows::is_damage(&error) => Ok(None),
        body => body,
    }
}

/// Copies the good snapshots before the first damage; later ones include entries that are gaps now.
fn copy_good_snapshots(old: &Connection, new: &Connection, walked: &FinishedWalk) -> rusqlite::Result<()> {
    let places = match snapshots::list(old, Cursor(0)) {
        Err(error) if rows::is_damage(&error) => return Ok(()),
        places => places?,
    };
    for (cursor, _) in places {
        let Ok(Ok(snapshot)) = snapshots::load(old, cursor) else { continue };
        // The new history has the same checksum there if nothing before it has changed.
        let same = rows::sum_at(new, rows::anchor(new)?, cursor)? == Some(snapshot.sum);
        if same && walked.bad.first().is_none_or(|first| cursor < *first) {
            snapshots::write_copy(new, &snapshot)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lost_journal_is_replaced_by_an_empty_one() {
        let lost = JournalError::Lost { path: PathBuf::new(), detail: "malformed".to_owned() };
        assert!(none_if_lost(Err(lost)).unwrap().is_none());
        for transient in ["disk I/O error", "database is locked"].map(str::to_owned) {
            let open = JournalError::Open { path: PathBuf::new(), error: transient.clone() };
            for error in [open, JournalError::Store { error: transient.clone() }] {
                let error = none_if_lost(Err(error)).err().unwrap();
                assert!(error.to_string().contains(&transient), "{error}");
            }
        }
    }
}
