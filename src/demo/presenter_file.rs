//! The file in which a running demo publishes its simulator's control address, so that `callboard notes` finds it on
//! the same machine.
//!
//! The file is readable by its owner only, because it holds the control API's token, and is removed when the demo ends.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::console::ControlAccess;

/// The address and the token of a demo's simulator.
#[derive(Debug, Serialize, Deserialize)]
struct PresenterEntry {
    control: String,
    token: String,
    /// The process of the demo: another demo's file is left alone.
    process: u32,
}

/// The file of a running demo, which is removed when this is dropped.
#[derive(Debug)]
pub(super) struct PresenterFile(PathBuf);

impl PresenterFile {
    /// Writes the file; `None` if no folder can be found or written; the demo runs without it.
    pub(super) fn write(control: &ControlAccess) -> Option<Self> {
        let path = path()?;
        let entry = PresenterEntry {
            control: control.url.to_string(),
            token: control.token.expose_secret().to_owned(),
            process: std::process::id(),
        };
        match write_private(&path, &entry) {
            Ok(()) => Some(Self(path)),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "callboard notes will not find this demo");
                None
            }
        }
    }
}

impl Drop for PresenterFile {
    fn drop(&mut self) {
        let ours = read_entry(&self.0).is_ok_and(|it| it.process == std::process::id());
        if ours && let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "the presenter's file stays behind");
        }
    }
}

/// Returns the control address and token of the demo that started last.
///
/// Fails if no demo is running on this machine, or if its file cannot be read; the error says what to do.
pub(crate) fn find_control() -> anyhow::Result<ControlAccess> {
    let path = path().ok_or_else(|| anyhow::anyhow!("there is no home folder: give --control and its token file"))?;
    let entry = read_entry(&path).map_err(|error| {
        anyhow::anyhow!("no demo is running here ({}: {error}); start one with callboard demo", path.display())
    })?;
    let url = Url::parse(&entry.control)
        .map_err(|error| anyhow::anyhow!("{} names no control API: {error}", path.display()))?;
    Ok(ControlAccess { url, token: entry.token.into() })
}

fn path() -> Option<PathBuf> {
    let folders = etcetera::base_strategy::Xdg::new().ok()?;
    let folder = folders.runtime_dir().unwrap_or_else(|| folders.cache_dir());
    Some(folder.join("callboard").join("presenter.json"))
}

fn write_private(path: &Path, entry: &PresenterEntry) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // An old file may have another mode, so it is replaced rather than overwritten.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&serde_json::to_vec(entry)?)
}

fn read_entry(path: &Path) -> std::io::Result<PresenterEntry> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_file_is_private_and_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callboard").join("presenter.json");
        for token in ["first", "second"] {
            let control = "http://127.0.0.1:4711/sim".to_owned();
            let entry = PresenterEntry { control, token: token.to_owned(), process: 7 };
            write_private(&path, &entry).unwrap();
            assert_eq!(read_entry(&path).unwrap().token, token);
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "rubbish").unwrap();
        assert!(read_entry(&path).is_err());
    }
}
