//! The stage in the control API: which scenario plays, which step of its presentation it is at, and starting over.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sim::runtime::SimRuntime;
use crate::sim::scenario::{Scenario, StepTarget};

use super::read;
use crate::sim::server::http::sentence;

/// What a stage hand wants: one of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageBody {
    step: Option<StepTarget>,
    restart: Option<bool>,
    scenario: Option<String>,
}

/// Where the presentation is.
pub(in crate::sim::server) async fn look(State(stage): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(sheet(&stage))
}

/// The sheet with the seed of what is played: another one since a restart.
fn sheet(stage: &SimRuntime) -> Value {
    let (sheet, seed) = stage.sheet();
    let mut told = json!(sheet);
    if let Value::Object(members) = &mut told {
        members.insert("seed".into(), json!(seed));
    }
    told
}

/// Goes to a step, starts over, or plays another scenario; the same answer as [`look`], with a `note` on what the step
/// could not do.
pub(in crate::sim::server) async fn wish(State(stage): State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let wish: StageBody = match read(&body) {
        Ok(wish) => wish,
        Err(refusal) => return refusal,
    };
    match (wish.step, wish.scenario, wish.restart.unwrap_or_default()) {
        (Some(turn), None, false) => step(&stage, turn),
        (None, None, true) => restart(stage, None).await,
        (None, Some(name), _) => match Scenario::named(&name) {
            Some(Ok(scenario)) => restart(stage, Some(scenario)).await,
            Some(Err(error)) => sentence(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            None => {
                let names = Scenario::names().join(", ");
                sentence(StatusCode::BAD_REQUEST, &format!("there is no scenario {name:?}: name one of {names}"))
            }
        },
        _ => sentence(StatusCode::BAD_REQUEST, "ask for one thing: a step, a restart (true) or a scenario"),
    }
}

fn step(stage: &Arc<SimRuntime>, turn: StepTarget) -> Response {
    match stage.turn(turn) {
        Ok(amiss) => {
            let mut sheet = sheet(stage);
            if let Value::Object(members) = &mut sheet
                && !amiss.is_empty()
            {
                members.insert("note".into(), json!(amiss.join("; ")));
            }
            Json(sheet).into_response()
        }
        Err(error) => sentence(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// In a task of its own: a client that goes away must not leave the clock standing still.
async fn restart(stage: Arc<SimRuntime>, scenario: Option<Scenario>) -> Response {
    let restarting = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.restart(scenario).await }
    });
    match restarting.await {
        Ok(()) => Json(sheet(&stage)).into_response(),
        Err(error) => sentence(StatusCode::INTERNAL_SERVER_ERROR, &format!("the restart was cut short: {error}")),
    }
}
