//! The keys that sign Graph's webhooks: fetched from the OpenID metadata, kept while the server is away.
//! Knows nothing of tokens but their `kid`.
//!
//! Strangers make up key ids, so an unknown one asks the server only once in a while. Who comes in between is put off
//! and not refused: that we may not ask now is our limit, and the key may be a new one of the platform's. When the
//! while is over the server is asked without anybody's coming, and a new key in its list says that somebody was put
//! off who should not have been: see [`SigningKeys::follow`].

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use tokio::sync::{Mutex, Notify};
use url::Url;

use crate::relay::graph::client::is_sealed;

/// The keys by their `kid`.
pub(in crate::relay) struct SigningKeys {
    openid: Url,
    http: reqwest::Client,
    /// An unknown `kid` asks the server at most this often, however lately the keys were fetched for other reasons: a
    /// key that is new since then is found at once.
    pause: Duration,
    known: RwLock<KnownKeys>,
    /// One fetch at a time; holds the last ones.
    tried: Mutex<RecentFetches>,
    /// Somebody was put off.
    deferred: Notify,
    /// Somebody was put off whose key is in the list now.
    deferred_valid_key: Notify,
}

/// What became of the search for a key.
pub(in crate::relay) enum KeyLookup {
    /// It is listed.
    Key(Arc<DecodingKey>),
    /// The server, asked after it was wanted, does not list it.
    Unlisted,
    /// It is not among the keys, and the server may be asked only after this.
    Later(Duration),
}

/// The last fetches.
#[derive(Default)]
struct RecentFetches {
    /// For whatever reason.
    any: Option<FetchAttempt>,
    /// For a `kid` that nobody knew: strangers can cause these, so they have a budget of their own.
    unknown: Option<FetchAttempt>,
    /// Whether anybody was put off since the keys were fetched.
    deferred: bool,
}

/// Why the keys are fetched.
#[derive(Clone, Copy)]
enum FetchReason<'a> {
    /// None is known yet.
    NoneYet,
    /// It is time.
    Due,
    /// A token names this `kid`, and it is not among them.
    Unknown(&'a str),
    /// Tokens that name unknown ones were put off.
    Deferred,
}

/// Whether a fetch was made.
enum FetchTiming {
    /// It was made after it was wanted.
    Now,
    /// The last one was good and is too young for another; for so long.
    Lately(Duration),
}

/// A fetch.
#[derive(Clone, Copy)]
struct FetchAttempt {
    began: Instant,
    failed: bool,
}

/// A key as it is listed.
#[derive(Clone)]
struct ListedKey {
    /// Its modulus and exponent, as they are spelled.
    spelled: (String, String),
    key: Arc<DecodingKey>,
}

#[derive(Default)]
struct KnownKeys {
    keys: BTreeMap<String, ListedKey>,
    fetched: Option<Instant>,
}

/// Known keys are fetched again after this.
const FRESH: Duration = Duration::from_hours(2);
/// While no key is known at all the server is asked at most this often.
const NONE_YET: Duration = Duration::from_secs(1);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(in crate::relay) enum KeysError {
    #[error("the signing keys cannot be fetched from {url}: {error}; check the OpenID address and the network")]
    Fetch { url: String, error: String },
}

impl SigningKeys {
    /// Keys that are listed there; an unknown `kid` asks for them at most once in `pause`.
    pub(in crate::relay) fn new(openid: Url, http: reqwest::Client, pause: Duration) -> Self {
        let (known, tried) = (RwLock::default(), Mutex::default());
        Self { openid, http, pause, known, tried, deferred: Notify::new(), deferred_valid_key: Notify::new() }
    }

    /// The key with this id, where it is known already.
    pub(in crate::relay) fn known(self: &Arc<Self>, kid: &str) -> Option<Arc<DecodingKey>> {
        let (key, stale, _) = self.look(kid);
        if key.is_some() && stale && self.tried.try_lock().is_ok() {
            let keys = Arc::clone(self);
            // The old keys serve meanwhile, and go on serving when the server is away.
            tokio::spawn(async move { keys.fetch_due().await });
        }
        key
    }

    /// Asks the server for a key that is not known, where it may be asked.
    ///
    /// # Errors
    /// When the server cannot be asked. That is our failure and not the sender's.
    pub(in crate::relay) async fn find(&self, kid: &str) -> Result<KeyLookup, KeysError> {
        let asked = self.fetch(FetchReason::Unknown(kid)).await?;
        Ok(match (self.look(kid).0, asked) {
            (Some(key), _) => KeyLookup::Key(key),
            (None, FetchTiming::Now) => KeyLookup::Unlisted,
            (None, FetchTiming::Lately(left)) => KeyLookup::Later(left),
        })
    }

    /// How long ago the keys were fetched.
    pub(in crate::relay) fn age(&self) -> Option<Duration> {
        Some(self.known.read().unwrap_or_else(PoisonError::into_inner).fetched?.elapsed())
    }

    /// Whether there are keys to verify with; fetches them when there are none.
    pub(in crate::relay) async fn ready(&self) -> Result<(), KeysError> {
        if self.look("").2 {
            return Ok(());
        }
        self.fetch(FetchReason::NoneYet).await?;
        if self.look("").2 { Ok(()) } else { Err(fault(&self.openid, "it lists no keys")) }
    }

    /// Fetches known keys again now and then, so that no webhook waits for that, and as soon as it may be after
    /// somebody was put off; for as long as the relay lives.
    ///
    /// `missed` is called when those who were put off were, or may have been, the platform's: the list has a new key,
    /// or cannot be had. Of those who only made one up nobody hears.
    pub(in crate::relay) async fn follow(&self, missed: impl Fn()) {
        loop {
            let waits = self.deferred_until().await;
            tokio::select! {
                () = self.deferred_valid_key.notified() => missed(),
                () = self.deferred.notified() => {}
                () = tokio::time::sleep(waits.unwrap_or(FRESH)) => {
                    if waits.is_none() {
                        self.fetch_due().await;
                    } else if let Err(error) = self.fetch(FetchReason::Deferred).await {
                        tracing::warn!(%error, "it is not known whose webhooks were put off");
                        self.tried.lock().await.deferred = false;
                        missed();
                    }
                }
            }
        }
    }

    /// How long until the server may be asked for those who were put off; `None` when there are none.
    async fn deferred_until(&self) -> Option<Duration> {
        let tried = self.tried.lock().await;
        let left = tried.unknown.map(|it| self.pause.saturating_sub(it.began.elapsed())).unwrap_or_default();
        tried.deferred.then_some(left)
    }

    async fn fetch_due(&self) {
        if let Err(error) = self.fetch(FetchReason::Due).await {
            tracing::warn!(%error, "the signing keys stay as they were");
        }
    }

    fn look(&self, kid: &str) -> (Option<Arc<DecodingKey>>, bool, bool) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let stale = known.fetched.is_none_or(|it| it.elapsed() > FRESH);
        (known.keys.get(kid).map(|it| Arc::clone(&it.key)), stale, !known.keys.is_empty())
    }

    /// Fetches the keys, unless that was tried a moment ago: then that try's success or failure stands.
    async fn fetch(&self, why: FetchReason<'_>) -> Result<FetchTiming, KeysError> {
        let wanted = crate::clock::instant();
        let mut tried = self.tried.lock().await;
        let (last, pause) = match why {
            FetchReason::NoneYet => (tried.any, NONE_YET),
            FetchReason::Due => (tried.any, self.pause),
            // Somebody else's fetch has found it meanwhile.
            FetchReason::Unknown(kid) if self.look(kid).0.is_some() => return Ok(FetchTiming::Now),
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
        // Until it has succeeded it counts as failed, also when the one who waits for it goes away.
        let began = crate::clock::instant();
        tried.note(why, FetchAttempt { began, failed: true });
        let has_new = self.renew().await?;
        tried.note(why, FetchAttempt { began, failed: false });
        if std::mem::take(&mut tried.deferred) && has_new {
            self.deferred_valid_key.notify_one();
        }
        Ok(FetchTiming::Now)
    }

    /// Fetches the keys; whether the list has one that was not there before.
    async fn renew(&self) -> Result<bool, KeysError> {
        let metadata: OpenIdMetadata = self.get(self.openid.clone()).await?;
        let listed = Url::parse(&metadata.jwks_uri).map_err(|error| fault(&self.openid, error))?;
        if !is_sealed(&listed) {
            return Err(fault(&self.openid, "its keys are named over plain HTTP, where anybody may change them"));
        }
        let listed: KeyList = self.get(listed).await?;
        let before = self.known.read().unwrap_or_else(PoisonError::into_inner).keys.clone();
        let keys = listed.keys.into_iter().filter_map(|it| {
            let (kid, spelled) = (it.kid?, (it.n?, it.e?));
            // One that is listed as before stays the very same, and with it what it has proved.
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
        tracing::info!(keys = keys.len(), "the signing keys were fetched");
        let has_new = keys.keys().any(|kid| !before.contains_key(kid));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) =
            KnownKeys { keys, fetched: Some(crate::clock::instant()) };
        Ok(has_new)
    }

    /// Makes the last fetches older by the pause between two.
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

/// A key of the list; keys of other kinds than RSA lack `n` and `e`.
#[derive(Deserialize)]
struct JsonWebKey {
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}
