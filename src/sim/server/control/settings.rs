//! Settings and webhook keys in the control API.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::sim::keyring::KeyRing;
use crate::sim::runtime::SimRuntime;
use crate::sim::settings::SimSettings;

use super::read;
use crate::sim::server::http::refusal;

/// An action, listed after the settings.
struct SettingsAction {
    name: &'static str,
    /// The path of its POST, below the control API's address.
    post: &'static str,
    help: &'static str,
}

/// The actions on the keys of webhooks.
const ACTS: [SettingsAction; 2] = [
    SettingsAction {
        name: "rollKeys",
        post: "keys/roll",
        help: "Publishes a new key, which signs webhooks from now on; the old keys stay published.",
    },
    SettingsAction {
        name: "dropOldKeys",
        post: "keys/drop",
        help: "Removes all published webhook keys except the one that signs.",
    },
];

/// Answers the presets, as kind `preset`; every setting with its value, default and help; the actions, as kind `action`.
pub(in crate::sim::server) async fn explain(
    State(runtime): State<Arc<SimRuntime>>,
    State(keys): State<Arc<KeyRing>>,
) -> Json<Value> {
    let (presets, settings) =
        runtime.read(|world| (world.settings().explained_presets(), world.settings().explained()));
    let published = format!("{} published", keys.ids().len());
    let acts = ACTS.iter().map(|it| {
        json!({
            "name": it.name, "value": published, "default": published, "kind": "action", "post": it.post,
            "evidence": "I", "group": "action", "help": it.help,
        })
    });
    Json(presets.iter().map(|it| json!(it)).chain(settings.iter().map(|it| json!(it))).chain(acts).collect())
}

/// Answers the settings by name.
pub(in crate::sim::server) async fn show(State(runtime): State<Arc<SimRuntime>>) -> Json<SimSettings> {
    Json(runtime.read(|world| world.settings().clone()))
}

/// Changes settings. If one is refused, no setting changes.
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
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// Answers the ids of the published webhook keys, the oldest first, and the one that signs.
pub(in crate::sim::server) async fn keys(State(keys): State<Arc<KeyRing>>) -> Json<Value> {
    let published = keys.ids();
    Json(json!({ "signs": published.last(), "published": published }))
}

/// Publishes a new key, which signs from now on.
pub(in crate::sim::server) async fn roll(state: State<Arc<KeyRing>>) -> Response {
    match state.roll().await {
        Ok(()) => keys(state).await.into_response(),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Removes all published keys except the one that signs.
pub(in crate::sim::server) async fn drop_old(state: State<Arc<KeyRing>>) -> Json<Value> {
    state.drop_old();
    keys(state).await
}
