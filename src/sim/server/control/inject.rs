//! Injects calls while the simulator runs, and decides whether a bot or a client answers them.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use crate::sim::runtime::{SimCallback, SimRuntime};
use crate::sim::scenario::{Answerer, CallPlan, PlannedDirection};

use super::read;
use crate::sim::server::http::refusal;

/// The side that answers, if the body contains it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InjectBody {
    answered_by: Option<Answerer>,
}

/// Injects a call. Without `answeredBy` in the body, a client answers it if the callback address belongs to a client's
/// bot or if a recording policy applies; otherwise the simulator's own bot answers it.
pub(in crate::sim::server) async fn inject(State(runtime): State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let mut plan: CallPlan = match read(&body) {
        Ok(plan) => plan,
        Err(refusal) => return refusal,
    };
    let given = read::<InjectBody>(&body).ok().and_then(|it| it.answered_by);
    let callback = runtime.callback();
    let incoming = plan.direction == PlannedDirection::Incoming;
    let has_client = callback.as_ref().is_some_and(|it| it.bot) || plan.people.iter().any(|it| it.recorded);
    let is_default = given.is_none() && incoming && has_client;
    if is_default {
        plan.answered_by = Answerer::Client;
    }
    if let Err(error) = plan.check() {
        let note = if is_default { "; a client answers it unless answeredBy says bot" } else { "" };
        return refusal(StatusCode::BAD_REQUEST, &format!("{error}{note}"));
    }
    match runtime.with(|world, now| world.inject(now, &plan)) {
        Err(full) => refusal(StatusCode::CONFLICT, &full.to_string()),
        Ok(id) if incoming => {
            let note = note(plan.answered_by, callback.as_ref());
            (StatusCode::CREATED, Json(json!({ "id": id, "answeredBy": plan.answered_by, "note": note })))
                .into_response()
        }
        Ok(id) => (StatusCode::CREATED, Json(json!({ "id": id }))).into_response(),
    }
}

/// Returns which side answers, and what the client must do for that.
fn note(answerer: Answerer, callback: Option<&SimCallback>) -> &'static str {
    match (answerer, callback) {
        (Answerer::Bot, _) => "the simulator's own bot answers it; set answeredBy to client to answer it with a client",
        (Answerer::Client, Some(_)) => {
            "it rings until a client answers it over Graph's API: 15 seconds, a recorder has 5; set answeredBy to bot to let the \
            simulator's own bot answer"
        }
        (Answerer::Client, None) => {
            "it rings until a client answers it over Graph's API: 15 seconds, a recorder has 5; its notifications are dropped, so \
            set an address with POST /sim/callback"
        }
    }
}
