//! The intake: Graph's webhooks, verified, split and journalled. A POST is answered 202 only when it is durable.
//!
//! One bad item never costs its batch: what is understood becomes a notification as received, what is not becomes
//! a rejected entry. The intake does not know what a notification means.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde_json::value::RawValue;

use super::Shared;
use super::forward;
use super::recorder::{LARGEST_REASON, beginning};
use super::repeats::{Item, Repeats};
use super::token::Verifier;
use crate::clock;
use crate::floor::{Fact, Received, Rejected};
use crate::graph::{self, Reject, RejectReason};

/// What the intake needs for itself.
pub(super) struct Intake {
    pub(super) verifier: Verifier,
    pub(super) repeats: Mutex<Repeats>,
}

const LARGEST: usize = 4 * 1_024 * 1_024;
/// How much of a body that is too large is read and thrown away, so that its sender hears the answer.
const DRAINED: usize = 4 * LARGEST;
const DRAINING: Duration = Duration::from_secs(1);
const READING: Duration = Duration::from_secs(10);
/// The platform's ids are GUIDs; what is much longer is none, and is not remembered.
const LONGEST_MESSAGE: usize = 128;
/// The most that is kept of a text that was not understood.
const LARGEST_REJECTED: usize = 64 * 1_024;

/// `POST /notifications`.
pub(super) async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let began = clock::instant();
    let (parts, body) = request.into_parts();
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    if let Err(denial) = shared.intake.verifier.check(authorization).await {
        let status = StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::error!(%denial, "a webhook could not be verified");
            shared.recorder.unverified(&denial.reason());
            return later("the signing keys cannot be fetched");
        }
        shared.recorder.refused(denial.reason());
        return (status, format!("refused: {denial}\n")).into_response();
    }
    let body = match read(&parts.headers, body).await {
        Ok(body) => body,
        Err((status, reason)) => {
            shared.recorder.refused(reason.to_owned());
            return (status, format!("refused: {reason}\n")).into_response();
        }
    };
    let message = parts.headers.get("x-microsoft-skype-message-id").and_then(|it| it.to_str().ok());
    let message = message.filter(|it| it.len() <= LONGEST_MESSAGE);
    let kept = keep(&shared, &body, message).await;
    if kept.status() == StatusCode::SERVICE_UNAVAILABLE {
        return kept;
    }
    // What the journal has goes on to the bot, repeats and what only the bot may understand included.
    forward::pass(&shared, parts.headers, body, began).await.unwrap_or(kept)
}

/// Why a body was not taken: the status, and the reason for its sender and for operators.
type Untaken = (StatusCode, &'static str);

const TOO_LARGE: Untaken = (StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 4 MiB");

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Untaken> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    let announced = announced.unwrap_or_default();
    let mut frames = body.into_data_stream();
    if announced > LARGEST {
        drain(&mut frames).await;
        return Err(TOO_LARGE);
    }
    let mut whole = BytesMut::with_capacity(announced);
    let reading = async {
        while let Some(frame) = frames.next().await {
            let frame = frame.map_err(|_broken| (StatusCode::BAD_REQUEST, "the body did not arrive whole"))?;
            if whole.len() + frame.len() > LARGEST {
                drain(&mut frames).await;
                return Err(TOO_LARGE);
            }
            whole.extend_from_slice(&frame);
        }
        Ok(())
    };
    match tokio::time::timeout(READING, reading).await {
        Ok(read) => read.map(|()| whole.freeze()),
        Err(_elapsed) => Err((StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    }
}

/// Reads on for a while and throws it away: a sender who is cut off in mid-sentence never hears the answer.
async fn drain(frames: &mut BodyDataStream) {
    let draining = async {
        let mut size = 0_usize;
        while let Some(Ok(frame)) = frames.next().await {
            size = size.saturating_add(frame.len());
            if size > DRAINED {
                return;
            }
        }
    };
    // Whether it was all or not, the answer is the same.
    drop(tokio::time::timeout(DRAINING, draining).await);
}

async fn keep(shared: &Shared, body: &[u8], message: Option<&str>) -> Response {
    let (facts, items, no_envelope) = match std::str::from_utf8(body) {
        Ok(text) => facts(shared, text, message),
        Err(error) => {
            let reject = Reject { reason: RejectReason::Syntax, detail: format!("not UTF-8: {error}") };
            (vec![rejected(&reject, &String::from_utf8_lossy(body), message, None)], Vec::new(), Some(reject))
        }
    };
    if !facts.is_empty()
        && let Err(error) = shared.recorder.write(facts).await
    {
        tracing::error!(%error, "a webhook was not kept");
        shared.recorder.missed("the journal could not take a webhook");
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
            let why = format!("refused: {}; it was noted\n", beginning(&reject.to_string(), LARGEST_REASON));
            (StatusCode::BAD_REQUEST, why).into_response()
        }
    }
}

/// The entries of a body, the items to remember, and why it is no envelope, if it is none.
fn facts(shared: &Shared, text: &str, message: Option<&str>) -> (Vec<Fact>, Vec<Item>, Option<Reject>) {
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
            let seen = Item::new(message, index, item.get());
            if shared.intake.repeats.lock().unwrap_or_else(PoisonError::into_inner).is_known(&seen) {
                continue;
            }
            fresh.push(seen);
        }
        facts.push(match graph::read(item.get()) {
            Ok(_) => Fact::Notification(Received { item, message: message.map(Into::into), index }),
            Err(reject) => rejected(&reject, item.get(), message, Some(index)),
        });
    }
    (facts, fresh, None)
}

fn rejected(reject: &Reject, text: &str, message: Option<&str>, index: Option<u32>) -> Fact {
    Fact::Rejected(Box::new(Rejected {
        reason: reject.reason,
        detail: beginning(&reject.detail, LARGEST_REASON).into(),
        text: beginning(text, LARGEST_REJECTED).into(),
        message: message.map(Into::into),
        index,
    }))
}

fn later(why: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], format!("not kept: {why}\n")).into_response()
}
