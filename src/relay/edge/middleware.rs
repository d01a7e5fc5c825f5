//! What every request passes before its path's own business: who calls and how often, whether the operator is
//! known, whether the path is plain; and what is counted of the answer.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::client_addr::{ClientAddrs, PeerAddr};
use super::limits::{RateLimit, RelayLimits};
use super::rate_limiter::KeyedLimiter;
use crate::floor::Act;
use crate::relay::Shared;
use crate::relay::gate;
use crate::relay::gate::{FromGraph, GateTarget, operator, refusal};
use crate::relay::record::journal_writer::RefusedParty;
use crate::relay::webhooks::intake::JournaledMarker;

/// Who calls, and how often.
pub(in crate::relay) struct CallerGuard {
    callers: ClientAddrs,
    anonymous: KeyedLimiter<IpAddr>,
    /// Forged webhooks.
    forged_tokens: KeyedLimiter<IpAddr>,
    /// Webhooks that were put off because their key may be new.
    deferred: KeyedLimiter<IpAddr>,
    /// Guessed operators' tokens.
    bad_operator_tokens: KeyedLimiter<IpAddr>,
    /// What operators read of Graph: each reading is an entry of the journal.
    pub(in crate::relay) reads: KeyedLimiter<Box<str>>,
}

/// How often one operator may read.
const READS: RateLimit = RateLimit { per_second: 5.0, burst: 40.0 };
/// Operators that are told apart.
const MOST_READERS: usize = 1_024;

impl CallerGuard {
    pub(in crate::relay) fn new(callers: ClientAddrs, limits: &RelayLimits) -> Self {
        Self {
            callers,
            anonymous: KeyedLimiter::new(limits.requests(), limits.addresses),
            forged_tokens: KeyedLimiter::new(limits.failures(), limits.addresses),
            deferred: KeyedLimiter::new(limits.failures(), limits.addresses),
            bad_operator_tokens: KeyedLimiter::new(limits.failures(), limits.addresses),
            reads: KeyedLimiter::new(READS, MOST_READERS),
        }
    }

    /// The caller's address, where it is known.
    pub(in crate::relay) fn caller(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        self.callers.of(extensions.get::<PeerAddr>().copied(), headers)
    }

    /// How long a caller that forged too many webhooks must stay away.
    pub(in crate::relay) fn forger_wait(&self, caller: Option<IpAddr>) -> Option<Duration> {
        self.forged_tokens.wait(&caller?, crate::clock::instant())
    }

    /// A caller forged a webhook.
    pub(in crate::relay) fn count_forgery(&self, caller: Option<IpAddr>) {
        if let Some(caller) = caller {
            // Whether there is one left is asked before the next.
            let _ = self.forged_tokens.take(caller, crate::clock::instant());
        }
    }

    /// Whether a caller whose key may be new is put off more often than one that is no flood.
    pub(in crate::relay) fn is_deferred_often(&self, caller: Option<IpAddr>) -> bool {
        caller.is_some_and(|it| self.deferred.take(it, crate::clock::instant()).is_err())
    }
}

/// An answer that asks to come again after a while.
pub(in crate::relay) fn too_many(wait: Duration, why: &str) -> Response {
    let seconds = wait.as_secs() + 1;
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], format!("refused: {why}\n")).into_response()
}

/// For paths that need no proof: so many from one address and no more.
pub(in crate::relay) async fn anonymous(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let caller = shared.guard.caller(request.extensions(), request.headers());
    if let Some(caller) = caller
        && let Err(wait) = shared.guard.anonymous.take(caller, crate::clock::instant())
    {
        shared.metrics.refused("rateLimited");
        return too_many(wait, "too many requests");
    }
    next.run(request).await
}

/// For the feed and the gate: only who bears an operator's token. A known token is never kept waiting for what
/// others guess from the same address.
pub(in crate::relay) async fn operators(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if operator(&shared, request.headers()).is_some() {
        return next.run(request).await;
    }
    let caller = shared.guard.caller(request.extensions(), request.headers());
    if let Some(caller) = caller
        && let Err(wait) = shared.guard.bad_operator_tokens.take(caller, crate::clock::instant())
    {
        shared.metrics.refused("rateLimited");
        shared.recorder.note_refusal(RefusedParty::Caller, "too many unknown tokens".to_owned());
        return too_many(wait, "too many unknown tokens");
    }
    let reason = if request.headers().contains_key(header::AUTHORIZATION) { "unknownToken" } else { "noToken" };
    shared.metrics.refused(reason);
    shared.recorder.note_refusal(RefusedParty::Caller, "the relay does not know the token".to_owned());
    refusal(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", "the relay does not know this token")
}

/// For the gate: a path as a console writes it, and what became of it, counted.
pub(in crate::relay) async fn gate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !is_plain(path) {
        shared.metrics.refused("path");
        return refusal(StatusCode::NOT_FOUND, "itemNotFound", "the gate takes paths of the calls API as they are");
    }
    let action = action(request.method(), path);
    let answer = next.run(request).await;
    let is_ours = answer.extensions().get::<FromGraph>().is_none();
    let outcome = match outcome(answer.status()) {
        // Graph forbids the application something, and nobody who called.
        "forbidden" if !is_ours => "refused",
        "forbidden" => {
            shared.metrics.refused("notAllowed");
            "forbidden"
        }
        other => other,
    };
    shared.metrics.act(action, outcome);
    answer
}

/// For webhooks: what became of it, counted.
pub(in crate::relay) async fn webhooks(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    let is_kept = answer.extensions().get::<JournaledMarker>().is_some();
    shared.metrics.webhook(match answer.status().as_u16() {
        _ if is_kept => "kept",
        202 => "kept",
        400 => "unreadable",
        503 => "later",
        _ => "refused",
    });
    answer
}

/// Whether a path below the gate is spelled as its resources are: without escapes, empty or dot segments.
fn is_plain(path: &str) -> bool {
    let rest = path.strip_prefix(gate::PREFIX).unwrap_or_default();
    let mut segments = rest.split('/').skip(1);
    segments.all(|it| !it.is_empty() && it != "." && it != ".." && !it.contains(['%', '\\', ';', '?', '#']))
}

/// The action that is asked for, in words that are ours.
fn action(method: &axum::http::Method, path: &str) -> Cow<'static, str> {
    match gate::target(method, path) {
        GateTarget::Unknown | GateTarget::Unlisted(_) => "none".into(),
        GateTarget::Listed(action) => Act::of(&action).map_or("read".into(), |act| act.to_string().into()),
    }
}

fn outcome(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "done",
        401 | 403 => "forbidden",
        429 => "tooMany",
        504 => "unknown",
        400..=499 => "refused",
        _ => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_plain_or_it_is_refused() {
        let call = "/graph/v1.0/communications/calls/a";
        assert!(is_plain(call) && is_plain("/graph/v1.0/communications/calls/19:x@thread.v2/mute"));
        for tail in ["/", "//mute", "/../b", "/./mute", "/%2e%2e/b", "%2Fmute", "/a%252Fb", "/a\\b", ";x=1/mute"] {
            assert!(!is_plain(&format!("{call}{tail}")), "{tail}");
        }
        assert!(!is_plain("/graph/v1.0/https://evil.example/communications/calls/a"));
    }
}
