//! A snapshot of the floor in pieces: numbered by the relay, joined by the console. Pure.

use serde::{Deserialize, Serialize};

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
    /// Cuts the pieces of a snapshot into smaller ones and numbers them, one at a time as they are sent. Each
    /// connection keeps a buffer for its largest frame, so small pieces save memory with a thousand consoles.
    pub fn number(pieces: Vec<String>, history: bool) -> impl Iterator<Item = Self> {
        let pieces = cut(pieces);
        let parts = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        (1..).zip(pieces).map(move |(part, piece)| Self { part, parts, piece, history })
    }
}

/// The maximum number of bytes of a piece on the wire.
const MOST: usize = 12 * 1_024;

fn cut(pieces: Vec<String>) -> Vec<String> {
    let mut small = Vec::new();
    for piece in pieces {
        let mut rest = piece.as_str();
        while rest.len() > MOST {
            let (begin, end) = rest.split_at(rest.floor_char_boundary(MOST));
            small.push(begin.to_owned());
            rest = end;
        }
        small.push(rest.to_owned());
    }
    small
}

/// The pieces that have arrived so far.
#[derive(Debug, Default)]
pub struct SnapshotPieces {
    text: String,
    parts: u32,
    next: u32,
}

/// A piece out of order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("piece {part} of {parts} of the snapshot came where piece {expected} belongs")]
pub struct PieceError {
    part: u32,
    parts: u32,
    expected: u32,
}

impl SnapshotPieces {
    /// Adds the next piece; returns the whole text after the last one.
    ///
    /// Fails if a piece is missing, repeated or of another snapshot.
    pub(crate) fn take(&mut self, piece: &SnapshotPiece) -> Result<Option<String>, PieceError> {
        let expected = self.next + 1;
        let of_this = self.next == 0 || piece.parts == self.parts;
        if piece.part != expected || !of_this || piece.part > piece.parts {
            return Err(PieceError { part: piece.part, parts: piece.parts, expected });
        }
        self.parts = piece.parts;
        self.next = expected;
        self.text.push_str(&piece.piece);
        Ok((piece.part == piece.parts).then(|| std::mem::take(self).text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> Vec<SnapshotPiece> {
        SnapshotPiece::number(["0123", "45é", "", "9"].map(String::from).into(), false).collect()
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
        let pieces: Vec<SnapshotPiece> = SnapshotPiece::number(vec!["a".into(), text.clone()], true).collect();
        assert!(pieces.len() > 3 && pieces.iter().all(|it| it.piece.len() <= MOST && it.history));
        assert_eq!(pieces.iter().map(|it| it.piece.as_str()).collect::<String>(), format!("a{text}"));
    }

    #[test]
    fn a_missing_piece_is_an_error() {
        let pieces = numbered();
        let mut joined = SnapshotPieces::default();
        joined.take(&pieces[0]).unwrap();
        assert_eq!(joined.take(&pieces[2]).unwrap_err(), PieceError { part: 3, parts: 4, expected: 2 });
    }

    #[test]
    fn a_piece_of_another_snapshot_is_an_error() {
        let mut joined = SnapshotPieces::default();
        joined.take(&numbered()[0]).unwrap();
        let other = SnapshotPiece { parts: 5, ..numbered()[1].clone() };
        assert_eq!(joined.take(&other).unwrap_err(), PieceError { part: 2, parts: 5, expected: 2 });
    }
}
