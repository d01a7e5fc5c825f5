//! The keys of webhooks: the one that signs, those that are published, and one that never is published.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::bounded::Ring;

use super::keys::{KeyError, SigningKey};

/// The most keys that are published at a time; a new one evicts the oldest.
const MOST: usize = 8;

/// The keys of webhooks.
#[derive(Debug)]
pub(super) struct KeyRing {
    /// The oldest first; the newest signs. Invariant: never empty.
    published: Mutex<Ring<Arc<SigningKey>, MOST>>,
    stranger: OnceCell<Arc<SigningKey>>,
}

impl KeyRing {
    /// A ring with one key, which signs.
    pub(super) fn new(key: SigningKey) -> Self {
        let mut keys = Ring::default();
        keys.push(Arc::new(key));
        Self { published: Mutex::new(keys), stranger: OnceCell::new() }
    }

    /// Returns the newest key, which signs.
    pub(super) fn current(&self) -> Result<Arc<SigningKey>, KeyError> {
        self.published.lock().newest().cloned().ok_or(KeyError::Generate)
    }

    /// Returns the public halves, as members of a JSON Web Key Set.
    pub(super) fn public(&self) -> Vec<Value> {
        self.published.lock().iter().map(|it| it.public()).collect()
    }

    /// Returns the ids of the published keys, the oldest first; the last one signs.
    pub(super) fn ids(&self) -> Vec<String> {
        self.published.lock().iter().map(|it| it.id().to_owned()).collect()
    }

    /// Publishes a new key and signs with it from now on; the old ones stay published.
    pub(super) async fn roll(&self) -> Result<(), KeyError> {
        let key = made().await?;
        self.published.lock().push(key);
        Ok(())
    }

    /// Stops publishing every key but the one that signs.
    pub(super) fn drop_old(&self) {
        let mut keys = self.published.lock();
        while keys.len() > 1 {
            keys.pop_oldest();
        }
    }

    /// Returns a key that is published nowhere; makes it on the first call.
    pub(super) async fn stranger(&self) -> Result<Arc<SigningKey>, KeyError> {
        self.stranger.get_or_try_init(made).await.cloned()
    }
}

async fn made() -> Result<Arc<SigningKey>, KeyError> {
    let made = tokio::task::spawn_blocking(SigningKey::generate).await.map_err(|_ended| KeyError::Generate)?;
    made.map(Arc::new)
}
