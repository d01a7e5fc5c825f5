//! The control API below `/sim`: for stage hands and tests, with its own token. No part of Graph.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use crate::clock::Clock;
use crate::graph::{CallId, ParticipantId, Tone};
use crate::moment::{Moment, Span};
use crate::sim::scenario::{CallPlan, Doing};
use crate::sim::stage::Stage;

use super::{bearer, callback, sentence, settings, stage as scenes};

/// The control API's routes.
pub(super) fn router(stage: Arc<Stage>) -> Router<Arc<Stage>> {
    Router::new()
        .route("/", get(describe))
        .route("/clock", get(clock).post(set_clock))
        .route("/stage", get(scenes::look).post(scenes::wish))
        .route("/callback", get(callback::show).post(callback::name))
        .route("/calls", get(calls).post(inject))
        .route("/calls/{call}/participants/{participant}/{does}", post(direct))
        .route("/calls/{call}/participants/{participant}/press/{tone}", post(press))
        .route("/settings", get(settings::explain))
        .route("/faults", get(settings::show).post(settings::change))
        .route("/keys", get(settings::keys))
        .route("/keys/roll", post(settings::roll))
        .route("/keys/drop", post(settings::drop_old))
        .layer(from_fn_with_state(stage, only_hands))
}

/// The same description with a slash at the end of its address.
pub(super) fn root(stage: Arc<Stage>) -> Router<Arc<Stage>> {
    Router::new().route("/sim/", get(describe)).layer(from_fn_with_state(stage, only_hands))
}

async fn only_hands(State(stage): State<Arc<Stage>>, request: Request, next: Next) -> Response {
    let given = bearer(request.headers()).unwrap_or_default();
    if bool::from(given.as_bytes().ct_eq(stage.control.expose_secret().as_bytes())) {
        return next.run(request).await;
    }
    sentence(StatusCode::UNAUTHORIZED, "send the controlToken of the ready line as Authorization: Bearer")
}

async fn describe(State(stage): State<Arc<Stage>>) -> Json<Value> {
    Json(json!({
        "what": "the control API of a simulated Microsoft Graph; no part of Graph",
        "now": stage.clock.now(),
        "notifications": stage.post.counts(),
        "resources": {
            "GET /sim/clock": "now (milliseconds since 1970) and speed",
            "POST /sim/clock": { "speed": "0 stands still, 1 is real time", "step": "milliseconds to move forward; the answer says whether all of it was delivered" },
            "GET /sim/stage": "the scenario, its steps, the current one, and what of it has been seen",
            "POST /sim/stage": {
                "step": "next, previous or a number from 1",
                "restart": "true ends every call and begins again, with new ids",
                "scenario": "plays this one instead, from its beginning",
            },
            "GET /sim/calls": "every call and who is, was or will be there",
            "POST /sim/calls": {
                "what": "a call in the language of scenarios, as JSON; lengths like 5s, times count from now",
                "subject": "what it is about; it must have one",
                "kind": "oneToOne, group or meeting; it must have one",
                "direction": "incoming or outgoing",
                "answeredBy": "bot (the simulator's own), or client: over Graph's API, within 15 seconds, a recorder 5",
                "at, answered, ends, clears, endSubcode": "when it comes, is established and ends, and how",
                "people": "a list: name, kind (user, guest, application, or phone, whose name is its number: +1555…), \
                           joins, lobby (true waits there), recorded (true calls a recorder), events, reactions",
            },
            "GET /sim/callback": "url: where the simulator's own calls notify, those of incoming calls too",
            "POST /sim/callback": { "url": "where they notify from now on; null for nowhere" },
            "POST /sim/calls/{id}/participants/{pid}/{join|lobby|admit|leave|mute|unmute|hold|resume}":
                "lets a person do something",
            "POST /sim/calls/{id}/participants/{pid}/press/{tone1|star|pound|…}":
                "lets a person press a telephone key",
            "GET /sim/settings": "every setting: name, value, default, what it takes, evidence, group and help; then actions",
            "GET /sim/faults": "the settings and their values",
            "POST /sim/faults": "the settings to change",
            "GET /sim/keys": "the ids of the keys that are published for webhooks, and of the one that signs",
            "POST /sim/keys/roll": "publishes a new key and signs with it from now on",
            "POST /sim/keys/drop": "publishes the key that signs and no other",
        },
    }))
}

async fn clock(State(stage): State<Arc<Stage>>) -> Json<Value> {
    Json(json!({ "now": stage.clock.now(), "speed": stage.clock.speed() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    speed: Option<f64>,
    step: Option<i64>,
}

/// The most that the clock is moved at once.
const LONGEST_STEP: Span = Span::minutes(31 * 24 * 60);
/// Past this the clock is not moved: the beginning of the year 9000.
const LATEST: Moment = Moment(221_845_392_000_000);
/// How long a step waits for receivers that take their time; what is still on its way is delivered later.
const SETTLING: Duration = Duration::from_secs(15);

async fn set_clock(state: State<Arc<Stage>>, body: Bytes) -> Response {
    let turn: Turn = match read(&body) {
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
    if state.clock.now() > LATEST {
        return bad("the clock is too far in the future; start the simulator again");
    }
    if state.is_restarting() {
        return sentence(
            StatusCode::CONFLICT,
            "the scenario is being restarted: the clock is not yours until that is over",
        );
    }
    if let Some(speed) = turn.speed {
        state.clock.set_speed(speed);
    }
    let mut delivered = true;
    if let Some(step) = turn.step {
        state.clock.step(Span(step));
        delivered = tokio::time::timeout(SETTLING, state.settle()).await.is_ok();
    }
    Json(json!({ "now": state.clock.now(), "speed": state.clock.speed(), "delivered": delivered })).into_response()
}

async fn calls(State(stage): State<Arc<Stage>>) -> Json<Value> {
    Json(json!({ "value": stage.look(crate::sim::world::World::sights) }))
}

async fn inject(State(stage): State<Arc<Stage>>, body: Bytes) -> Response {
    let plan: CallPlan = match read(&body) {
        Ok(plan) => plan,
        Err(refusal) => return refusal,
    };
    if let Err(error) = plan.check() {
        return sentence(StatusCode::BAD_REQUEST, &error.to_string());
    }
    let id = stage.with(|world, now| world.inject(now, &plan));
    (StatusCode::CREATED, Json(json!({ "id": id }))).into_response()
}

async fn direct(
    State(stage): State<Arc<Stage>>,
    Path((call, participant, does)): Path<(String, String, String)>,
) -> Response {
    let (Some(call), Some(participant)) = (CallId::new(&call), ParticipantId::new(&participant)) else {
        return sentence(StatusCode::BAD_REQUEST, "the path needs the ids of a call and a participant");
    };
    let Ok(does) = serde_json::from_value::<Doing>(json!(does)) else {
        return sentence(
            StatusCode::NOT_FOUND,
            "people can join, lobby, admit, leave, mute, unmute, hold and resume, and nothing else",
        );
    };
    let done = stage.with(|world, now| match world.direct(now, &call, &participant, does) {
        Ok((id, leaving)) => (Ok(id), leaving),
        Err(error) => (Err(error), Vec::new()),
    });
    match done {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(error) => sentence(StatusCode::NOT_FOUND, &error.to_string()),
    }
}

async fn press(
    State(stage): State<Arc<Stage>>,
    Path((call, participant, tone)): Path<(String, String, String)>,
) -> Response {
    let (Some(call), Some(participant)) = (CallId::new(&call), ParticipantId::new(&participant)) else {
        return sentence(StatusCode::BAD_REQUEST, "the path needs the ids of a call and a participant");
    };
    let tone = Tone::parse(&tone);
    if matches!(tone, Tone::Unknown(_)) {
        return sentence(StatusCode::NOT_FOUND, "keys are tone0 to tone9, star, pound, a, b, c, d and flash");
    }
    let done = stage.with(|world, now| match world.press(now, &call, &participant, &tone) {
        Ok(leaving) => (Ok(()), leaving),
        Err(error) => (Err(error), Vec::new()),
    });
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => sentence(StatusCode::NOT_FOUND, &error.to_string()),
    }
}

#[expect(clippy::result_large_err, reason = "the refusal is the answer, made once per request")]
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    serde_json::from_slice(body)
        .map_err(|error| sentence(StatusCode::BAD_REQUEST, &format!("the body does not read: {error}")))
}
