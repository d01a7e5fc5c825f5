//! The copy that an interrupted rescue leaves: it may be the only file that holds the entries.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{aside, emptied, layout};
use crate::journal::rows;

/// Returns the path of the copy that a rescue makes of a folder's journal.
pub(in crate::journal) fn rescued_copy(folder: &Path) -> PathBuf {
    folder.join("journal-rescued.sqlite")
}

/// Deals with the copy of an interrupted rescue, if there is one. If the database is gone, a complete copy takes its
/// place, and an incomplete one is kept under another name; otherwise the copy is removed. The caller holds the lock of
/// the journal.
pub(in crate::journal) fn settle(folder: &Path) -> io::Result<()> {
    let (copy, file) = (rescued_copy(folder), layout::file(folder));
    if !copy.exists() {
        return Ok(());
    }
    if file.exists() && !emptied::is_empty(&file) {
        return fs::remove_file(copy);
    }
    let before = folder.join(format!("journal-damaged-before-{}.sqlite", uuid::Uuid::now_v7()));
    if !is_complete(&copy, folder) {
        tracing::warn!(file = %before.display(), "an incomplete copy of the removed journal is kept under this name");
        return fs::rename(copy, before);
    }
    // The log is that of the removed database; its entries are in the copy.
    aside::move_log(&file, &before)?;
    aside::move_into_place(&file, &copy)?;
    tracing::warn!(file = %file.display(), "the journal was removed; its copy, with all entries, took its place");
    Ok(())
}

/// Returns whether SQLite and the checksums of the last entries find no fault in a copy.
fn is_complete(copy: &Path, folder: &Path) -> bool {
    let Ok(connection) = layout::open_for_reading(copy) else { return false };
    let checked = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    checked.is_ok_and(|it| it == "ok") && rows::verify_tail(&connection, folder).is_ok()
}
