//! The application's own token for Graph, by client credentials. Wall time; a single fetch at a time.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::clock;
use crate::moment::{Moment, Span};

/// The source of the application's token; clones share it.
#[derive(Clone)]
pub(super) struct AppToken {
    from: Arc<Source>,
}

struct Source {
    http: reqwest::Client,
    url: Url,
    app_id: String,
    secret: SecretString,
    kept: std::sync::Mutex<Option<Kept>>,
    /// One fetch at a time; holds when the last one failed, and why.
    fetching: Mutex<Option<(Instant, TokenError)>>,
}

#[derive(Clone)]
struct Kept {
    header: HeaderValue,
    refresh: Moment,
    expires: Moment,
}

/// Why there is no token.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum TokenError {
    /// The endpoint can't be reached or has a problem of its own; it may work later.
    #[error("the token endpoint cannot be reached: {0}")]
    Away(String),
    /// The endpoint refuses this application.
    #[error("the token endpoint refuses the application: {0}; check the application id, the secret and the tenant")]
    Refused(String),
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: i64,
}

#[derive(Deserialize, Default)]
struct Declined {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

const SCOPE: &str = "https://graph.microsoft.com/.default";

impl AppToken {
    pub(super) fn new(http: reqwest::Client, url: Url, app_id: String, secret: SecretString) -> Self {
        let from = Source { http, url, app_id, secret, kept: std::sync::Mutex::default(), fetching: Mutex::default() };
        Self { from: Arc::new(from) }
    }

    /// The `Authorization` header. While the kept token is valid nobody waits, even when the endpoint is down.
    pub(super) async fn get(&self) -> Result<HeaderValue, TokenError> {
        let now = clock::wall();
        if let Some(kept) = self.from.kept().filter(|it| now < it.expires) {
            if now >= kept.refresh && self.from.fetching.try_lock().is_ok() {
                let source = Arc::clone(&self.from);
                tokio::spawn(async move {
                    if let Err(error) = source.fetch(clock::instant(), |kept| clock::wall() < kept.refresh).await {
                        tracing::warn!(%error, "the application's token was not renewed; the old one serves");
                    }
                });
            }
            return Ok(kept.header);
        }
        // A task of its own: who waits may give up, and the others still have what was fetched.
        let (source, asked) = (Arc::clone(&self.from), clock::instant());
        let fetch = tokio::spawn(async move { source.fetch(asked, |kept| clock::wall() < kept.expires).await });
        fetch.await.unwrap_or_else(|error| Err(TokenError::Away(error.to_string())))
    }

    /// How long the kept token is still good.
    pub(super) fn left(&self) -> Option<Duration> {
        let left = self.from.kept()?.expires.since(clock::wall());
        Some(Duration::from_millis(u64::try_from(left.0).unwrap_or_default()))
    }

    /// Forgets the kept token.
    pub(super) fn forget(&self) {
        self.from.keep(None);
    }
}

impl Source {
    fn kept(&self) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, kept: Option<Kept>) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    /// Fetches a token, unless somebody else has fetched a good one since this was `asked`, or has failed to.
    async fn fetch(&self, asked: Instant, good: impl Fn(&Kept) -> bool) -> Result<HeaderValue, TokenError> {
        let mut failed = self.fetching.lock().await;
        if let Some(kept) = self.kept().filter(|it| good(it)) {
            return Ok(kept.header);
        }
        if let Some((_, error)) = failed.as_ref().filter(|(when, _)| *when >= asked) {
            return Err(error.clone());
        }
        let fetched = self.renew().await;
        *failed = fetched.as_ref().err().map(|error| (clock::instant(), error.clone()));
        fetched
    }

    async fn renew(&self) -> Result<HeaderValue, TokenError> {
        let text = self.ask().await?;
        // The reader's own words could quote the token.
        let granted: Granted = serde_json::from_str(&text)
            .map_err(|_may_quote_the_token| TokenError::Refused("its answer is not a token".to_owned()))?;
        let mut header = HeaderValue::from_str(&format!("Bearer {}", granted.access_token.expose_secret()))
            .map_err(|_holds_the_token| TokenError::Refused("its token cannot be sent".to_owned()))?;
        header.set_sensitive(true);
        let (now, life) = (clock::wall(), Span::seconds(granted.expires_in.max(0)));
        let before = Span((life.0 / 2).min(Span::seconds(300).0));
        let expires = now + life;
        self.keep(Some(Kept { header: header.clone(), refresh: expires - before, expires }));
        Ok(header)
    }

    /// The endpoint's answer, when it grants.
    async fn ask(&self) -> Result<String, TokenError> {
        let asked = [
            ("client_id", self.app_id.as_str()),
            ("client_secret", self.secret.expose_secret()),
            ("scope", SCOPE),
            ("grant_type", "client_credentials"),
        ];
        let away = |error: reqwest::Error| TokenError::Away(error.without_url().to_string());
        let request = self.http.post(self.url.clone()).form(&asked).timeout(Duration::from_secs(8));
        let answer = request.send().await.map_err(away)?;
        let status = answer.status();
        let text = answer.text().await.map_err(away)?;
        if status.is_success() {
            return Ok(text);
        }
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(TokenError::Away(format!("it answered {status}")));
        }
        let said: Declined = serde_json::from_str(&text).unwrap_or_default();
        Err(TokenError::Refused(format!("{status} {} {}", said.error, said.error_description)))
    }
}
