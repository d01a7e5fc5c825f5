//! What the control API does: the clock, the calls, and the people in them.

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

use crate::clock::Clock;
use crate::graph::{CallId, ParticipantId, Tone};
use crate::sim::runtime::SimRuntime;
use crate::sim::scenario::PersonAction;
use crate::sim::world::{OutgoingNotification, UnknownTarget};
use crate::time::{Millis, Timestamp};

use super::http::sentence;

/// What time it is in the world.
pub(super) async fn clock(State(stage): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(json!({ "now": stage.parts.clock.now(), "speed": stage.parts.clock.speed() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    speed: Option<f64>,
    step: Option<i64>,
}

/// The most that the clock is moved at once.
const LONGEST_STEP: Millis = Millis::minutes(31 * 24 * 60);
/// Past this the clock is not moved: the beginning of the year 9000.
const LATEST: Timestamp = Timestamp(221_845_392_000_000);
/// How long a step waits for receivers that take their time; what is still on its way is delivered later.
const SETTLING: Duration = Duration::from_secs(15);

/// Sets the clock's speed, moves it, or both.
pub(super) async fn set_clock(state: State<Arc<SimRuntime>>, body: Bytes) -> Response {
    let turn: ClockBody = match read(&body) {
        Ok(turn) => turn,
        Err(refusal) => return refusal,
    };
    let bad = |why: &str| sentence(StatusCode::BAD_REQUEST, why);
    let speed = turn.speed.is_none_or(|it| (0.0..=Clock::FASTEST).contains(&it));
    if !speed {
        return bad("speed: a number from 0, which stands still, to 1000");
    }
    if !turn.step.is_none_or(|it| (0..=LONGEST_STEP.0).contains(&it)) {
        return bad("step: milliseconds to move forward, at most those of 31 days");
    }
    if state.parts.clock.now() > LATEST {
        return bad("the clock is too far in the future; start the simulator again");
    }
    if state.is_restarting() {
        return sentence(
            StatusCode::CONFLICT,
            "the scenario is being restarted: the clock is not yours until that is over",
        );
    }
    if let Some(speed) = turn.speed {
        state.parts.clock.set_speed(speed);
    }
    let mut delivered = true;
    if let Some(step) = turn.step {
        state.parts.clock.step(Millis(step));
        delivered = tokio::time::timeout(SETTLING, state.settle()).await.is_ok();
    }
    Json(json!({ "now": state.parts.clock.now(), "speed": state.parts.clock.speed(), "delivered": delivered }))
        .into_response()
}

/// Every call.
pub(super) async fn calls(State(stage): State<Arc<SimRuntime>>) -> Json<Value> {
    Json(json!({ "value": stage.look(crate::sim::world::World::sights) }))
}

/// Lets a person do something.
pub(super) async fn direct(
    State(stage): State<Arc<SimRuntime>>,
    Path((call, participant, does)): Path<(String, String, String)>,
) -> Response {
    let (call, who) = match ids(&call, &participant) {
        Ok(ids) => ids,
        Err(refusal) => return refusal,
    };
    let Ok(does) = serde_json::from_value::<PersonAction>(json!(does)) else {
        return sentence(
            StatusCode::NOT_FOUND,
            "people can join, lobby, admit, leave, mute, unmute, hold and resume, and nothing else",
        );
    };
    let done = stage.with(|world, now| parted(world.direct(now, &call, &who, does)));
    match done {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(error) => sentence(StatusCode::NOT_FOUND, &error.to_string()),
    }
}

/// Lets a person press a telephone key.
pub(super) async fn press(
    State(stage): State<Arc<SimRuntime>>,
    Path((call, participant, tone)): Path<(String, String, String)>,
) -> Response {
    let (call, who) = match ids(&call, &participant) {
        Ok(ids) => ids,
        Err(refusal) => return refusal,
    };
    let tone = Tone::parse(&tone);
    if matches!(tone, Tone::Unknown(_)) {
        return sentence(StatusCode::NOT_FOUND, "keys are tone0 to tone9, star, pound, a, b, c, d and flash");
    }
    let done = stage.with(|world, now| parted(world.press(now, &call, &who, &tone).map(|leaving| ((), leaving))));
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => sentence(StatusCode::NOT_FOUND, &error.to_string()),
    }
}

/// What was done, and what leaves because of it.
fn parted<T>(
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
    ids.ok_or_else(|| sentence(StatusCode::BAD_REQUEST, "the path needs the ids of a call and a participant"))
}

#[expect(clippy::result_large_err, reason = "the refusal is the answer, made once per request")]
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    serde_json::from_slice(body)
        .map_err(|error| sentence(StatusCode::BAD_REQUEST, &format!("the body does not read: {error}")))
}
