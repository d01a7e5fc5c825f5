//! The open files of a journal, and their rescue when somebody removes them under the running relay: every entry is
//! still in the removed files while they are open, so a thread copies all of them to new files.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::Mutex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::floor::Cursor;
use crate::journal::files::aside;
use crate::journal::files::identity::{FileChange, FileIdentities};
use crate::journal::files::layout::{self, Durability};
use crate::journal::{JournalError, rows};

/// The files that a writer has open.
#[derive(Debug)]
pub(super) struct OpenFiles {
    pub(super) connection: Connection,
    /// Never read: it holds the lock of the journal.
    lock: File,
    identities: FileIdentities,
    folder: PathBuf,
    durability: Durability,
}

/// A rescue that runs in a thread of its own, so that the writer can refuse appends meanwhile.
#[derive(Debug)]
pub(super) struct Rescue {
    /// Why appends are refused.
    pub(super) why: JournalError,
    /// The files before and after the rescue, and why it failed; empty while it runs.
    files: Arc<Mutex<Option<RescuedFiles>>>,
    thread: Option<JoinHandle<()>>,
}

/// The files after a rescue, or the old ones with the error.
type RescuedFiles = (OpenFiles, Option<JournalError>);

/// The number of last rows that are verified in the copy.
const VERIFIED_TAIL: u64 = 1_000;

impl OpenFiles {
    /// Notes the identity of the files that have been opened.
    ///
    /// Fails if a file is gone already.
    pub(super) fn new(
        connection: Connection,
        lock: File,
        folder: PathBuf,
        durability: Durability,
    ) -> Result<Self, JournalError> {
        let identities = FileIdentities::read(&folder)
            .map_err(|error| JournalError::Open { path: folder.clone(), error: error.to_string() })?;
        Ok(Self { connection, lock, identities, folder, durability })
    }

    /// Fails with `Removed` unless every file is still where a reader finds it.
    pub(super) fn check(&self) -> Result<(), JournalError> {
        match self.identities.changed() {
            Ok(None) => Ok(()),
            Ok(Some(path)) => Err(JournalError::Removed { path: path.to_owned() }),
            Err(error) => Err(JournalError::Store { error: format!("its files cannot be looked up: {error}") }),
        }
    }

    /// Copies all entries to new files in the folder, and opens those instead.
    fn rescue(self) -> RescuedFiles {
        if self.check().is_ok() {
            // They were put back.
            return (self, None);
        }
        match self.move_to_new_files() {
            Ok(moved) => (moved, None),
            Err(error @ JournalError::Replaced { .. }) => (self, Some(error)),
            Err(error) => {
                let path = self.folder.clone();
                (self, Some(JournalError::NotRescued { path, error: Box::new(error) }))
            }
        }
    }

    fn move_to_new_files(&self) -> Result<Self, JournalError> {
        let failed = |error: std::io::Error| JournalError::Store { error: error.to_string() };
        let file = layout::file(&self.folder);
        let database = self.identities.database().map_err(failed)?;
        if database == FileChange::Other {
            // It may be the one that somebody wants to keep, so it is not touched.
            return Err(JournalError::Replaced { path: file });
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(failed)?;
        let lock = match self.identities.lock().map_err(failed)? {
            FileChange::Same => self.lock.try_clone().map_err(failed)?,
            FileChange::Gone | FileChange::Other => layout::lock(&self.folder)?,
        };
        let copy = self.copy_entries()?;
        if database == FileChange::Same {
            let (epoch, _) = rows::identity(&self.connection).map_err(store_failure)?;
            let wanted = self.folder.join(format!("journal-damaged-{epoch}.sqlite"));
            aside::swap_with_log(&file, &copy, &wanted).map_err(failed)?;
        } else {
            aside::move_into_place(&file, &copy).map_err(failed)?;
        }
        // SQLite removes the write-ahead log by its path when it closes a file: that is the new file's log now.
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(store_failure)?;
        let connection = layout::open_database(&file, self.durability).map_err(store_failure)?;
        Self::new(connection, lock, self.folder.clone(), self.durability)
    }

    /// Copies the journal to a new file beside its place, and verifies the end of the copy. Returns its path.
    fn copy_entries(&self) -> Result<PathBuf, JournalError> {
        let failed = |error: std::io::Error| JournalError::Store { error: error.to_string() };
        let copy = self.folder.join("journal-rescued.sqlite");
        match std::fs::remove_file(&copy) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
        // SQLite accepts an empty file, which then has the right owner and mode.
        let made = crate::journal::open_owned(&copy, true).map_err(failed)?;
        self.connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map_err(store_failure)?;
        made.sync_all().map_err(failed)?;
        let written = layout::open_for_reading(&copy).map_err(store_failure)?;
        let (_, head) = rows::identity(&written).map_err(store_failure)?;
        let anchor = rows::anchor(&written).map_err(store_failure)?;
        let tail = Cursor(head.cursor.0.saturating_sub(VERIFIED_TAIL)).max(anchor.cursor);
        rows::verify_after(&written, &self.folder, tail, head)?;
        Ok(copy)
    }
}

impl Drop for OpenFiles {
    fn drop(&mut self) {
        if self.check().is_err() {
            // The path of the write-ahead log may lead to the log of another journal, which closing must not remove.
            let kept = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            if let Err(error) = kept {
                tracing::warn!(%error, "could not protect the write-ahead log of another journal");
            }
        }
    }
}

impl Rescue {
    /// Starts a rescue. If no thread can be started, [`Rescue::finish`] returns the files with an error.
    pub(super) fn start(files: OpenFiles, why: JournalError) -> Self {
        let files = Arc::new(Mutex::new(Some((files, None))));
        let thread = std::thread::Builder::new().name("rescue".to_owned()).spawn({
            let files = Arc::clone(&files);
            move || {
                let taken = files.lock().take();
                if let Some((old, _)) = taken {
                    let rescued = old.rescue();
                    *files.lock() = Some(rescued);
                }
            }
        });
        match thread {
            Ok(thread) => Self { why, files, thread: Some(thread) },
            Err(error) => {
                if let Some((_, failed)) = files.lock().as_mut() {
                    *failed = Some(JournalError::Store { error: error.to_string() });
                }
                Self { why, files, thread: None }
            }
        }
    }

    /// Returns the files once the rescue has ended, with the error if it failed.
    pub(super) fn finish(&mut self) -> Option<RescuedFiles> {
        if self.thread.as_ref().is_some_and(|it| !it.is_finished()) {
            return None;
        }
        self.files.lock().take()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err needs")]
fn store_failure(error: rusqlite::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}
