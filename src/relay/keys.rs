//! The keys that sign Graph's webhooks: fetched from the OpenID metadata, kept while the server is away.
//! Knows nothing of tokens but their `kid`.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::outbound::is_sealed;

/// The keys by their `kid`.
pub(super) struct Keys {
    openid: Url,
    http: reqwest::Client,
    known: RwLock<Known>,
    /// One fetch at a time; holds the last ones.
    tried: Mutex<Last>,
}

/// The last fetches.
#[derive(Default)]
struct Last {
    /// For whatever reason.
    any: Option<Tried>,
    /// For a `kid` that nobody knew: strangers can cause these, so they have a budget of their own.
    unknown: Option<Tried>,
}

/// Why the keys are fetched.
#[derive(Clone, Copy)]
enum Why<'a> {
    /// None is known yet.
    NoneYet,
    /// It is time.
    Due,
    /// A token names this `kid`, and it is not among them.
    Unknown(&'a str),
}

/// A fetch.
#[derive(Clone, Copy)]
struct Tried {
    began: Instant,
    failed: bool,
}

#[derive(Default)]
struct Known {
    keys: BTreeMap<String, Arc<DecodingKey>>,
    fetched: Option<Instant>,
}

/// Known keys are fetched again after this.
const FRESH: Duration = Duration::from_hours(2);
/// An unknown `kid` asks the server at most this often, however lately the keys were fetched for other reasons: a
/// key that is new since then is found at once …
const UNKNOWN: Duration = Duration::from_mins(1);
/// … and this often while no key is known at all.
const NONE_YET: Duration = Duration::from_secs(1);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeysError {
    #[error("the signing keys cannot be fetched from {url}: {error}; check the OpenID address and the network")]
    Fetch { url: String, error: String },
}

impl Keys {
    pub(super) fn new(openid: Url, http: reqwest::Client) -> Self {
        Self { openid, http, known: RwLock::default(), tried: Mutex::default() }
    }

    /// The key with this id; `None` when the server, asked lately, does not list it.
    pub(super) async fn find(self: &Arc<Self>, kid: &str) -> Result<Option<Arc<DecodingKey>>, KeysError> {
        let (key, stale, any) = self.look(kid);
        if key.is_some() {
            if stale && self.tried.try_lock().is_ok() {
                let keys = Arc::clone(self);
                // The old keys serve meanwhile, and go on serving when the server is away.
                tokio::spawn(async move {
                    if let Err(error) = keys.fetch(Why::Due).await {
                        tracing::warn!(%error, "the signing keys stay as they were");
                    }
                });
            }
            return Ok(key);
        }
        // A failure is ours and not the sender's: what cannot be verified now is asked to come again.
        self.fetch(if any { Why::Unknown(kid) } else { Why::NoneYet }).await?;
        match self.look(kid) {
            (None, _, false) => Err(fault(&self.openid, "it lists no keys")),
            (key, _, _) => Ok(key),
        }
    }

    /// How long ago the keys were fetched.
    pub(super) fn age(&self) -> Option<Duration> {
        Some(self.known.read().unwrap_or_else(PoisonError::into_inner).fetched?.elapsed())
    }

    /// Whether there are keys to verify with; fetches them when there are none.
    pub(super) async fn ready(&self) -> Result<(), KeysError> {
        if self.look("").2 {
            return Ok(());
        }
        self.fetch(Why::NoneYet).await?;
        if self.look("").2 { Ok(()) } else { Err(fault(&self.openid, "it lists no keys")) }
    }

    /// Fetches known keys again now and then, so that no webhook waits for that, for as long as the relay lives.
    pub(super) async fn follow(&self) {
        loop {
            tokio::time::sleep(FRESH).await;
            if let Err(error) = self.fetch(Why::Due).await {
                tracing::warn!(%error, "the signing keys stay as they were");
            }
        }
    }

    fn look(&self, kid: &str) -> (Option<Arc<DecodingKey>>, bool, bool) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let stale = known.fetched.is_none_or(|it| it.elapsed() > FRESH);
        (known.keys.get(kid).cloned(), stale, !known.keys.is_empty())
    }

    /// Fetches the keys, unless that was tried a moment ago: then that try's success or failure stands.
    async fn fetch(&self, why: Why<'_>) -> Result<(), KeysError> {
        let mut tried = self.tried.lock().await;
        let (last, pause) = match why {
            Why::NoneYet => (tried.any, NONE_YET),
            Why::Due => (tried.any, UNKNOWN),
            // Somebody else's fetch has found it meanwhile.
            Why::Unknown(kid) if self.look(kid).0.is_some() => return Ok(()),
            Why::Unknown(_) => (tried.unknown, UNKNOWN),
        };
        let lately = last.filter(|it| it.began.elapsed() < pause);
        match lately {
            Some(last) if last.failed => {
                return Err(fault(&self.openid, "it was tried a moment ago"));
            }
            Some(_) => return Ok(()),
            None => {}
        }
        // Until it has succeeded it counts as failed, also when the one who waits for it goes away.
        let began = crate::clock::instant();
        tried.note(why, Tried { began, failed: true });
        self.renew().await?;
        tried.note(why, Tried { began, failed: false });
        Ok(())
    }

    async fn renew(&self) -> Result<(), KeysError> {
        let metadata: Metadata = self.get(self.openid.clone()).await?;
        let listed = Url::parse(&metadata.jwks_uri).map_err(|error| fault(&self.openid, error))?;
        if !is_sealed(&listed) {
            return Err(fault(&self.openid, "its keys are named over plain HTTP, where anybody may change them"));
        }
        let listed: Listed = self.get(listed).await?;
        let keys = listed.keys.into_iter().filter_map(|it| {
            let key = DecodingKey::from_rsa_components(&it.n?, &it.e?).ok()?;
            Some((it.kid?, Arc::new(key)))
        });
        let keys: BTreeMap<_, _> = keys.collect();
        if keys.is_empty() {
            return Err(fault(&self.openid, "it lists no keys"));
        }
        let known = Known { keys, fetched: Some(crate::clock::instant()) };
        tracing::info!(keys = known.keys.len(), "the signing keys were fetched");
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }

    /// Makes the last fetches a minute older.
    #[cfg(test)]
    pub(super) async fn make_older(&self) {
        let mut last = self.tried.lock().await;
        let Last { any, unknown } = &mut *last;
        for tried in [any, unknown].into_iter().flatten() {
            tried.began -= UNKNOWN;
        }
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: Url) -> Result<T, KeysError> {
        let away = |error: reqwest::Error| fault(&url, error.without_url());
        let answer = self.http.get(url.clone()).timeout(Duration::from_secs(5)).send().await.map_err(away)?;
        answer.error_for_status().map_err(away)?.json().await.map_err(away)
    }
}

impl Last {
    const fn note(&mut self, why: Why<'_>, tried: Tried) {
        self.any = Some(tried);
        if let Why::Unknown(_) = why {
            self.unknown = Some(tried);
        }
    }
}

fn fault(url: &Url, error: impl std::fmt::Display) -> KeysError {
    KeysError::Fetch { url: url.to_string(), error: error.to_string() }
}

#[derive(Deserialize)]
struct Metadata {
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Listed {
    keys: Vec<Key>,
}

/// A key of the list; keys of other kinds than RSA lack `n` and `e`.
#[derive(Deserialize)]
struct Key {
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}
