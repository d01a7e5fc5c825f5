//! The callback address of the simulator's own calls. Graph has it from the bot's registration.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::sim::error::SimError;
use crate::sim::runtime::{SimCallback, SimRuntime};
use crate::sim::world::allowed_callback;

use super::read;
use crate::sim::server::http::refusal;

/// The address; `null` drops the notifications.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackBody {
    url: Option<String>,
}

/// Answers the callback address of incoming calls and of the scenario's calls.
pub(in crate::sim::server) async fn show(State(runtime): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(json!({ "url": runtime.callback().as_ref().map(|it| it.url.as_str()) }))
}

/// Sets or removes the address. A call that a client created or answered keeps its own `callbackUri`.
pub(in crate::sim::server) async fn change(state: State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let asked: CallbackBody = match read(&body) {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let url = match asked.url.as_deref().map(Url::parse).transpose() {
        Ok(url) => url,
        Err(error) => return refusal(StatusCode::BAD_REQUEST, &format!("the url cannot be read: {error}")),
    };
    if let Some(url) = url.as_ref().filter(|it| !allowed_callback(it)) {
        return refusal(StatusCode::BAD_REQUEST, &SimError::callback(url).to_string());
    }
    state.set_callback(url.map(|url| SimCallback { url, bot: true }));
    show(state).await.into_response()
}
