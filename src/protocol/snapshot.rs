//! A snapshot of the floor in pieces: numbered by the relay, joined by the console. Pure.

use serde::{Deserialize, Serialize};

use super::limits::{LimitExceeded, MAX_SNAPSHOT_BYTES, MAX_SNAPSHOT_PIECES};

/// One piece of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotPiece {
    /// Which piece, from 1.
    pub part: u32,
    /// How many pieces the snapshot has.
    pub parts: u32,
    /// A piece of the floor's JSON, at most 12 KiB.
    pub piece: String,
    /// Whether it answers `floorAt`: then it is a floor of the past, and not the board.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
}

impl SnapshotPiece {
    /// Cuts the pieces of a snapshot into smaller ones and numbers them. Each connection keeps a buffer for its largest
    /// frame, so small pieces save memory with a thousand consoles.
    pub fn number(pieces: &[String], history: bool) -> impl Iterator<Item = Self> {
        let pieces: Vec<String> = pieces.iter().flat_map(|it| Self::cut(it)).map(ToOwned::to_owned).collect();
        let parts = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        (1..).zip(pieces).map(move |(part, piece)| Self { part, parts, piece, history })
    }

    /// Cuts a text into pieces for the wire; an empty text is one piece.
    pub fn cut(text: &str) -> impl Iterator<Item = &str> {
        let mut rest = Some(text);
        std::iter::from_fn(move || {
            let text = rest.take()?;
            if text.len() <= MOST {
                return Some(text);
            }
            let (piece, after) = text.split_at(text.floor_char_boundary(MOST));
            rest = Some(after);
            Some(piece)
        })
    }
}

/// The maximum number of bytes of a piece on the wire.
const MOST: usize = 12 * 1_024;

/// The pieces that have arrived so far.
#[derive(Debug)]
pub struct SnapshotPieces {
    text: String,
    parts: u32,
    next: u32,
    /// The maximum number of bytes of the whole text.
    max_bytes: usize,
}

impl Default for SnapshotPieces {
    fn default() -> Self {
        Self::of_at_most(MAX_SNAPSHOT_BYTES)
    }
}

/// A piece that does not belong to the snapshot, or one too many.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// A piece is missing, repeated or of another snapshot.
    #[error("piece {part} of {parts} of the snapshot came where piece {expected} belongs")]
    OutOfOrder {
        /// Which piece came.
        part: u32,
        /// The number of pieces that it gives.
        parts: u32,
        /// The piece that was expected.
        expected: u32,
    },
    /// The snapshot is larger than a console accepts.
    #[error(transparent)]
    TooLarge(#[from] LimitExceeded),
}

impl SnapshotPieces {
    fn of_at_most(max_bytes: usize) -> Self {
        Self { text: String::new(), parts: 0, next: 0, max_bytes }
    }

    /// Adds the next piece; returns the whole text after the last one.
    ///
    /// Fails if a piece is missing, repeated or of another snapshot, and if the snapshot is larger than a console
    /// accepts. A snapshot with too many pieces fails at its first one.
    pub(crate) fn take(&mut self, piece: &SnapshotPiece) -> Result<Option<String>, PieceError> {
        let expected = self.next + 1;
        let of_this = self.next == 0 || piece.parts == self.parts;
        if piece.part != expected || !of_this || piece.part > piece.parts {
            return Err(PieceError::OutOfOrder { part: piece.part, parts: piece.parts, expected });
        }
        if piece.parts > MAX_SNAPSHOT_PIECES {
            let what = format!("a snapshot of {} pieces", piece.parts);
            return Err(LimitExceeded::new(what, format!("{MAX_SNAPSHOT_PIECES}")).into());
        }
        if self.text.len() + piece.piece.len() > self.max_bytes {
            let limit = format!("{} bytes", self.max_bytes);
            return Err(LimitExceeded::new(format!("a snapshot of more than {limit}"), limit).into());
        }
        self.parts = piece.parts;
        self.next = expected;
        self.text.push_str(&piece.piece);
        if piece.part < piece.parts {
            return Ok(None);
        }
        let text = std::mem::take(&mut self.text);
        *self = Self::of_at_most(self.max_bytes);
        Ok(Some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> Vec<SnapshotPiece> {
        SnapshotPiece::number(&["0123", "45é", "", "9"].map(String::from), false).collect()
    }

    #[test]
    fn pieces_join_to_the_whole_text() {
        let mut joined = SnapshotPieces::default();
        let pieces = numbered();
        let (last, before) = pieces.split_last().unwrap();
        assert!(before.iter().all(|it| joined.take(it).unwrap().is_none()));
        assert_eq!(joined.take(last).unwrap().as_deref(), Some("012345é9"));
    }

    #[test]
    fn large_pieces_are_cut_between_characters() {
        let text = "é".repeat(20_000);
        let pieces: Vec<SnapshotPiece> = SnapshotPiece::number(&["a".to_owned(), text.clone()], true).collect();
        assert!(pieces.len() > 3 && pieces.iter().all(|it| it.piece.len() <= MOST && it.history));
        assert_eq!(pieces.iter().map(|it| it.piece.as_str()).collect::<String>(), format!("a{text}"));
    }

    #[test]
    fn a_missing_piece_is_an_error() {
        let pieces = numbered();
        let mut joined = SnapshotPieces::default();
        joined.take(&pieces[0]).unwrap();
        assert_eq!(joined.take(&pieces[2]).unwrap_err(), PieceError::OutOfOrder { part: 3, parts: 4, expected: 2 });
    }

    #[test]
    fn a_piece_of_another_snapshot_is_an_error() {
        let mut joined = SnapshotPieces::default();
        joined.take(&numbered()[0]).unwrap();
        let other = SnapshotPiece { parts: 5, ..numbered()[1].clone() };
        assert_eq!(joined.take(&other).unwrap_err(), PieceError::OutOfOrder { part: 2, parts: 5, expected: 2 });
    }

    #[test]
    fn a_snapshot_without_end_is_refused() {
        let piece = |part, parts| SnapshotPiece { part, parts, piece: "0123".into(), history: false };
        let mut joined = SnapshotPieces::default();
        let error = joined.take(&piece(1, u32::MAX)).unwrap_err().to_string();
        assert_eq!(error, "the relay sends a snapshot of 4294967295 pieces, and a console accepts at most 131072");
        let mut joined = SnapshotPieces::of_at_most(8);
        assert_eq!((joined.take(&piece(1, 3)), joined.take(&piece(2, 3))), (Ok(None), Ok(None)));
        let error = joined.take(&piece(3, 3)).unwrap_err().to_string();
        assert_eq!(error, "the relay sends a snapshot of more than 8 bytes, and a console accepts at most 8 bytes");
        let mut joined = SnapshotPieces::of_at_most(8);
        joined.take(&piece(1, 2)).unwrap();
        assert_eq!(joined.take(&piece(2, 2)).unwrap().as_deref(), Some("01230123"), "the limit itself is accepted");
    }
}
