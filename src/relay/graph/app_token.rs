//! The application's token for Graph, from client credentials, in wall time. Fetches one token at a time, and renews it
//! well before it expires, so that no request waits for the endpoint while a token is valid.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::{Mutex, watch};
use url::Url;

use super::credential::AppCredential;
use super::token_mask::mask_tokens;
use crate::time::Backoff;
use crate::time::clock;
use crate::time::{Millis, Timestamp};

/// The source of the application's token; clones share it.
#[derive(Clone)]
pub(in crate::relay) struct AppToken {
    source: Arc<TokenSource>,
}

struct TokenSource {
    http: reqwest::Client,
    request: TokenRequest,
    kept: watch::Sender<Option<KeptToken>>,
    /// Locked during a fetch; contains the time and cause of the last failed fetch.
    fetching: Mutex<Option<(Instant, TokenError)>>,
}

/// A request for a token: endpoint, application, scope and credential.
pub(in crate::relay) struct TokenRequest {
    pub(in crate::relay) url: Url,
    pub(in crate::relay) app_id: String,
    pub(in crate::relay) scope: String,
    pub(in crate::relay) credential: AppCredential,
}

#[derive(Clone)]
struct KeptToken {
    header: HeaderValue,
    refresh: Timestamp,
    expires: Timestamp,
}

/// The reason why there is no token.
#[derive(Debug, Clone, thiserror::Error)]
pub(in crate::relay) enum TokenError {
    /// The endpoint cannot be reached or has failed; a later fetch may succeed.
    #[error("the token endpoint cannot be reached: {0}")]
    Away(String),
    /// The endpoint refuses this application.
    #[error(
        "the token endpoint refuses the application: {0}; check the application id, its secret or certificate, and the tenant"
    )]
    Refused(String),
}

#[derive(Deserialize)]
struct GrantedToken {
    access_token: SecretString,
    expires_in: i64,
}

#[derive(Deserialize, Default)]
struct TokenRefusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

/// The time-out of a fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(8);
/// How long before its expiry a token is renewed; a short-lived token is renewed at half its lifetime.
const RENEW_BEFORE: Millis = Millis::seconds(300);
/// The longest sleep, so that the expiry is checked soon after a suspended machine wakes.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

impl AppToken {
    pub(in crate::relay) fn new(http: reqwest::Client, to: TokenRequest) -> Self {
        let source = TokenSource { http, request: to, kept: watch::Sender::default(), fetching: Mutex::default() };
        Self { source: Arc::new(source) }
    }

    /// Returns the `Authorization` header. While the kept token is valid this does not wait, even if
    /// the endpoint is down.
    pub(in crate::relay) async fn get(&self) -> Result<HeaderValue, TokenError> {
        if let Some(kept) = self.source.kept().filter(|it| clock::wall() < it.expires) {
            return Ok(kept.header);
        }
        // A separate task, so that the fetch continues for the others if this caller gives up.
        let (source, requested) = (Arc::clone(&self.source), clock::instant());
        let fetch = tokio::spawn(async move { source.fetch(requested, |kept| clock::wall() < kept.expires).await });
        fetch.await.unwrap_or_else(|error| Err(TokenError::Away(error.to_string())))
    }

    /// Returns the remaining validity of the kept token.
    pub(in crate::relay) fn left(&self) -> Option<Duration> {
        let left = self.source.kept()?.expires.since(clock::wall());
        Some(Duration::from_millis(u64::try_from(left.0).unwrap_or_default()))
    }

    /// Drops the token that Graph refused, unless it has been replaced already.
    pub(in crate::relay) fn forget(&self, refused: &HeaderValue) {
        self.source.kept.send_if_modified(|kept| kept.take_if(|it| it.header == *refused).is_some());
    }

    /// Renews the kept token before it expires, until the relay stops. After a final refusal it logs an error and waits
    /// until a request has fetched a token.
    pub(in crate::relay) async fn keep_fresh(&self) {
        let mut kept = self.source.kept.subscribe();
        let mut backoff = Backoff::default();
        loop {
            let due = kept.borrow_and_update().as_ref().map(|it| it.refresh.since(clock::wall()).to_std());
            let sleep = due.map(|it| it.min(LONGEST_SLEEP));
            tokio::select! {
                changed = kept.changed() => if changed.is_err() { return } else { continue },
                () = tokio::time::sleep(sleep.unwrap_or(LONGEST_SLEEP)) => {}
            }
            if !due.is_some_and(|it| it.is_zero() || it <= LONGEST_SLEEP) {
                continue;
            }
            match self.source.fetch(clock::instant(), |it| clock::wall() < it.refresh).await {
                Ok(_) => backoff = Backoff::default(),
                Err(error @ TokenError::Away(_)) => {
                    tracing::warn!(%error, "could not renew the application's token; the old one is still valid");
                    tokio::time::sleep(backoff.next_wait(rand::random())).await;
                }
                Err(error @ TokenError::Refused(_)) => {
                    tracing::error!(%error, "the endpoint refuses to renew the application's token");
                    if kept.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

impl TokenSource {
    fn kept(&self) -> Option<KeptToken> {
        self.kept.borrow().clone()
    }

    /// Fetches a token, unless another fetch has returned a good one or failed since `requested`.
    async fn fetch(&self, requested: Instant, is_good: impl Fn(&KeptToken) -> bool) -> Result<HeaderValue, TokenError> {
        let mut failed = self.fetching.lock().await;
        if let Some(kept) = self.kept().filter(|it| is_good(it)) {
            return Ok(kept.header);
        }
        if let Some((_, error)) = failed.as_ref().filter(|(when, _)| *when >= requested) {
            return Err(error.clone());
        }
        let fetched = self.renew().await;
        *failed = fetched.as_ref().err().map(|error| (clock::instant(), error.clone()));
        fetched
    }

    async fn renew(&self) -> Result<HeaderValue, TokenError> {
        let text = self.request_token().await?;
        // The parser's error could quote the token.
        let granted: GrantedToken = serde_json::from_str(&text)
            .map_err(|_may_quote_the_token| TokenError::Refused("its answer is not a token".to_owned()))?;
        let mut header = HeaderValue::from_str(&format!("Bearer {}", granted.access_token.expose_secret()))
            .map_err(|_holds_the_token| TokenError::Refused("its token cannot be sent".to_owned()))?;
        header.set_sensitive(true);
        let (now, lifetime) = (clock::wall(), Millis::seconds(granted.expires_in.max(0)));
        let before = Millis((lifetime.0 / 2).min(RENEW_BEFORE.0));
        let expires = now + lifetime;
        self.kept.send_replace(Some(KeptToken { header: header.clone(), refresh: expires - before, expires }));
        Ok(header)
    }

    /// Requests a token, and returns the endpoint's answer if it grants one.
    async fn request_token(&self) -> Result<String, TokenError> {
        let to = &self.request;
        let proof = to.credential.fields(&to.app_id, &to.url, clock::wall());
        let proof = proof.ok_or_else(|| TokenError::Refused("the certificate's key does not sign".to_owned()))?;
        let mut form =
            vec![("client_id", to.app_id.as_str()), ("scope", to.scope.as_str()), ("grant_type", "client_credentials")];
        form.extend(proof.iter().map(|(name, value)| (*name, value.expose_secret())));
        let away = |error: reqwest::Error| TokenError::Away(error.without_url().to_string());
        let request = self.http.post(to.url.clone()).form(&form).timeout(FETCH_TIMEOUT);
        let answer = request.send().await.map_err(away)?;
        let status = answer.status();
        let text = answer.text().await.map_err(away)?;
        if status.is_success() {
            return Ok(text);
        }
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(TokenError::Away(format!("it answered {status}")));
        }
        let refusal: TokenRefusal = serde_json::from_str(&text).unwrap_or_default();
        let said = format!("{status} {} {}", refusal.error, refusal.error_description);
        // The last field is a secret or a signed assertion, which an endpoint may repeat in its words.
        let secret = proof.last().map(|(_, value)| value.expose_secret()).unwrap_or_default();
        Err(TokenError::Refused(mask_tokens(&said, secret).into_owned()))
    }
}
