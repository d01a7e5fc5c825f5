//! Recorded files, each fetched with the token of its operation.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use crate::sim::world::silent_recording;

use crate::sim::server::http::{bearer, refusal};
use crate::sim::server::state::GraphState;

/// Answers a recorded file, as bytes without a type, like the documented example.
pub(in crate::sim::server) async fn fetch(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(token) = state.runtime.read(|world| world.recording_token(&id).cloned()) else {
        return refusal(StatusCode::NOT_FOUND, "there is no such recording");
    };
    let given = bearer(&headers).unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(token.expose_secret().as_bytes())) {
        return refusal(StatusCode::UNAUTHORIZED, "send the recordingAccessToken as Authorization: Bearer");
    }
    ([(header::CONTENT_TYPE, "application/octet-stream")], silent_recording()).into_response()
}
