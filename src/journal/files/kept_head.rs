//! The head of a journal, kept in a small file beside it once a second. If the journal's file or its write-ahead log is
//! taken away, the kept head still shows which entries were acknowledged.

use std::fmt;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::owner::open_owned;
use crate::floor::{Cursor, Fact, Noted, Sum};
use crate::journal::{ChainMark, chain, rows};
use crate::time::clock;

/// The text of the file: one line of JSON.
#[derive(Debug, Serialize, Deserialize)]
struct KeptHead {
    cursor: Cursor,
    sum: Sum,
}

/// The length of the text in bytes, padded with spaces: a shorter text never leaves the end of a longer one behind.
const TEXT_BYTES: usize = 80;

/// Acknowledged entries that a journal no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journal) enum LostEntries {
    /// The entries from `first` to `last` are missing.
    Missing { first: Cursor, last: Cursor },
    /// The entry at the cursor is another one: the file is of another history.
    Replaced(Cursor),
}

/// Returns the path of a folder's kept head.
fn file(folder: &Path) -> PathBuf {
    folder.join("journal.head")
}

/// Reads the kept head of a folder. Returns `None` if there is none, or if it cannot be read.
pub(in crate::journal) fn read(folder: &Path) -> Option<ChainMark> {
    let file = file(folder);
    let text = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        text => text.map_err(|error| error.to_string()),
    };
    match text.and_then(|it| serde_json::from_str(&it).map_err(|error| error.to_string())) {
        Ok(KeptHead { cursor, sum }) => Some(ChainMark { cursor, sum }),
        Err(error) => {
            tracing::warn!(error, file = %file.display(), "the kept head of the journal cannot be read");
            None
        }
    }
}

/// Writes the kept head, and returns when it is on the disk. The head must be durable in the journal already.
pub(in crate::journal) fn write(folder: &Path, head: ChainMark) -> io::Result<()> {
    let ChainMark { cursor, sum } = head;
    let mut text = serde_json::to_string(&KeptHead { cursor, sum })?;
    text.extend(std::iter::repeat_n(' ', TEXT_BYTES.saturating_sub(text.len() + 1)));
    text.push('\n');
    let file = open_owned(&file(folder), false)?;
    file.write_all_at(text.as_bytes(), 0)?;
    file.sync_data()
}

/// Compares a journal with the kept head. Returns `None` if no acknowledged entry is missing, as far as can be seen.
pub(in crate::journal) fn compare(connection: &Connection, kept: ChainMark) -> rusqlite::Result<Option<LostEntries>> {
    let (_, head) = rows::identity(connection)?;
    if kept.cursor > head.cursor {
        return Ok(Some(LostEntries::Missing { first: Cursor(head.cursor.0 + 1), last: kept.cursor }));
    }
    let anchor = rows::anchor(connection)?;
    if kept.cursor < anchor.cursor || kept.cursor == Cursor(0) {
        return Ok(None);
    }
    match rows::sum_at(connection, anchor, kept.cursor)? {
        Some(sum) if sum == kept.sum => Ok(None),
        Some(_) => Ok(Some(LostEntries::Replaced(kept.cursor))),
        None => {
            let before = rows::last_before(connection, kept.cursor)?.max(anchor.cursor);
            Ok(Some(LostEntries::Missing { first: Cursor(before.0 + 1), last: kept.cursor }))
        }
    }
}

/// If acknowledged entries are missing, appends a gap that names them and sets a new epoch, because other readers know
/// another history. Then keeps the new head. `when` says on what occasion they were missed, as a clause.
pub(in crate::journal) fn note_lost_entries(
    connection: &Connection,
    folder: &Path,
    when: &str,
) -> rusqlite::Result<Option<LostEntries>> {
    let Some(kept) = read(folder) else { return Ok(None) };
    let Some(lost) = compare(connection, kept)? else { return Ok(None) };
    let transaction = connection.unchecked_transaction()?;
    let head = append_gap(&transaction, &format!("{when}, {lost}"))?;
    rows::renew_epoch(&transaction)?;
    transaction.commit()?;
    keep(folder, head);
    Ok(Some(lost))
}

/// Writes the kept head, as [`write()`] does. A failure is only logged: the journal itself is complete.
pub(in crate::journal) fn keep(folder: &Path, head: ChainMark) {
    if let Err(error) = write(folder, head) {
        tracing::warn!(%error, folder = %folder.display(), "could not keep the head of the journal beside it");
    }
}

/// Appends a gap to a journal that no writer has open. Returns the new head.
pub(in crate::journal) fn append_gap(connection: &Connection, reason: &str) -> rusqlite::Result<ChainMark> {
    let body = Fact::Noted(Noted::Gap { reason: reason.into(), from: None }).encode(clock::wall());
    let (_, head) = rows::identity(connection)?;
    let gap = chain::next(head, &body);
    let (cursor, sum) = (gap.cursor.0.cast_signed(), gap.sum.0.cast_signed());
    connection.execute("INSERT INTO entries (cursor, sum, body) VALUES (?1, ?2, ?3)", (cursor, sum, body))?;
    connection.execute("UPDATE journal SET head = ?1, sum = ?2 WHERE one = 1", (cursor, sum))?;
    Ok(gap)
}

impl LostEntries {
    /// Returns the first lost entry, and what a check reports about it.
    pub(in crate::journal) fn as_damage(self) -> (Cursor, String) {
        match self {
            Self::Missing { first, last } if first == last => (first, "it was acknowledged and is missing".to_owned()),
            Self::Missing { first, last } => {
                (first, format!("it and all up to entry {last} were acknowledged and are missing"))
            }
            Self::Replaced(cursor) => (cursor, "another entry was acknowledged in its place".to_owned()),
        }
    }
}

impl fmt::Display for LostEntries {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { first, last } if first == last => {
                write!(out, "entry {first} of the journal was missing although it had been acknowledged")
            }
            Self::Missing { first, last } => {
                write!(out, "entries {first} to {last} of the journal were missing although they had been acknowledged")
            }
            Self::Replaced(cursor) => {
                write!(out, "the journal had another history: its entry {cursor} is not the one that was acknowledged")
            }
        }
    }
}
