//! The newest entries as encoded messages, in pieces of memory that all connections share. Does not know consoles.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::floor::Cursor;
use crate::journal::JournalRow;
use crate::protocol::encode_entry;
use crate::relay::feed::websocket::frame_into;

/// The encoded messages of consecutive entries.
struct TailPiece {
    /// Each entry's cursor, and the offset of its message's end.
    ends: Vec<(Cursor, usize)>,
    bytes: Bytes,
}

/// The newest entries without a gap. When it is full, the oldest piece is evicted, and its entries are read
/// from the journal instead.
#[derive(Default)]
pub(crate) struct EntryTail {
    pieces: VecDeque<TailPiece>,
    entries: usize,
    bytes: usize,
}

/// The messages after a cursor.
#[derive(Default)]
pub(in crate::relay) struct TailBatch {
    /// The cursor of the last one; `None` in an empty batch.
    pub(in crate::relay) last: Option<Cursor>,
    /// Whole messages, concatenated.
    pub(in crate::relay) pieces: Vec<Bytes>,
}

/// The maximum number of entries in the tail.
const MAX_ENTRIES: usize = 16_384;
/// The maximum size of the tail's messages, in bytes.
const MAX_BYTES: usize = 32 * 1_024 * 1_024;
/// The size at which a piece ends, in bytes. It is small because a stalled console keeps whole pieces alive.
const PIECE_BYTES: usize = 64 * 1_024;
/// The approximate size of a message without the entry's body, in bytes.
const FRAME_BYTES: usize = 128;

impl EntryTail {
    /// Appends rows that follow the last one.
    pub(crate) fn push(&mut self, rows: &[JournalRow]) {
        self.pieces.extend(pieces(rows).inspect(|it| {
            self.entries += it.ends.len();
            self.bytes += it.bytes.len();
        }));
        while self.entries > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.pieces.pop_front() else { return };
            self.entries -= oldest.ends.len();
            self.bytes -= oldest.bytes.len();
        }
    }

    /// Returns the messages after a cursor, up to about `max_bytes` bytes, or `None` if the tail begins later.
    pub(crate) fn after(&self, after: Cursor, max_bytes: usize) -> Option<TailBatch> {
        let first = self.pieces.front()?.ends.first()?.0;
        if after.0.saturating_add(1) < first.0 {
            return None;
        }
        let mut batch = TailBatch::default();
        let mut bytes = 0;
        let start = self.pieces.partition_point(|it| it.ends.last().is_none_or(|(last, _)| *last <= after));
        for piece in self.pieces.range(start..) {
            if bytes >= max_bytes {
                break;
            }
            let known = piece.ends.partition_point(|(cursor, _)| *cursor <= after);
            let begin = known.checked_sub(1).and_then(|it| piece.ends.get(it)).map_or(0, |(_, end)| *end);
            let part = piece.bytes.slice(begin..);
            bytes += part.len();
            batch.pieces.push(part);
            batch.last = piece.ends.last().map(|(cursor, _)| *cursor);
        }
        Some(batch)
    }
}

impl TailBatch {
    /// Encodes rows from the journal.
    pub(in crate::relay) fn of(rows: &[JournalRow]) -> Self {
        let last = rows.last().map(|it| it.cursor);
        Self { last, pieces: pieces(rows).map(|it| it.bytes).collect() }
    }
}

fn pieces(mut rows: &[JournalRow]) -> impl Iterator<Item = TailPiece> {
    std::iter::from_fn(move || {
        // An estimate that assumes rows as long as the first.
        let about = rows.first().map_or(0, |it| (it.body.len() + FRAME_BYTES).saturating_mul(rows.len()));
        let (mut ends, mut bytes) = (Vec::new(), Vec::with_capacity(about.min(PIECE_BYTES)));
        while let Some((row, rest)) = rows.split_first().filter(|_| bytes.len() < PIECE_BYTES) {
            frame_into(&mut bytes, &encode_entry(row.cursor, row.after, row.sum, &row.body));
            ends.push((row.cursor, bytes.len()));
            rows = rest;
        }
        bytes.shrink_to_fit();
        (!ends.is_empty()).then(|| TailPiece { ends, bytes: bytes.into() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::Sum;

    fn row(cursor: u64, bytes: usize) -> JournalRow {
        let body = format!(r#"{{"at":{}}}"#, "1".repeat(bytes));
        JournalRow { cursor: Cursor(cursor), after: Cursor(cursor - 1), sum: Sum(cursor), body: body.into() }
    }

    fn sent(rows: &[JournalRow]) -> Vec<u8> {
        TailBatch::of(rows).pieces.concat()
    }

    #[test]
    fn the_tail_gives_the_same_bytes_as_the_journal_after_any_cursor() {
        let rows: Vec<JournalRow> = (1..=200).map(|it| row(it, 1_000)).collect();
        let mut tail = EntryTail::default();
        for some in rows.chunks(37) {
            tail.push(some);
        }
        for after in 0..200 {
            let batch = tail.after(Cursor(after), usize::MAX).unwrap();
            let from = usize::try_from(after).unwrap();
            assert_eq!((batch.last, batch.pieces.concat()), (Some(Cursor(200)), sent(&rows[from..])), "{after}");
        }
        let nothing = tail.after(Cursor(200), usize::MAX).unwrap();
        assert_eq!((nothing.last, nothing.pieces.len()), (None, 0));
    }

    #[test]
    fn batches_end_at_the_size_limit_and_continue_without_a_gap() {
        let rows: Vec<JournalRow> = (1..=500).map(|it| row(it, 2_000)).collect();
        let mut tail = EntryTail::default();
        tail.push(&rows);
        let (mut after, mut whole, mut batches) = (Cursor(0), Vec::new(), 0);
        while let Some(TailBatch { last: Some(last), pieces }) = tail.after(after, 100_000) {
            let bytes: usize = pieces.iter().map(Bytes::len).sum();
            assert!(bytes < 100_000 + PIECE_BYTES + 3_000, "{bytes}");
            whole.extend(pieces.concat());
            (after, batches) = (last, batches + 1);
        }
        assert_eq!((after, whole), (Cursor(500), sent(&rows)));
        assert!(batches > 5);
    }

    #[test]
    fn the_oldest_pieces_are_evicted() {
        let mut tail = EntryTail::default();
        for cursor in 1..=20_000 {
            tail.push(&[row(cursor, 10)]);
        }
        let evicted = 20_000 - u64::try_from(MAX_ENTRIES).unwrap();
        assert!(tail.after(Cursor(evicted - 1), 1).is_none());
        assert_eq!(tail.after(Cursor(evicted), 1).unwrap().last, Some(Cursor(evicted + 1)));
        tail.push(&[row(20_001, MAX_BYTES)]);
        assert!(tail.after(Cursor(20_000), 1).is_none(), "an entry larger than the whole tail is not kept");
    }
}
