//! The newest durable rows, in memory: a reader at the head of the journal does not read the file.

use std::collections::VecDeque;

use crate::floor::Cursor;
use crate::journal::JournalRow;

/// The newest consecutive rows, at most 4,096 and 4 MiB of text; the oldest are evicted.
#[derive(Debug, Default)]
pub(super) struct RecentRows {
    rows: VecDeque<JournalRow>,
    bytes: usize,
}

/// The maximum number of rows in memory.
const MAX_ROWS: usize = 4_096;
/// The bytes of text in memory. A row also keeps its parsed fact until it is first read; that memory is not counted here.
const MAX_BYTES: usize = 4 * 1_024 * 1_024;
/// A read ends with the row that reaches this many bytes of text, as a read of the file does.
const READ_BYTES: usize = 1_024 * 1_024;

impl RecentRows {
    /// Adds a row that has become durable.
    pub(super) fn push(&mut self, row: JournalRow) {
        // After a failed write the file may hold rows that are not in memory: begin again.
        if self.rows.back().is_some_and(|it| it.cursor != row.after) {
            *self = Self::default();
        }
        self.bytes += row.body.len();
        self.rows.push_back(row);
        while self.rows.len() > MAX_ROWS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.rows.pop_front() else { return };
            self.bytes -= oldest.body.len();
        }
    }

    /// Returns at most `limit` rows after a cursor, or `None` if they are not all in memory.
    pub(super) fn after(&self, after: Cursor, limit: usize) -> Option<Vec<JournalRow>> {
        let (first, last) = (self.rows.front()?, self.rows.back()?);
        if after < first.after || after > last.cursor {
            return None;
        }
        let start = self.rows.partition_point(|it| it.cursor <= after);
        let mut bytes = 0;
        let fits = |row: &&JournalRow| {
            let fits = bytes < READ_BYTES;
            bytes += row.body.len();
            fits
        };
        Some(self.rows.range(start..).take(limit).take_while(fits).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::Sum;

    fn row(cursor: u64, bytes: usize) -> JournalRow {
        JournalRow {
            cursor: Cursor(cursor),
            after: Cursor(cursor - 1),
            sum: Sum(cursor),
            body: "x".repeat(bytes).into(),
        }
    }

    fn cursors(recent: &RecentRows, after: u64, limit: usize) -> Option<Vec<u64>> {
        Some(recent.after(Cursor(after), limit)?.iter().map(|it| it.cursor.0).collect())
    }

    #[test]
    fn it_returns_only_rows_that_are_in_memory() {
        let mut recent = RecentRows::default();
        assert_eq!(cursors(&recent, 0, 9), None);
        (11..=15).for_each(|it| recent.push(row(it, 1)));
        assert_eq!(cursors(&recent, 9, 9), None, "the tenth row may be missing");
        assert_eq!(cursors(&recent, 10, 9), Some(vec![11, 12, 13, 14, 15]));
        assert_eq!(cursors(&recent, 12, 2), Some(vec![13, 14]));
        assert_eq!(cursors(&recent, 15, 9), Some(vec![]));
        assert_eq!(cursors(&recent, 16, 9), None);
    }

    #[test]
    fn it_is_bounded_and_starts_again_after_a_gap() {
        let mut recent = RecentRows::default();
        (1..=6).for_each(|it| recent.push(row(it, 1_024 * 1_024)));
        assert_eq!(cursors(&recent, 2, 9), Some(vec![3]), "about a mebibyte at a time");
        assert_eq!(cursors(&recent, 1, 9), None);
        recent.push(row(8, 1));
        assert_eq!((cursors(&recent, 5, 9), cursors(&recent, 7, 9)), (None, Some(vec![8])));
        (9..=5_000).for_each(|it| recent.push(row(it, 1)));
        assert_eq!((cursors(&recent, 903, 1), cursors(&recent, 904, 1)), (None, Some(vec![905])));
    }
}
