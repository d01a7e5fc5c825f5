//! The operators that a running relay knows; it reads the list again when the file has changed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::sync::watch;

use super::error::OperatorsError;
use super::list::{FileStamp, file_of, read, stamp};
use super::token::{OperatorToken, digest_of};
use crate::clock;
use crate::protocol::Role;

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
    read: Option<FileStamp>,
    /// Why the file cannot be read now, as last logged.
    unread: Option<String>,
}

impl KnownOperators {
    /// Keeps the old list, and logs each reason once.
    fn keep(&mut self, error: &OperatorsError) {
        let why = error.to_string();
        if self.unread.as_ref() != Some(&why) {
            tracing::error!(error = why, "cannot read the operators; the relay keeps the old list until it can");
            self.unread = Some(why);
        }
    }
}

/// The interval at which the list is checked for changes: a revoked operator's feed closes within it.
const LOOKING: Duration = Duration::from_millis(500);

impl OperatorRegistry {
    /// Operators without a file, for as long as the relay runs: name, role, token.
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

    /// The operators beside a journal; an empty list when there is no file yet.
    ///
    /// # Errors
    /// When the file can't be read or is not a list of operators.
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
        // Every digest is compared, so that the time does not reveal a near match.
        for operator in &self.refreshed().operators {
            if bool::from(operator.sha256.as_bytes().ct_eq(asked.as_bytes())) {
                found = Some(operator.clone());
            }
        }
        found.filter(|it| it.is_live(now))
    }

    /// Whether an operator's token is still listed with the same role and has not expired.
    #[must_use]
    pub fn still_lists(&self, operator: &OperatorToken) -> bool {
        operator.is_live(clock::wall()) && self.refreshed().operators.contains(operator)
    }

    /// Wakes when a token may have been revoked or have expired.
    pub(in crate::relay) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Polls the list and the tokens' expiry until the relay stops.
    pub(in crate::relay) async fn watch(&self) {
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

    /// The list, read again if the file has changed.
    fn refreshed(&self) -> MutexGuard<'_, KnownOperators> {
        let mut known = self.known.lock();
        let Some(file) = &self.file else { return known };
        let stamp = stamp(file);
        if stamp != known.read {
            match read(file) {
                Ok(listed) => {
                    if known.unread.is_some() {
                        tracing::info!("the relay can read the operators again");
                    }
                    *known = KnownOperators { operators: listed.operators, read: stamp, unread: None };
                }
                Err(error) => known.keep(&error),
            }
        }
        known
    }
}
