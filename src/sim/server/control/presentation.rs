//! The presentation in the control API: its scenario, its current step, and restarts.

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
use crate::sim::server::http::refusal;

/// A change of the presentation: exactly one of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageBody {
    step: Option<StepTarget>,
    restart: Option<bool>,
    scenario: Option<String>,
}

/// Answers the progress of the presentation.
pub(in crate::sim::server) async fn show(State(runtime): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(sheet(&runtime))
}

/// Returns the presentation, with the seed of the world, which changes with each restart.
fn sheet(runtime: &SimRuntime) -> Value {
    let (sheet, seed) = runtime.progress_report();
    let mut answer = json!(sheet);
    if let Value::Object(members) = &mut answer {
        members.insert("seed".into(), json!(seed));
    }
    answer
}

/// Goes to a step, restarts, or plays another scenario. Answers like [`show`], with a `note` about the impossible
/// events of the step.
pub(in crate::sim::server) async fn change(State(runtime): State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let requested: StageBody = match read(&body) {
        Ok(requested) => requested,
        Err(refusal) => return refusal,
    };
    match (requested.step, requested.scenario, requested.restart.unwrap_or_default()) {
        (Some(to), None, false) => step(&runtime, to),
        (None, None, true) => restart(runtime, None).await,
        (None, Some(name), _) => match Scenario::named(&name) {
            Some(Ok(scenario)) => restart(runtime, Some(scenario)).await,
            Some(Err(error)) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            None => {
                let names = Scenario::names().join(", ");
                refusal(StatusCode::BAD_REQUEST, &format!("there is no scenario {name:?}: name one of {names}"))
            }
        },
        _ => refusal(StatusCode::BAD_REQUEST, "give exactly one thing: a step, a restart (true) or a scenario"),
    }
}

fn step(runtime: &Arc<SimRuntime>, to: StepTarget) -> Response {
    match runtime.go_to_step(to) {
        Ok(impossible) => {
            let mut sheet = sheet(runtime);
            if let Value::Object(members) = &mut sheet
                && !impossible.is_empty()
            {
                members.insert("note".into(), json!(impossible.join("; ")));
            }
            Json(sheet).into_response()
        }
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// Restarts in a separate task: a client that disconnects must not leave the clock stopped.
async fn restart(runtime: Arc<SimRuntime>, scenario: Option<Scenario>) -> Response {
    let restarting = tokio::spawn({
        let runtime = Arc::clone(&runtime);
        async move { runtime.restart(scenario).await }
    });
    match restarting.await {
        Ok(()) => Json(sheet(&runtime)).into_response(),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &format!("the restart ended early: {error}")),
    }
}
