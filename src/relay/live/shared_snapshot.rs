//! A floor's snapshot, made once and shared by all consoles as frames. Its text is packed, and a console gets a copy of
//! one frame at a time: consoles that read slowly, or not at all, keep a tenth of the text in memory, and one frame each.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::floor::{Cursor, Floor};
use crate::protocol::{FeedFrame, SnapshotPiece};
use crate::relay::feed::websocket::frame;

/// The frames of one snapshot.
pub(in crate::relay) struct SharedSnapshot {
    /// The cursor of its last entry.
    pub(in crate::relay) cursor: Cursor,
    purpose: SnapshotPurpose,
    number: u64,
    blocks: Vec<PackedBlock>,
    frames: usize,
    unpacked: Arc<UnpackedBlocks>,
}

/// The text of consecutive frames, packed together.
struct PackedBlock {
    packed: Vec<u8>,
    /// The number of its first frame in the snapshot.
    first: usize,
    /// The end of the text of each frame, in unpacked bytes.
    ends: Vec<usize>,
}

/// The frames of a block.
struct EncodedBlock {
    bytes: Vec<u8>,
    /// The end of each frame.
    ends: Vec<usize>,
}

/// The snapshots that consoles are taking, and the newest one.
#[derive(Default)]
pub(super) struct SnapshotCache {
    newest: Option<Arc<SharedSnapshot>>,
    taken: Vec<Weak<SharedSnapshot>>,
    next_number: u64,
    unpacked: Arc<UnpackedBlocks>,
}

/// The blocks that were unpacked last. Bounded: the oldest is evicted.
#[derive(Default)]
struct UnpackedBlocks(Mutex<VecDeque<UnpackedBlock>>);

/// An unpacked block, with the numbers of its snapshot and of its first frame.
struct UnpackedBlock {
    snapshot: u64,
    first: usize,
    encoded: Arc<EncodedBlock>,
}

/// The size at which a block ends, in unpacked bytes.
const BLOCK_BYTES: usize = 256 * 1_024;
/// The maximum number of unpacked blocks.
const MAX_UNPACKED: usize = 32;
/// The fastest level: a snapshot lives for seconds.
const PACK_LEVEL: i32 = 1;
/// The maximum age of a reused snapshot, in entries.
const MAX_AGE: u64 = 1_000;
/// If consoles are taking this many snapshots, the newest is reused at any age, so that slow consoles do not fill the
/// memory with one snapshot each.
const MAX_TAKEN: usize = 3;

impl SharedSnapshot {
    /// Returns how many frames there are.
    pub(in crate::relay) const fn frames(&self) -> usize {
        self.frames
    }

    /// Returns a frame, counted from 0. It is a copy, so that a console that does not take it keeps no more than that.
    ///
    /// Fails if there is no such frame, or no memory to unpack it.
    pub(in crate::relay) fn frame(&self, number: usize) -> io::Result<Bytes> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "the snapshot has no such frame");
        let block = self.blocks.partition_point(|it| it.first <= number).checked_sub(1);
        let block = block.and_then(|it| self.blocks.get(it)).ok_or_else(missing)?;
        let nth = number - block.first;
        let EncodedBlock { bytes, ends } = &*self.unpacked.get(self, block)?;
        let end = *ends.get(nth).ok_or_else(missing)?;
        let begin = nth.checked_sub(1).and_then(|it| ends.get(it)).copied().unwrap_or_default();
        bytes.get(begin..end).map(Bytes::copy_from_slice).ok_or_else(missing)
    }
}

impl SnapshotCache {
    /// Returns the newest snapshot if it can be used for a console at `head`: all entries after it are kept, from
    /// `oldest` on, and it is young, or there are as many snapshots as may be. Then the console still has most of `lag_limit` for
    /// the time in which it takes the snapshot.
    pub(super) fn usable(&mut self, head: Cursor, oldest: Cursor, lag_limit: u64) -> Option<Arc<SharedSnapshot>> {
        self.taken.retain(|it| it.strong_count() > 0);
        let newest = self.newest.as_ref()?;
        let most = lag_limit / 4;
        let max_age = if self.taken.len() < MAX_TAKEN { MAX_AGE.min(most) } else { most };
        let is_young = newest.cursor.0.saturating_add(max_age) >= head.0;
        // A trim may have removed entries after it.
        (is_young && newest.cursor.0.saturating_add(1) >= oldest.0).then(|| Arc::clone(newest))
    }

    /// Returns a packer for the next snapshot.
    pub(super) fn packer(&mut self) -> SnapshotPacker {
        self.next_number += 1;
        SnapshotPacker {
            number: self.next_number,
            unpacked: Arc::clone(&self.unpacked),
            blocks: Vec::new(),
            packed: 0,
            text: String::new(),
            ends: Vec::new(),
        }
    }

    /// Keeps the newest snapshot.
    pub(super) fn keep(&mut self, snapshot: SharedSnapshot) -> Arc<SharedSnapshot> {
        let snapshot = Arc::new(snapshot);
        self.taken.push(Arc::downgrade(&snapshot));
        self.newest = Some(Arc::clone(&snapshot));
        snapshot
    }
}

/// What consoles do with a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SnapshotPurpose {
    /// They show it as the board.
    Board,
    /// They look at a floor of the past.
    History,
}

/// Packs one snapshot, one block of its text at a time.
pub(super) struct SnapshotPacker {
    number: u64,
    unpacked: Arc<UnpackedBlocks>,
    blocks: Vec<PackedBlock>,
    /// The number of pieces in the packed blocks.
    packed: usize,
    /// The text of the block that is filled now, and the end of each of its pieces.
    text: String,
    ends: Vec<usize>,
}

impl SnapshotPacker {
    /// Packs a floor.
    ///
    /// Fails if there is no memory for it.
    pub(super) fn pack_floor(mut self, floor: &Floor, purpose: SnapshotPurpose) -> io::Result<SharedSnapshot> {
        floor.write_snapshot(|text| self.add(&text))?;
        self.finish(floor.head(), purpose)
    }

    /// Packs the text of a snapshot at a cursor.
    ///
    /// Fails if there is no memory for it.
    pub(super) fn pack(
        mut self,
        cursor: Cursor,
        texts: impl IntoIterator<Item = String>,
        purpose: SnapshotPurpose,
    ) -> io::Result<SharedSnapshot> {
        for text in texts {
            self.add(&text)?;
        }
        self.finish(cursor, purpose)
    }

    fn add(&mut self, text: &str) -> io::Result<()> {
        for piece in SnapshotPiece::cut(text) {
            self.text.push_str(piece);
            self.ends.push(self.text.len());
            if self.text.len() >= BLOCK_BYTES {
                self.end_block()?;
            }
        }
        Ok(())
    }

    fn end_block(&mut self) -> io::Result<()> {
        let packed = zstd::bulk::compress(self.text.as_bytes(), PACK_LEVEL)?;
        let (first, ends) = (self.packed, std::mem::take(&mut self.ends));
        self.packed += ends.len();
        self.blocks.push(PackedBlock { packed, first, ends });
        self.text.clear();
        Ok(())
    }

    fn finish(mut self, cursor: Cursor, purpose: SnapshotPurpose) -> io::Result<SharedSnapshot> {
        if !self.ends.is_empty() {
            self.end_block()?;
        }
        let Self { number, unpacked, blocks, packed, .. } = self;
        Ok(SharedSnapshot { cursor, purpose, number, blocks, frames: packed, unpacked })
    }
}

impl UnpackedBlocks {
    fn get(&self, snapshot: &SharedSnapshot, block: &PackedBlock) -> io::Result<Arc<EncodedBlock>> {
        let (number, first) = (snapshot.number, block.first);
        if let Some(known) = self.0.lock().iter().find(|it| (it.snapshot, it.first) == (number, first)) {
            return Ok(Arc::clone(&known.encoded));
        }
        let encoded = Arc::new(block.encode(snapshot.frames, snapshot.purpose)?);
        let mut known = self.0.lock();
        if known.len() >= MAX_UNPACKED {
            known.pop_front();
        }
        known.push_back(UnpackedBlock { snapshot: number, first, encoded: Arc::clone(&encoded) });
        Ok(encoded)
    }
}

impl PackedBlock {
    /// Returns the frames of the block, in a snapshot of so many.
    fn encode(&self, frames: usize, purpose: SnapshotPurpose) -> io::Result<EncodedBlock> {
        let size = self.ends.last().copied().unwrap_or_default();
        let text = String::from_utf8(zstd::bulk::decompress(&self.packed, size)?).map_err(io::Error::other)?;
        let parts = u32::try_from(frames).unwrap_or(u32::MAX);
        let (mut bytes, mut ends, mut begin) = (Vec::with_capacity(size), Vec::new(), 0);
        for (part, end) in (self.first + 1..).zip(&self.ends) {
            let piece = SnapshotPiece {
                part: u32::try_from(part).unwrap_or(u32::MAX),
                parts,
                piece: text.get(begin..*end).unwrap_or_default().to_owned(),
                history: purpose == SnapshotPurpose::History,
            };
            bytes.extend_from_slice(&frame(&FeedFrame::Snapshot(piece).encode()));
            ends.push(bytes.len());
            begin = *end;
        }
        Ok(EncodedBlock { bytes, ends })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a snapshot with so many frames.
    fn text(frames: usize) -> Vec<String> {
        (0..frames).map(|it| format!("{it}:\"é\"").repeat(1 + it % 900)).collect()
    }

    #[test]
    fn every_frame_has_its_piece_of_the_text_and_only_some_are_unpacked() {
        let mut cache = SnapshotCache::default();
        let written = text(6_000);
        for (purpose, history) in [(SnapshotPurpose::Board, false), (SnapshotPurpose::History, true)] {
            let packer = cache.packer();
            let snapshot = cache.keep(packer.pack(Cursor(7), written.clone(), purpose).unwrap());
            assert_eq!((snapshot.cursor, snapshot.frames()), (Cursor(7), 6_000));
            for number in (0..6_000).chain([0, 5_999, 3_000]) {
                let piece = written[number].clone();
                let part = u32::try_from(number + 1).unwrap();
                let expected = FeedFrame::Snapshot(SnapshotPiece { part, parts: 6_000, piece, history });
                assert_eq!(snapshot.frame(number).unwrap(), frame(&expected.encode()), "{number}");
            }
            assert!(snapshot.frame(6_000).is_err());
            assert_eq!(cache.unpacked.0.lock().len(), MAX_UNPACKED);
            let size: usize = snapshot.blocks.iter().map(|it| it.packed.len()).sum();
            assert!(size * 10 < written.iter().map(String::len).sum(), "{size}");
        }
        let empty = cache.packer().pack(Cursor(0), [], SnapshotPurpose::Board).unwrap();
        assert!(empty.frames() == 0 && empty.frame(0).is_err());
    }

    #[test]
    fn a_young_snapshot_is_reused_and_with_many_taken_an_old_one_too() {
        let mut cache = SnapshotCache::default();
        let mut held = Vec::new();
        let usable = |cache: &mut SnapshotCache, head, oldest| {
            cache.usable(Cursor(head), Cursor(oldest), 200_000).map(|it| it.cursor.0)
        };
        for cursor in [10, 5_000, 10_000] {
            assert_eq!(usable(&mut cache, cursor, 1), None, "{cursor}");
            let packer = cache.packer();
            held.push(cache.keep(packer.pack(Cursor(cursor), text(3), SnapshotPurpose::Board).unwrap()));
            assert_eq!(usable(&mut cache, cursor + 1_000, 1), Some(cursor));
        }
        assert_eq!(usable(&mut cache, 60_000, 1), Some(10_000), "three are taken");
        assert_eq!(usable(&mut cache, 60_001, 1), None, "the console would lag too far");
        assert_eq!(usable(&mut cache, 60_000, 10_002), None, "the entries after it are removed");
        drop(held);
        assert_eq!(usable(&mut cache, 60_000, 1), None);
        assert_eq!(cache.usable(Cursor(10_011), Cursor(1), 10).map(|it| it.cursor), None);
    }
}
