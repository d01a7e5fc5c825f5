//! The keys that sign webhooks: the published ones, the newest of which signs, and one key that is never published.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::bounded::Ring;

use super::keys::{KeyError, SigningKey};

/// The maximum number of published keys; a new key evicts the oldest.
const MOST: usize = 8;

/// The keys of webhooks.
#[derive(Debug)]
pub(super) struct KeyRing {
    /// The published keys, oldest first; the newest signs. Invariant: never empty.
    published: Mutex<Ring<Arc<SigningKey>, MOST>>,
    stranger: OnceCell<Arc<SigningKey>>,
}

impl KeyRing {
    /// Creates a ring with one key, which signs.
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

    /// Publishes a new key, which signs from now on. The old keys stay published.
    pub(super) async fn roll(&self) -> Result<(), KeyError> {
        let key = made().await?;
        self.published.lock().push(key);
        Ok(())
    }

    /// Removes all published keys except the one that signs.
    pub(super) fn drop_old(&self) {
        let mut keys = self.published.lock();
        while keys.len() > 1 {
            keys.pop_oldest();
        }
    }

    /// Returns a key that is never published. The first call generates it.
    pub(super) async fn unpublished(&self) -> Result<Arc<SigningKey>, KeyError> {
        self.stranger.get_or_try_init(made).await.cloned()
    }
}

async fn made() -> Result<Arc<SigningKey>, KeyError> {
    let made = tokio::task::spawn_blocking(SigningKey::generate).await.map_err(|_ended| KeyError::Generate)?;
    made.map(Arc::new)
}
