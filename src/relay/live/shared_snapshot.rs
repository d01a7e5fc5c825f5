//! A floor's snapshot as encoded frames, made once and shared by all consoles. The frames are packed, and a console gets a
//! copy of one at a time: consoles that read slowly, or not at all, keep a tenth of the text in memory, and one frame each.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::floor::Cursor;

/// The frames of one snapshot.
pub(in crate::relay) struct SharedSnapshot {
    /// The cursor of its last entry.
    pub(in crate::relay) cursor: Cursor,
    number: u64,
    blocks: Vec<PackedBlock>,
    frames: usize,
    unpacked: Arc<UnpackedBlocks>,
}

/// Consecutive frames, packed together.
struct PackedBlock {
    packed: Vec<u8>,
    /// The number of its first frame in the snapshot.
    first: usize,
    /// The end of each of its frames, in unpacked bytes.
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

/// The blocks that were unpacked last, each with the number of its snapshot and of its first frame. Bounded: the oldest
/// is evicted.
#[derive(Default)]
struct UnpackedBlocks(Mutex<VecDeque<((u64, usize), Bytes)>>);

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
        let end = *block.ends.get(nth).ok_or_else(missing)?;
        let begin = nth.checked_sub(1).and_then(|it| block.ends.get(it)).copied().unwrap_or_default();
        let unpacked = self.unpacked.get((self.number, block.first), block)?;
        unpacked.get(begin..end).map(Bytes::copy_from_slice).ok_or_else(missing)
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
        SnapshotPacker { number: self.next_number, unpacked: Arc::clone(&self.unpacked) }
    }

    /// Keeps the newest snapshot.
    pub(super) fn keep(&mut self, snapshot: SharedSnapshot) -> Arc<SharedSnapshot> {
        let snapshot = Arc::new(snapshot);
        self.taken.push(Arc::downgrade(&snapshot));
        self.newest = Some(Arc::clone(&snapshot));
        snapshot
    }
}

/// Packs one snapshot.
pub(super) struct SnapshotPacker {
    number: u64,
    unpacked: Arc<UnpackedBlocks>,
}

impl SnapshotPacker {
    /// Packs the frames of the floor at a cursor, one block at a time.
    ///
    /// Fails if there is no memory for it.
    pub(super) fn pack(self, cursor: Cursor, frames: impl Iterator<Item = Bytes>) -> io::Result<SharedSnapshot> {
        let Self { number, unpacked } = self;
        let (mut blocks, mut first, mut ends, mut bytes) = (Vec::new(), 0, Vec::new(), Vec::new());
        let mut frames = frames.peekable();
        while let Some(frame) = frames.next() {
            bytes.extend_from_slice(&frame);
            ends.push(bytes.len());
            if bytes.len() >= BLOCK_BYTES || frames.peek().is_none() {
                let packed = zstd::bulk::compress(&bytes, PACK_LEVEL)?;
                let count = ends.len();
                blocks.push(PackedBlock { packed, first, ends: std::mem::take(&mut ends) });
                first += count;
                bytes.clear();
            }
        }
        Ok(SharedSnapshot { cursor, number, blocks, frames: first, unpacked })
    }
}

impl UnpackedBlocks {
    fn get(&self, key: (u64, usize), block: &PackedBlock) -> io::Result<Bytes> {
        if let Some((_, bytes)) = self.0.lock().iter().find(|(known, _)| *known == key) {
            return Ok(bytes.clone());
        }
        let size = block.ends.last().copied().unwrap_or_default();
        let bytes = Bytes::from(zstd::bulk::decompress(&block.packed, size)?);
        let mut known = self.0.lock();
        if known.len() >= MAX_UNPACKED {
            known.pop_front();
        }
        known.push_back((key, bytes.clone()));
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(count: usize) -> Vec<Bytes> {
        (0..count).map(|it| Bytes::from(format!("{it}:").repeat(1 + it % 4_000))).collect()
    }

    #[test]
    fn every_frame_comes_out_as_it_went_in_and_only_some_are_unpacked() {
        let mut cache = SnapshotCache::default();
        let written = frames(6_000);
        let packer = cache.packer();
        let snapshot = cache.keep(packer.pack(Cursor(7), written.iter().cloned()).unwrap());
        assert_eq!((snapshot.cursor, snapshot.frames()), (Cursor(7), 6_000));
        for number in (0..6_000).chain([0, 5_999, 3_000]) {
            assert_eq!(snapshot.frame(number).unwrap(), written[number], "{number}");
        }
        assert!(snapshot.frame(6_000).is_err());
        assert_eq!(cache.unpacked.0.lock().len(), MAX_UNPACKED);
        let size: usize = snapshot.blocks.iter().map(|it| it.packed.len()).sum();
        assert!(size * 10 < written.iter().map(Bytes::len).sum(), "{size}");
        let empty = cache.packer().pack(Cursor(0), std::iter::empty()).unwrap();
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
            held.push(cache.keep(packer.pack(Cursor(cursor), frames(3).into_iter()).unwrap()));
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
