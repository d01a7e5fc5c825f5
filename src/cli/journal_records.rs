//! Reads the records of a journal's folder for `callboard inspect`, a page of rows at a time.

use std::path::Path;

use super::failure::CommandFailure;
use crate::floor::Cursor;
use crate::journal::{EncodedBody, JournalError, JournalReader};

/// The maximum number of rows in a page. A page ends early after about 1 MiB.
const PAGE_ROWS: usize = 256;

/// A range of records in a journal.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordRange {
    /// The entry before the first one; `None` starts at the oldest.
    pub(super) after: Option<u64>,
    /// The maximum number of entries; `None` means all.
    pub(super) limit: Option<u64>,
}

/// A record of a journal, as far as it can be read.
pub(super) enum PrintedRecord {
    /// An intact entry.
    Text(Cursor, EncodedBody),
    /// A damaged entry, and what is wrong with it.
    Damaged(Cursor, String),
}

/// Passes the records of a folder's journal to `give`, in order, without keeping them.
pub(super) fn each(
    folder: &Path,
    range: RecordRange,
    give: &mut dyn FnMut(PrintedRecord) -> Result<(), CommandFailure>,
) -> Result<(), CommandFailure> {
    let journal = JournalReader::open(folder)?;
    let begin = journal.oldest().0.saturating_sub(1);
    let mut after = Cursor(range.after.unwrap_or(begin));
    let mut left = range.limit.unwrap_or(u64::MAX);
    while left > 0 && after < journal.head() {
        let page = usize::try_from(left).unwrap_or(PAGE_ROWS).min(PAGE_ROWS);
        match journal.rows(after, page) {
            Ok(rows) if rows.is_empty() => break,
            Ok(rows) => {
                for row in rows {
                    after = row.cursor;
                    left = left.saturating_sub(1);
                    give(PrintedRecord::Text(row.cursor, row.body))?;
                }
            }
            Err(JournalError::Damaged { cursor, detail, .. }) => {
                // The intact entries before it in this page come first.
                let good = cursor.0.saturating_sub(after.0).saturating_sub(1);
                let good = usize::try_from(good).unwrap_or(PAGE_ROWS).min(page);
                let before = if good > 0 { journal.rows(after, good)? } else { Vec::new() };
                left = left.saturating_sub(u64::try_from(before.len()).unwrap_or(u64::MAX));
                for row in before {
                    give(PrintedRecord::Text(row.cursor, row.body))?;
                }
                if left > 0 {
                    left -= 1;
                    give(PrintedRecord::Damaged(cursor, detail))?;
                }
                after = cursor;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
