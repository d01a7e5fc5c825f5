//! Forwards webhooks unchanged to the bot behind the relay when they are durable, and answers with the bot's reply.
//! Does not know calls.
//!
//! Each webhook waits for the bot separately, so a slow one does not delay others. If the bot does not reply in time,
//! Graph receives 502, 503 or 504 unless the settings say otherwise. So an unanswered call does not look answered, and
//! Graph can act on the error.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::relay::error::ForwardError;
use crate::relay::graph::http_client;
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::record::journal_writer::JournalWriter;
use crate::relay::record::log_throttle::LogThrottle;
use crate::relay::settings::{ForwardSettings, UnreachedReply};
use crate::time::clock;

/// Forwards webhooks to the bot behind the relay.
pub(in crate::relay) struct Forwarder {
    http: reqwest::Client,
    to: ForwardSettings,
    /// Limits the number of webhooks that wait for the bot; further ones are not forwarded.
    slots: Semaphore,
    failure_log: LogThrottle,
    writer: Arc<JournalWriter>,
    metrics: Arc<RelayMetrics>,
    /// A stopping relay waits for these tasks.
    tasks: TaskTracker,
}

/// The reason why a webhook could not be forwarded; its text is the reason in the journal's note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum ForwardFailure {
    #[error("the bot cannot be reached")]
    Unreachable,
    #[error("the bot did not answer in time")]
    Slow,
    #[error("the bot's answer did not arrive whole")]
    Broken,
    #[error("the bot's answer is larger than 256 KiB")]
    TooLarge,
    #[error("too many notifications wait for the bot")]
    Full,
}

/// The time for a policy recorder's reply, which Graph must receive within 5 seconds.
const RECORDER_BUDGET: Duration = Duration::from_secs(4);
/// The maximum number of webhooks that wait for the bot at the same time.
const MAX_WAITING: usize = 256;
/// The largest body of the bot's reply, in bytes.
const MAX_REPLY: usize = 256 * 1_024;

/// Headers of one hop (RFC 9110, 7.6.1), and those that the HTTP client sets itself.
const NOT_FORWARDED: [HeaderName; 9] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
    header::CONTENT_LENGTH,
];
/// The headers of the bot's reply that Graph receives.
const RETURNED: [HeaderName; 4] =
    [header::LOCATION, header::CONTENT_TYPE, header::CONTENT_ENCODING, header::RETRY_AFTER];

impl Forwarder {
    pub(in crate::relay) fn new(
        to: ForwardSettings,
        writer: Arc<JournalWriter>,
        metrics: Arc<RelayMetrics>,
        tasks: TaskTracker,
    ) -> Result<Self, reqwest::Error> {
        let http = http_client::client_trusting(&to.url, to.ca.as_deref())?;
        let (slots, failure_log) = (Semaphore::new(MAX_WAITING), LogThrottle::default());
        Ok(Self { http, to, slots, failure_log, writer, metrics, tasks })
    }

    /// Checks the bot's address for a relay that listens on `listens`, and logs a warning about plain HTTP.
    ///
    /// Fails if the address is the relay's own.
    pub(in crate::relay) fn check(to: &Url, listens: SocketAddr) -> Result<(), ForwardError> {
        let is_loopback = http_client::is_loopback(to);
        let at: Option<IpAddr> = match to.host() {
            Some(url::Host::Ipv4(it)) => Some(it.into()),
            Some(url::Host::Ipv6(it)) => Some(it.to_canonical()),
            Some(url::Host::Domain(_)) | None => None,
        };
        let own = listens.ip().to_canonical();
        let is_own = match at {
            Some(at) => at == own || (own.is_unspecified() && at.is_loopback()),
            None => is_loopback && (own.is_unspecified() || own.is_loopback()),
        };
        if is_own && to.port_or_known_default() == Some(listens.port()) {
            return Err(ForwardError::Itself(to.clone()));
        }
        if to.scheme() == "http" && !is_loopback {
            tracing::warn!(%to, "webhooks are forwarded over plain HTTP, where anyone in between can read them; use https");
        }
        Ok(())
    }

    /// Forwards a journalled webhook that arrived at `began`, and returns the bot's reply. The forward completes even
    /// if Graph disconnects.
    pub(in crate::relay) async fn forward(
        self: &Arc<Self>,
        headers: HeaderMap,
        body: Bytes,
        began: Instant,
    ) -> Response {
        let forwarder = Arc::clone(self);
        let forwarding = async move { forwarder.reply(&headers, body, began).await };
        let reply = self.tasks.spawn(forwarding).await.unwrap_or(Err(ForwardFailure::Broken));
        self.metrics.webhooks.forwarded(reply.as_ref().err().map_or("replied", |it| it.word()));
        self.log(reply.as_ref().err().copied());
        reply.unwrap_or_else(|failure| {
            self.writer.note_unforwarded(failure.to_string());
            match self.to.unreached {
                UnreachedReply::Accept => StatusCode::ACCEPTED.into_response(),
                UnreachedReply::Tell => failure.answer(),
            }
        })
    }

    /// Logs failed and restored forwarding; the throttle keeps it to a few lines.
    fn log(&self, failure: Option<ForwardFailure>) {
        match failure {
            Some(failure) => {
                if let Some(webhooks) = self.failure_log.failed(clock::instant()) {
                    tracing::warn!(%failure, webhooks, "cannot forward webhooks to the bot");
                }
            }
            None => {
                if let Some(webhooks) = self.failure_log.recovered() {
                    tracing::warn!(more_failures = webhooks, "the bot accepts webhooks again");
                }
            }
        }
    }

    /// Returns the bot's reply to a webhook that arrived at `began`.
    async fn reply(&self, headers: &HeaderMap, body: Bytes, began: Instant) -> Result<Response, ForwardFailure> {
        let budget = if is_bare(&body) { self.to.budget.min(RECORDER_BUDGET) } else { self.to.budget };
        let Ok(_slot) = self.slots.try_acquire() else { return Err(ForwardFailure::Full) };
        let request = self.http.post(self.to.url.clone()).headers(forwarded_headers(headers)).body(body);
        let replying = async {
            let answer = request.send().await.map_err(|error| {
                tracing::debug!(error = %error.without_url(), "could not forward a webhook");
                ForwardFailure::Unreachable
            })?;
            returned(answer).await
        };
        tokio::time::timeout(budget.saturating_sub(began.elapsed()), replying)
            .await
            .unwrap_or(Err(ForwardFailure::Slow))
    }
}

impl ForwardFailure {
    const fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Broken => "broken",
            Self::TooLarge => "tooLarge",
            Self::Full => "full",
        }
    }

    fn answer(self) -> Response {
        let words = format!("kept, and not passed on: {self}\n");
        match self {
            Self::Unreachable | Self::Broken | Self::TooLarge => (StatusCode::BAD_GATEWAY, words).into_response(),
            Self::Slow => (StatusCode::GATEWAY_TIMEOUT, words).into_response(),
            Self::Full => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], words).into_response(),
        }
    }
}

/// Returns a webhook's headers without the hop-by-hop ones.
fn forwarded_headers(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .map(|it| it.trim().to_ascii_lowercase())
        .collect();
    let is_dropped = |name: &HeaderName| {
        let text = name.as_str();
        NOT_FORWARDED.contains(name) || text == "keep-alive" || text == "expect" || named.iter().any(|it| it == text)
    };
    let mut passed = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !is_dropped(name)) {
        passed.append(name.clone(), value.clone());
    }
    passed
}

/// Returns the bot's reply with only the headers that Graph receives.
async fn returned(mut answer: reqwest::Response) -> Result<Response, ForwardFailure> {
    let status = answer.status();
    let headers = std::mem::take(answer.headers_mut());
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_broken| ForwardFailure::Broken)? {
        if body.len() + chunk.len() > MAX_REPLY {
            return Err(ForwardFailure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = (status, body.freeze()).into_response();
    let to = response.headers_mut();
    to.remove(header::CONTENT_TYPE);
    for name in RETURNED {
        for value in headers.get_all(&name) {
            to.append(name.clone(), value.clone());
        }
    }
    Ok(response)
}

/// Returns whether a body is a single item without envelope, as a policy recorder receives it.
fn is_bare(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct EnvelopeShape {
        value: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<EnvelopeShape>(body).is_ok_and(|it| it.value.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_recorders_body_is_distinguished_from_an_envelope() {
        for (body, bare) in
            [(r#"{"value":[]}"#, false), (r#"{"resourceUrl":"/communications/calls/a"}"#, true), ("no json", false)]
        {
            assert_eq!(is_bare(body.as_bytes()), bare, "{body}");
        }
    }

    #[test]
    fn the_relays_own_address_is_refused_as_the_bots() {
        for (to, listens, is_own) in [
            ("http://127.0.0.1:8080/notifications", "127.0.0.1:8080", true),
            ("http://localhost:8080/notifications", "127.0.0.1:8080", true),
            ("http://[::1]:8080/", "[::1]:8080", true),
            ("https://localhost/notifications", "0.0.0.0:443", true),
            ("https://10.0.0.7/notifications", "10.0.0.7:443", true),
            ("https://[::ffff:10.0.0.7]/notifications", "10.0.0.7:443", true),
            ("http://127.0.0.1:8081/api/calls", "127.0.0.1:8080", false),
            ("https://10.0.0.8/api/calls", "10.0.0.7:443", false),
            ("http://127.0.0.1:443/api/calls", "10.0.0.7:443", false),
            ("https://bot.example/api/calls", "0.0.0.0:443", false),
        ] {
            let checked = Forwarder::check(&to.parse().unwrap(), listens.parse().unwrap());
            assert_eq!(checked.is_err(), is_own, "{to} from {listens}");
        }
    }

    #[test]
    fn hop_by_hop_headers_are_not_forwarded() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer x"),
            ("connection", "close, X-Mine"),
            ("x-mine", "1"),
            ("keep-alive", "5"),
            ("host", "relay"),
            ("scenario-id", "s"),
            ("x-microsoft-skype-message-id", "m"),
        ] {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let passed = forwarded_headers(&headers);
        let names: Vec<&str> = passed.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["authorization", "scenario-id", "x-microsoft-skype-message-id"]);
    }
}
