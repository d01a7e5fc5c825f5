//! The control API's way to say where the simulator's own calls notify, which Graph has from the bot's registration.

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
use crate::sim::server::http::sentence;

/// Where they notify; `null` when nowhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackBody {
    url: Option<String>,
}

/// Where incoming calls and those of the scenario notify.
pub(in crate::sim::server) async fn show(State(stage): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(json!({ "url": stage.callback().as_ref().map(|it| it.url.as_str()) }))
}

/// Names another place, or none. What leaves from now on goes there; a call that a client made or answered keeps its
/// own `callbackUri`.
pub(in crate::sim::server) async fn name(state: State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let place: CallbackBody = match read(&body) {
        Ok(place) => place,
        Err(refusal) => return refusal,
    };
    let url = match place.url.as_deref().map(Url::parse).transpose() {
        Ok(url) => url,
        Err(error) => return sentence(StatusCode::BAD_REQUEST, &format!("the url does not read: {error}")),
    };
    if let Some(url) = url.as_ref().filter(|it| !allowed_callback(it)) {
        return sentence(StatusCode::BAD_REQUEST, &SimError::callback(url).to_string());
    }
    state.set_callback(url.map(|url| SimCallback { url, bot: true }));
    show(state).await.into_response()
}
