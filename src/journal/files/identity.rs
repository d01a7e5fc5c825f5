//! The identity of a journal's files. A process keeps writing to a file that was removed; only its path shows that
//! nobody can read it any more.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::layout;

/// The files of an open journal, as they were when it was opened.
#[derive(Debug, Clone)]
pub(in crate::journal) struct FileIdentities {
    folder: KnownFile,
    database: KnownFile,
    /// SQLite's write-ahead log, and its index of that log.
    beside: Vec<KnownFile>,
    lock: KnownFile,
}

/// A path with the file to which it led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::journal) struct KnownFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

/// How a path has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journal) enum FileChange {
    /// The path leads to the same file.
    Same,
    /// The path leads nowhere.
    Gone,
    /// The path leads to another file.
    Other,
}

impl FileIdentities {
    /// Reads the identities of a folder's files. The journal must be open, so that all of them exist.
    pub(in crate::journal) fn read(folder: &Path) -> io::Result<Self> {
        let database = layout::file(folder);
        let beside = ["sqlite-wal", "sqlite-shm"].map(|it| KnownFile::read(database.with_extension(it)));
        Ok(Self {
            folder: KnownFile::read(folder.to_owned())?,
            database: KnownFile::read(database)?,
            beside: beside.into_iter().collect::<io::Result<_>>()?,
            lock: KnownFile::read(layout::lock_file(folder))?,
        })
    }

    /// Returns the first path that no longer leads to its file.
    ///
    /// Fails if a path cannot be looked up, which is not known to be a change.
    pub(in crate::journal) fn changed(&self) -> io::Result<Option<&Path>> {
        // The folder comes first: if it is gone, so is everything in it.
        if let Some(path) = self.changed_without_lock()? {
            return Ok(Some(path));
        }
        Ok((self.lock.change()? != FileChange::Same).then_some(&self.lock.path))
    }

    /// Returns the first path but that of the lock that no longer leads to its file.
    pub(in crate::journal) fn changed_without_lock(&self) -> io::Result<Option<&Path>> {
        for file in [&self.folder, &self.database].into_iter().chain(&self.beside) {
            if file.change()? != FileChange::Same {
                return Ok(Some(&file.path));
            }
        }
        Ok(None)
    }

    /// Returns the database.
    pub(in crate::journal) fn database(&self) -> &KnownFile {
        &self.database
    }

    /// Returns whether every path leads to its file.
    pub(in crate::journal) fn are_in_place(&self) -> bool {
        self.changed().is_ok_and(|it| it.is_none())
    }

    /// Returns how the path of the lock file has changed.
    pub(in crate::journal) fn lock_change(&self) -> io::Result<FileChange> {
        self.lock.change()
    }
}

impl KnownFile {
    pub(in crate::journal) fn read(path: PathBuf) -> io::Result<Self> {
        let found = fs::metadata(&path)?;
        Ok(Self { path, device: found.dev(), inode: found.ino() })
    }

    /// Returns the same file under the path to which it was moved.
    pub(in crate::journal) fn moved_to(self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Returns whether the path still leads to the file.
    pub(in crate::journal) fn is_there(&self) -> bool {
        self.change().is_ok_and(|it| it == FileChange::Same)
    }

    pub(in crate::journal) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how the path has changed.
    pub(in crate::journal) fn change(&self) -> io::Result<FileChange> {
        let is_same = |it: &Metadata| (it.dev(), it.ino()) == (self.device, self.inode);
        match fs::metadata(&self.path) {
            Ok(found) => Ok(if is_same(&found) { FileChange::Same } else { FileChange::Other }),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(FileChange::Gone)
            }
            Err(error) => Err(error),
        }
    }
}
