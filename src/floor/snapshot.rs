//! The floor's snapshot: its JSON text in pieces, with its cursor. Pure; does not know the journal that stores it or the
//! feed that sends it.

use std::io;
use std::ops::RangeInclusive;

use super::{Cursor, Floor, Sum};
use crate::time::Timestamp;

/// The version of the snapshot's format and of the fold. It changes when the same entries give a different floor, or when
/// the format changes. A snapshot of an unsupported version is skipped, and its floor is folded again.
pub const SNAPSHOT_VERSION: u32 = 6;

/// The versions that are read. Version 1 has neither lanes nor the last hour: both begin after it. Versions 1 and 2 do
/// not say that only a 404 ended a call: it stays ended. Version 3 has the same members as this one, but repeats of a
/// notification may have left a second early notice or event line. Versions 1 to 4 do not say in which order people
/// were first seen, when a gap began, or how wall time was moved: people are numbered in the order that they were shown
/// in. Versions 1 to 5
/// dropped a whole item because of one unreadable member. They are read because a compacted journal has no other record of the time before.
pub const SNAPSHOTS_READ: RangeInclusive<u32> = 1..=SNAPSHOT_VERSION;

/// The maximum number of bytes of a piece.
pub const LARGEST_PIECE: usize = 256 * 1_024;

/// A floor as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloorSnapshot {
    /// The last entry that was applied.
    pub cursor: Cursor,
    /// That entry's checksum.
    pub sum: Sum,
    /// That entry's time.
    pub at: Timestamp,
    /// The [`SNAPSHOT_VERSION`] of the program that took it.
    pub version: u32,
    /// The text, in pieces of at most [`LARGEST_PIECE`] bytes; at least one.
    pub pieces: Vec<String>,
}

impl Floor {
    /// Takes a snapshot with all of its text.
    #[must_use]
    pub fn snapshot(&self) -> FloorSnapshot {
        let mut pieces = Vec::new();
        // Neither serializing a floor nor adding to a list can fail.
        drop(self.write_snapshot(|piece| {
            pieces.push(piece);
            Ok(())
        }));
        FloorSnapshot { cursor: self.head, sum: self.sum, at: self.at, version: SNAPSHOT_VERSION, pieces }
    }

    /// Writes the text of a snapshot, piece by piece: that of a large floor takes more memory than the floor.
    ///
    /// # Errors
    /// The first error that `take` returns.
    pub fn write_snapshot(&self, take: impl FnMut(String) -> io::Result<()>) -> io::Result<()> {
        let mut cutter = PieceCutter { max_bytes: LARGEST_PIECE, piece: Vec::new(), count: 0, take };
        serde_json::to_writer(&mut cutter, self)?;
        cutter.finish()
    }
}

impl FloorSnapshot {
    /// Restores the floor.
    ///
    /// # Errors
    /// Fails if this version cannot read the snapshot's version, the text is not a floor, or the
    /// floor's head differs from the snapshot's.
    pub fn floor(&self) -> Result<Floor, String> {
        if !SNAPSHOTS_READ.contains(&self.version) {
            return Err(format!("it has version {} and this program reads {SNAPSHOT_VERSION}", self.version));
        }
        let mut floor: Floor = serde_json::from_str(&self.pieces.concat()).map_err(|error| error.to_string())?;
        for call in floor.calls.iter_mut() {
            call.number_people();
        }
        if (floor.head, floor.sum) != (self.cursor, self.sum) {
            return Err(format!("it is a floor at entry {} and not at {}", floor.head, self.cursor));
        }
        Ok(floor)
    }

    /// Returns the size of the text in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.pieces.iter().map(String::len).sum()
    }
}

/// A writer that cuts its text into pieces between characters.
struct PieceCutter<F> {
    max_bytes: usize,
    piece: Vec<u8>,
    /// The number of pieces so far.
    count: usize,
    take: F,
}

impl<F: FnMut(String) -> io::Result<()>> PieceCutter<F> {
    fn cut(&mut self) -> io::Result<()> {
        let mut at = self.max_bytes.min(self.piece.len());
        while at > 0 && self.piece.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
            at -= 1;
        }
        let rest = self.piece.split_off(at);
        let piece = std::mem::replace(&mut self.piece, rest);
        self.count += 1;
        (self.take)(String::from_utf8_lossy(&piece).into_owned())
    }

    /// Hands over the rest; of an empty text, one empty piece.
    fn finish(mut self) -> io::Result<()> {
        while !self.piece.is_empty() || self.count == 0 {
            self.cut()?;
        }
        Ok(())
    }
}

impl<F: FnMut(String) -> io::Result<()>> io::Write for PieceCutter<F> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(text);
        while self.piece.len() > self.max_bytes {
            self.cut()?;
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::floor::{Entry, Fact, Noted};

    #[test]
    fn text_is_cut_between_characters_and_loses_nothing() {
        for text in ["", "a", "aéé漢字zz", "0123456789"] {
            let mut pieces = Vec::new();
            let take = |piece| {
                pieces.push(piece);
                Ok(())
            };
            let mut cutter = PieceCutter { max_bytes: 4, piece: Vec::new(), count: 0, take };
            for byte in text.as_bytes() {
                cutter.write_all(&[*byte]).unwrap();
            }
            cutter.finish().unwrap();
            assert_eq!(pieces.concat(), text);
            assert!(!pieces.is_empty() && pieces.iter().all(|it| it.len() <= 4), "{pieces:?}");
        }
    }

    #[test]
    fn a_snapshot_restores_its_floor_and_other_versions_are_refused() {
        let mut floor = Floor::default();
        let fact = Fact::Noted(Noted::Gap { reason: "a lost line".into(), from: None });
        floor.apply(&Entry { cursor: Cursor(7), after: Cursor(6), sum: Sum(9), at: Timestamp(5), fact });
        let snapshot = floor.snapshot();
        assert_eq!((snapshot.cursor, snapshot.sum, snapshot.at), (Cursor(7), Sum(9), Timestamp(5)));
        assert_eq!(snapshot.floor().unwrap(), floor);
        assert!(FloorSnapshot { version: 0, ..snapshot.clone() }.floor().unwrap_err().contains("version 0"));
        assert!(FloorSnapshot { cursor: Cursor(8), ..snapshot.clone() }.floor().unwrap_err().contains("entry 7"));
        assert!(FloorSnapshot { pieces: vec!["{".into()], ..snapshot }.floor().is_err());
    }
}
