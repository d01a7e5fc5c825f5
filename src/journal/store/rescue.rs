//! The open files of a journal, and their rescue when somebody removes them under the running relay: every entry is
//! still in the removed files while they are open, so a thread copies all of them to new files.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::Mutex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::journal::files::identity::{FileChange, FileIdentities, KnownFile};
use crate::journal::files::layout::{self, Durability};
use crate::journal::files::{aside, emptied, kept_head, leftover};
use crate::journal::{ChainMark, JournalError, rows};

/// The files that a writer has open.
#[derive(Debug)]
pub(super) struct OpenFiles {
    pub(super) connection: Connection,
    /// It holds the lock of the journal.
    lock: File,
    /// Shared with the readers and with the thread that keeps the head.
    identities: Arc<Mutex<FileIdentities>>,
    folder: PathBuf,
    durability: Durability,
    /// The copy of an earlier rescue that is in place and could not be opened.
    copy: Option<KnownFile>,
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
        let identities = Arc::new(Mutex::new(identities));
        Ok(Self { connection, lock, identities, folder, durability, copy: None })
    }

    /// Returns the identities of the files, which change when a rescue moves the entries to new files.
    pub(super) fn identities(&self) -> Arc<Mutex<FileIdentities>> {
        Arc::clone(&self.identities)
    }

    /// Fails with `Removed` unless every file is still where a reader finds it.
    pub(super) fn check(&self) -> Result<(), JournalError> {
        match self.identities.lock().changed() {
            Ok(None) => Ok(()),
            Ok(Some(path)) => Err(JournalError::Removed { path: path.to_owned() }),
            Err(error) => Err(JournalError::Store { error: format!("its files cannot be looked up: {error}") }),
        }
    }

    /// Keeps the head beside a journal that survives a power failure.
    pub(super) fn keep_head(&self, head: ChainMark) {
        match self.durability {
            Durability::Durable => kept_head::keep(&self.folder, head),
            Durability::Relaxed => {}
        }
    }

    /// Puts the journal in its place again: if entries are in no file that can be found, copies all of them to new files
    /// and opens those instead.
    fn rescue(mut self) -> RescuedFiles {
        if self.check().is_ok() {
            // They were put back.
            return (self, None);
        }
        let rescued = match self.only_lock_is_gone() {
            Ok(true) => self.take_lock_again().map(|()| None),
            Ok(false) => self.move_to_new_files().map(Some),
            Err(error) => Err(io_failure(error)),
        };
        match rescued {
            Ok(Some(moved)) => (moved, None),
            Ok(None) => (self, None),
            Err(error @ JournalError::Replaced { .. }) => (self, Some(error)),
            Err(error) => {
                let path = self.folder.clone();
                (self, Some(JournalError::NotRescued { path, error: Box::new(error) }))
            }
        }
    }

    fn only_lock_is_gone(&self) -> io::Result<bool> {
        let identities = self.identities.lock();
        Ok(identities.lock_change()? != FileChange::Same && identities.changed_without_lock()?.is_none())
    }

    /// Locks a new lock file. Nothing else has changed.
    fn take_lock_again(&mut self) -> Result<(), JournalError> {
        self.lock = self.new_lock()?;
        *self.identities.lock() = FileIdentities::read(&self.folder).map_err(io_failure)?;
        Ok(())
    }

    fn new_lock(&self) -> Result<File, JournalError> {
        let lock = layout::lock(&self.folder)?;
        emptied::mark_journal_made(&lock).map_err(io_failure)?;
        Ok(lock)
    }

    fn move_to_new_files(&mut self) -> Result<Self, JournalError> {
        let file = layout::file(&self.folder);
        // An earlier rescue may have put its copy in place, and failed to open it.
        let is_copied = self.copy.as_ref().is_some_and(KnownFile::is_there);
        if !is_copied && self.database_change()? == FileChange::Other {
            // It may be the one that somebody wants to keep, so it is not touched.
            return Err(JournalError::Replaced { path: file });
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(io_failure)?;
        let lock_change = self.identities.lock().lock_change().map_err(io_failure)?;
        let lock = match lock_change {
            FileChange::Same => self.lock.try_clone().map_err(io_failure)?,
            FileChange::Gone | FileChange::Other => self.new_lock()?,
        };
        if !is_copied {
            self.install_copy(&file)?;
        }
        // Closing the removed files must not touch what has their names now.
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(store_failure)?;
        let connection = layout::open_database(&file, self.durability).map_err(store_failure)?;
        rows::verify_tail(&connection, &self.folder)?;
        *self.identities.lock() = FileIdentities::read(&self.folder).map_err(io_failure)?;
        let (identities, folder) = (self.identities(), self.folder.clone());
        Ok(Self { connection, lock, identities, folder, durability: self.durability, copy: None })
    }

    fn database_change(&self) -> Result<FileChange, JournalError> {
        self.identities.lock().database().change().map_err(io_failure)
    }

    /// Puts a copy of all entries in the place of the database, and what is left of the old files aside.
    fn install_copy(&mut self, file: &Path) -> Result<(), JournalError> {
        let copy = leftover::rescued_copy(&self.folder);
        let copied = self.copy_entries(&copy).and_then(|()| {
            let (epoch, _) = rows::identity(&self.connection).map_err(store_failure)?;
            let aside = self.folder.join(format!("journal-damaged-{epoch}.sqlite"));
            let database = self.database_change()?;
            // The move may succeed and its sync fail.
            self.copy = Some(KnownFile::read(copy.clone()).map_err(io_failure)?.moved_to(file));
            if database == FileChange::Same {
                aside::swap_with_log(file, &copy, &aside).map_err(io_failure)?;
            } else {
                // SQLite would apply a log that is left to the new file.
                aside::move_log(file, &aside).map_err(io_failure)?;
                aside::move_into_place(file, &copy).map_err(io_failure)?;
            }
            Ok(())
        });
        if copied.is_err() {
            // A part of a copy would only fill the disk.
            drop(std::fs::remove_file(&copy));
        }
        copied
    }

    /// Copies the journal to a new file, and verifies the end of the copy.
    fn copy_entries(&self, copy: &Path) -> Result<(), JournalError> {
        match std::fs::remove_file(copy) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io_failure(error)),
            Ok(()) | Err(_) => {}
        }
        // SQLite accepts an empty file, which then has the right owner and mode.
        let made = crate::journal::open_owned(copy, true).map_err(io_failure)?;
        self.connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map_err(store_failure)?;
        made.sync_all().map_err(io_failure)?;
        let written = layout::open_for_reading(copy).map_err(store_failure)?;
        rows::verify_tail(&written, &self.folder)?;
        Ok(())
    }
}

impl Drop for OpenFiles {
    fn drop(&mut self) {
        if !self.identities.lock().are_in_place() {
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

    /// Waits until the rescue has ended, and returns the files.
    pub(super) fn wait(self) -> Option<OpenFiles> {
        if let Some(thread) = self.thread
            && thread.join().is_err()
        {
            tracing::error!("the rescue of the journal panicked");
        }
        self.files.lock().take().map(|(files, _)| files)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err needs")]
fn io_failure(error: io::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err needs")]
fn store_failure(error: rusqlite::Error) -> JournalError {
    JournalError::Store { error: error.to_string() }
}
