//! The journal: every entry, in order, once. Knows the floor's entries and how they are kept; nothing of networks.
//!
//! Invariant: what `append` has answered is durable, whole batches only, and is read back in the same order.

mod body;
mod chain;
mod check;
mod compact;
mod emptied;
mod layout;
mod owner;
mod peek;
mod recent;
mod retention;
mod rows;
mod salvage;
mod snapshots;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use body::EncodedBody;
pub use check::{CheckReport, DamagedRow, check};
pub use compact::{FreedSpace, compact};
pub use owner::open_owned;
pub use peek::JournalPeek;
pub use retention::SnapshotPace;
pub use salvage::{SalvageResult, salvage};
pub use store::JournalStore;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::floor::{Cursor, Entry, Fact, FloorSnapshot, Sum};
use crate::time::{Millis, Timestamp};

/// Where entries are kept and read from.
pub trait Journal: Send + Sync {
    /// Appends a batch: one webhook, or what belongs together. All of it or none of it is kept; the answer comes
    /// when it is durable and holds one mark an entry.
    fn append(&self, batch: Vec<(Timestamp, Fact)>) -> BoxFuture<'_, Result<Vec<ChainMark>, JournalError>>;

    /// The rows after a cursor, oldest first: at most `most` of them, and no more than about a mebibyte of text; at
    /// least one where there is one, and none only at the end. `TooOld` when rows after the cursor are no longer kept.
    fn read(&self, after: Cursor, most: usize) -> BoxFuture<'_, Result<Vec<JournalRow>, JournalError>>;

    /// The last entry's mark; zero when there is none.
    fn head(&self) -> ChainMark;

    /// The first cursor that is still kept; zero when there is none.
    fn oldest(&self) -> Cursor;

    /// The checksum of the entry at a cursor, also of the last one that is no longer kept; none when it is not known.
    fn sum_at(&self, at: Cursor) -> BoxFuture<'_, Result<Option<Sum>, JournalError>>;

    /// Keeps a snapshot beside the rows, piece by piece, so that appending is not held up; answers when it is durable.
    fn save_snapshot(&self, snapshot: FloorSnapshot) -> BoxFuture<'_, Result<(), JournalError>>;

    /// The newest snapshot that can be used, at or before a cursor: damaged ones and those of another version are
    /// skipped. It fits the rows that are kept.
    fn load_snapshot(&self, at: Cursor) -> BoxFuture<'_, Result<Option<FloorSnapshot>, JournalError>>;

    /// One short step towards keeping no more than is wanted; true while there is more to do. `now` is floor time.
    fn trim(&self, retention: RetentionPolicy, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>>;

    /// The identity of this history: the same epoch means the same entries.
    fn epoch(&self) -> Arc<str>;

    /// Takes a new epoch, after a reader has shown that it knows another history.
    fn renew_epoch(&self) -> BoxFuture<'_, Result<(), JournalError>>;

    /// A wake-up for readers: the head, as it moves. It holds no entries.
    fn follow(&self) -> watch::Receiver<ChainMark>;
}

/// A place in the journal with its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChainMark {
    /// The place.
    pub cursor: Cursor,
    /// The checksum over everything up to it.
    pub sum: Sum,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Its place.
    pub cursor: Cursor,
    /// The place before it.
    pub after: Cursor,
    /// Its checksum.
    pub sum: Sum,
    /// What it says.
    pub body: EncodedBody,
}

impl JournalRow {
    /// Reads the entry.
    ///
    /// # Errors
    /// [`JournalError::Unreadable`] when the text is no entry that this version knows.
    pub fn entry(&self) -> Result<Entry, JournalError> {
        let (at, fact) = self
            .body
            .read()
            .map_err(|error| JournalError::Unreadable { cursor: self.cursor, error: error.to_string() })?;
        Ok(Entry { cursor: self.cursor, after: self.after, sum: self.sum, at, fact })
    }
}

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Entries are kept for so long, in floor time; zero is for ever.
    pub age: Millis,
    /// The journal may have about so many bytes; zero is any number.
    pub bytes: u64,
}

impl Default for RetentionPolicy {
    /// Ninety days, and at most 8 GiB.
    fn default() -> Self {
        Self { age: Millis::minutes(90 * 24 * 60), bytes: 8 * 1_024 * 1_024 * 1_024 }
    }
}

impl RetentionPolicy {
    /// Everything, for ever.
    pub const ALL: Self = Self { age: Millis(0), bytes: 0 };
}

/// Why the journal could not do something.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The folder or file can't be used.
    #[error("the journal in {} cannot be opened: {error}; check the folder's owner and its disk", path.display())]
    Open {
        /// The folder.
        path: PathBuf,
        /// What the system or the store said.
        error: String,
    },
    /// Its file is damaged so that nothing of it can be read.
    #[error(
        "the journal in {folder} is damaged so that it cannot be opened: {detail}; restore it from a backup, or set it \
         aside and go on with what can still be read of it: callboard journal salvage {folder}",
        folder = path.display()
    )]
    Lost {
        /// The folder.
        path: PathBuf,
        /// What the store said.
        detail: String,
    },
    /// A folder without a journal.
    #[error("there is no journal in {}; name the folder that the relay has as its --journal", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// Another relay writes it.
    #[error("another relay writes the journal in {}; stop that one first, or name another folder", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// A row is not what was written.
    #[error(
        "entry {cursor} of the journal in {folder} is damaged: {detail}; restore the journal from a backup, or set the \
         damage aside and go on with the rest: callboard journal salvage {folder}",
        folder = path.display()
    )]
    Damaged {
        /// The first row that is not good.
        cursor: Cursor,
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// What was asked for has been removed.
    #[error("entries after {cursor} are no longer kept: the journal begins with entry {oldest}")]
    TooOld {
        /// The cursor that was asked for.
        cursor: Cursor,
        /// The first one that is kept.
        oldest: Cursor,
    },
    /// A row was kept by a newer version.
    #[error("entry {cursor} of the journal cannot be read: {error}; it may come from a newer version")]
    Unreadable {
        /// The row.
        cursor: Cursor,
        /// What the reader said.
        error: String,
    },
    /// The queue to the writer is full.
    #[error("the journal cannot keep up with what arrives; try again in a second")]
    Busy,
    /// The store refused: disk full, or an I/O error. It works again once the cause is gone.
    #[error("the journal cannot be written or read: {error}; check the space and the health of its disk")]
    Store {
        /// What the store said.
        error: String,
    },
    /// The writer has ended.
    #[error("the journal is closed")]
    Closed,
}
