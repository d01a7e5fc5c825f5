//! The owner of the files in a journal's folder. Only the owner may read them. The owner is always the user of the
//! journal, even if root creates a file, so that the relay can read files that root has changed.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::Path;

/// Opens a file of a journal's folder for writing, truncated if `truncate`; creates it if it is missing. The file gets
/// mode 0600, because it holds call records or operators. Its owner becomes the owner of the journal file, else of the
/// list of operators, else of the folder where the system allows that.
///
/// Fails if the file cannot be opened, or cannot be given to the owner of the journal; a new file is then removed.
pub(crate) fn open_owned(file: &Path, truncate: bool) -> io::Result<File> {
    let is_new = !file.exists();
    // Looked up before the file exists, because the new file may be one that determines the owner.
    let owner = find_owner(file);
    let opened = OpenOptions::new().create(true).write(true).truncate(truncate).mode(0o600).open(file)?;
    let changed = opened.set_permissions(Permissions::from_mode(0o600)).and_then(|()| change_owner(&opened, owner));
    if changed.is_err() && is_new {
        fs::remove_file(file)?;
    }
    changed.map(|()| opened)
}

/// Returns the file or folder that determines the owner, and whether it is one of the journal's files.
fn find_owner(file: &Path) -> Option<(Metadata, bool)> {
    let folder = file.parent()?;
    let journal_file = ["journal.sqlite", "operators.json"].iter().find_map(|it| fs::metadata(folder.join(it)).ok());
    let is_journal_file = journal_file.is_some();
    Some((journal_file.or_else(|| fs::metadata(folder).ok())?, is_journal_file))
}

/// Changes the owner of an open file.
fn change_owner(opened: &File, owner: Option<(Metadata, bool)>) -> io::Result<()> {
    let Some((owner, is_journal_file)) = owner else { return Ok(()) };
    let now = opened.metadata()?;
    if (now.uid(), now.gid()) == (owner.uid(), owner.gid()) {
        return Ok(());
    }
    match fchown(opened, Some(owner.uid()), Some(owner.gid())) {
        // The group has no access, so only the user matters.
        Err(error) if is_journal_file && now.uid() != owner.uid() => {
            let (owner, now) = (owner.uid(), now.uid());
            let why = format!(
                "it belongs to user {owner}, and this process runs as user {now}; run it as that user or as root ({error})"
            );
            Err(io::Error::new(error.kind(), why))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    #[test]
    fn new_and_existing_files_are_readable_only_by_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("operators.json");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        for file in [file.as_path(), &folder.path().join("operators.lock")] {
            open_owned(file, false).unwrap();
            assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        open_owned(&file, true).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "");
    }

    #[test]
    fn a_new_file_belongs_to_the_journals_owner_or_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, file) = (folder.path().join("journal.sqlite"), folder.path().join("operators.json"));
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        if is_root {
            let whose = |file: &Path| fs::metadata(file).map(|it| (it.uid(), it.gid(), it.mode() & 0o777)).unwrap();
            chown(folder.path(), Some(4_321), Some(4_322)).unwrap();
            open_owned(&file, true).unwrap();
            assert_eq!(whose(&file), (4_321, 4_322, 0o600));
            let beside = folder.path().join("operators.lock");
            chown(&file, Some(5_321), Some(5_322)).unwrap();
            open_owned(&beside, false).unwrap();
            assert_eq!(whose(&beside), (5_321, 5_322, 0o600));
            // The owner of files that root has created before is corrected too.
            fs::write(&journal, "").unwrap();
            chown(&journal, Some(6_321), Some(6_322)).unwrap();
            for file in [&file, &beside] {
                open_owned(file, false).unwrap();
                assert_eq!(whose(file), (6_321, 6_322, 0o600));
            }
        } else {
            symlink("/", &journal).unwrap();
            let error = open_owned(&file, true).unwrap_err().to_string();
            assert!(error.contains("it belongs to user 0"), "{error}");
            assert!(!file.exists());
        }
    }
}
