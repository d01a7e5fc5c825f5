//! Requests to Graph with the application's token. One try each: what may be repeated is `attempts`' business.
//! Everything towards Graph passes here, one bucket and one breaker for all: see [`GraphClient::turn`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use tokio::sync::watch;
use url::Url;

use super::app_token::{AppToken, TokenError};
use super::circuit_breaker::{CircuitBreaker, CircuitOpen, OpenCause, Priority};
use crate::clock;
use crate::graph::Method;
use crate::relay::edge::limits::RateLimit;
use crate::relay::edge::token_bucket::TokenBucket;
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::{RelayError, RelaySettings};
use crate::time::Timestamp;

/// The way to Graph.
pub(in crate::relay) struct GraphClient {
    base: String,
    http: reqwest::Client,
    token: AppToken,
    breaker: Mutex<CircuitBreaker>,
    bucket: Mutex<TokenBucket>,
    /// So many turns stay in the bucket for operators.
    reserve: f64,
    metrics: Arc<RelayMetrics>,
    /// What shuts the way to Graph off, when that changes.
    status: watch::Sender<Option<(OpenCause, String)>>,
}

/// The right to send one request, now.
#[derive(Debug)]
pub(in crate::relay) struct SendPermit(());

/// A request: its method, its path from `/communications` on, and its body where it has one.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct GraphRequest<'a> {
    pub(in crate::relay) method: Method,
    pub(in crate::relay) path: &'a str,
    pub(in crate::relay) body: Option<&'a str>,
}

/// What Graph answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::relay) struct GraphReply {
    pub(in crate::relay) status: u16,
    pub(in crate::relay) location: Option<String>,
    pub(in crate::relay) retry_after: Option<Duration>,
    pub(in crate::relay) body: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::relay) enum NoResponse {
    /// Nothing was sent.
    #[error("Graph could not be reached: {0}")]
    NotSent(String),
    /// It was sent, or may have been.
    #[error("Graph did not answer: {0}")]
    Sent(String),
    /// There is no token, and trying again will not give one.
    #[error("{0}")]
    NoToken(String),
    /// There is no token now; nothing was sent, and trying again may help.
    #[error("{0}")]
    TokenAway(String),
    /// Nothing was sent, for Graph is not asked now: why, and until when.
    #[error("{why}")]
    Shut {
        /// A sentence.
        why: String,
        /// After so long it may be asked.
        wait: Duration,
    },
}

const CONNECTING: Duration = Duration::from_secs(3);
const ANSWERING: Duration = Duration::from_secs(8);
/// How long an operator's act waits for its turn where Graph has not named the wait itself.
const QUEUEING: Duration = Duration::from_secs(2);
const LARGEST: usize = 4 * 1_024 * 1_024;
/// How many seconds' worth of requests may go at once after a pause.
const BURST: f64 = 1.0;
/// The part of those that only operators' own acts may use.
const RESERVE: f64 = 0.25;

impl GraphClient {
    /// The way to Graph, with at most `rate` requests a second.
    pub(in crate::relay) fn new(
        graph: &Url,
        http: reqwest::Client,
        token: AppToken,
        rate: u32,
        metrics: Arc<RelayMetrics>,
    ) -> Self {
        let per_second = f64::from(rate.max(1));
        let rate = RateLimit { per_second, burst: (per_second * BURST).max(2.0) };
        Self {
            base: graph.as_str().trim_end_matches('/').to_owned(),
            http,
            token,
            breaker: Mutex::default(),
            bucket: Mutex::new(TokenBucket::full(rate, clock::instant())),
            reserve: rate.burst * RESERVE,
            metrics,
            status: watch::Sender::default(),
        }
    }

    /// Waits for the right to send one request. The relay's own readings do not wait for Graph to come back; an
    /// operator's act waits for Graph's own Retry-After within `patience`, else for a short while.
    ///
    /// # Errors
    /// When Graph is not asked now, or the turn did not come within `patience`.
    pub(in crate::relay) async fn acquire(
        &self,
        urgency: Priority,
        patience: Duration,
    ) -> Result<SendPermit, NoResponse> {
        let began = clock::instant();
        let left = |most: Duration| patience.min(most).saturating_sub(began.elapsed());
        loop {
            let asked = self.breaker().ask(clock::instant(), urgency);
            let Err(CircuitOpen { cause, words, wait }) = asked else { break };
            let most = match (urgency, cause) {
                (Priority::Background, _) => Duration::ZERO,
                (Priority::Operator, OpenCause::Throttled) => patience,
                (Priority::Operator, OpenCause::Authentication | OpenCause::Unreachable) => QUEUEING,
            };
            if wait >= left(most) {
                return Err(NoResponse::Shut { why: words, wait });
            }
            tokio::time::sleep(wait).await;
        }
        let rest = match urgency {
            Priority::Operator => 0.0,
            Priority::Background => self.reserve,
        };
        let queued = clock::instant();
        loop {
            let taken = self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(clock::instant(), rest);
            let Err(wait) = taken else {
                self.metrics.queued(urgency, Some(queued.elapsed()));
                return Ok(SendPermit(()));
            };
            if wait >= left(patience) {
                self.metrics.queued(urgency, None);
                let why = "the relay sends as many requests to Graph as it may; try again".to_owned();
                return Err(NoResponse::Shut { why, wait });
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends once, within `patience`, the token included; takes note of what becomes of it.
    pub(in crate::relay) async fn send(
        &self,
        turn: SendPermit,
        ask: GraphRequest<'_>,
        patience: Duration,
    ) -> Result<GraphReply, NoResponse> {
        let SendPermit(()) = turn;
        let outcome = self.send_once(ask, patience).await;
        let mut breaker = self.breaker();
        breaker.record(clock::instant(), &outcome);
        let trouble = breaker.status();
        drop(breaker);
        self.status.send_if_modified(|known| {
            let cause = |it: &Option<(OpenCause, String)>| it.as_ref().map(|(cause, _)| *cause);
            let changed = cause(known) != cause(&trouble);
            *known = trouble;
            changed
        });
        outcome
    }

    async fn send_once(&self, ask: GraphRequest<'_>, patience: Duration) -> Result<GraphReply, NoResponse> {
        let began = clock::instant();
        let late = || NoResponse::TokenAway("there was no token in time".to_owned());
        let token = tokio::time::timeout(patience, self.token.get()).await.map_err(|_elapsed| late())?;
        let token = token.map_err(|error| match error {
            TokenError::Away(_) => NoResponse::TokenAway(error.to_string()),
            TokenError::Refused(_) => NoResponse::NoToken(error.to_string()),
        })?;
        let left = patience.checked_sub(began.elapsed()).ok_or_else(late)?;
        let method = match ask.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut request = self.http.request(method, format!("{}{}", self.base, ask.path));
        request = request.header(reqwest::header::AUTHORIZATION, token.clone()).timeout(left.min(ANSWERING));
        if let Some(body) = ask.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_owned());
        }
        let answer = request.send().await.map_err(|error| no_reply(&error))?;
        let status = answer.status().as_u16();
        if status == 401 {
            // Who tries again gets a new one.
            self.token.forget(&token);
        }
        let location = text(answer.headers(), &LOCATION);
        let retry_after = text(answer.headers(), &RETRY_AFTER).and_then(|it| wait(&it, clock::wall()));
        let body = read(answer).await?;
        Ok(GraphReply { status, location, retry_after, body })
    }

    /// Keeps the application's token fresh for as long as the relay lives.
    pub(in crate::relay) async fn keep_fresh(&self) {
        self.token.keep_fresh().await;
    }

    /// When the relay's own readings may go on; `None` when nothing stands in their way.
    pub(in crate::relay) fn shut_until(&self) -> Option<Instant> {
        let now = clock::instant();
        self.breaker().open(now, Priority::Background).map(|it| now + it.wait)
    }

    /// What shuts the way to Graph off, as it changes.
    pub(in crate::relay) fn status(&self) -> watch::Receiver<Option<(OpenCause, String)>> {
        self.status.subscribe()
    }

    /// Each cause of trouble, and whether it shuts the way to Graph off.
    pub(in crate::relay) fn circuits(&self) -> [(OpenCause, bool); 3] {
        let breaker = self.breaker();
        OpenCause::ALL.map(|it| (it, breaker.is_open_for(it)))
    }

    fn breaker(&self) -> MutexGuard<'_, CircuitBreaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is a token, or could be one now.
    pub(in crate::relay) async fn token_obtainable(&self) -> Result<(), String> {
        self.token.get().await.map(drop).map_err(|error| error.to_string())
    }

    /// How long the token is still good.
    pub(in crate::relay) fn token_left(&self) -> Option<Duration> {
        self.token.left()
    }
}

async fn read(mut answer: reqwest::Response) -> Result<String, NoResponse> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| no_reply(&error))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(NoResponse::Sent("the answer is larger than 4 MiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn text(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `Retry-After`: in seconds, which may be written with a fraction, or as a date (RFC 9110, 10.2.3).
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(until.saturating_sub(Duration::from_millis(now.0.try_into().unwrap_or_default())))
}

fn no_reply(error: &reqwest::Error) -> NoResponse {
    // The innermost cause says what happened; the address is known and may hold ids.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let words = if error.is_timeout() { "it took too long".to_owned() } else { cause.to_string() };
    if error.is_connect() || error.is_builder() { NoResponse::NotSent(words) } else { NoResponse::Sent(words) }
}

/// A client for a server: no redirects, and no proxy for this machine itself.
pub(in crate::relay) fn client(server: &Url) -> Result<reqwest::Client, reqwest::Error> {
    client_trusting(server, None)
}

/// Whether what is said to a server stays between the two: over TLS, or on this machine.
pub(in crate::relay) fn is_sealed(server: &Url) -> bool {
    matches!(server.scheme(), "https" | "wss") || is_here(server)
}

/// Refuses servers that would be told secrets, or believed, over plain HTTP.
pub(in crate::relay) fn check(settings: &RelaySettings) -> Result<(), RelayError> {
    let RelaySettings { token_url, graph, openid, .. } = settings;
    for (what, url) in [("the token endpoint", token_url), ("Graph", graph), ("the OpenID server", openid)] {
        if !is_sealed(url) {
            return Err(RelayError::Plain { what, url: url.clone() });
        }
    }
    Ok(())
}

/// Whether a server is this machine itself.
pub(in crate::relay) fn is_here(server: &Url) -> bool {
    match server.host() {
        Some(url::Host::Ipv4(it)) => it.is_loopback(),
        Some(url::Host::Ipv6(it)) => it.to_canonical().is_loopback(),
        Some(url::Host::Domain(it)) => it == "localhost",
        None => false,
    }
}

/// A [`client`] that also trusts these certificates, PEM.
pub(in crate::relay) fn client_trusting(server: &Url, ca: Option<&[u8]>) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder().connect_timeout(CONNECTING).redirect(reqwest::redirect::Policy::none());
    let builder = match ca {
        Some(ca) => builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(ca)?),
        None => builder,
    };
    if is_here(server) { builder.no_proxy().build() } else { builder.build() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_seconds_and_as_a_date() {
        let now = Timestamp(784_111_717_500);
        for (text, millis) in [
            ("3", Some(3_000)),
            (" 0.25 ", Some(250)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(59_500)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(59_500)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(wait(text, now), millis.map(Duration::from_millis), "{text:?}");
        }
    }
}
