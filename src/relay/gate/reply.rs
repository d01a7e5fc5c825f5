//! The gate's answers, in Graph's format: Graph's reply as received, or the relay's error.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::graph::{ErrorBody, GraphError};
use crate::relay::graph::request::{GraphReply, NoResponse};

/// Marks an answer of Graph, in contrast to the gate's own answers.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct FromGraph;

/// Returns an error in Graph's format.
pub(in crate::relay) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let error = GraphError { code: code.into(), message: message.into(), inner_error: None };
    (status, axum::Json(ErrorBody { error })).into_response()
}

/// Returns Graph's reply with its status, body, `Location` and `Retry-After`.
pub(super) fn relayed(reply: GraphReply) -> Response {
    let mut answer =
        (StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY), reply.body).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(location) = reply.location.and_then(|it| it.parse().ok()) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(after) = reply.retry_after {
        let seconds = after.as_secs_f64().ceil().to_string();
        headers.insert(header::RETRY_AFTER, seconds.parse().unwrap_or_else(|_number| HeaderValue::from_static("1")));
    }
    answer.extensions_mut().insert(FromGraph);
    answer
}

/// Returns an error in Graph's format for a missing reply.
pub(super) fn unanswered(error: &NoResponse) -> Response {
    match error {
        NoResponse::Sent(_) => {
            let why = format!("{error}; it was sent, so it may have happened: read the call");
            refusal(StatusCode::GATEWAY_TIMEOUT, "outcomeUnknown", &why)
        }
        NoResponse::Shut { wait, .. } => {
            let refusal = refusal(StatusCode::SERVICE_UNAVAILABLE, "serviceNotAvailable", &error.to_string());
            ([(header::RETRY_AFTER, wait.as_secs() + 1)], refusal).into_response()
        }
        NoResponse::Expired => refusal(StatusCode::PRECONDITION_FAILED, "actExpired", &error.to_string()),
        NoResponse::NotSent(_) | NoResponse::NoToken(_) | NoResponse::TokenAway(_) => {
            refusal(StatusCode::BAD_GATEWAY, "notSent", &error.to_string())
        }
    }
}
