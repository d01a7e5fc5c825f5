//! The keys of webhooks: the one that signs, those that are published, and a stranger's that never is.
//!
//! Knows which key there is, and nothing of what is signed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::OnceCell;

use super::keys::{KeyError, SigningKey};

/// The most keys that are published at a time; the oldest gives way.
const MOST: usize = 8;

/// The keys.
#[derive(Debug)]
pub(super) struct KeyRing {
    /// The oldest first; the newest signs. Invariant: never empty.
    published: Mutex<Vec<Arc<SigningKey>>>,
    stranger: OnceCell<Arc<SigningKey>>,
}

impl KeyRing {
    pub(super) fn new(key: SigningKey) -> Self {
        Self { published: Mutex::new(vec![Arc::new(key)]), stranger: OnceCell::new() }
    }

    /// The key that signs.
    pub(super) fn current(&self) -> Result<Arc<SigningKey>, KeyError> {
        self.keys().last().cloned().ok_or(KeyError::Generate)
    }

    /// The public halves, as members of a JSON Web Key Set.
    pub(super) fn public(&self) -> Vec<Value> {
        self.keys().iter().map(|it| it.public()).collect()
    }

    /// The ids of the published keys, the oldest first; the last one signs.
    pub(super) fn ids(&self) -> Vec<String> {
        self.keys().iter().map(|it| it.id().to_owned()).collect()
    }

    /// Publishes a new key and signs with it from now on; the old ones stay published.
    pub(super) async fn roll(&self) -> Result<(), KeyError> {
        let key = made().await?;
        let mut keys = self.keys();
        keys.push(key);
        if keys.len() > MOST {
            keys.remove(0);
        }
        Ok(())
    }

    /// Publishes the key that signs and no other.
    pub(super) fn drop_old(&self) {
        let mut keys = self.keys();
        let old = keys.len().saturating_sub(1);
        keys.drain(..old);
    }

    /// A key that is published nowhere, made when it is first asked for.
    pub(super) async fn stranger(&self) -> Result<Arc<SigningKey>, KeyError> {
        self.stranger.get_or_try_init(made).await.cloned()
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Arc<SigningKey>>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn made() -> Result<Arc<SigningKey>, KeyError> {
    let made = tokio::task::spawn_blocking(SigningKey::generate).await.map_err(|_ended| KeyError::Generate)?;
    made.map(Arc::new)
}
