//! Calls that are injected while the simulator runs, and who answers them.

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

/// The side that answers, if the body names it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InjectBody {
    answered_by: Option<Answerer>,
}

/// Injects a call. Where the body does not say who answers it, a client does if incoming calls notify a bot other than
/// the simulator's own, or if a recording policy calls a recorder; otherwise the simulator's own bot does.
pub(in crate::sim::server) async fn inject(State(runtime): State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let mut plan: CallPlan = match read(&body) {
        Ok(plan) => plan,
        Err(refusal) => return refusal,
    };
    let said = read::<InjectBody>(&body).ok().and_then(|it| it.answered_by);
    let callback = runtime.callback();
    let incoming = plan.direction == PlannedDirection::Incoming;
    let others = callback.as_ref().is_some_and(|it| it.bot) || plan.people.iter().any(|it| it.recorded);
    let guessed = said.is_none() && incoming && others;
    if guessed {
        plan.answered_by = Answerer::Client;
    }
    if let Err(error) = plan.check() {
        let who = if guessed { "; a client answers it unless answeredBy says bot" } else { "" };
        return refusal(StatusCode::BAD_REQUEST, &format!("{error}{who}"));
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
        (Answerer::Bot, _) => "the simulator's own bot answers it; answeredBy client leaves it to a client",
        (Answerer::Client, Some(_)) => {
            "it rings until a client answers it over Graph's API: 15 seconds, a recorder's 5; answeredBy bot leaves it \
             to the simulator's own"
        }
        (Answerer::Client, None) => {
            "it rings until a client answers it over Graph's API: 15 seconds, a recorder's 5; no address is notified of it, so \
             set one with POST /sim/callback"
        }
    }
}
