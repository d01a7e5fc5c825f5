//! Reads a folder's journal without writing to it, also while a relay writes it: rows in order, each verified against
//! the one before.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{JournalError, JournalRow, layout, rows};
use crate::floor::Cursor;

/// A folder's journal, opened read-only.
#[derive(Debug)]
pub struct JournalPeek {
    connection: Connection,
    folder: PathBuf,
    oldest: Cursor,
    head: Cursor,
}

impl JournalPeek {
    /// Whether a folder has a journal.
    #[must_use]
    pub fn is_there(folder: &Path) -> bool {
        layout::file(folder).is_file()
    }

    /// Opens a folder's journal.
    ///
    /// # Errors
    /// `Missing` when no journal is there, `Lost` when nothing can be read, `Open` when the file has an early layout
    /// without an anchor.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        layout::require_content(folder)?;
        let fault = |error| layout::open_error(folder, &error);
        let connection = layout::open_for_reading(&layout::file(folder)).map_err(fault)?;
        let head = rows::identity(&connection).map_err(fault)?.1.cursor;
        let oldest = Cursor(rows::anchor(&connection).map_err(fault)?.cursor.0.saturating_add(1));
        Ok(Self { connection, folder: folder.to_owned(), oldest, head })
    }

    /// Returns the first cursor that was kept when the journal was opened.
    #[must_use]
    pub const fn oldest(&self) -> Cursor {
        self.oldest
    }

    /// Returns the last cursor when the journal was opened; zero for an empty journal.
    #[must_use]
    pub const fn head(&self) -> Cursor {
        self.head
    }

    /// Reads the rows after a cursor, oldest first: at most `most`, and about a mebibyte of text;
    /// empty only at the end.
    ///
    /// # Errors
    /// `Damaged` with the first damaged row, unless good rows come before it; `TooOld` when rows after the cursor were
    /// removed; `Store` when the file cannot be read.
    pub fn rows(&self, after: Cursor, most: usize) -> Result<Vec<JournalRow>, JournalError> {
        rows::rows(&self.connection, &self.folder, after, most)
    }
}
