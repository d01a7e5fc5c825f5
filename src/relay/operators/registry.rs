//! The operators of a running relay. Reads the list again when the file changes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::sync::watch;

use super::error::OperatorsError;
use super::list::{FileStamp, file_of, read, stamp};
use super::token::{OperatorToken, digest_of};
use crate::protocol::Role;
use crate::time::clock;

/// The operators of a relay, from a file or in memory.
#[derive(Debug)]
pub struct OperatorRegistry {
    file: Option<PathBuf>,
    known: Mutex<KnownOperators>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct KnownOperators {
    operators: Vec<OperatorToken>,
    /// The stamp of the file when it was read.
    read: Option<FileStamp>,
    /// The last logged reason why the file cannot be read.
    unread: Option<String>,
}

impl KnownOperators {
    /// Keeps the old list, and logs the reason if it is new.
    fn keep_old_list(&mut self, error: &OperatorsError) {
        let why = error.to_string();
        if self.unread.as_ref() != Some(&why) {
            tracing::error!(error = why, "cannot read the operators; the relay keeps the old list until it can");
            self.unread = Some(why);
        }
    }
}

/// The interval at which the list is checked for changes. A revoked operator's feed closes within it.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

impl OperatorRegistry {
    /// Creates operators without a file from their name, role and token.
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

    /// Reads the operators of a journal's folder. The list is empty if there is no file yet.
    ///
    /// Fails if the file can't be read or is not a list of operators.
    pub(crate) fn beside(journal: &Path) -> Result<Self, OperatorsError> {
        let file = file_of(journal);
        let known = KnownOperators { read: stamp(&file), operators: read(&file)?.operators, unread: None };
        Ok(Self { file: Some(file), known: Mutex::new(known), changed: watch::Sender::default() })
    }

    /// Returns the operator to whom this token belongs, if it is valid now.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<OperatorToken> {
        let digest = digest_of(token);
        let now = clock::wall();
        let mut found = None;
        // Every digest is compared, so that the response time does not reveal a partial match.
        for operator in &self.refreshed().operators {
            if bool::from(operator.sha256.as_bytes().ct_eq(digest.as_bytes())) {
                found = Some(operator.clone());
            }
        }
        found.filter(|it| it.is_live(now))
    }

    /// Returns whether an operator's token is still listed with the same role and has not expired.
    #[must_use]
    pub fn still_lists(&self, operator: &OperatorToken) -> bool {
        operator.is_live(clock::wall()) && self.refreshed().operators.contains(operator)
    }

    /// Returns a watch that changes when a token may have been revoked or have expired.
    pub(in crate::relay) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Polls the list and the tokens' expiry until the relay stops.
    pub(in crate::relay) async fn watch(&self) {
        let mut live = self.live();
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
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

    /// Returns the list, read again if the file has changed.
    fn refreshed(&self) -> MutexGuard<'_, KnownOperators> {
        let mut known = self.known.lock();
        let Some(file) = &self.file else { return known };
        let stamp = stamp(file);
        if stamp != known.read {
            // Its removal revokes nobody: the folder may have gone by mistake, and the consoles must show it.
            let listed = match stamp {
                None => Err(OperatorsError::Gone { path: file.clone() }),
                Some(_) => read(file),
            };
            match listed {
                Ok(listed) => {
                    if known.unread.is_some() {
                        tracing::info!("the relay can read the operators again");
                    }
                    *known = KnownOperators { operators: listed.operators, read: stamp, unread: None };
                }
                Err(error) => known.keep_old_list(&error),
            }
        }
        known
    }
}
