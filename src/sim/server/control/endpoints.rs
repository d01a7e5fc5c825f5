//! The control API below `/sim`, for presenters and tests, with its own token. It is not part of Graph.
//!
//! One table lists each endpoint's path, members, answers, refusals and handler. The router and the description at
//! `GET /sim` are made from it, so that they agree.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;

use crate::sim::TOKENS;
use crate::sim::runtime::SimRuntime;

use super::{callback, inject, presentation as scenes, settings};
use crate::sim::server::body::require_body_in_time;
use crate::sim::server::control;
use crate::sim::server::http::{bearer, refusal};
use crate::sim::server::state::ControlState;

/// An endpoint of the control API.
struct ControlEndpoint {
    method: &'static str,
    /// The path below `/sim`.
    path: &'static str,
    what: &'static str,
    /// The members of the JSON body, and the allowed values of each.
    takes: &'static [(&'static str, &'static str)],
    answers: &'static str,
    /// Its refusals, in addition to those of every endpoint.
    refuses: &'static [(&'static str, &'static str)],
    serves: fn() -> MethodRouter<ControlState>,
}

/// A read without members or further refusals.
const READ: ControlEndpoint = ControlEndpoint {
    method: "GET",
    path: "/",
    what: "",
    takes: &[],
    answers: "",
    refuses: &[],
    serves: || get(describe),
};
/// A POST without members or further refusals.
const POST: ControlEndpoint = ControlEndpoint { method: "POST", ..READ };

const ENDPOINTS: &[ControlEndpoint] = &[
    ControlEndpoint { what: "what the control API offers", answers: "200 and this", ..READ },
    ControlEndpoint {
        path: "/clock",
        what: "the time of the world",
        answers: "200: now (milliseconds since 1970) and speed",
        serves: || get(control::clock),
        ..READ
    },
    ControlEndpoint {
        path: "/clock",
        what: "sets how fast time passes, moves the clock, or both",
        takes: &[
            ("speed", "0 stops the clock, 1 is real time; at most 1000"),
            ("step", "milliseconds to move forward, at most 31 days"),
        ],
        answers: "200: now, speed, and delivered: whether every notification that became due was delivered; a step waits for them",
        refuses: &[
            ("400", "a speed or a step outside its bounds; a clock past the year 9000"),
            ("409", "the scenario is restarting, and the restart moves the clock"),
        ],
        serves: || post(control::set_clock),
        ..POST
    },
    ControlEndpoint {
        path: "/stage",
        what: "the progress of the presentation",
        answers: "200: scenario, its title, description and seed, the scenarios to switch to, the current step from 1 \
                  (0 when there are none), and each step with what was visible of it",
        serves: || get(scenes::show),
        ..READ
    },
    ControlEndpoint {
        path: "/stage",
        what: "goes to a step, starts over, or plays another scenario: takes exactly one member",
        takes: &[
            ("step", "next, previous or a number from 1"),
            ("restart", "true ends every call and begins again, with new ids and the next seed"),
            ("scenario", "plays the scenario of this name instead, from its beginning"),
        ],
        answers: "200: as GET /sim/stage, with a note on what was impossible in the step",
        refuses: &[("400", "no member or more than one; no such step or scenario")],
        serves: || post(scenes::change),
        ..POST
    },
    ControlEndpoint {
        path: "/callback",
        what: "the callback address of the simulator's own calls, including injected ones",
        answers: "200: url; null if notifications are dropped",
        serves: || get(callback::show),
        ..READ
    },
    ControlEndpoint {
        path: "/callback",
        what: "sets the callback address; a client then answers injected calls",
        takes: &[("url", "an https: or http: address; null drops the notifications")],
        answers: "200: as GET /sim/callback",
        refuses: &[("400", "a url that cannot be read, or is of another kind")],
        serves: || post(callback::change),
        ..POST
    },
    ControlEndpoint {
        path: "/calls",
        what: "every call, with its past, present and future people",
        answers: "200: value, a list of calls: id, subject, state, kind, myParticipantId, participants (id, name, \
                  presence: expected, lobby, here or gone; muted, serverMuted, held, away)",
        serves: || get(control::calls),
        ..READ
    },
    ControlEndpoint {
        path: "/calls",
        what: "injects a call, in the format of scenarios; durations are written like 5s, and times count from now",
        takes: &[
            ("subject", "its subject; required"),
            ("kind", "oneToOne, group or meeting; required"),
            ("direction", "incoming (the default) or outgoing"),
            (
                "answeredBy",
                "for incoming calls: bot (the simulator's own) or client (over Graph's API within 15 seconds, a recorder \
                 5; the default is client where --callback or POST /sim/callback sets an address and where somebody is \
                 recorded, else bot",
            ),
            ("at", "when it arrives; now by default"),
            ("answered", "the time from then until the bot answers it, or until it is established; 2s by default"),
            ("ends", "when it ends; if absent, it does not end by itself"),
            ("clears", "the time between terminating and deleted"),
            ("endSubcode", "the subcode of that end; 4097 by default"),
            (
                "people",
                "a list: name (required), kind (user, guest, application, or phone, whose name is its number: +1555…), \
                 joins (when), lobby (true waits there), recorded (true calls a recorder), events (at, does), \
                 reactions (on muted, held or released, does, after)",
            ),
        ],
        answers: "201: id, and of an incoming call answeredBy and a note on what that means",
        refuses: &[
            ("400", "an invalid call; the error says where"),
            ("409", "there are as many calls as the setting mostCalls allows"),
        ],
        serves: || post(inject::inject),
        ..POST
    },
    ControlEndpoint {
        path: "/calls/{call}/participants/{participant}/{does}",
        what: "makes a person join, lobby, admit, leave, mute, unmute, hold or resume",
        answers: "200: id, which is new after a rejoin",
        refuses: &[
            ("400", "the path has no valid ids"),
            ("404", "no such call, person or action, or the action is impossible now"),
        ],
        serves: || post(control::direct),
        ..POST
    },
    ControlEndpoint {
        path: "/calls/{call}/participants/{participant}/press/{tone}",
        what: "presses a telephone key as a person: tone0 to tone9, star, pound, a, b, c, d or flash",
        answers: "204",
        refuses: &[
            ("400", "the path has no valid ids"),
            ("404", "no such call, person or key, or the person is not in the call"),
        ],
        serves: || post(control::press),
        ..POST
    },
    ControlEndpoint {
        path: "/settings",
        what: "every setting, and the actions on keys",
        answers: "200: a list: name, value, default, kind and what it takes, evidence, group, help; actions have a post",
        serves: || get(settings::explain),
        ..READ
    },
    ControlEndpoint {
        path: "/faults",
        what: "the settings by name",
        answers: "200: an object of names and values",
        serves: || get(settings::show),
        ..READ
    },
    ControlEndpoint {
        path: "/faults",
        what: "changes settings; if one is refused, no setting changes",
        takes: &[("NAME", "a value that GET /sim/settings allows; any number of names")],
        answers: "200: as GET /sim/faults",
        refuses: &[("400", "no such setting, or a value that it does not allow; the error names the nearest")],
        serves: || post(settings::change),
        ..POST
    },
    ControlEndpoint {
        path: "/keys",
        what: "the keys that sign webhooks",
        answers: "200: the ids of the published keys, oldest first, and of the one that signs",
        serves: || get(settings::keys),
        ..READ
    },
    ControlEndpoint {
        path: "/keys/roll",
        what: "publishes a new key and signs with it from now on",
        answers: "200: as GET /sim/keys",
        serves: || post(settings::roll),
        ..POST
    },
    ControlEndpoint {
        path: "/keys/drop",
        what: "removes all published keys except the one that signs",
        answers: "200: as GET /sim/keys",
        serves: || post(settings::drop_old),
        ..POST
    },
];

/// Returns the control API's routes.
pub(in crate::sim::server) fn router(state: ControlState) -> Router {
    let routes = ENDPOINTS.iter().fold(Router::new(), |router, it| router.route(it.path, (it.serves)()));
    let routes = routes.fallback(unknown_address).method_not_allowed_fallback(other_method);
    routes.layer(from_fn_with_state(state.clone(), require_control_token)).with_state(state)
}

/// Returns the same description with a slash at the end of its address.
pub(in crate::sim::server) fn root(state: ControlState) -> Router {
    let route = Router::new().route("/sim/", get(describe));
    route.layer(from_fn_with_state(state.clone(), require_control_token)).with_state(state)
}

/// Forwards a request if it has the control token, and a body of allowed size that arrives in time.
async fn require_control_token(State(state): State<ControlState>, request: Request, next: Next) -> Response {
    let given = bearer(request.headers()).unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(state.token.expose_secret().as_bytes())) {
        return refusal(StatusCode::UNAUTHORIZED, NO_TOKEN);
    }
    require_body_in_time(request, next).await
}

/// The refusal of a request without the control token.
const NO_TOKEN: &str = "send the controlToken of the ready line as Authorization: Bearer";

/// Returns the method and the path, such as `GET /sim/clock`.
fn address(endpoint: &ControlEndpoint) -> String {
    format!("{} /sim{}", endpoint.method, endpoint.path.trim_end_matches('/'))
}

/// Answers a request to an unknown address, and lists the known ones.
async fn unknown_address(request: Request) -> Response {
    let resources: Vec<String> = ENDPOINTS.iter().map(address).collect();
    let error =
        format!("nothing is served at \"/sim{}\"; GET /sim lists what is, and what it takes", request.uri().path());
    (StatusCode::NOT_FOUND, Json(json!({ "error": error, "resources": resources }))).into_response()
}

/// Answers a request with a method that its address does not have.
async fn other_method(request: Request) -> Response {
    let error =
        format!("{} is not served at \"/sim{}\"; GET /sim lists what is", request.method(), request.uri().path());
    refusal(StatusCode::METHOD_NOT_ALLOWED, &error)
}

async fn describe(State(runtime): State<Arc<SimRuntime>>) -> Json<Value> {
    let texts = |rows: &[(&str, &str)]| -> Value {
        Value::Object(rows.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect())
    };
    let resources: Map<String, Value> = ENDPOINTS
        .iter()
        .map(|it| {
            let description = json!({
                "what": it.what, "takes": texts(it.takes), "answers": it.answers, "refuses": texts(it.refuses),
            });
            (address(it), description)
        })
        .collect();
    Json(json!({
        "what": "the control API of a simulated Microsoft Graph; not part of Graph",
        "now": runtime.clock.now(),
        "notifications": runtime.webhooks.counts(),
        "tokens": TOKENS,
        "every": texts(&[
            ("400", "a body that is not a JSON object, or has an unknown member; error is a sentence, here and below"),
            ("401", NO_TOKEN),
            ("404", "nothing is served at the address; resources lists what is"),
            ("405", "the method is not served there; Allow lists those that are"),
            ("413", "the body is larger than 1 MiB, as it arrives or after it is decoded"),
            ("415", "the Content-Encoding is not gzip"),
        ]),
        "resources": resources,
    }))
}
