//! The intake verifies, splits and journals Graph's webhooks. A POST is answered 202 only when it is durable.
//!
//! An invalid item does not affect the others of its batch: a readable item becomes a notification entry, any other
//! item becomes a rejected entry. The intake does not know what a notification means.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::dedup::{DeliveredItem, RecentItems};
use super::forward::Forwarder;
use super::verified_tokens::TokenFingerprint;
use super::verify::{TokenDenial, TokenVerifier};
use crate::floor::{Fact, ReceivedItem, Rejected};
use crate::graph::{self, ItemRejection, RejectReason};
use crate::relay::edge::limits::RelayLimits;
use crate::relay::edge::middleware::{CallerGuard, too_many};
use crate::relay::edge::rate_limiter::KeyedLimiter;
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::record::journal_writer::{JournalWriter, LARGEST_REASON, RefusedParty, truncated};
use crate::relay::record::log_throttle::LogThrottle;
use crate::time::clock;

/// The state of the intake's router.
pub(in crate::relay) struct WebhookIntake {
    pub(super) parts: IntakeParts,
    /// Limits the number of webhooks that are processed at the same time.
    slots: Semaphore,
    /// Limits the rate of each token's webhooks, by the token's fingerprint.
    tokens: KeyedLimiter<TokenFingerprint>,
    /// A webhook holds the lock for its message id. Several ids share a lock.
    message_locks: [tokio::sync::Mutex<()>; MESSAGE_LOCKS],
    max_body: usize,
    body_timeout: Duration,
    /// Throttles the log lines of webhooks to other paths.
    pub(super) misdirected: LogThrottle,
}

/// The parts of the relay that the intake shares with others.
pub(in crate::relay) struct IntakeParts {
    pub(in crate::relay) verifier: Arc<TokenVerifier>,
    pub(in crate::relay) recent: Arc<RecentItems>,
    pub(in crate::relay) guard: Arc<CallerGuard>,
    pub(in crate::relay) writer: Arc<JournalWriter>,
    pub(in crate::relay) forwarder: Option<Arc<Forwarder>>,
    pub(in crate::relay) metrics: Arc<RelayMetrics>,
}

/// Marks the bot's answer to a journalled webhook.
#[derive(Debug, Clone, Copy)]
struct JournaledMarker;

/// The number of locks for message ids.
const MESSAGE_LOCKS: usize = 256;

impl WebhookIntake {
    pub(in crate::relay) fn new(parts: IntakeParts, limits: &RelayLimits) -> Self {
        Self {
            parts,
            slots: Semaphore::new(limits.webhooks_at_once),
            tokens: KeyedLimiter::new(limits.webhooks(), MAX_TOKENS),
            message_locks: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            max_body: limits.body_bytes,
            body_timeout: limits.body(),
            misdirected: LogThrottle::default(),
        }
    }

    /// Returns the lock for a message id, or a random one if the webhook has no id.
    fn per_message_lock(&self, message: Option<&str>) -> &tokio::sync::Mutex<()> {
        let nth = message.map_or_else(
            || usize::from(rand::random::<u8>()),
            |it| it.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))),
        );
        let [first, ..] = &self.message_locks;
        self.message_locks.get(nth % MESSAGE_LOCKS).unwrap_or(first)
    }
}

/// The maximum number of tokens with a separate rate limit; the platform uses few at a time.
const MAX_TOKENS: usize = 1_024;
/// How much of an oversized body is read and dropped, as a multiple of the maximum size, so that its
/// sender reads the answer.
const DRAIN_FACTOR: usize = 4;
/// The maximum time for reading and dropping it.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);
/// The maximum length of a message id in bytes; a longer one is ignored. The platform's are GUIDs.
const MAX_MESSAGE_ID: usize = 128;
/// The maximum number of bytes of a rejected item's text in the journal.
const MAX_REJECTED: usize = 64 * 1_024;

/// Middleware that counts webhooks by outcome.
pub(in crate::relay) async fn count_outcome(
    State(metrics): State<Arc<RelayMetrics>>,
    request: Request,
    next: Next,
) -> Response {
    let answer = next.run(request).await;
    let is_journalled = answer.extensions().get::<JournaledMarker>().is_some();
    metrics.webhooks.received(match answer.status().as_u16() {
        _ if is_journalled => "kept",
        202 => "kept",
        400 => "unreadable",
        503 => "later",
        _ => "refused",
    });
    answer
}

/// Handles `POST /notifications`, and the paths below it: one webhook.
pub(in crate::relay) async fn receive(State(intake): State<Arc<WebhookIntake>>, request: Request) -> Response {
    let began = clock::instant();
    let IntakeParts { verifier, guard, writer, forwarder, .. } = &intake.parts;
    let (parts, body) = request.into_parts();
    let caller = guard.caller(&parts.extensions, &parts.headers);
    let authorization = authorization(&parts.headers);
    let token = match verifier.check(authorization).await {
        Ok(token) => token,
        Err(denial) => return denied(&intake.parts, caller, &denial),
    };
    writer.verified();
    let slot = match acquire_slot(&intake, token) {
        Ok(slot) => slot,
        Err(why) => return later(why),
    };
    let body = match read(&intake, &parts.headers, body).await {
        Ok(body) => body,
        Err((status, word, reason)) => {
            refuse(&intake.parts, word, &reason);
            return (status, format!("refused: {reason}\n")).into_response();
        }
    };
    let message = parts.headers.get("x-microsoft-skype-message-id").and_then(|it| it.to_str().ok());
    let message = message.filter(|it| it.len() <= MAX_MESSAGE_ID);
    let mut answer = {
        // Of several concurrent webhooks with the same id, the first is journalled and the others are repeats.
        let _lock = intake.per_message_lock(message).lock().await;
        store(&intake.parts, &body, message).await
    };
    // The webhook is durable, so the slot is free for others while the bot answers.
    drop(slot);
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        return answer;
    }
    // The bot receives every journalled webhook, including repeats and items that the relay does not understand.
    if let Some(forwarder) = forwarder {
        answer = forwarder.forward(parts.headers, body, began).await;
        answer.extensions_mut().insert(JournaledMarker);
    }
    answer
}

/// Returns the answer to a webhook whose token was not accepted. A sender of many forgeries must wait.
fn denied(parts: &IntakeParts, caller: Option<IpAddr>, denial: &TokenDenial) -> Response {
    let IntakeParts { guard, writer, metrics, .. } = parts;
    let status = StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    // The wait applies only to forged tokens. The platform's tokens are accepted from any address.
    if denial.is_forged() {
        if let Some(wait) = guard.forger_wait(caller) {
            refuse(parts, "rateLimited", "too many forged tokens");
            return too_many(wait, "too many forged tokens");
        }
        guard.count_forgery(caller);
    }
    if let TokenDenial::NewKey(left) = denial {
        // The next fetch of the signing keys shows whether the token is genuine, and so whether this is a gap.
        let mut answer = later_by(left.as_secs() + 1, "the token is signed with a key that may be new");
        let is_over_limit = guard.count_deferral(caller);
        refuse(parts, if is_over_limit { "newKeyRate" } else { denial.word() }, &denial.reason());
        if is_over_limit {
            // The token may be genuine, so the status stays 503 even for a flood, which only closes the connection.
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        return answer;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        metrics.refused(denial.word());
        writer.note_unverified(denial);
        return later("the signing keys cannot be fetched");
    }
    refuse(parts, denial.word(), &denial.reason());
    (status, format!("refused: {denial}\n")).into_response()
}

/// Returns the `Authorization` header, or `None` if there are two, because readers could choose different ones.
pub(super) fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let one = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(one)
}

/// Takes a slot for processing a webhook. A refusal here means a gap: notifications of the platform are missing until
/// they are delivered again.
fn acquire_slot(intake: &WebhookIntake, token: TokenFingerprint) -> Result<SemaphorePermit<'_>, &'static str> {
    let IntakeParts { writer, metrics, .. } = &intake.parts;
    if intake.tokens.take(token, clock::instant()).is_err() {
        metrics.refused("tokenRate");
        writer.note_gap("more webhooks came than the limit for one token allows");
        return Err("too many webhooks with this token");
    }
    intake.slots.try_acquire().map_err(|_none_left| {
        metrics.refused("busy");
        writer.note_gap("more webhooks came at the same time than can be processed");
        "too many webhooks at once"
    })
}

/// Counts a refusal in the metrics and queues its note.
fn refuse(parts: &IntakeParts, word: &'static str, reason: &str) {
    parts.metrics.refused(word);
    parts.writer.note_refusal(RefusedParty::Sender, reason.to_owned());
    tracing::debug!(reason, "refused a webhook");
}

/// The refusal of a body: the status, the metric's label, and the reason for the sender and for operators.
type BodyError = (StatusCode, &'static str, String);

async fn read(intake: &WebhookIntake, headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    let max_body = intake.max_body;
    let too_large =
        || (StatusCode::PAYLOAD_TOO_LARGE, "largeBody", format!("the body is larger than {max_body} bytes"));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    let announced = announced.unwrap_or_default();
    let mut frames = body.into_data_stream();
    if announced > max_body {
        drain(&mut frames, max_body).await;
        return Err(too_large());
    }
    // `Content-Length` may be wrong, so memory is allocated as the body arrives.
    let mut whole = BytesMut::with_capacity(announced.min(64 * 1_024));
    let reading = async {
        while let Some(frame) = frames.next().await {
            let broken = || (StatusCode::BAD_REQUEST, "brokenBody", "the body did not arrive whole".to_owned());
            let frame = frame.map_err(|_broken| broken())?;
            if whole.len() + frame.len() > max_body {
                drain(&mut frames, max_body).await;
                return Err(too_large());
            }
            whole.extend_from_slice(&frame);
        }
        Ok(())
    };
    match tokio::time::timeout(intake.body_timeout, reading).await {
        Ok(read) => read.map(|()| whole.freeze()),
        Err(_elapsed) => Err((StatusCode::REQUEST_TIMEOUT, "slowBody", "the body took too long".to_owned())),
    }
}

/// Reads and drops more of the body, because a sender reads the answer only after it has sent the body.
async fn drain(frames: &mut BodyDataStream, max_body: usize) {
    let draining = async {
        let mut size = 0_usize;
        while let Some(Ok(frame)) = frames.next().await {
            size = size.saturating_add(frame.len());
            if size > max_body.saturating_mul(DRAIN_FACTOR) {
                return;
            }
        }
    };
    // The answer is the same whether or not the body ended in time.
    drop(tokio::time::timeout(DRAIN_TIMEOUT, draining).await);
}

/// Journals a webhook's items. A failed append queues one gap.
async fn store(parts: &IntakeParts, body: &[u8], message: Option<&str>) -> Response {
    let (facts, items, rejection) = match std::str::from_utf8(body) {
        Ok(text) => entries_for(&parts.recent, text.trim_start_matches(graph::BYTE_ORDER_MARK), message),
        Err(error) => {
            let reject = ItemRejection { reason: RejectReason::Syntax, detail: format!("not UTF-8: {error}") };
            (vec![rejected(&reject, &String::from_utf8_lossy(body), message, None)], Vec::new(), Some(reject))
        }
    };
    if !facts.is_empty()
        && let Err(error) = parts.writer.append(facts).await
    {
        parts.writer.note_gap("the journal could not take a webhook");
        return later(&error.to_string());
    }
    parts.recent.keep(items);
    match rejection {
        None => StatusCode::ACCEPTED.into_response(),
        Some(reject) => {
            let why = format!("refused: {}; it was noted\n", truncated(&reject.to_string(), LARGEST_REASON));
            (StatusCode::BAD_REQUEST, why).into_response()
        }
    }
}

/// Returns the entries of a body, the items to remember, and the reason if it is not an envelope.
fn entries_for(
    recent: &RecentItems,
    text: &str,
    message: Option<&str>,
) -> (Vec<Fact>, Vec<DeliveredItem>, Option<ItemRejection>) {
    let items = match graph::envelope(text) {
        Ok(items) => items.into_iter().map(ToOwned::to_owned).collect(),
        // A policy recorder's body is a single item without envelope.
        Err(reject) => match (graph::read(text), RawValue::from_string(text.trim().to_owned())) {
            (Ok(_), Ok(item)) => vec![item],
            _ => return (vec![rejected(&reject, text, message, None)], Vec::new(), Some(reject)),
        },
    };
    let mut facts = Vec::with_capacity(items.len());
    let mut fresh = Vec::new();
    for (index, item) in (0_u32..).zip(items) {
        if let Some(message) = message {
            let seen = DeliveredItem::new(message, index, item.get());
            if recent.count_repeat(&seen) {
                continue;
            }
            fresh.push(seen);
        }
        let received = ReceivedItem::new(item, message.map(Into::into), index);
        facts.push(match received.notification() {
            Ok(_) => Fact::Notification(received),
            Err(reject) => rejected(reject, received.item().get(), message, Some(index)),
        });
    }
    (facts, fresh, None)
}

fn rejected(reject: &ItemRejection, text: &str, message: Option<&str>, index: Option<u32>) -> Fact {
    Fact::Rejected(Box::new(Rejected {
        reason: reject.reason,
        detail: truncated(&reject.detail, LARGEST_REASON).into(),
        text: truncated(text, MAX_REJECTED).into(),
        message: message.map(Into::into),
        index,
    }))
}

fn later(why: &str) -> Response {
    later_by(1, why)
}

fn later_by(seconds: u64, why: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, seconds)], format!("not kept: {why}\n")).into_response()
}
