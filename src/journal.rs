//! The journal: every entry once, in order. This module knows the floor's entries and the journal's files,
//! but not the network.
//!
//! Invariant: when `append` returns, the whole batch is durable, and reads return it in the same order.

mod body;
mod chain;
mod check;
mod compact;
mod files;
mod reader;
mod retention;
mod rows;
mod salvage;
mod snapshots;
mod store;
#[cfg(test)]
mod tests;

pub use body::EncodedBody;
pub use check::{CheckReport, DamagedRow, check};
pub use compact::FreedSpace;
pub(crate) use compact::compact;
pub(crate) use files::owner::open_owned;
pub use reader::JournalReader;
pub use retention::SnapshotPace;
pub use salvage::SalvageResult;
pub(crate) use salvage::salvage;
pub use store::JournalStore;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::floor::{Cursor, Entry, Fact, Floor, FloorSnapshot, Sum};
use crate::time::{Millis, Timestamp};

/// A store of entries: append, read from a cursor, follow.
pub trait Journal: Send + Sync {
    /// Appends a batch, such as one webhook, in one transaction. Returns when the batch is durable, with
    /// one mark for each entry.
    fn append(&self, batch: Vec<(Timestamp, Fact)>) -> BoxFuture<'_, Result<Vec<ChainMark>, JournalError>>;

    /// Reads the rows after a cursor, oldest first: at most `limit` rows, and about a mebibyte of text. The list is
    /// empty only at the end of the journal. Fails with `TooOld` if rows after the cursor were removed.
    fn read(&self, after: Cursor, limit: usize) -> BoxFuture<'_, Result<Vec<JournalRow>, JournalError>>;

    /// Returns the last entry's mark, or zero if the journal is empty.
    fn head(&self) -> ChainMark;

    /// Returns the oldest cursor that is still kept, or zero if the journal is empty.
    fn oldest(&self) -> Cursor;

    /// Reads the checksum of the entry at a cursor, or of the last entry that was removed. Returns `None` if the
    /// checksum is not stored.
    fn sum_at(&self, at: Cursor) -> BoxFuture<'_, Result<Option<Sum>, JournalError>>;

    /// Saves a snapshot of a floor beside the rows, piece by piece, so that appends are not delayed. Returns the bytes
    /// of its text when the snapshot is durable.
    fn save_snapshot(&self, floor: Floor) -> BoxFuture<'_, Result<u64, JournalError>>;

    /// Loads the newest usable snapshot at or before a cursor. Damaged snapshots, and those of a version that is not
    /// read, are skipped. The rows after it are kept.
    fn load_snapshot(&self, at: Cursor) -> BoxFuture<'_, Result<Option<FloorSnapshot>, JournalError>>;

    /// Performs one short step of removal by the policy. Returns whether there is more to do.
    fn trim(&self, retention: RetentionPolicy, now: RetentionTime) -> BoxFuture<'_, Result<bool, JournalError>>;

    /// Returns the identity of this history: the same epoch means the same entries.
    fn epoch(&self) -> Arc<str>;

    /// Checks that what was acknowledged can still be found where a reader looks for it. If it cannot, tries to put it
    /// there again. Fails as long as appends are refused for this reason.
    fn check_storage(&self) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Sets a new epoch, after a reader has shown a different history.
    fn renew_epoch(&self) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Returns a channel with the current head; it does not carry entries.
    fn follow(&self) -> watch::Receiver<ChainMark>;
}

/// A cursor with its chain checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChainMark {
    /// The offset of the entry.
    pub cursor: Cursor,
    /// The chain checksum over all entries up to it.
    pub sum: Sum,
}

/// An entry as the journal stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The entry's offset.
    pub cursor: Cursor,
    /// The cursor of the entry before it.
    pub after: Cursor,
    /// The entry's chain checksum.
    pub sum: Sum,
    /// The entry's JSON text.
    pub body: EncodedBody,
}

impl JournalRow {
    /// Parses the entry.
    ///
    /// # Errors
    /// [`JournalError::Unreadable`] when this version cannot parse the text.
    pub fn entry(&self) -> Result<Entry, JournalError> {
        let (at, fact) = self
            .body
            .read()
            .map_err(|error| JournalError::Unreadable { cursor: self.cursor, error: error.to_string() })?;
        Ok(Entry { cursor: self.cursor, after: self.after, sum: self.sum, at, fact })
    }
}

/// The policy that limits how much of the journal is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// How long entries are kept, in floor time; zero keeps them for ever.
    pub age: Millis,
    /// The maximum bytes of the journal, roughly; zero means no limit.
    pub bytes: u64,
}

impl Default for RetentionPolicy {
    /// Ninety days, and at most 8 GiB.
    fn default() -> Self {
        Self { age: Millis::minutes(90 * 24 * 60), bytes: 8 * 1_024 * 1_024 * 1_024 }
    }
}

impl RetentionPolicy {
    /// Keeps every entry for ever.
    pub const ALL: Self = Self { age: Millis(0), bytes: 0 };
}

/// The time that determines the age of entries: floor time without the moves of wall time alone, because no
/// time passed in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionTime {
    /// The present floor time.
    pub now: Timestamp,
    /// The moves of wall time alone, each with the entry that records it; see [`crate::floor::Floor::wall_moves`].
    pub wall_moves: Vec<(Cursor, Millis)>,
}

impl RetentionTime {
    /// Returns how much time has passed since a snapshot at `cursor`, which was taken at `at`; zero or more.
    #[must_use]
    pub fn age(&self, cursor: Cursor, at: Timestamp) -> Millis {
        let moved = self.wall_moves.iter().filter(|(entry, _)| *entry > cursor);
        let moved = moved.fold(0_i64, |sum, (_, by)| sum.saturating_add(by.0));
        Millis(self.now.0.saturating_sub(at.0).saturating_sub(moved).max(0))
    }
}

impl From<Timestamp> for RetentionTime {
    /// Returns the time of a clock that has never moved.
    fn from(now: Timestamp) -> Self {
        Self { now, wall_moves: Vec::new() }
    }
}

/// The reason why an operation of the journal failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The folder or the file cannot be opened.
    #[error("the journal in {} cannot be opened: {error}; check the folder's owner and its disk", path.display())]
    Open {
        /// The journal's folder.
        path: PathBuf,
        /// The error of the system or of SQLite.
        error: String,
    },
    /// The file is damaged, and none of it can be read.
    #[error(
        "the journal in {folder} is damaged so that it cannot be opened: {detail}; restore it from a backup, or set it \
         aside and go on with what can still be read of it: callboard journal salvage {folder}",
        folder = path.display()
    )]
    Lost {
        /// The journal's folder.
        path: PathBuf,
        /// The error of SQLite.
        detail: String,
    },
    /// The folder holds no journal.
    #[error("there is no journal in {}; name the folder that the relay has as its --journal", path.display())]
    Missing {
        /// The journal's folder.
        path: PathBuf,
    },
    /// The folder holds no journal although it had one with acknowledged entries.
    #[error(
        "the journal of {} is gone, with the acknowledged entries up to {entries}; restore it from a backup, or start the relay \
         with a new journal, which records the loss",
        path.display()
    )]
    Gone {
        /// The journal's folder.
        path: PathBuf,
        /// The last entry that was acknowledged, by the head that is kept beside the journal.
        entries: Cursor,
    },
    /// Another process holds the lock of the journal.
    #[error("another relay writes to the journal in {}; stop that relay first, or name another folder", path.display())]
    Locked {
        /// The journal's folder.
        path: PathBuf,
    },
    /// A row differs from what was written.
    #[error(
        "entry {cursor} of the journal in {folder} is damaged: {detail}; restore the journal from a backup, or set the \
         damage aside and go on with the rest: callboard journal salvage {folder}",
        folder = path.display()
    )]
    Damaged {
        /// The first damaged row.
        cursor: Cursor,
        /// The journal's folder.
        path: PathBuf,
        /// The fault of the row.
        detail: String,
    },
    /// The rows after the cursor were removed.
    #[error("entries after {cursor} are no longer kept: the journal begins with entry {oldest}")]
    TooOld {
        /// The cursor of the request.
        cursor: Cursor,
        /// The first cursor that is kept.
        oldest: Cursor,
    },
    /// A newer version wrote the row.
    #[error("entry {cursor} of the journal cannot be read: {error}; it may come from a newer version")]
    Unreadable {
        /// The cursor of the row.
        cursor: Cursor,
        /// The error of the JSON reader.
        error: String,
    },
    /// A file of the journal was removed or replaced under the running relay.
    #[error(
        "{} was removed or replaced while the relay ran; nothing is acknowledged until all entries are in new files, which \
         the relay writes by itself: see to it that the folder can be written",
        path.display()
    )]
    Removed {
        /// The first path that no longer leads to its file.
        path: PathBuf,
    },
    /// A file of the journal was removed, and the entries cannot be written to new files.
    #[error("the journal's files in {} were removed while the relay ran, and new ones cannot be written: {error}", path.display())]
    NotRescued {
        /// The journal's folder.
        path: PathBuf,
        /// Why not.
        error: Box<JournalError>,
    },
    /// Another file has the journal's name, so that the entries cannot be written there.
    #[error(
        "{} is another file than the relay opened, and nothing is acknowledged; move it away while the relay runs: the \
         relay then writes all entries to a new file",
        path.display()
    )]
    Replaced {
        /// The path of the journal's file.
        path: PathBuf,
    },
    /// The queue to the writer is full.
    #[error("the journal cannot keep up with what arrives; try again in a second")]
    Busy,
    /// SQLite failed: the disk is full, or an I/O error. It works again once the cause is gone.
    #[error("the journal cannot be written or read: {error}; check the space and the health of its disk")]
    Store {
        /// The error of SQLite.
        error: String,
    },
    /// The writer thread has ended.
    #[error("the journal is closed")]
    Closed,
}
