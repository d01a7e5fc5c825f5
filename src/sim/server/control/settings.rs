//! The control API's settings and keys: what can be set, what is set, and which keys sign webhooks.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::sim::runtime::SimRuntime;
use crate::sim::settings::SimSettings;

use super::read;
use crate::sim::server::http::sentence;

/// Something that is done rather than set, listed after the settings.
struct SettingsAction {
    name: &'static str,
    /// Where it is asked for with POST, below the control's address.
    post: &'static str,
    help: &'static str,
}

/// What can be done about the keys of webhooks.
const ACTS: [SettingsAction; 2] = [
    SettingsAction {
        name: "rollKeys",
        post: "keys/roll",
        help: "Publishes a new key for webhooks and signs with it from now on; the old ones stay published.",
    },
    SettingsAction {
        name: "dropOldKeys",
        post: "keys/drop",
        help: "Publishes the key that signs webhooks and no other.",
    },
];

/// Every setting: its name, value, default, what it takes and what it is for; then what can be done, as kind `action`.
pub(in crate::sim::server) async fn explain(State(stage): State<Arc<SimRuntime>>) -> Json<Value> {
    let settings = stage.look(|world| world.settings().explained());
    let published = format!("{} published", stage.parts.keys.ids().len());
    let acts = ACTS.iter().map(|it| {
        json!({
            "name": it.name, "value": published, "default": published, "kind": "action", "post": it.post,
            "evidence": "I", "group": "action", "help": it.help,
        })
    });
    Json(settings.iter().map(|it| json!(it)).chain(acts).collect())
}

/// The settings by name.
pub(in crate::sim::server) async fn show(State(stage): State<Arc<SimRuntime>>) -> Json<SimSettings> {
    Json(stage.look(|world| world.settings().clone()))
}

/// Changes some settings, all of them or none.
pub(in crate::sim::server) async fn change(state: State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let changes: Map<String, Value> = match read(&body) {
        Ok(changes) => changes,
        Err(refusal) => return refusal,
    };
    let outcome = state.with(|world, _now| {
        let set = world.settings().changed(&changes).map(|it| world.set_settings(it));
        (set, Vec::new())
    });
    match outcome {
        Ok(()) => show(state).await.into_response(),
        Err(error) => sentence(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// The ids of the keys that are published for webhooks, the oldest first, and of the one that signs.
pub(in crate::sim::server) async fn keys(State(stage): State<Arc<SimRuntime>>) -> Json<Value> {
    let published = stage.parts.keys.ids();
    Json(json!({ "signs": published.last(), "published": published }))
}

/// Publishes a new key and signs with it from now on.
pub(in crate::sim::server) async fn roll(state: State<Arc<SimRuntime>>) -> Response {
    match state.parts.keys.roll().await {
        Ok(()) => keys(state).await.into_response(),
        Err(error) => sentence(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Publishes the key that signs and no other.
pub(in crate::sim::server) async fn drop_old(state: State<Arc<SimRuntime>>) -> Json<Value> {
    state.parts.keys.drop_old();
    keys(state).await
}
