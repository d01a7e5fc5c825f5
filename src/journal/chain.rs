//! The chain of checksums. Each covers the previous checksum, the cursor and the body of its row. Pure.

use aws_lc_rs::digest::{Context, SHA256};

use super::{ChainMark, JournalRow};
use crate::floor::{Cursor, Sum};

/// Returns the mark of the entry with this body that follows `before`.
pub(super) fn next(before: ChainMark, body: &str) -> ChainMark {
    let cursor = Cursor(before.cursor.0.saturating_add(1));
    let mut context = Context::new(&SHA256);
    context.update(&before.sum.0.to_be_bytes());
    context.update(&cursor.0.to_be_bytes());
    context.update(body.as_bytes());
    let digest = context.finish();
    let first = digest.as_ref().iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    ChainMark { cursor, sum: Sum(first) }
}

/// Returns why a row does not follow `before`, or `None` if it does.
pub(super) fn fault(before: ChainMark, row: &JournalRow) -> Option<String> {
    let expected = next(before, &row.body);
    if row.cursor != expected.cursor {
        return Some(format!("entry {} comes where {} belongs", row.cursor, expected.cursor));
    }
    (row.sum != expected.sum).then(|| format!("its checksum is {}, its text gives {}", row.sum, expected.sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_follows_only_the_row_it_was_written_after() {
        let first = next(ChainMark::default(), "a");
        let second = next(first, "b");
        let row = JournalRow { cursor: second.cursor, after: first.cursor, sum: second.sum, body: "b".into() };
        assert_eq!(fault(first, &row), None);
        assert!(fault(first, &JournalRow { body: "c".into(), ..row.clone() }).unwrap().contains("checksum"));
        assert!(fault(ChainMark::default(), &row).unwrap().contains("entry 2 comes where 1 belongs"));
        assert!(fault(ChainMark { sum: Sum(1), ..first }, &row).unwrap().contains("checksum"));
    }
}
