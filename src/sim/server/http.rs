//! What each handler needs of HTTP: the whole body in time, the bearer token, and a refusal as a sentence.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// The largest body that is read, in bytes.
pub(super) const LARGEST: usize = 1 << 20;
/// How long a request's body may take before 408 is said. \[unverified\]: Graph's own time, and that it says so.
const BODY: Duration = Duration::from_secs(10);

/// Why a body was not read.
pub(super) enum BodyReadError {
    /// It is larger than [`LARGEST`], or the line broke; then nobody hears the answer.
    Unwhole,
    /// It did not arrive within [`BODY`].
    Late,
}

/// A request's whole body.
pub(super) async fn whole(body: Body) -> Result<Bytes, BodyReadError> {
    match tokio::time::timeout(BODY, to_bytes(body, LARGEST)).await {
        Ok(read) => read.map_err(|_broken| BodyReadError::Unwhole),
        Err(_elapsed) => Err(BodyReadError::Late),
    }
}

/// Lets a request on once its body is here.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match whole(body).await {
        Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
        Err(BodyReadError::Unwhole) => {
            sentence(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB, or did not arrive")
        }
        Err(BodyReadError::Late) => sentence(StatusCode::REQUEST_TIMEOUT, "the body did not arrive within 10 seconds"),
    }
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A refusal of the simulator itself, not of Graph: a sentence.
pub(super) fn sentence(status: StatusCode, said: &str) -> Response {
    (status, Json(json!({ "error": said }))).into_response()
}
