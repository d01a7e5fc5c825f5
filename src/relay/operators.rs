//! Who may use the relay: operators, their roles and the digests of their tokens. Knows no HTTP.
//!
//! Tokens are 256 random bits, shown once and kept as SHA-256 only; they end by themselves, can be taken back, and an
//! operator may have two for a while, so that one can follow the other. The list lives in `operators.json` beside the
//! journal, so that it can be managed while the relay runs; the relay reads it again when it has changed.

mod list;

pub use list::{add, list, revoke, rotate};

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tokio::sync::watch;

use self::list::{FileStamp, file_of, read, stamp};
use crate::clock;
use crate::protocol::Role;
use crate::time::Timestamp;

/// The operators that a relay knows.
#[derive(Debug)]
pub struct OperatorRegistry {
    file: Option<PathBuf>,
    known: Mutex<KnownOperators>,
    changed: watch::Sender<()>,
}

/// An operator's token, as far as others may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorToken {
    /// The name; two tokens may share one for rotation.
    pub name: String,
    /// What the operator may do.
    pub role: Role,
    /// When the token was made, in wall time.
    pub added: Timestamp,
    /// When it ends, in wall time; never in lists of before there were ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The token's digest, in hexadecimal.
    sha256: String,
}

#[derive(Debug, Default)]
struct KnownOperators {
    operators: Vec<OperatorToken>,
    read: Option<FileStamp>,
    /// Why the file can't be read now, as it was last said.
    unread: Option<String>,
}

impl KnownOperators {
    /// The list stays as it was; that is said once for each reason.
    fn keep(&mut self, error: &OperatorsError) {
        let why = error.to_string();
        if self.unread.as_ref() != Some(&why) {
            tracing::error!(
                error = why,
                "the operators stay as they were; what is changed counts once they can be read"
            );
            self.unread = Some(why);
        }
    }
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
    /// The operator has another role.
    #[error("{name:?} has the role {role} already; revoke that first, or choose another name")]
    OtherRole {
        /// The operator.
        name: String,
        /// The role.
        role: Role,
    },
    /// A third token was asked for.
    #[error("{0:?} has two live tokens already; revoke one of them first: revoke NAME --token N, as list shows it")]
    Two(String),
    /// The operator has no such token.
    #[error("{name:?} has no token {token:?}; list them to see which there are")]
    NoToken {
        /// The operator.
        name: String,
        /// What was given.
        token: String,
    },
    /// The system has no randomness.
    #[error("the system gave no random bits for a token; try again")]
    Random,
}

/// How often the list is looked at: no longer does a revoked operator's feed stay open.
const LOOKING: Duration = Duration::from_millis(500);

impl OperatorRegistry {
    /// Operators that live as long as the relay: name, role, token.
    #[must_use]
    pub fn in_memory(operators: Vec<(String, Role, SecretString)>) -> Self {
        let listed = operators.into_iter().map(|(name, role, token)| OperatorToken {
            name,
            role,
            added: clock::wall(),
            expires: None,
            sha256: digest_of(token.expose_secret()),
        });
        let known = KnownOperators { operators: listed.collect(), ..KnownOperators::default() };
        Self { file: None, known: Mutex::new(known), changed: watch::Sender::default() }
    }

    /// The operators beside a journal; none when there is no file yet.
    ///
    /// # Errors
    /// When the file can't be read or is no list of operators.
    pub fn beside(journal: &Path) -> Result<Self, OperatorsError> {
        let file = file_of(journal);
        let known = KnownOperators { read: stamp(&file), operators: read(&file)?.operators, unread: None };
        Ok(Self { file: Some(file), known: Mutex::new(known), changed: watch::Sender::default() })
    }

    /// The operator whose live token this is, as of now.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<OperatorToken> {
        let asked = digest_of(token);
        let now = clock::wall();
        let mut found = None;
        // Every digest is compared, so that the time says nothing about which one is near.
        for operator in &self.refreshed().operators {
            if bool::from(operator.sha256.as_bytes().ct_eq(asked.as_bytes())) {
                found = Some(operator.clone());
            }
        }
        found.filter(|it| it.is_live(now))
    }

    /// Whether an operator that was found is still listed, with the same role, and the token has not ended.
    #[must_use]
    pub fn still_lists(&self, operator: &OperatorToken) -> bool {
        operator.is_live(clock::wall()) && self.refreshed().operators.contains(operator)
    }

    /// A wake-up when somebody may have lost the right to be here.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Looks at the list and at the tokens' ends for as long as the relay lives.
    pub(super) async fn watch(&self) {
        let mut live = self.live();
        loop {
            tokio::time::sleep(LOOKING).await;
            let now = self.live();
            if now != live {
                live = now;
                self.changed.send_replace(());
            }
        }
    }

    fn live(&self) -> Vec<OperatorToken> {
        let now = clock::wall();
        self.refreshed().operators.iter().filter(|it| it.is_live(now)).cloned().collect()
    }

    /// The list as the file has it now.
    fn refreshed(&self) -> MutexGuard<'_, KnownOperators> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = &self.file else { return known };
        let stamp = stamp(file);
        if stamp != known.read {
            match read(file) {
                Ok(listed) => {
                    if known.unread.is_some() {
                        tracing::info!("the operators can be read again");
                    }
                    *known = KnownOperators { operators: listed.operators, read: stamp, unread: None };
                }
                Err(error) => known.keep(&error),
            }
        }
        known
    }
}

impl OperatorToken {
    /// What people call the token: the last four digits of its digest.
    #[must_use]
    pub fn token(&self) -> &str {
        self.sha256.len().checked_sub(4).and_then(|it| self.sha256.get(it..)).unwrap_or(&self.sha256)
    }

    /// Whether the token has not ended.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|it| now < it)
    }
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

fn digest_of(token: &str) -> String {
    let digest = digest(&SHA256, token.as_bytes());
    let digits = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|it| char::from_digit(u32::from(it), 16)).collect()
}
