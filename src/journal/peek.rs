//! Looking into a folder's journal without writing it, also while a relay does: rows in order, each checked against
//! the one before.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{JournalError, JournalRow, layout, rows};
use crate::floor::Cursor;

/// A folder's journal, opened to be looked into.
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
    /// `Missing` when there is none, `Lost` when nothing can be read, `Open` when it is one of a layout that has no place
    /// for where it begins.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        layout::require_content(folder)?;
        let fault = |error| layout::open_error(folder, &error);
        let connection = layout::open_for_reading(&layout::file(folder)).map_err(fault)?;
        let head = rows::identity(&connection).map_err(fault)?.1.cursor;
        let oldest = Cursor(rows::anchor(&connection).map_err(fault)?.cursor.0.saturating_add(1));
        Ok(Self { connection, folder: folder.to_owned(), oldest, head })
    }

    /// The first entry that was kept when it was opened.
    #[must_use]
    pub const fn oldest(&self) -> Cursor {
        self.oldest
    }

    /// The last entry when it was opened; zero when there was none.
    #[must_use]
    pub const fn head(&self) -> Cursor {
        self.head
    }

    /// The rows after a cursor, oldest first: at most `most`, and about a mebibyte of text; none only at the end.
    ///
    /// # Errors
    /// `Damaged` names the first row that is not as it was written, which those after it are read behind; `TooOld`
    /// when rows after the cursor are no longer kept; `Store` when the file can't be read.
    pub fn rows(&self, after: Cursor, most: usize) -> Result<Vec<JournalRow>, JournalError> {
        rows::rows(&self.connection, &self.folder, after, most)
    }
}
