//! HTTP helpers for the handlers: read a body within limits, read the bearer token, refuse with a sentence.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// The largest body that is read, in bytes.
pub(super) const MAX_BODY: usize = 1 << 20;
/// The time to receive a body; after that the answer is 408. \[unverified\]: Graph's limit and status.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The reason why a body was not read.
pub(super) enum BodyReadError {
    /// It is larger than [`MAX_BODY`], or the connection broke, in which case no client reads the answer.
    Incomplete,
    /// It did not arrive within [`BODY_TIMEOUT`].
    Late,
}

/// Reads a request's whole body.
pub(super) async fn read_body(body: Body) -> Result<Bytes, BodyReadError> {
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY)).await {
        Ok(read) => read.map_err(|_broken| BodyReadError::Incomplete),
        Err(_elapsed) => Err(BodyReadError::Late),
    }
}

/// Forwards a request after its whole body has arrived.
pub(super) async fn require_body_in_time(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match read_body(body).await {
        Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
        Err(BodyReadError::Incomplete) => {
            refusal(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB, or did not arrive")
        }
        Err(BodyReadError::Late) => refusal(StatusCode::REQUEST_TIMEOUT, "the body did not arrive within 10 seconds"),
    }
}

/// Returns the token of an `Authorization: Bearer` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Creates a refusal in the simulator's own format rather than Graph's: a sentence.
pub(super) fn refusal(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}
