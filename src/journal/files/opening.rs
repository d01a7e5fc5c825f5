//! Opens a folder's journal for writing, after whatever was done to its files while no relay ran.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use rusqlite::Connection;

use super::layout::{self, Durability};
use super::owner::open_owned;
use super::{emptied, leftover};
use crate::journal::{JournalError, rows};

/// A folder's journal, opened for writing.
pub(in crate::journal) struct OpenedJournal {
    pub(in crate::journal) connection: Connection,
    /// Locked for as long as the file is open.
    pub(in crate::journal) lock: File,
    /// Whether the file was empty although the folder had a journal before.
    pub(in crate::journal) was_emptied: bool,
}

/// Opens a folder's journal for writing; creates it if it is missing.
pub(in crate::journal) fn open_for_writing(
    folder: &Path,
    durability: Durability,
) -> Result<OpenedJournal, JournalError> {
    let fault = |error: String| JournalError::Open { path: folder.to_owned(), error };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| fault(error.to_string()))?;
    let lock = layout::lock(folder)?;
    leftover::settle(folder).map_err(|error| fault(error.to_string()))?;
    let file = layout::file(folder);
    let had_journal = emptied::had_journal(&file, &lock).map_err(|error| fault(error.to_string()))?;
    // SQLite gives the files beside it the same mode.
    open_owned(&file, false).map_err(|error| fault(error.to_string()))?;
    let connection = Connection::open(&file).map_err(|error| rows::open_error(folder, &error))?;
    let was_emptied =
        layout::prepare(&connection, durability, had_journal).map_err(|error| rows::open_error(folder, &error))?;
    let is_permanent = matches!(durability, Durability::Durable);
    if let Some(Err(error)) = is_permanent.then(|| emptied::mark_journal_made(&lock)) {
        tracing::warn!(%error, folder = %folder.display(), "could not mark the lock file of the journal");
    }
    Ok(OpenedJournal { connection, lock, was_emptied })
}
