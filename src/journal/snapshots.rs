//! Stored snapshots: the pieces first, then a seal with a digest over all of them. A snapshot without a seal is
//! ignored; one that does not match its seal is damaged and skipped.
//!
//! Each piece is packed by itself, so that an append waits for one of them at most. Earlier versions stored the pieces as
//! text, in another table; these are read too. The digest is over the text in both cases.

use std::io;

use aws_lc_rs::digest::{Context, SHA256};
use rusqlite::{Connection, OptionalExtension};

use super::{ChainMark, rows};
use crate::floor::{Cursor, Floor, FloorSnapshot, LARGEST_PIECE, SNAPSHOT_VERSION, SNAPSHOTS_READ};
use crate::time::Timestamp;

/// How hard pieces are packed. A higher level takes several times as long for a few percent.
const PACK_LEVEL: i32 = 3;

/// The seal of a snapshot.
#[derive(Debug, Clone)]
pub(super) struct SnapshotSeal {
    pub(super) mark: ChainMark,
    pub(super) at: Timestamp,
    pub(super) version: u32,
    pub(super) pieces: usize,
    pub(super) digest: Vec<u8>,
}

impl SnapshotSeal {
    pub(super) fn of(snapshot: &FloorSnapshot) -> Self {
        let FloorSnapshot { cursor, sum, at, version, pieces } = snapshot;
        let mut builder = SealBuilder::new(ChainMark { cursor: *cursor, sum: *sum }, *at, *version);
        for piece in pieces {
            builder.add(piece);
        }
        builder.finish()
    }
}

/// Makes the seal of a snapshot while its pieces are written.
pub(super) struct SealBuilder {
    seal: SnapshotSeal,
    context: Context,
    bytes: u64,
}

impl SealBuilder {
    fn new(mark: ChainMark, at: Timestamp, version: u32) -> Self {
        let mut context = Context::new(&SHA256);
        for number in [mark.cursor.0, mark.sum.0, at.0.cast_unsigned(), u64::from(version)] {
            context.update(&number.to_be_bytes());
        }
        Self { seal: SnapshotSeal { mark, at, version, pieces: 0, digest: Vec::new() }, context, bytes: 0 }
    }

    /// Begins the seal of a floor's snapshot.
    pub(super) fn of_floor(floor: &Floor) -> Self {
        Self::new(ChainMark { cursor: floor.head(), sum: floor.sum() }, floor.at(), SNAPSHOT_VERSION)
    }

    /// Adds the next piece, and returns its number, counted from 0.
    pub(super) fn add(&mut self, piece: &str) -> usize {
        self.context.update(piece.as_bytes());
        self.bytes += piece.len() as u64;
        self.seal.pieces += 1;
        self.seal.pieces - 1
    }

    /// Returns the bytes of the pieces so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn finish(self) -> SnapshotSeal {
        SnapshotSeal { digest: self.context.finish().as_ref().to_vec(), ..self.seal }
    }
}

/// Writes a snapshot of a floor with its seal. Returns the bytes of its text.
pub(super) fn write(connection: &Connection, floor: &Floor) -> rusqlite::Result<u64> {
    let mut builder = SealBuilder::of_floor(floor);
    let written = floor.write_snapshot(|text| {
        let piece = builder.add(&text);
        write_piece(connection, floor.head(), piece, &PackedPiece::of(&text)?).map_err(io::Error::other)
    });
    written.map_err(packing_failure)?;
    let bytes = builder.bytes();
    seal(connection, &builder.finish())?;
    Ok(bytes)
}

/// Writes a snapshot of another journal with its seal.
pub(super) fn write_copy(connection: &Connection, snapshot: &FloorSnapshot) -> rusqlite::Result<()> {
    for (piece, text) in snapshot.pieces.iter().enumerate() {
        write_piece(connection, snapshot.cursor, piece, &PackedPiece::of(text).map_err(packing_failure)?)?;
    }
    seal(connection, &SnapshotSeal::of(snapshot))
}

fn packing_failure(error: io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// A piece of a snapshot as it is stored.
#[derive(Debug)]
pub(super) struct PackedPiece(Vec<u8>);

impl PackedPiece {
    /// Packs a text, which takes a few milliseconds for the largest piece.
    ///
    /// Fails if there is no memory for it.
    pub(super) fn of(text: &str) -> io::Result<Self> {
        zstd::bulk::compress(text.as_bytes(), PACK_LEVEL).map(Self)
    }
}

/// Writes one piece, counted from 0; replaces an earlier piece with the same number.
pub(super) fn write_piece(
    connection: &Connection,
    cursor: Cursor,
    piece: usize,
    packed: &PackedPiece,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO packed_parts (cursor, part, bytes) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((
        cursor.0.cast_signed(),
        i64::try_from(piece).unwrap_or(i64::MAX),
        &packed.0,
    ))?;
    Ok(())
}

/// Reads the pieces of a snapshot, or why they cannot be unpacked.
fn read_pieces(connection: &Connection, cursor: Cursor) -> rusqlite::Result<Result<Vec<String>, String>> {
    if has_packed_parts(connection)? {
        let mut query = connection.prepare_cached("SELECT bytes FROM packed_parts WHERE cursor = ?1 ORDER BY part")?;
        let packed = query.query_map([cursor.0.cast_signed()], |row| row.get(0))?;
        let packed = packed.collect::<rusqlite::Result<Vec<Vec<u8>>>>()?;
        if !packed.is_empty() {
            return Ok(packed.iter().map(|it| unpack(it)).collect());
        }
    }
    let mut query = connection.prepare_cached("SELECT text FROM snapshot_parts WHERE cursor = ?1 ORDER BY part")?;
    let pieces = query.query_map([cursor.0.cast_signed()], |row| row.get(0))?;
    Ok(Ok(pieces.collect::<rusqlite::Result<Vec<String>>>()?))
}

/// Returns whether the file has the table of packed pieces. A file of an earlier version that is only read has none.
fn has_packed_parts(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'packed_parts'";
    connection.prepare_cached(sql)?.exists([])
}

fn unpack(packed: &[u8]) -> Result<String, String> {
    let text =
        zstd::bulk::decompress(packed, LARGEST_PIECE).map_err(|error| format!("it cannot be unpacked: {error}"))?;
    String::from_utf8(text).map_err(|error| format!("it cannot be unpacked: {error}"))
}

/// Writes the seal, which makes the snapshot valid.
pub(super) fn seal(connection: &Connection, seal: &SnapshotSeal) -> rusqlite::Result<()> {
    let sql =
        "INSERT OR REPLACE INTO snapshots (cursor, sum, at, version, parts, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute((
        seal.mark.cursor.0.cast_signed(),
        seal.mark.sum.0.cast_signed(),
        seal.at.0,
        seal.version,
        i64::try_from(seal.pieces).unwrap_or(i64::MAX),
        &seal.digest,
    ))?;
    Ok(())
}

/// Lists the cursors and times of the snapshots from `from` on, oldest first.
pub(super) fn list(connection: &Connection, from: Cursor) -> rusqlite::Result<Vec<(Cursor, Timestamp)>> {
    let mut query = connection.prepare_cached("SELECT cursor, at FROM snapshots WHERE cursor >= ?1 ORDER BY cursor")?;
    let places = query.query_map([from.0.cast_signed()], |row| {
        Ok((Cursor(row.get::<_, i64>(0)?.cast_unsigned()), Timestamp(row.get(1)?)))
    })?;
    places.collect()
}

/// Loads the snapshot at exactly this cursor. The inner error gives the reason why it cannot be used.
pub(super) fn load(connection: &Connection, cursor: Cursor) -> rusqlite::Result<Result<FloorSnapshot, String>> {
    let transaction = connection.unchecked_transaction()?;
    let mut query =
        transaction.prepare_cached("SELECT sum, at, version, parts, digest FROM snapshots WHERE cursor = ?1")?;
    let stored_seal = query.query_row([cursor.0.cast_signed()], |row| {
        let mark = rows::mark(cursor.0.cast_signed(), row.get(0)?);
        let parts = usize::try_from(row.get::<_, i64>(3)?).unwrap_or_default();
        Ok(SnapshotSeal { mark, at: Timestamp(row.get(1)?), version: row.get(2)?, pieces: parts, digest: row.get(4)? })
    });
    let Some(seal) = stored_seal.optional()? else { return Ok(Err("it has no seal".to_owned())) };
    let pieces = match read_pieces(&transaction, cursor)? {
        Ok(pieces) => pieces,
        Err(why) => return Ok(Err(why)),
    };
    let ChainMark { cursor, sum } = seal.mark;
    let snapshot = FloorSnapshot { cursor, sum, at: seal.at, version: seal.version, pieces };
    let row = rows::sum_at(&transaction, rows::anchor(&transaction)?, cursor)?;
    let found = SnapshotSeal::of(&snapshot);
    Ok(if found.digest != seal.digest || found.pieces != seal.pieces {
        Err("its checksum does not fit its text".to_owned())
    } else if row != Some(sum) {
        Err("it belongs to another history than the entries".to_owned())
    } else if !SNAPSHOTS_READ.contains(&snapshot.version) {
        Err(format!("it has version {} and {SNAPSHOT_VERSION} is read here", snapshot.version))
    } else {
        Ok(snapshot)
    })
}

/// Loads the newest usable snapshot at or before a cursor.
pub(super) fn load_newest(connection: &Connection, until: Cursor) -> rusqlite::Result<Option<FloorSnapshot>> {
    let anchor = rows::anchor(connection)?;
    for (cursor, _) in list(connection, anchor.cursor)?.into_iter().rev().filter(|(cursor, _)| *cursor <= until) {
        match load(connection, cursor) {
            Ok(Ok(snapshot)) => return Ok(Some(snapshot)),
            Ok(Err(why)) => tracing::warn!(%cursor, %why, "a snapshot is skipped"),
            Err(error) if rows::is_damage(&error) => tracing::warn!(%cursor, %error, "a damaged snapshot is skipped"),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
