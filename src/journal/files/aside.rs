//! Replaces a journal file by a new one. The old file is kept whole under another name, with its write-ahead log. An
//! interrupted swap can be repeated: nothing is overwritten, and a journal file exists at every moment.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::layout;
use super::owner::open_owned;

/// The prefix of the names of old files.
const PREFIX: &str = "journal-damaged-";
/// The extension of SQLite's write-ahead log.
const LOG: &str = "sqlite-wal";
/// The maximum number of old files whose names differ only in their number.
const MAX_NUMBER: usize = 1_000;

/// Moves a write-ahead log back that an interrupted salvage had moved, because it may hold entries.
pub(in crate::journal) fn resume(folder: &Path) -> io::Result<()> {
    let file = layout::file(folder);
    let Some(aside) = earlier_second_name(&file)? else { return Ok(()) };
    let (log, moved) = (file.with_extension(LOG), aside.with_extension(LOG));
    if moved.exists() && !has_content(&log) {
        fs::rename(moved, log)?;
        sync(folder)?;
    }
    Ok(())
}

/// Replaces a file by the new one, and moves its log aside too. Returns the new name of the old file and its log.
pub(in crate::journal) fn swap_with_log(file: &Path, new: &Path, wanted: &Path) -> io::Result<PathBuf> {
    // The file is named before its log is moved, because the next salvage finds the log by the file's second name.
    let aside = second_name(file, wanted)?;
    move_log(file, &aside)?;
    move_into_place(file, new)?;
    Ok(aside)
}

/// Moves the log of a file, and the log's index, to another name. SQLite would apply the log to a new file of the same
/// name; and it may hold entries.
pub(in crate::journal) fn move_log(file: &Path, aside: &Path) -> io::Result<()> {
    for part in [LOG, "sqlite-shm"] {
        match fs::rename(file.with_extension(part), aside.with_extension(part)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Replaces the old file by the new one. Returns the old file's new name. Fails if another process has
/// the journal open.
pub(in crate::journal) fn swap(file: &Path, new: &Path, wanted: &Path) -> io::Result<PathBuf> {
    if has_content(&file.with_extension(LOG)) {
        return Err(io::Error::other("another process has the journal open; stop it first"));
    }
    let aside = second_name(file, wanted)?;
    move_into_place(file, new)?;
    Ok(aside)
}

/// Gives the new file the journal's name.
pub(in crate::journal) fn move_into_place(file: &Path, new: &Path) -> io::Result<()> {
    // The removal of the log must be durable before the new file has its name.
    file.parent().map_or(Ok(()), sync)?;
    fs::rename(new, file)?;
    file.parent().map_or(Ok(()), sync)
}

/// Gives a file a second name that is free: an earlier second name, the wanted one, or that with a number.
fn second_name(file: &Path, wanted: &Path) -> io::Result<PathBuf> {
    if let Some(earlier) = earlier_second_name(file)?
        && !(earlier.with_extension(LOG).exists() && file.with_extension(LOG).exists())
    {
        return Ok(earlier);
    }
    let stem = wanted.file_stem().unwrap_or_default().to_string_lossy();
    let numbered = (2..MAX_NUMBER).map(|it| wanted.with_file_name(format!("{stem}-{it}.sqlite")));
    for name in std::iter::once(wanted.to_owned()).chain(numbered) {
        if name.with_extension(LOG).exists() {
            continue;
        }
        match fs::hard_link(file, &name) {
            Ok(()) => {
                File::open(&name)?.sync_all()?;
                return Ok(name);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            // Some file systems have no hard links.
            Err(_) if name.exists() => {}
            Err(_) => return copy_as(file, name),
        }
    }
    Err(io::Error::other(format!("there are too many files like {}; move some away", wanted.display())))
}

/// Copies a file; the copy gets its name only when it is complete.
fn copy_as(file: &Path, name: PathBuf) -> io::Result<PathBuf> {
    let part = name.with_extension("part");
    let mut copy = open_owned(&part, true)?;
    io::copy(&mut File::open(file)?, &mut copy)?;
    copy.sync_all()?;
    fs::rename(part, &name)?;
    Ok(name)
}

/// Returns the second name that an interrupted salvage has given a file.
fn earlier_second_name(file: &Path) -> io::Result<Option<PathBuf>> {
    let Some(folder) = file.parent() else { return Ok(None) };
    let same = identity(&fs::metadata(file)?);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_named = path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(PREFIX));
        if is_named
            && path.extension().is_some_and(|it| it == "sqlite")
            && fs::metadata(&path).is_ok_and(|it| identity(&it) == same)
        {
            found.push(path);
        }
    }
    Ok(found.into_iter().min())
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

fn has_content(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|it| it.len() > 0)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn existing_files_are_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (file, wanted) = (folder.path().join("journal.sqlite"), folder.path().join("journal-damaged-x.sqlite"));
        fs::write(&wanted, "of another day").unwrap();
        fs::write(folder.path().join("journal-damaged-x-2.sqlite-wal"), "a log without its file").unwrap();
        fs::write(&file, "old").unwrap();
        let named = second_name(&file, &wanted).unwrap();
        assert_eq!(named, folder.path().join("journal-damaged-x-3.sqlite"));
        assert_eq!(second_name(&file, &wanted).unwrap(), named, "the file has a second name already");
        assert_eq!((fs::read(&wanted).unwrap(), fs::read(&named).unwrap()), (b"of another day".into(), b"old".into()));
    }

    #[test]
    fn without_hard_links_a_complete_copy_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let (file, name) = (folder.path().join("journal.sqlite"), folder.path().join("journal-damaged-x.sqlite"));
        fs::write(&file, "old").unwrap();
        fs::write(name.with_extension("part"), "what an interrupted one has left").unwrap();
        assert_eq!(copy_as(&file, name.clone()).unwrap(), name);
        assert_eq!(fs::read(&name).unwrap(), b"old");
        assert_eq!(fs::metadata(&name).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
