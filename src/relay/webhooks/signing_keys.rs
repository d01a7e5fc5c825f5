//! The keys that sign Graph's webhooks: fetched from the OpenID metadata, and kept while the server is down. Of tokens
//! it knows only their `kid`.
//!
//! Anyone can invent a key id, so requests to the server for unknown ids are limited. Between two requests, webhooks
//! with an unknown key are deferred rather than refused, because the key may be a new one. After the pause the relay
//! fetches the keys by itself. If the list has a new key, a deferred webhook was valid; see [`SigningKeys::follow`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::DecodingKey;
use parking_lot::RwLock;
use serde::Deserialize;
use tokio::sync::{Mutex, Notify};
use url::Url;

use crate::relay::graph::http_client::is_protected;

/// The keys by their `kid`.
pub(in crate::relay) struct SigningKeys {
    openid: Url,
    http: reqwest::Client,
    /// The shortest time between two fetches for an unknown `kid`. Fetches for other reasons do not count, so that a
    /// new key is found immediately.
    pause: Duration,
    known: RwLock<KnownKeys>,
    /// Locked during a fetch; contains the last fetches.
    tried: Mutex<RecentFetches>,
    /// A webhook was deferred.
    deferred: Notify,
    /// A deferred webhook's key turned out to be valid.
    deferred_valid_key: Notify,
}

/// The result of a search for a key.
pub(in crate::relay) enum KeyLookup {
    /// The key is listed.
    Key(Arc<DecodingKey>),
    /// A fetch after the search began has not found it.
    Unlisted,
    /// The key is unknown, and the next fetch may begin only after this.
    Later(Duration),
}

/// The last fetches.
#[derive(Default)]
struct RecentFetches {
    /// The last fetch for any reason.
    any: Option<FetchAttempt>,
    /// The last fetch for an unknown `kid`, which forged tokens can cause and which is therefore limited separately.
    unknown: Option<FetchAttempt>,
    /// Whether a webhook was deferred since the keys were fetched.
    deferred: bool,
}

/// The reason why the keys are fetched.
#[derive(Clone, Copy)]
enum FetchReason<'a> {
    /// No key is known yet.
    NoneYet,
    /// The known keys are old.
    Due,
    /// A token names this unknown `kid`.
    Unknown(&'a str),
    /// Webhooks with unknown keys were deferred.
    Deferred,
}

/// Whether a fetch took place.
enum FetchTiming {
    /// A fetch began after the request for it.
    Now,
    /// The last fetch succeeded, and the next may begin after this time.
    Lately(Duration),
}

/// The start of a fetch, and whether it failed.
#[derive(Clone, Copy)]
struct FetchAttempt {
    began: Instant,
    failed: bool,
}

/// A key of the list.
#[derive(Clone)]
struct ListedKey {
    /// The modulus and exponent as in the list.
    spelled: (String, String),
    key: Arc<DecodingKey>,
}

/// A key as far as it is known, and whether the list of keys is old.
struct KnownKey {
    key: Option<Arc<DecodingKey>>,
    is_stale: bool,
}

#[derive(Default)]
struct KnownKeys {
    keys: BTreeMap<String, ListedKey>,
    fetched: Option<Instant>,
}

/// The age at which known keys are fetched again.
const MAX_AGE: Duration = Duration::from_hours(2);
/// The shortest time between two fetches while no key is known.
const FIRST_FETCH_RETRY: Duration = Duration::from_secs(1);

/// The reason why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(in crate::relay) enum KeysError {
    #[error("the signing keys cannot be fetched from {url}: {error}; check the OpenID address and the network")]
    Fetch { url: String, error: String },
}

impl SigningKeys {
    /// Creates the keys of the metadata at `openid`. Unknown `kid`s cause at most one fetch per `pause`.
    pub(in crate::relay) fn new(openid: Url, http: reqwest::Client, pause: Duration) -> Self {
        let (known, tried) = (RwLock::default(), Mutex::default());
        Self { openid, http, pause, known, tried, deferred: Notify::new(), deferred_valid_key: Notify::new() }
    }

    /// Returns the key with this id without waiting. If the keys are old, starts a fetch in the background.
    pub(in crate::relay) fn known(self: &Arc<Self>, kid: &str) -> Option<Arc<DecodingKey>> {
        let KnownKey { key, is_stale } = self.look_up(kid);
        if key.is_some() && is_stale && self.tried.try_lock().is_ok() {
            let keys = Arc::clone(self);
            // The old keys stay in use during the fetch, and also if it fails.
            tokio::spawn(async move { keys.fetch_due().await });
        }
        key
    }

    /// Searches for an unknown key, with a fetch if one is allowed.
    ///
    /// Fails if the fetch fails, which is not the sender's fault.
    pub(in crate::relay) async fn find(&self, kid: &str) -> Result<KeyLookup, KeysError> {
        let fetched = self.fetch(FetchReason::Unknown(kid)).await?;
        Ok(match (self.look_up(kid).key, fetched) {
            (Some(key), _) => KeyLookup::Key(key),
            (None, FetchTiming::Now) => KeyLookup::Unlisted,
            (None, FetchTiming::Lately(left)) => KeyLookup::Later(left),
        })
    }

    /// Returns the time since the keys were fetched.
    pub(in crate::relay) fn age(&self) -> Option<Duration> {
        Some(self.known.read().fetched?.elapsed())
    }

    /// Fetches the keys if there are none yet. Fails if there is still no key to verify with.
    pub(in crate::relay) async fn ensure_keys(&self) -> Result<(), KeysError> {
        if self.has_keys() {
            return Ok(());
        }
        self.fetch(FetchReason::NoneYet).await?;
        if self.has_keys() { Ok(()) } else { Err(fault(&self.openid, "it lists no keys")) }
    }

    /// Runs until the relay stops: fetches the keys again before they are old, so that no webhook waits for the fetch,
    /// and as soon as the pause allows after a webhook was deferred.
    ///
    /// Calls `missed` if a deferred webhook was or may have been valid: if the list has a new key, or cannot be
    /// fetched. An invented key id has no effect.
    pub(in crate::relay) async fn follow(&self, missed: impl Fn()) {
        loop {
            let waits = self.deferred_until().await;
            tokio::select! {
                () = self.deferred_valid_key.notified() => missed(),
                () = self.deferred.notified() => {}
                () = tokio::time::sleep(waits.unwrap_or(MAX_AGE)) => {
                    if waits.is_none() {
                        self.fetch_due().await;
                    } else if let Err(error) = self.fetch(FetchReason::Deferred).await {
                        tracing::warn!(%error, "cannot tell whether the deferred webhooks were valid");
                        self.tried.lock().await.deferred = false;
                        missed();
                    }
                }
            }
        }
    }

    /// Returns the time until the fetch for deferred webhooks may begin, or `None` if no webhook was deferred.
    async fn deferred_until(&self) -> Option<Duration> {
        let tried = self.tried.lock().await;
        let left = tried.unknown.map(|it| self.pause.saturating_sub(it.began.elapsed())).unwrap_or_default();
        tried.deferred.then_some(left)
    }

    async fn fetch_due(&self) {
        if let Err(error) = self.fetch(FetchReason::Due).await {
            tracing::warn!(%error, "could not renew the signing keys; the relay keeps the old ones");
        }
    }

    fn look_up(&self, kid: &str) -> KnownKey {
        let known = self.known.read();
        let is_stale = known.fetched.is_none_or(|it| it.elapsed() > MAX_AGE);
        KnownKey { key: known.keys.get(kid).map(|it| Arc::clone(&it.key)), is_stale }
    }

    fn has_keys(&self) -> bool {
        !self.known.read().keys.is_empty()
    }

    /// Fetches the keys. If the last fetch is too recent, returns its result instead.
    async fn fetch(&self, why: FetchReason<'_>) -> Result<FetchTiming, KeysError> {
        let wanted = crate::time::clock::instant();
        let mut tried = self.tried.lock().await;
        let (last, pause) = match why {
            FetchReason::NoneYet => (tried.any, FIRST_FETCH_RETRY),
            FetchReason::Due => (tried.any, self.pause),
            // Another fetch has found it in the meantime.
            FetchReason::Unknown(kid) if self.look_up(kid).key.is_some() => return Ok(FetchTiming::Now),
            FetchReason::Unknown(_) | FetchReason::Deferred => (tried.unknown, self.pause),
        };
        match last.filter(|it| it.began.elapsed() < pause) {
            Some(last) if last.failed => return Err(fault(&self.openid, "it was tried a moment ago")),
            Some(last) if last.began >= wanted => return Ok(FetchTiming::Now),
            Some(last) => {
                if let FetchReason::Unknown(_) = why {
                    tried.deferred = true;
                    self.deferred.notify_one();
                }
                return Ok(FetchTiming::Lately(pause.saturating_sub(last.began.elapsed())));
            }
            None => {}
        }
        // A fetch counts as failed until it succeeds, also if its caller is cancelled.
        let began = crate::time::clock::instant();
        tried.note(why, FetchAttempt { began, failed: true });
        let has_new = self.renew().await?;
        tried.note(why, FetchAttempt { began, failed: false });
        if std::mem::take(&mut tried.deferred) && has_new {
            self.deferred_valid_key.notify_one();
        }
        Ok(FetchTiming::Now)
    }

    /// Fetches the keys, and returns whether the list has a new one.
    async fn renew(&self) -> Result<bool, KeysError> {
        let metadata: OpenIdMetadata = self.get(self.openid.clone()).await?;
        let listed = Url::parse(&metadata.jwks_uri).map_err(|error| fault(&self.openid, error))?;
        if !is_protected(&listed) {
            return Err(fault(
                &self.openid,
                "its keys have a plain HTTP address, where anyone in between can change them",
            ));
        }
        let listed: KeyList = self.get(listed).await?;
        let before = self.known.read().keys.clone();
        let keys = listed.keys.into_iter().filter_map(|listed| {
            let (kid, spelled) = (listed.kid?, (listed.n?, listed.e?));
            // An unchanged key keeps its `Arc`, so that the cached tokens that it verified stay valid.
            if let Some(same) = before.get(&kid).filter(|it| it.spelled == spelled) {
                return Some((kid, same.clone()));
            }
            let key = DecodingKey::from_rsa_components(&spelled.0, &spelled.1).ok()?;
            Some((kid, ListedKey { spelled, key: Arc::new(key) }))
        });
        let keys: BTreeMap<_, _> = keys.collect();
        if keys.is_empty() {
            return Err(fault(&self.openid, "it lists no keys"));
        }
        tracing::info!(keys = keys.len(), "fetched the signing keys");
        let has_new = keys.keys().any(|kid| !before.contains_key(kid));
        *self.known.write() = KnownKeys { keys, fetched: Some(crate::time::clock::instant()) };
        Ok(has_new)
    }

    /// Ages the last fetches by the pause between two.
    #[cfg(test)]
    pub(in crate::relay) async fn make_older(&self) {
        let mut last = self.tried.lock().await;
        let RecentFetches { any, unknown, .. } = &mut *last;
        for tried in [any, unknown].into_iter().flatten() {
            tried.began -= self.pause;
        }
        self.deferred.notify_one();
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: Url) -> Result<T, KeysError> {
        let away = |error: reqwest::Error| fault(&url, error.without_url());
        let answer = self.http.get(url.clone()).timeout(Duration::from_secs(5)).send().await.map_err(away)?;
        answer.error_for_status().map_err(away)?.json().await.map_err(away)
    }
}

impl RecentFetches {
    const fn note(&mut self, why: FetchReason<'_>, tried: FetchAttempt) {
        self.any = Some(tried);
        if let FetchReason::Unknown(_) | FetchReason::Deferred = why {
            self.unknown = Some(tried);
        }
    }
}

fn fault(url: &Url, error: impl std::fmt::Display) -> KeysError {
    KeysError::Fetch { url: url.to_string(), error: error.to_string() }
}

#[derive(Deserialize)]
struct OpenIdMetadata {
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeyList {
    keys: Vec<JsonWebKey>,
}

/// A key of the list; only RSA keys have `n` and `e`.
#[derive(Deserialize)]
struct JsonWebKey {
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}
