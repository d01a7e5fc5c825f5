//! The control API: the clock, the calls, and the people in them.

pub(super) mod callback;
pub(super) mod endpoints;
pub(super) mod inject;
pub(super) mod presentation;
pub(super) mod settings;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::graph::{CallId, ParticipantId, Tone};
use crate::sim::runtime::SimRuntime;
use crate::sim::scenario::PersonAction;
use crate::sim::world::{OutgoingNotification, UnknownTarget};
use crate::time::clock::Clock;
use crate::time::{Millis, Timestamp};

use super::http::refusal;

/// Answers the time and the speed of the world.
pub(super) async fn clock(State(runtime): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(json!({ "now": runtime.clock.now(), "speed": runtime.clock.speed() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    speed: Option<f64>,
    step: Option<i64>,
}

/// The maximum step of the clock in one request.
const MAX_STEP: Millis = Millis::minutes(31 * 24 * 60);
/// The end of the clock: the beginning of the year 9000.
const LAST_TIME: Timestamp = Timestamp(221_845_392_000_000);
/// The time that a step waits for slow receivers. Deliveries continue after that.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Sets the clock's speed, moves it, or both.
pub(super) async fn set_clock(state: State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let requested: ClockBody = match read(&body) {
        Ok(requested) => requested,
        Err(refusal) => return refusal,
    };
    let bad = |why: &str| refusal(StatusCode::BAD_REQUEST, why);
    if !requested.speed.is_none_or(|it| (0.0..=Clock::FASTEST).contains(&it)) {
        return bad("speed must be a number from 0 to 1000; 0 stops the clock");
    }
    if !requested.step.is_none_or(|it| (0..=MAX_STEP.0).contains(&it)) {
        return bad("step must be a number of milliseconds to move forward, at most 31 days");
    }
    if state.clock.now() > LAST_TIME {
        return bad("the clock is too far in the future; start the simulator again");
    }
    if state.is_restarting() {
        return refusal(StatusCode::CONFLICT, "the scenario is restarting; change the clock after that");
    }
    if let Some(speed) = requested.speed {
        state.clock.set_speed(speed);
    }
    let mut is_delivered = true;
    if let Some(step) = requested.step {
        state.clock.step(Millis(step));
        is_delivered = tokio::time::timeout(SETTLE_TIMEOUT, state.settle()).await.is_ok();
    }
    Json(json!({ "now": state.clock.now(), "speed": state.clock.speed(), "delivered": is_delivered })).into_response()
}

/// Lists every call and its people.
pub(super) async fn calls(State(runtime): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(json!({ "value": runtime.read(crate::sim::world::World::call_views) }))
}

/// Performs a person's action.
pub(super) async fn direct(
    State(runtime): State<Arc<SimRuntime>>,
    Path((call, participant, action)): Path<(String, String, String)>,
) -> Response {
    let (call, who) = match ids(&call, &participant) {
        Ok(ids) => ids,
        Err(refusal) => return refusal,
    };
    let Ok(action) = serde_json::from_value::<PersonAction>(json!(action)) else {
        return refusal(StatusCode::NOT_FOUND, "a person can join, lobby, admit, leave, mute, unmute, hold or resume");
    };
    let done = runtime.with(|world, now| separated(world.direct(now, &call, &who, action)));
    match done {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(error) => refusal(StatusCode::NOT_FOUND, &error.to_string()),
    }
}

/// Presses a telephone key as a person of a call.
pub(super) async fn press(
    State(runtime): State<Arc<SimRuntime>>,
    Path((call, participant, tone)): Path<(String, String, String)>,
) -> Response {
    let (call, who) = match ids(&call, &participant) {
        Ok(ids) => ids,
        Err(refusal) => return refusal,
    };
    let tone = Tone::parse(&tone);
    if matches!(tone, Tone::Unknown(_)) {
        return refusal(StatusCode::NOT_FOUND, "keys are tone0 to tone9, star, pound, a, b, c, d and flash");
    }
    let done = runtime.with(|world, now| separated(world.press(now, &call, &who, &tone).map(|leaving| ((), leaving))));
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refusal(StatusCode::NOT_FOUND, &error.to_string()),
    }
}

/// Separates a result from its notifications. An error has none.
fn separated<T>(
    done: Result<(T, Vec<OutgoingNotification>), UnknownTarget>,
) -> (Result<T, UnknownTarget>, Vec<OutgoingNotification>) {
    match done {
        Ok((done, leaving)) => (Ok(done), leaving),
        Err(error) => (Err(error), Vec::new()),
    }
}

#[expect(clippy::result_large_err, reason = "the refusal is the answer, made once per request")]
fn ids(call: &str, participant: &str) -> Result<(CallId, ParticipantId), Response> {
    let ids = CallId::new(call).zip(ParticipantId::new(participant));
    ids.ok_or_else(|| refusal(StatusCode::BAD_REQUEST, "the path needs the ids of a call and a participant"))
}

#[expect(clippy::result_large_err, reason = "the refusal is the answer, made once per request")]
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    serde_json::from_slice(body)
        .map_err(|error| refusal(StatusCode::BAD_REQUEST, &format!("the body cannot be read: {error}")))
}
