//! Checks and makes files and folders that only their owner may read.

use std::path::Path;

/// Returns whether only its owner may read a file.
///
/// Files in systemd's credentials folder count as private although their mode shows a group right: systemd grants
/// access by an access list, which appears as a group right.
///
/// Fails if the mode of the file cannot be read.
pub(crate) fn is_private(file: &Path) -> std::io::Result<bool> {
    let lent = std::env::var_os("CREDENTIALS_DIRECTORY");
    is_private_or_lent(file, lent.as_deref().map(Path::new))
}

fn is_private_or_lent(file: &Path, lent: Option<&Path>) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file)?.permissions().mode();
    let is_lent = lent.is_some_and(|it| it.is_absolute() && file.parent() == Some(it));
    // Group and others must have no rights, except that the group may read systemd's credentials.
    Ok(mode.trailing_zeros() >= if is_lent { 5 } else { 6 })
}

/// Makes a folder that only its owner can read.
pub(super) fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_is_private_or_a_credential_of_the_service_manager() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "x").unwrap();
        let elsewhere = Path::new("/nowhere");
        let cases = [
            (0o600, true, true),
            (0o400, true, true),
            (0o440, false, true),
            (0o460, false, false),
            (0o444, false, false),
        ];
        for (mode, alone, lent) in cases {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let is = |from| is_private_or_lent(&file, from).unwrap();
            assert_eq!((is(None), is(Some(elsewhere)), is(Some(folder.path()))), (alone, alone, lent), "{mode:o}");
        }
        assert!(is_private(elsewhere).is_err());
    }
}
