//! Who may use the relay: operators, their roles and the digests of their tokens. Knows no HTTP.
//!
//! Tokens are 256 random bits, shown once and kept as SHA-256 only. The list lives in `operators.json` beside the
//! journal, so that it can be managed while the relay runs; the relay reads it again when it has changed.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::feed::Role;
use crate::moment::Moment;

/// The operators that a relay knows.
#[derive(Debug)]
pub struct Operators {
    file: Option<PathBuf>,
    known: Mutex<Known>,
}

/// An operator, as far as others may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operator {
    /// The name; tokens may share one for rotation.
    pub name: String,
    /// What the operator may do.
    pub role: Role,
    /// When the token was made, in wall time.
    pub added: Moment,
    /// The token's digest, in hexadecimal.
    sha256: String,
}

#[derive(Debug, Default)]
struct Known {
    operators: Vec<Operator>,
    read: Option<Stamp>,
}

/// What tells that the file has changed.
type Stamp = (SystemTime, u64);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Listed {
    operators: Vec<Operator>,
}

/// Why the list of operators can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OperatorsError {
    /// The file can't be read or written.
    #[error("the operators in {} cannot be read or written: {error}; check the file's owner", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is not a list of operators.
    #[error("{} is not a list of operators: {error}; mend it, or remove it and add the operators again", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        error: serde_json::Error,
    },
    /// There is no such folder.
    #[error("there is no journal in {}, and so no operators; name the folder of the relay's journal", path.display())]
    NoJournal {
        /// The folder that was named.
        path: PathBuf,
    },
    /// A name that nobody could read aloud.
    #[error("{0:?} is no name for an operator: it needs 1 to 64 printable characters")]
    Name(String),
    /// Nobody has that name.
    #[error("there is no operator {0:?}; list them to see who there is")]
    Unknown(String),
    /// The system has no randomness.
    #[error("the system gave no random bits for a token; try again")]
    Random,
}

impl Operators {
    /// Operators that live as long as the relay: name, role, token.
    #[must_use]
    pub fn in_memory(operators: Vec<(String, Role, SecretString)>) -> Self {
        let listed = operators.into_iter().map(|(name, role, token)| Operator {
            name,
            role,
            added: crate::clock::wall(),
            sha256: digest_of(token.expose_secret()),
        });
        let known = Known { operators: listed.collect(), read: None };
        Self { file: None, known: Mutex::new(known) }
    }

    /// The operators beside a journal; none when there is no file yet.
    ///
    /// # Errors
    /// When the file can't be read or is no list of operators.
    pub fn beside(journal: &Path) -> Result<Self, OperatorsError> {
        let file = file_of(journal);
        let known = Known { read: stamp(&file), operators: read(&file)?.operators };
        Ok(Self { file: Some(file), known: Mutex::new(known) })
    }

    /// The operator whose token this is, as of now.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<Operator> {
        let asked = digest_of(token);
        let mut found = None;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut known);
        // Every digest is compared, so that the time says nothing about which one is near.
        for operator in &known.operators {
            if bool::from(operator.sha256.as_bytes().ct_eq(asked.as_bytes())) {
                found = Some(operator.clone());
            }
        }
        found
    }

    /// Whether an operator that was found is still listed, with the same role.
    #[must_use]
    pub fn still_lists(&self, operator: &Operator) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh(&mut known);
        known.operators.contains(operator)
    }

    fn refresh(&self, known: &mut Known) {
        let Some(file) = &self.file else { return };
        let stamp = stamp(file);
        if stamp == known.read {
            return;
        }
        match read(file) {
            Ok(listed) => *known = Known { operators: listed.operators, read: stamp },
            Err(error) => tracing::error!(%error, "the operators stay as they were"),
        }
    }
}

/// Adds an operator beside a journal; answers the token, which is kept nowhere.
///
/// # Errors
/// When the name is unusable or the file can't be written.
pub fn add(journal: &Path, name: &str, role: Role) -> Result<SecretString, OperatorsError> {
    let printable = name.chars().all(|it| !it.is_control());
    if name.trim().is_empty() || name.chars().count() > 64 || !printable {
        return Err(OperatorsError::Name(name.to_owned()));
    }
    let token = new_token()?;
    let sha256 = digest_of(token.expose_secret());
    let operator = Operator { name: name.to_owned(), role, added: crate::clock::wall(), sha256 };
    change(journal, |listed| {
        listed.operators.push(operator);
        Ok(())
    })?;
    Ok(token)
}

/// The operators beside a journal, in the order they were added.
///
/// # Errors
/// When there is no such folder or the file can't be read.
pub fn list(journal: &Path) -> Result<Vec<Operator>, OperatorsError> {
    must_exist(journal)?;
    Ok(read(&file_of(journal))?.operators)
}

/// Takes away every token of an operator; answers how many there were.
///
/// # Errors
/// When there is no such folder, nobody has that name, or the file can't be written.
pub fn revoke(journal: &Path, name: &str) -> Result<usize, OperatorsError> {
    must_exist(journal)?;
    change(journal, |listed| {
        let before = listed.operators.len();
        listed.operators.retain(|it| it.name != name);
        match before - listed.operators.len() {
            0 => Err(OperatorsError::Unknown(name.to_owned())),
            gone => Ok(gone),
        }
    })
}

/// A token that nobody has: 256 random bits.
///
/// # Errors
/// When the system has no randomness.
pub fn new_token() -> Result<SecretString, OperatorsError> {
    let mut bits = [0_u8; 32];
    SystemRandom::new().fill(&mut bits).map_err(|_unspecified| OperatorsError::Random)?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bits)))
}

/// Only adding makes a folder: a mistyped one should be heard of, and nothing made in its place.
fn must_exist(journal: &Path) -> Result<(), OperatorsError> {
    if journal.is_dir() { Ok(()) } else { Err(OperatorsError::NoJournal { path: journal.to_owned() }) }
}

fn digest_of(token: &str) -> String {
    let digest = digest(&SHA256, token.as_bytes());
    let digits = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|it| char::from_digit(u32::from(it), 16)).collect()
}

fn file_of(journal: &Path) -> PathBuf {
    journal.join("operators.json")
}

fn stamp(file: &Path) -> Option<Stamp> {
    let data = fs::metadata(file).ok()?;
    Some((data.modified().ok()?, data.len()))
}

fn read(file: &Path) -> Result<Listed, OperatorsError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Listed::default()),
        Err(error) => return Err(OperatorsError::File { path: file.to_owned(), error }),
    };
    serde_json::from_str(&text).map_err(|error| OperatorsError::Content { path: file.to_owned(), error })
}

/// Changes the list: one changer at a time, and readers see the old list or the new one, never half of it.
fn change<T>(journal: &Path, with: impl FnOnce(&mut Listed) -> Result<T, OperatorsError>) -> Result<T, OperatorsError> {
    let file = file_of(journal);
    let fault = |error| OperatorsError::File { path: file.clone(), error };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(journal).map_err(fault)?;
    let lock = owned(&journal.join("operators.lock"), false).map_err(fault)?;
    lock.lock().map_err(fault)?;
    let mut listed = read(&file)?;
    let answer = with(&mut listed)?;
    let text =
        serde_json::to_string_pretty(&listed).map_err(|error| OperatorsError::Content { path: file.clone(), error })?;
    let aside = file.with_extension("json.new");
    let mut out = owned(&aside, true).map_err(fault)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(fault)?;
    fs::rename(&aside, &file).map_err(fault)?;
    Ok(answer)
}

/// A file that only its owner may read.
fn owned(path: &Path, empty: bool) -> std::io::Result<File> {
    OpenOptions::new().create(true).write(true).truncate(empty).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn operators_are_managed_while_the_relay_runs() {
        let folder = tempfile::tempdir().unwrap();
        let running = Operators::beside(folder.path()).unwrap();
        let token = add(folder.path(), "Ada", Role::Operator).unwrap();
        let second = add(folder.path(), "Ada", Role::Viewer).unwrap();
        let ada = running.find(token.expose_secret()).unwrap();
        assert_eq!((ada.name.as_str(), ada.role), ("Ada", Role::Operator));
        assert_eq!(running.find(second.expose_secret()).unwrap().role, Role::Viewer);
        assert_eq!(running.find("guess"), None);
        let file = file_of(folder.path());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!fs::read_to_string(&file).unwrap().contains(token.expose_secret()));

        assert!(running.still_lists(&ada));
        assert_eq!(list(folder.path()).unwrap().len(), 2);
        assert_eq!(revoke(folder.path(), "Ada").unwrap(), 2);
        assert!(!running.still_lists(&ada));
        assert_eq!(running.find(token.expose_secret()), None);
        assert!(matches!(revoke(folder.path(), "Ada"), Err(OperatorsError::Unknown(_))));
        assert!(list(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let mistyped = folder.path().join("jurnal");
        for error in [list(&mistyped).unwrap_err(), revoke(&mistyped, "Ada").unwrap_err()] {
            assert!(error.to_string().contains("jurnal, and so no operators"), "{error}");
        }
        assert!(!mistyped.exists());
        add(&mistyped, "Ada", Role::Viewer).unwrap();
        assert_eq!(fs::metadata(&mistyped).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn names_that_nobody_can_read_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "  ", "a\nb", &"x".repeat(65)] {
            assert!(matches!(add(folder.path(), name, Role::Viewer), Err(OperatorsError::Name(_))), "{name:?}");
        }
    }
}
