//! The checks before any handler: the rate of each caller, and the operator's token.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::bearer::operator;
use super::client_addr::{ClientAddrs, PeerAddr};
use super::limits::RelayLimits;
use super::rate_limiter::KeyedLimiter;
use crate::relay::gate::reply::refusal;
use crate::relay::operators::OperatorRegistry;
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::record::journal_writer::{JournalWriter, RefusedParty};

/// Identifies callers, and limits the rate of each address.
pub(in crate::relay) struct CallerGuard {
    callers: ClientAddrs,
    /// Requests that need no token.
    anonymous: KeyedLimiter<IpAddr>,
    /// Webhooks with forged tokens.
    forged_tokens: KeyedLimiter<IpAddr>,
    /// Webhooks that were deferred because their key may be new.
    deferred: KeyedLimiter<IpAddr>,
    /// Requests of the feed and the gate with unknown tokens.
    bad_operator_tokens: KeyedLimiter<IpAddr>,
}

impl CallerGuard {
    pub(in crate::relay) fn new(callers: ClientAddrs, limits: &RelayLimits) -> Self {
        Self {
            callers,
            anonymous: KeyedLimiter::new(limits.requests(), limits.addresses),
            forged_tokens: KeyedLimiter::new(limits.failures(), limits.addresses),
            deferred: KeyedLimiter::new(limits.failures(), limits.addresses),
            bad_operator_tokens: KeyedLimiter::new(limits.failures(), limits.addresses),
        }
    }

    /// Returns the caller's address, where it is known.
    pub(in crate::relay) fn caller(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        self.callers.of(extensions.get::<PeerAddr>().copied(), headers)
    }

    /// Returns how long a caller that sent too many forged webhooks must wait.
    pub(in crate::relay) fn forger_wait(&self, caller: Option<IpAddr>) -> Option<Duration> {
        self.forged_tokens.wait(&caller?, crate::time::clock::instant())
    }

    /// Counts a forged webhook against its caller.
    pub(in crate::relay) fn count_forgery(&self, caller: Option<IpAddr>) {
        if let Some(caller) = caller {
            // The result is checked for the next webhook.
            let _ = self.forged_tokens.take(caller, crate::time::clock::instant());
        }
    }

    /// Counts a deferred webhook against its caller, and returns whether the caller exceeds the limit.
    pub(in crate::relay) fn count_deferral(&self, caller: Option<IpAddr>) -> bool {
        caller.is_some_and(|it| self.deferred.take(it, crate::time::clock::instant()).is_err())
    }
}

/// The state of [`limit_anonymous`] and [`require_operator`].
#[derive(Clone)]
pub(in crate::relay) struct CallerChecks {
    pub(in crate::relay) guard: Arc<CallerGuard>,
    pub(in crate::relay) operators: Arc<OperatorRegistry>,
    pub(in crate::relay) writer: Arc<JournalWriter>,
    pub(in crate::relay) metrics: Arc<RelayMetrics>,
}

/// Returns 429 with `Retry-After`.
pub(in crate::relay) fn too_many(wait: Duration, why: &str) -> Response {
    let seconds = wait.as_secs() + 1;
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], format!("refused: {why}\n")).into_response()
}

/// Middleware for paths without a token: limits the requests of each address.
pub(in crate::relay) async fn limit_anonymous(
    State(checks): State<CallerChecks>,
    request: Request,
    next: Next,
) -> Response {
    let caller = checks.guard.caller(request.extensions(), request.headers());
    if let Some(caller) = caller
        && let Err(wait) = checks.guard.anonymous.take(caller, crate::time::clock::instant())
    {
        checks.metrics.refused("rateLimited");
        return too_many(wait, "too many requests");
    }
    next.run(request).await
}

/// Middleware for the feed and the gate: requires an operator's token. Wrong tokens from the same address do not limit
/// a caller with a known token.
pub(in crate::relay) async fn require_operator(
    State(checks): State<CallerChecks>,
    request: Request,
    next: Next,
) -> Response {
    if operator(&checks.operators, request.headers()).is_some() {
        return next.run(request).await;
    }
    let caller = checks.guard.caller(request.extensions(), request.headers());
    if let Some(caller) = caller
        && let Err(wait) = checks.guard.bad_operator_tokens.take(caller, crate::time::clock::instant())
    {
        checks.metrics.refused("rateLimited");
        checks.writer.note_refusal(RefusedParty::Caller, "too many unknown tokens".to_owned());
        return too_many(wait, "too many unknown tokens");
    }
    let reason = if request.headers().contains_key(header::AUTHORIZATION) { "unknownToken" } else { "noToken" };
    checks.metrics.refused(reason);
    checks.writer.note_refusal(RefusedParty::Caller, "the relay does not know the token".to_owned());
    refusal(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", "the relay does not know this token")
}
