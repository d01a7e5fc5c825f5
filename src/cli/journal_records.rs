//! What `callboard inspect` makes of a journal's folder: every record of it, a page of rows at a time.

use std::path::Path;

use super::CommandFailure;
use crate::floor::Cursor;
use crate::journal::{EncodedBody, JournalError, JournalPeek};

/// How many rows are read at a time; a page of them ends early after about a mebibyte.
const PAGE: usize = 256;

/// Which records of a journal are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordRange {
    /// Those after this entry; from the first that is kept when absent.
    pub(super) after: Option<u64>,
    /// At most so many; all when absent.
    pub(super) most: Option<u64>,
}

/// A place of a journal, and what is there.
pub(super) enum PrintedRecord {
    /// What was written.
    Text(Cursor, EncodedBody),
    /// It is not as it was written, in words.
    Damaged(Cursor, String),
}

/// Gives the records of a folder's journal, one by one, in order; nothing is kept of those that were given.
pub(super) fn each(
    folder: &Path,
    wanted: RecordRange,
    give: &mut dyn FnMut(PrintedRecord) -> Result<(), CommandFailure>,
) -> Result<(), CommandFailure> {
    let journal = JournalPeek::open(folder)?;
    let begin = journal.oldest().0.saturating_sub(1);
    let mut after = Cursor(wanted.after.unwrap_or(begin));
    let mut left = wanted.most.unwrap_or(u64::MAX);
    while left > 0 && after < journal.head() {
        let page = usize::try_from(left).unwrap_or(PAGE).min(PAGE);
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
                // What was good before it in this page comes first.
                let good = cursor.0.saturating_sub(after.0).saturating_sub(1);
                let good = usize::try_from(good).unwrap_or(PAGE).min(page);
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
