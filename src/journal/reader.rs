//! Reads a folder's journal without writing to it, even while a relay writes to it. Rows are read in order, and each is
//! verified against the row before it.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::files::layout;
use super::{JournalError, JournalRow, rows};
use crate::floor::Cursor;

/// A folder's journal, opened read-only.
#[derive(Debug)]
pub struct JournalReader {
    connection: Connection,
    folder: PathBuf,
    oldest: Cursor,
    head: Cursor,
}

impl JournalReader {
    /// Returns whether a folder has a journal.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        layout::file(folder).is_file()
    }

    /// Opens a folder's journal.
    ///
    /// # Errors
    /// `Missing` if there is no journal, `Lost` if nothing can be read, `Open` if the file has an early layout that has
    /// no table `anchor`.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        layout::require_content(folder)?;
        let fault = |error| rows::open_error(folder, &error);
        let connection = layout::open_for_reading(&layout::file(folder)).map_err(fault)?;
        let head = rows::identity(&connection).map_err(fault)?.1.cursor;
        let oldest = Cursor(rows::anchor(&connection).map_err(fault)?.cursor.0.saturating_add(1));
        Ok(Self { connection, folder: folder.to_owned(), oldest, head })
    }

    /// Returns the oldest cursor that the journal kept when it was opened.
    #[must_use]
    pub const fn oldest(&self) -> Cursor {
        self.oldest
    }

    /// Returns the newest cursor when the journal was opened, or zero if the journal was empty.
    #[must_use]
    pub const fn head(&self) -> Cursor {
        self.head
    }

    /// Reads the rows after a cursor, oldest first: at most `limit` rows, and about a mebibyte of text. The list is
    /// empty only at the end of the journal.
    ///
    /// # Errors
    /// `Damaged` if the next row is damaged; good rows before a damaged row are returned first. `TooOld` if rows after
    /// the cursor were removed. `Store` if the file cannot be read.
    pub fn rows(&self, after: Cursor, limit: usize) -> Result<Vec<JournalRow>, JournalError> {
        rows::rows(&self.connection, &self.folder, after, limit)
    }
}
