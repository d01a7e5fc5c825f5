//! Copies of a journal file whose first page or length keeps SQLite from reading the rest. A truncated file is padded: SQLite
//! reads the rest once the length agrees with the file header, and missing pages are damage like any other. A damaged
//! first page is replaced by that of a new journal, which has the same tables in the same places. Only copies are changed,
//! and the checksums of the entries show whether a copy is right.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::super::files::layout;

/// A folder with a repaired copy of a journal file. Dropping it removes the folder.
#[derive(Debug)]
pub(super) struct RepairedCopy(PathBuf);

/// How a copy is repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    /// Padded with zeros to the length that the file header states.
    Length,
    /// With the beginning of a new journal's first page: the file header, and the places of the tables' descriptions.
    FileHeader,
    /// With the whole first page of a new journal.
    FirstPage,
}

/// The size of the header of an SQLite file, in bytes (SQLite file format, 1.3).
const HEAD_BYTES: usize = 100;
/// The bytes at the beginning of the first page that hold no table's description: the file header, the header of the
/// page, and the places of the descriptions (SQLite file format, 1.6).
const BEGINNING_BYTES: usize = 200;
/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The offset of the page size in the header.
const PAGE_SIZE_AT: usize = 16;
/// The offsets of the format versions for writing and reading in the header.
const VERSIONS_AT: [usize; 2] = [18, 19];
/// The format versions of a rollback journal and of a write-ahead log; SQLite writes to no file with another one.
const VERSIONS: [u8; 2] = [1, 2];
/// The offset of the page count in the header.
const PAGE_COUNT_AT: usize = 28;
/// The longest plausible file; a header with a greater length is damaged.
const MAX_LENGTH: u64 = 1_024 * 1_024 * 1_024 * 1_024;

impl Repair {
    /// All repairs, the least change first.
    pub(super) const ALL: [Self; 3] = [Self::Length, Self::FileHeader, Self::FirstPage];
}

impl RepairedCopy {
    /// Makes a repaired copy. Returns `None` if the repair does not apply to the file.
    pub(super) fn make(folder: &Path, repair: Repair) -> io::Result<Option<Self>> {
        let file = layout::file(folder);
        let stated = header(&file)?.and_then(|it| stated_length(&it));
        let is_truncated = match stated {
            Some(stated) => std::fs::metadata(&file)?.len() < stated,
            None => false,
        };
        if repair == Repair::Length && !is_truncated {
            return Ok(None);
        }
        let copy = Self::copy(folder)?;
        let file = layout::file(&copy.0);
        let open = OpenOptions::new().write(true).open(&file)?;
        match repair {
            Repair::Length => pad(&open, stated.unwrap_or_default())?,
            Repair::FileHeader | Repair::FirstPage => {
                let Some(new) = copy.first_page_of_a_new_journal() else { return Ok(None) };
                let bytes = if repair == Repair::FileHeader { new.get(..BEGINNING_BYTES) } else { Some(&*new) };
                open.write_all_at(bytes.unwrap_or_default(), 0)?;
                // With a page count of zero SQLite takes the number from the length of the file.
                open.write_all_at(&[0; 4], PAGE_COUNT_AT as u64)?;
            }
        }
        Ok(Some(copy))
    }

    /// Copies a journal file and its write-ahead log to a folder of its own.
    fn copy(folder: &Path) -> io::Result<Self> {
        let file = layout::file(folder);
        let aside = folder.join("journal-repaired");
        remove(&aside)?;
        DirBuilder::new().mode(0o700).create(&aside)?;
        let copy = Self(aside);
        let to = layout::file(&copy.0);
        std::fs::copy(&file, &to)?;
        // The log may hold entries, and the kept head says which were acknowledged.
        for part in ["sqlite-wal", "head"] {
            match std::fs::copy(file.with_extension(part), to.with_extension(part)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(copy)
    }

    /// Returns the first page of a journal that is made for the purpose, or `None` if none can be made.
    fn first_page_of_a_new_journal(&self) -> Option<Vec<u8>> {
        let file = self.0.join("new.sqlite");
        drop(layout::recreate(&file).ok()?);
        let mut page = std::fs::read(&file).ok()?;
        page.truncate(layout::PAGE_BYTES as usize);
        Some(page)
    }

    /// Returns the folder of the copy.
    pub(super) fn folder(&self) -> &Path {
        &self.0
    }
}

/// Lengthens a file to the length in its header, or corrects the header if that length is impossible.
fn pad(file: &File, length: u64) -> io::Result<()> {
    // The missing pages read as zeros, which SQLite reports as damage; a sparse file takes no disk space.
    if length > MAX_LENGTH || file.set_len(length).is_err() {
        file.write_all_at(&[0; 4], PAGE_COUNT_AT as u64)?;
    }
    Ok(())
}

impl Drop for RepairedCopy {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a copy of the damaged journal was left behind");
        }
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Returns whether a journal file has a header with a format version that SQLite does not know.
pub(super) fn has_unknown_version(folder: &Path) -> io::Result<bool> {
    let header = header(&layout::file(folder))?;
    Ok(header.is_some_and(|it| VERSIONS_AT.iter().any(|at| it.get(*at).is_some_and(|is| !VERSIONS.contains(is)))))
}

/// Reads a file's header; `None` if the file is too short to have one.
fn header(file: &Path) -> io::Result<Option<[u8; HEAD_BYTES]>> {
    let mut header = [0; HEAD_BYTES];
    match File::open(file)?.read_exact(&mut header) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        read => read.map(|()| Some(header)),
    }
}

/// Returns the length that a header states; `None` if it is not that of an SQLite file.
fn stated_length(head: &[u8; HEAD_BYTES]) -> Option<u64> {
    let (bytes, pages) = (head.get(PAGE_SIZE_AT..)?.first_chunk()?, head.get(PAGE_COUNT_AT..)?.first_chunk()?);
    let page = match u16::from_be_bytes(*bytes) {
        1 => 65_536,
        page => u64::from(page),
    };
    head.starts_with(MAGIC).then(|| page * u64::from(u32::from_be_bytes(*pages)))
}
