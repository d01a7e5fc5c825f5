//! A truncated journal file: SQLite reads the rest once the length agrees with the file header, and missing pages
//! are damage like any other. Only a copy is changed.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::super::files::layout;

/// A folder with a copy of a truncated journal file, padded with zeros to the length that the file header states.
/// Dropping it removes the folder.
#[derive(Debug)]
pub(super) struct PaddedCopy(PathBuf);

/// The size of the header of an SQLite file, in bytes (SQLite file format, 1.3).
const HEAD_BYTES: usize = 100;
/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The offset of the page size in the header.
const PAGE_SIZE_AT: usize = 16;
/// The offset of the page count in the header.
const PAGE_COUNT_AT: usize = 28;
/// The longest plausible file; a header with a greater length is damaged.
const MAX_LENGTH: u64 = 1_024 * 1_024 * 1_024 * 1_024;

impl PaddedCopy {
    /// Makes a copy with the length of its header, or with a corrected header if that length is impossible. Returns
    /// `None` if the file is not shorter than in its header, or has no header.
    pub(super) fn make(folder: &Path) -> io::Result<Option<Self>> {
        let file = layout::file(folder);
        let Some(length) = stated_length_of(&file)? else { return Ok(None) };
        if std::fs::metadata(&file)?.len() >= length {
            return Ok(None);
        }
        let aside = folder.join("journal-lengthened");
        remove(&aside)?;
        DirBuilder::new().mode(0o700).create(&aside)?;
        let padded = Self(aside);
        let copy = layout::file(&padded.0);
        std::fs::copy(&file, &copy)?;
        match std::fs::copy(file.with_extension("sqlite-wal"), copy.with_extension("sqlite-wal")) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let copy = OpenOptions::new().write(true).open(&copy)?;
        // The missing pages read as zeros, which SQLite reports as damage; a sparse file takes no disk space.
        if length > MAX_LENGTH || copy.set_len(length).is_err() {
            // With a page count of zero SQLite takes the number from the length of the file.
            copy.write_all_at(&[0; 4], PAGE_COUNT_AT as u64)?;
        }
        Ok(Some(padded))
    }

    /// Returns the folder of the copy.
    pub(super) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for PaddedCopy {
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

/// Returns the length that a file's header states, or `None` without a header.
fn stated_length_of(file: &Path) -> io::Result<Option<u64>> {
    let mut head = [0; HEAD_BYTES];
    match File::open(file)?.read_exact(&mut head) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    Ok(stated_length(&head))
}

fn stated_length(head: &[u8; HEAD_BYTES]) -> Option<u64> {
    let (bytes, pages) = (head.get(PAGE_SIZE_AT..)?.first_chunk()?, head.get(PAGE_COUNT_AT..)?.first_chunk()?);
    let page = match u16::from_be_bytes(*bytes) {
        1 => 65_536,
        page => u64::from(page),
    };
    head.starts_with(MAGIC).then(|| page * u64::from(u32::from_be_bytes(*pages)))
}
