//! The gate's middleware: refuses paths with escapes or dot segments, and counts requests by action and outcome.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::reply::{FromGraph, refusal};
use super::target::{GateTarget, is_plain, target};
use crate::floor::Act;
use crate::relay::ops::metrics::RelayMetrics;

/// Checks a request's path and counts the answer.
pub(in crate::relay) async fn check_and_count(
    State(metrics): State<Arc<RelayMetrics>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if !is_plain(path) {
        metrics.refused("path");
        return refusal(StatusCode::NOT_FOUND, "itemNotFound", "the gate takes paths of the calls API as they are");
    }
    let action = action(request.method(), path);
    let answer = next.run(request).await;
    let is_ours = answer.extensions().get::<FromGraph>().is_none();
    let outcome = match outcome(answer.status()) {
        // Here Graph refuses the application, not the caller.
        "forbidden" if !is_ours => "refused",
        "forbidden" => {
            metrics.refused("notAllowed");
            "forbidden"
        }
        other => other,
    };
    metrics.gate_request(action, outcome);
    answer
}

/// Returns the label of the action. Labels are constants, never the caller's text.
fn action(method: &Method, path: &str) -> Cow<'static, str> {
    match target(method, path) {
        GateTarget::Unknown | GateTarget::Unlisted(_) => "none".into(),
        GateTarget::Listed(action) => Act::of(&action).map_or("read".into(), |act| act.to_string().into()),
    }
}

fn outcome(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "done",
        401 | 403 => "forbidden",
        412 => "expired",
        429 => "tooMany",
        504 => "unknown",
        400..=499 => "refused",
        _ => "failed",
    }
}
