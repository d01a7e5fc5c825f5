//! Sends requests to Graph with the application's token, once each; `gate::retry_policy` decides about retries. All
//! requests share one token bucket and one circuit breaker, see [`GraphClient::acquire`].

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Mutex, MutexGuard};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use tokio::sync::watch;
use url::Url;

use super::app_token::{AppToken, TokenError};
use super::circuit_breaker::{CircuitBreaker, CircuitOpen, OpenCause, Priority};
use super::request::{GraphReply, GraphRequest, NoResponse};
use super::token_mask::mask_tokens;
use crate::graph::BYTE_ORDER_MARK;
use crate::graph::Method;
use crate::relay::edge::limits::RateLimit;
use crate::relay::edge::token_bucket::TokenBucket;
use crate::relay::gate::relay_time::BeginBy;
use crate::relay::ops::metrics::RelayMetrics;
use crate::time::Timestamp;
use crate::time::clock;

/// The relay's only client of Graph.
pub(in crate::relay) struct GraphClient {
    base: String,
    http: reqwest::Client,
    token: AppToken,
    breaker: Mutex<CircuitBreaker>,
    bucket: Mutex<TokenBucket>,
    /// The reserve of the bucket, which only operators' acts may use.
    reserve: f64,
    /// The turn of the relay's own requests, in their order. Only the first of them waits for the bucket, so that a
    /// hundred waiting reads do not all wake up for each token.
    turn: tokio::sync::Mutex<()>,
    /// The number of the relay's own tasks at the same time.
    background_at_once: usize,
    metrics: Arc<RelayMetrics>,
    /// The cause of the open circuit and its description. Changes with the cause.
    status: watch::Sender<Option<(OpenCause, String)>>,
}

/// A permit to send one request now.
#[derive(Debug)]
pub(in crate::relay) struct SendPermit(());

/// The time-out of one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);
/// The time that an operator's act waits for an open circuit if Graph did not set the wait.
const CIRCUIT_WAIT: Duration = Duration::from_secs(2);
/// The largest answer, in bytes.
const MAX_ANSWER: usize = 4 * 1_024 * 1_024;
/// The burst after a pause, in seconds' worth of requests.
const BURST_SECONDS: f64 = 1.0;
/// The share of the burst that only operators' acts may use.
const RESERVE_SHARE: f64 = 0.25;
/// The limits of the number of the relay's own tasks at the same time, at any rate.
const LEAST_AT_ONCE: usize = 2;
const MOST_AT_ONCE: usize = 256;

impl GraphClient {
    /// Creates a client that sends at most `rate` requests a second.
    pub(in crate::relay) fn new(
        graph: &Url,
        http: reqwest::Client,
        token: AppToken,
        rate: u32,
        metrics: Arc<RelayMetrics>,
    ) -> Self {
        let per_second = f64::from(rate.max(1));
        let limit = RateLimit { per_second, burst: (per_second * BURST_SECONDS).max(2.0) };
        Self {
            base: graph.as_str().trim_end_matches('/').to_owned(),
            http,
            token,
            breaker: Mutex::default(),
            bucket: Mutex::new(TokenBucket::full(limit, clock::instant())),
            reserve: limit.burst * RESERVE_SHARE,
            turn: tokio::sync::Mutex::new(()),
            background_at_once: usize::try_from(rate).unwrap_or(MOST_AT_ONCE).clamp(LEAST_AT_ONCE, MOST_AT_ONCE),
            metrics,
            status: watch::Sender::default(),
        }
    }

    /// Waits for a permit to send one request. The relay's own requests get theirs in turn. If the circuit is open, the relay's own reads fail without a wait. An
    /// operator's act waits up to `timeout` for Graph's Retry-After, and a short time for other causes.
    ///
    /// Fails if the circuit stays open, or if no permit is free within `timeout`.
    pub(in crate::relay) async fn acquire(
        &self,
        priority: Priority,
        timeout: Duration,
    ) -> Result<SendPermit, NoResponse> {
        let began = clock::instant();
        let left = || timeout.saturating_sub(began.elapsed());
        let turn = match priority {
            Priority::Operator => None,
            Priority::Background => match tokio::time::timeout(timeout, self.turn.lock()).await {
                Ok(turn) => Some(turn),
                Err(_elapsed) => return Err(self.rate_reached(priority, Duration::ZERO)),
            },
        };
        let waited_for_turn = began.elapsed();
        self.wait_for_circuit(priority, left()).await?;
        self.wait_for_token(priority, waited_for_turn, left()).await?;
        drop(turn);
        Ok(SendPermit(()))
    }

    async fn wait_for_circuit(&self, priority: Priority, timeout: Duration) -> Result<(), NoResponse> {
        let began = clock::instant();
        loop {
            let allowed = self.breaker().begin_request(clock::instant(), priority);
            let Err(CircuitOpen { cause, words, wait }) = allowed else { return Ok(()) };
            let limit = match (priority, cause) {
                (Priority::Background, _) => Duration::ZERO,
                (Priority::Operator, OpenCause::Throttled) => timeout,
                (Priority::Operator, OpenCause::Authentication | OpenCause::Unreachable) => CIRCUIT_WAIT,
            };
            if wait >= timeout.min(limit).saturating_sub(began.elapsed()) {
                return Err(NoResponse::Shut { why: words, wait });
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes a token of the bucket. `waited` is the wait so far.
    async fn wait_for_token(&self, priority: Priority, waited: Duration, timeout: Duration) -> Result<(), NoResponse> {
        let began = clock::instant();
        let reserve = match priority {
            Priority::Operator => 0.0,
            Priority::Background => self.reserve,
        };
        loop {
            let taken = self.bucket.lock().take(clock::instant(), reserve);
            let Err(wait) = taken else {
                self.metrics.graph.queued(priority, Some(waited + began.elapsed()));
                return Ok(());
            };
            if wait >= timeout.saturating_sub(began.elapsed()) {
                return Err(self.rate_reached(priority, wait));
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn rate_reached(&self, priority: Priority, wait: Duration) -> NoResponse {
        self.metrics.graph.queued(priority, None);
        NoResponse::Shut { why: "the relay has reached its limit of requests to Graph; try again".to_owned(), wait }
    }

    /// Returns how many tasks the relay itself may have at the same time: enough for the rate even if Graph takes a
    /// second for an answer, and so few that none waits much longer than a second for its turn.
    pub(in crate::relay) const fn background_at_once(&self) -> usize {
        self.background_at_once
    }

    /// Sends a request once, and records the outcome in the circuit breaker. `timeout` includes the fetch of a token.
    pub(in crate::relay) async fn send(
        &self,
        permit: SendPermit,
        request: GraphRequest<'_>,
        timeout: Duration,
    ) -> Result<GraphReply, NoResponse> {
        let SendPermit(()) = permit;
        let outcome = self.send_once(request, timeout).await;
        let mut breaker = self.breaker();
        breaker.record(clock::instant(), &outcome);
        let status = breaker.status();
        drop(breaker);
        self.status.send_if_modified(|known| {
            let cause = |it: &Option<(OpenCause, String)>| it.as_ref().map(|(cause, _)| *cause);
            let changed = cause(known) != cause(&status);
            *known = status;
            changed
        });
        outcome
    }

    async fn send_once(&self, parts: GraphRequest<'_>, timeout: Duration) -> Result<GraphReply, NoResponse> {
        let began = clock::instant();
        let is_over = || parts.begin_by.is_some_and(BeginBy::is_over);
        if is_over() {
            return Err(NoResponse::Expired);
        }
        let late = || NoResponse::TokenAway("there was no token in time".to_owned());
        let token = tokio::time::timeout(timeout, self.token.get()).await.map_err(|_elapsed| late())?;
        let token = token.map_err(|error| match error {
            TokenError::Away(_) => NoResponse::TokenAway(error.to_string()),
            TokenError::Refused(_) => NoResponse::NoToken(error.to_string()),
        })?;
        let left = timeout.checked_sub(began.elapsed()).ok_or_else(late)?;
        // The token may have come late.
        if is_over() {
            return Err(NoResponse::Expired);
        }
        let method = match parts.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut request = self.http.request(method, format!("{}{}", self.base, parts.path));
        request = request.header(reqwest::header::AUTHORIZATION, token.clone()).timeout(left.min(REQUEST_TIMEOUT));
        if let Some(body) = parts.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_owned());
        }
        let answer = request.send().await.map_err(|error| no_reply(&error))?;
        let status = answer.status().as_u16();
        if status == 401 {
            // The next attempt fetches a new token.
            self.token.forget(&token);
        }
        let location = text(answer.headers(), &LOCATION);
        let retry_after = text(answer.headers(), &RETRY_AFTER).and_then(|it| parse_retry_after(&it, clock::wall()));
        let mut body = read(answer).await?;
        if !(200..300).contains(&status) {
            body = mask_tokens(&body, token.to_str().unwrap_or_default()).into_owned();
        }
        Ok(GraphReply { status, location, retry_after, body })
    }

    /// Renews the application's token before it expires, until the relay stops.
    pub(in crate::relay) async fn keep_fresh(&self) {
        self.token.keep_fresh().await;
    }

    /// Returns the time from which the relay's own reads may continue, or `None` if no circuit is open.
    pub(in crate::relay) fn circuit_open_until(&self) -> Option<Instant> {
        let now = clock::instant();
        self.breaker().open(now, Priority::Background).map(|it| now + it.wait)
    }

    /// Watches the cause of the open circuit; `None` while all circuits are closed.
    pub(in crate::relay) fn watch_status(&self) -> watch::Receiver<Option<(OpenCause, String)>> {
        self.status.subscribe()
    }

    /// Returns each cause, and whether its circuit is open.
    pub(in crate::relay) fn circuits(&self) -> [(OpenCause, bool); 3] {
        let breaker = self.breaker();
        OpenCause::ALL.map(|it| (it, breaker.is_open_for(it)))
    }

    fn breaker(&self) -> MutexGuard<'_, CircuitBreaker> {
        self.breaker.lock()
    }

    /// Fetches a token if there is no valid one. Fails with the reason.
    pub(in crate::relay) async fn ensure_token(&self) -> Result<(), String> {
        self.token.get().await.map(drop).map_err(|error| error.to_string())
    }

    /// Returns the remaining validity of the token.
    pub(in crate::relay) fn token_left(&self) -> Option<Duration> {
        self.token.left()
    }
}

async fn read(mut answer: reqwest::Response) -> Result<String, NoResponse> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| no_reply(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(NoResponse::Sent("the answer is larger than 4 MiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&body);
    Ok(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text).to_owned())
}

fn text(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Parses `Retry-After`: seconds, possibly with a fraction, or a date (RFC 9110, 10.2.3).
fn parse_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(until.saturating_sub(Duration::from_millis(now.0.try_into().unwrap_or_default())))
}

fn no_reply(error: &reqwest::Error) -> NoResponse {
    // Only the innermost cause: the outer ones contain the URL, which may contain ids.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let words = if error.is_timeout() { "it took too long".to_owned() } else { cause.to_string() };
    if error.is_connect() || error.is_builder() { NoResponse::NotSent(words) } else { NoResponse::Sent(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_parses_as_seconds_or_a_date() {
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
            assert_eq!(parse_retry_after(text, now), millis.map(Duration::from_millis), "{text:?}");
        }
    }
}
