//! The intake: Graph's webhooks, verified, split and journalled. A POST is answered 202 only when it is durable.
//!
//! One bad item never costs its batch: what is understood becomes a notification as received, what is not becomes
//! a rejected entry. The intake does not know what a notification means.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::dedup::{DeliveredItem, RecentItems};
use super::forward;
use super::verified_tokens::TokenFingerprint;
use super::verify::{TokenDenial, TokenVerifier};
use crate::clock;
use crate::floor::{Fact, ReceivedItem, Rejected};
use crate::graph::{self, ItemRejection, RejectReason};
use crate::relay::Shared;
use crate::relay::edge::limits::RelayLimits;
use crate::relay::edge::middleware::too_many;
use crate::relay::edge::rate_limiter::KeyedLimiter;
use crate::relay::record::journal_writer::{LARGEST_REASON, RefusedParty, truncated};

/// What the intake needs for itself.
pub(in crate::relay) struct WebhookIntake {
    pub(in crate::relay) verifier: TokenVerifier,
    pub(in crate::relay) repeats: Mutex<RecentItems>,
    /// How many webhooks are read and kept at once.
    slots: Semaphore,
    /// How often one token comes, by its digest.
    tokens: KeyedLimiter<TokenFingerprint>,
    /// Who handles a message id holds the lock that belongs to it; ids share some.
    message_locks: [tokio::sync::Mutex<()>; ALONE],
    largest: usize,
    reading: Duration,
}

/// Says of an answer that it is the bot's, to a webhook that the journal has.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct JournaledMarker;

/// So many message ids may be handled at once.
const ALONE: usize = 256;

impl WebhookIntake {
    pub(in crate::relay) fn new(verifier: TokenVerifier, limits: &RelayLimits) -> Self {
        Self {
            verifier: verifier.taking(limits.token_bytes),
            repeats: Mutex::default(),
            slots: Semaphore::new(limits.webhooks_at_once),
            tokens: KeyedLimiter::new(limits.webhooks(), TOKENS),
            message_locks: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            largest: limits.body_bytes,
            reading: limits.body(),
        }
    }

    /// The lock of a message id; of those that have none, one of their own each.
    fn per_message_lock(&self, message: Option<&str>) -> &tokio::sync::Mutex<()> {
        let nth = message.map_or_else(
            || usize::from(rand::random::<u8>()),
            |it| it.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))),
        );
        let [first, ..] = &self.message_locks;
        self.message_locks.get(nth % ALONE).unwrap_or(first)
    }
}

/// Tokens that are told apart: the platform uses few at a time.
const TOKENS: usize = 1_024;
/// How many times the largest body is read and thrown away, so that the sender of a larger one hears the answer.
const DRAINED: usize = 4;
const DRAINING: Duration = Duration::from_secs(1);
/// The platform's ids are GUIDs; what is much longer is none, and is not remembered.
const LONGEST_MESSAGE: usize = 128;
/// The most that is kept of a text that was not understood.
const LARGEST_REJECTED: usize = 64 * 1_024;

/// Keeps the signing keys fresh for as long as the relay lives.
pub(in crate::relay) async fn follow_keys(shared: Arc<Shared>) {
    let missed = || shared.recorder.note_gap("webhooks came with a signing key that was not known yet");
    shared.intake.verifier.follow_keys(missed).await;
}

/// `POST /notifications`.
pub(in crate::relay) async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let began = clock::instant();
    let (parts, body) = request.into_parts();
    let caller = shared.guard.caller(&parts.extensions, &parts.headers);
    let authorization = authorization(&parts.headers);
    let token = match shared.intake.verifier.check(authorization).await {
        Ok(token) => token,
        Err(denial) => return denied(&shared, caller, &denial),
    };
    shared.recorder.verified();
    let turn = match acquire_slot(&shared, token) {
        Ok(turn) => turn,
        Err(why) => return later(why),
    };
    let body = match read(&shared.intake, &parts.headers, body).await {
        Ok(body) => body,
        Err((status, word, reason)) => {
            refuse(&shared, word, &reason);
            return (status, format!("refused: {reason}\n")).into_response();
        }
    };
    let message = parts.headers.get("x-microsoft-skype-message-id").and_then(|it| it.to_str().ok());
    let message = message.filter(|it| it.len() <= LONGEST_MESSAGE);
    let mut kept = {
        // Of several that come at once with one id the first is kept, and the others are its repeats.
        let _alone = shared.intake.per_message_lock(message).lock().await;
        store(&shared, &body, message).await
    };
    // It is kept: a bot that takes its time holds no place of other webhooks.
    drop(turn);
    if kept.status() == StatusCode::SERVICE_UNAVAILABLE {
        return kept;
    }
    // What the journal has goes on to the bot, repeats and what only the bot may understand included.
    if let Some(answer) = forward::forward(&shared, parts.headers, body, began).await {
        kept = answer;
        kept.extensions_mut().insert(JournaledMarker);
    }
    kept
}

/// The answer to a webhook that proves nothing; whoever forges many must wait.
fn denied(shared: &Shared, caller: Option<IpAddr>, denial: &TokenDenial) -> Response {
    let status = StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    // Only a token that proves nothing is kept waiting for forgeries: the platform's own is good from anywhere.
    if denial.is_forged() {
        if let Some(wait) = shared.guard.forger_wait(caller) {
            refuse(shared, "rateLimited", "too many forged tokens");
            return too_many(wait, "too many forged tokens");
        }
        shared.guard.count_forgery(caller);
    }
    if let TokenDenial::NewKey(left) = denial {
        // Whether it is the platform's is known when the keys may be asked for again, and so is whether it is missed.
        let mut answer = later_by(left.as_secs() + 1, "the token is signed with a key that may be new");
        let often = shared.guard.is_deferred_often(caller);
        refuse(shared, if often { "newKeyRate" } else { denial.word() }, &denial.reason());
        if often {
            // It may still be the platform, which must not hear that it is refused; a flood pays with its line.
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        return answer;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        shared.metrics.refused(denial.word());
        shared.recorder.note_unverified(denial);
        return later("the signing keys cannot be fetched");
    }
    refuse(shared, denial.word(), &denial.reason());
    (status, format!("refused: {denial}\n")).into_response()
}

/// The one `Authorization` header; two would let each reader choose its own.
fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let one = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(one)
}

/// A place among the webhooks that are read and kept at once. One that is turned away here came from the platform:
/// what it said is missing until it comes again, and operators must know.
fn acquire_slot(shared: &Shared, token: TokenFingerprint) -> Result<SemaphorePermit<'_>, &'static str> {
    if shared.intake.tokens.take(token, clock::instant()).is_err() {
        shared.metrics.refused("tokenRate");
        shared.recorder.note_gap("more webhooks came than the limit for one token lets in");
        return Err("too many webhooks with this token");
    }
    shared.intake.slots.try_acquire().map_err(|_none_left| {
        shared.metrics.refused("busy");
        shared.recorder.note_gap("more webhooks came at once than can be kept");
        "too many webhooks at once"
    })
}

/// Counts a refusal where machines and where operators look.
fn refuse(shared: &Shared, word: &'static str, reason: &str) {
    shared.metrics.refused(word);
    shared.recorder.note_refusal(RefusedParty::Sender, reason.to_owned());
    tracing::debug!(reason, "a webhook was refused");
}

/// Why a body was not taken: the status, the reason in a word, and the reason for its sender and for operators.
type BodyError = (StatusCode, &'static str, String);

async fn read(intake: &WebhookIntake, headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    let largest = intake.largest;
    let too_large = || (StatusCode::PAYLOAD_TOO_LARGE, "largeBody", format!("the body is larger than {largest} bytes"));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    let announced = announced.unwrap_or_default();
    let mut frames = body.into_data_stream();
    if announced > largest {
        drain(&mut frames, largest).await;
        return Err(too_large());
    }
    // What is announced is a claim: memory is taken as the body comes.
    let mut whole = BytesMut::with_capacity(announced.min(64 * 1_024));
    let reading = async {
        while let Some(frame) = frames.next().await {
            let broken = || (StatusCode::BAD_REQUEST, "brokenBody", "the body did not arrive whole".to_owned());
            let frame = frame.map_err(|_broken| broken())?;
            if whole.len() + frame.len() > largest {
                drain(&mut frames, largest).await;
                return Err(too_large());
            }
            whole.extend_from_slice(&frame);
        }
        Ok(())
    };
    match tokio::time::timeout(intake.reading, reading).await {
        Ok(read) => read.map(|()| whole.freeze()),
        Err(_elapsed) => Err((StatusCode::REQUEST_TIMEOUT, "slowBody", "the body took too long".to_owned())),
    }
}

/// Reads on for a while and throws it away: a sender who is cut off in mid-sentence never hears the answer.
async fn drain(frames: &mut BodyDataStream, largest: usize) {
    let draining = async {
        let mut size = 0_usize;
        while let Some(Ok(frame)) = frames.next().await {
            size = size.saturating_add(frame.len());
            if size > largest.saturating_mul(DRAINED) {
                return;
            }
        }
    };
    // Whether it was all or not, the answer is the same.
    drop(tokio::time::timeout(DRAINING, draining).await);
}

async fn store(shared: &Shared, body: &[u8], message: Option<&str>) -> Response {
    let (facts, items, no_envelope) = match std::str::from_utf8(body) {
        Ok(text) => entries_for(shared, text, message),
        Err(error) => {
            let reject = ItemRejection { reason: RejectReason::Syntax, detail: format!("not UTF-8: {error}") };
            (vec![rejected(&reject, &String::from_utf8_lossy(body), message, None)], Vec::new(), Some(reject))
        }
    };
    if !facts.is_empty()
        && let Err(error) = shared.recorder.write(facts).await
    {
        shared.recorder.note_gap("the journal could not take a webhook");
        return later(&error.to_string());
    }
    let mut repeats = shared.intake.repeats.lock().unwrap_or_else(PoisonError::into_inner);
    for item in items {
        repeats.keep(item);
    }
    drop(repeats);
    match no_envelope {
        None => StatusCode::ACCEPTED.into_response(),
        Some(reject) => {
            let why = format!("refused: {}; it was noted\n", truncated(&reject.to_string(), LARGEST_REASON));
            (StatusCode::BAD_REQUEST, why).into_response()
        }
    }
}

/// The entries of a body, the items to remember, and why it is no envelope, if it is none.
fn entries_for(
    shared: &Shared,
    text: &str,
    message: Option<&str>,
) -> (Vec<Fact>, Vec<DeliveredItem>, Option<ItemRejection>) {
    let items = match graph::envelope(text) {
        Ok(items) => items.into_iter().map(ToOwned::to_owned).collect(),
        // A policy recorder's body is one bare item.
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
            if shared.intake.repeats.lock().unwrap_or_else(PoisonError::into_inner).is_known(&seen) {
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
        text: truncated(text, LARGEST_REJECTED).into(),
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
