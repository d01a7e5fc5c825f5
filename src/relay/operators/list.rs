//! The file of operators beside the journal: the digest, role and expiry of each token. A lock admits one writer at a
//! time, and readers see the old list or the new one.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::error::OperatorsError;
use super::token::{OperatorToken, digest_of, new_token};
use crate::journal::open_owned;
use crate::protocol::Role;
use crate::time::Timestamp;
use crate::time::clock;

/// Modification time, length and inode of the file.
pub(super) type FileStamp = (SystemTime, u64, u64);

/// The file's content: one entry for each token.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct OperatorList {
    pub(super) operators: Vec<OperatorToken>,
}

/// The maximum number of live tokens of one operator: the old one and its replacement.
const MAX_TOKENS: usize = 2;

/// The maximum number of characters of a name.
const MAX_NAME: usize = 64;

/// Adds an operator to a journal's folder, or a second token to an operator. Returns the token, which is not stored.
///
/// # Errors
/// Fails if the name is invalid, has another role or two live tokens already, or if the file cannot be written.
pub fn add(journal: &Path, name: &str, role: Role, expires: Option<Timestamp>) -> Result<SecretString, OperatorsError> {
    let is_printable = name.chars().all(|it| !it.is_control());
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || !is_printable {
        return Err(OperatorsError::Name(name.to_owned()));
    }
    change(journal, |listed| {
        if let Some(known) = listed.operators.iter().find(|it| it.name == name && it.role != role) {
            return Err(OperatorsError::OtherRole { name: name.to_owned(), role: known.role });
        }
        listed.add_token(name, role, expires)
    })
}

/// Adds a second token to an operator, and returns it.
///
/// Fails if there is no such folder or operator, there are two live tokens already, or the file can't be written.
pub(crate) fn rotate(journal: &Path, name: &str, expires: Option<Timestamp>) -> Result<SecretString, OperatorsError> {
    require_folder(journal)?;
    change(journal, |listed| {
        let known = listed.operators.iter().find(|it| it.name == name);
        let role = known.map(|it| it.role).ok_or_else(|| OperatorsError::Unknown(name.to_owned()))?;
        listed.add_token(name, role, expires)
    })
}

/// Returns the operators of a journal's folder, an item for each token, in the order of their addition.
///
/// Fails if there is no such folder or the file can't be read.
pub(crate) fn list(journal: &Path) -> Result<Vec<OperatorToken>, OperatorsError> {
    require_folder(journal)?;
    Ok(read(&file_of(journal))?.operators)
}

/// Revokes an operator's tokens, or only the one with this [`OperatorToken::token`]. Returns the
/// number of revoked tokens.
///
/// Fails if there is no such folder, operator or token, or the file can't be written.
pub(crate) fn revoke(journal: &Path, name: &str, token: Option<&str>) -> Result<usize, OperatorsError> {
    require_folder(journal)?;
    change(journal, |listed| {
        let before = listed.operators.len();
        if !listed.operators.iter().any(|it| it.name == name) {
            return Err(OperatorsError::Unknown(name.to_owned()));
        }
        let is_revoked = |it: &OperatorToken| it.name == name && token.is_none_or(|token| it.token() == token);
        listed.operators.retain(|it| !is_revoked(it));
        match (before - listed.operators.len(), token) {
            (0, Some(token)) => Err(OperatorsError::NoToken { name: name.to_owned(), token: token.to_owned() }),
            (revoked, _) => Ok(revoked),
        }
    })
}

impl OperatorList {
    /// Adds a new token, and removes expired ones.
    fn add_token(
        &mut self,
        name: &str,
        role: Role,
        expires: Option<Timestamp>,
    ) -> Result<SecretString, OperatorsError> {
        let now = clock::wall();
        self.operators.retain(|it| it.name != name || it.is_live(now));
        if self.operators.iter().filter(|it| it.name == name).count() >= MAX_TOKENS {
            return Err(OperatorsError::Two(name.to_owned()));
        }
        let token = new_token()?;
        let sha256 = digest_of(token.expose_secret());
        self.operators.push(OperatorToken { name: name.to_owned(), role, added: now, expires, sha256 });
        Ok(token)
    }
}

/// Refuses a folder that does not exist, so that a mistyped path is an error. Only `add` creates it.
fn require_folder(journal: &Path) -> Result<(), OperatorsError> {
    if journal.is_dir() { Ok(()) } else { Err(OperatorsError::NoJournal { path: journal.to_owned() }) }
}

pub(super) fn file_of(journal: &Path) -> PathBuf {
    journal.join("operators.json")
}

pub(super) fn stamp(file: &Path) -> Option<FileStamp> {
    let data = fs::metadata(file).ok()?;
    // A replaced file has another inode even if time and length are the same.
    Some((data.modified().ok()?, data.len(), data.ino()))
}

pub(super) fn read(file: &Path) -> Result<OperatorList, OperatorsError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(OperatorList::default()),
        Err(error) => return Err(OperatorsError::File { path: file.to_owned(), error }),
    };
    serde_json::from_str(&text).map_err(|error| OperatorsError::Content { path: file.to_owned(), error })
}

/// Changes the list under a lock, and replaces the file atomically.
fn change<T>(
    journal: &Path,
    with: impl FnOnce(&mut OperatorList) -> Result<T, OperatorsError>,
) -> Result<T, OperatorsError> {
    let file = file_of(journal);
    let fault = |error| OperatorsError::File { path: file.clone(), error };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(journal).map_err(fault)?;
    let lock = open_owned(&journal.join("operators.lock"), false).map_err(fault)?;
    lock.lock().map_err(fault)?;
    let mut listed = read(&file)?;
    let answer = with(&mut listed)?;
    let text =
        serde_json::to_string_pretty(&listed).map_err(|error| OperatorsError::Content { path: file.clone(), error })?;
    let aside = file.with_extension("json.new");
    let mut out = open_owned(&aside, true).map_err(fault)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(fault)?;
    fs::rename(&aside, &file).map_err(fault)?;
    Ok(answer)
}
