//! HTTP helpers for the handlers: read paths and headers, refuse with a sentence.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// Returns the token of an `Authorization: Bearer` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns a header as text, or `None` if it is absent or not ASCII.
pub(super) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Creates a refusal in the simulator's own format rather than Graph's: a sentence.
pub(super) fn refusal(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}

/// Returns a path without its empty segments, which Graph ignores: Microsoft's Python SDK requests
/// `/v1.0//communications/calls` with its default base address.
pub(super) fn without_empty_segments(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return Cow::Borrowed(path);
    }
    let mut kept = String::with_capacity(path.len());
    for segment in path.split('/').filter(|it| !it.is_empty()) {
        kept.push('/');
        kept.push_str(segment);
    }
    if path.ends_with('/') {
        kept.push('/');
    }
    Cow::Owned(kept)
}
