//! Graph's paths over HTTP: token checks, Graph's headers and error format (graph-contract.md, "Addresses, tokens and
//! conventions" and "Errors"). The world computes the answers.

pub(super) mod address;
pub(super) mod recordings;
pub(super) mod select;

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::graph::{ErrorBody, GraphError, InnerError, Method, Route};
use crate::sim::settings::{BadRequestCode, ErrorShape, SimSettings};
use crate::sim::world::{AnswerContent, RequestOutcome, WorldAnswer, WorldRequest, documented_methods};
use crate::time::clock;

use super::body::{self, ACCEPTED_ENCODINGS, BodyReadError};
use super::http::{bearer, header_text, without_empty_segments};
use super::state::GraphState;

/// The code of an answer with 415.
const UNSUPPORTED: &str = "unsupportedMediaType";

/// The ids of one exchange, and the base of absolute addresses.
struct GraphExchange {
    request: String,
    client: String,
    /// The `scenario-id` of the request.
    scenario: Option<String>,
    /// The methods that are served at the path.
    allow: Vec<Method>,
    /// The address of the version, for example `http://127.0.0.1:4711/v1.0`.
    root: String,
}

/// Answers a request to one of Graph's paths.
pub(super) async fn answer(state: &GraphState, request: Request) -> Response<Body> {
    let path = without_empty_segments(request.uri().path());
    let is_beta = address::is_beta(&path);
    let route = address::route(&path);
    let origin = state.login.address.of_request(request.headers());
    let id = Uuid::new_v4().to_string();
    let exchange = GraphExchange {
        allow: route.as_ref().map(documented_methods).unwrap_or_default(),
        client: header_text(request.headers(), "client-request-id").unwrap_or(&id).to_owned(),
        scenario: header_text(request.headers(), "scenario-id").map(str::to_owned),
        request: id,
        root: format!("{origin}/{}", if is_beta { "beta" } else { "v1.0" }),
    };
    let line = RequestLine { method: address::method(request.method()), route, origin };
    let outcome =
        state.runtime.with(|world, _now| (world.request_outcome(line.method, line.route.as_ref()), Vec::new()));
    let answer = match outcome {
        RequestOutcome::Performed(delay_ms) => {
            let answer = perform(state, line, request).await;
            if delay_ms > 0 {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            }
            answer
        }
        RequestOutcome::Refused(answer) => answer,
        RequestOutcome::PerformedThen(answer) => {
            perform(state, line, request).await;
            answer
        }
        RequestOutcome::CutBefore => return cut(),
        RequestOutcome::CutAfter => {
            perform(state, line, request).await;
            return cut();
        }
    };
    let errors = state.runtime.read(|world| ErrorForm::of(world.settings()));
    respond(&exchange, &errors, answer)
}

/// The form of an error's body.
struct ErrorForm {
    shape: ErrorShape,
    bad_request: BadRequestCode,
}

impl ErrorForm {
    const fn of(settings: &SimSettings) -> Self {
        Self { shape: settings.error_body, bad_request: settings.bad_request_code }
    }

    /// Returns the body of an error.
    fn write(&self, exchange: &GraphExchange, code: &str, message: &str) -> Value {
        let (code, message) = match (code, self.bad_request) {
            ("invalidRequest", BadRequestCode::BadRequest) => ("BadRequest", message),
            ("invalidRequest", BadRequestCode::UnknownError) => ("UnknownError", ""),
            (_, BadRequestCode::InvalidRequest | BadRequestCode::BadRequest | BadRequestCode::UnknownError) => {
                (code, message)
            }
        };
        // 7503 was observed in the flat form only.
        if self.shape == ErrorShape::Flat || code == "7503" {
            return json!({ "errorCode": code, "message": message, "instanceAnnotations": [] });
        }
        error_body(exchange, code, message)
    }
}

/// The method and the resource of a request, and the address through which it arrived.
struct RequestLine {
    method: Option<Method>,
    route: Option<Route>,
    origin: String,
}

/// Checks a request, and lets the world answer it.
async fn perform(state: &GraphState, line: RequestLine, request: Request) -> WorldAnswer {
    let (head, body) = request.into_parts();
    let Some(caller) = bearer(&head.headers).and_then(|it| super::login::caller(&state.login, it)) else {
        return WorldAnswer::no_token();
    };
    let Some(route) = line.route else {
        return WorldAnswer::error(404, "itemNotFound", "No resource is served at this path.");
    };
    let Some(method) = line.method else {
        return WorldAnswer::error(405, "notAllowed", "The method is not served at this path.");
    };
    let body = match body::read(&head.headers, body).await {
        Ok(body) => body,
        Err(error) => {
            let code = match error {
                BodyReadError::UnknownEncoding => UNSUPPORTED,
                BodyReadError::Incomplete | BodyReadError::Late | BodyReadError::NotGzip => "invalidRequest",
            };
            return WorldAnswer::error(error.status().as_u16(), code, &error.to_string());
        }
    };
    if !body.is_empty() && !address::is_json(&head.headers) {
        return WorldAnswer::error(415, UNSUPPORTED, "The body must be application/json, in UTF-8.");
    }
    let agent = header_text(&head.headers, "user-agent");
    let ask = WorldRequest { method, route: &route, body: &body, caller: &caller, agent, origin: &line.origin };
    let (answer, call_to_notify_first) = state.runtime.with(|world, now| {
        let (answer, leaving) = world.request(now, &ask);
        let call_to_notify_first = world.call_to_notify_first(&ask, &answer);
        ((answer, call_to_notify_first), leaving)
    });
    if let Some(call) = call_to_notify_first {
        state.runtime.webhooks.wait_until_call_idle(&call).await;
    }
    match method {
        Method::Get => {
            select::with_selection(head.uri.query(), state.runtime.read(|world| world.settings().odata), answer)
        }
        Method::Post | Method::Delete | Method::Patch => answer,
    }
}

/// Returns a response whose body fails before its first byte, which makes the server close the connection.
fn cut() -> Response<Body> {
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "the simulator cuts this connection");
    Response::new(Body::from_stream(futures_util::stream::once(std::future::ready(Err::<Bytes, _>(broken)))))
}

fn respond(exchange: &GraphExchange, errors: &ErrorForm, answer: WorldAnswer) -> Response<Body> {
    let body = match answer.content {
        AnswerContent::Empty => None,
        AnswerContent::Entity { context, mut body } => {
            if let (Some(context), Value::Object(members)) = (context, &mut body) {
                members.insert("@odata.context".into(), json!(format!("{}/$metadata#{context}", exchange.root)));
            }
            Some(body)
        }
        AnswerContent::Error { code, message } => Some(errors.write(exchange, code, &message)),
    };
    let has_body = body.is_some();
    let mut response = Response::new(body.map_or_else(Body::empty, |it| Body::from(it.to_string())));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let diagnostic = json!({ "ServerInfo": {
        "DataCenter": "Simulator", "Slice": "E", "Ring": "1", "ScaleUnit": "000", "RoleInstance": "SIM000",
    } });
    let headers = [
        ("request-id", Some(exchange.request.clone())),
        ("client-request-id", Some(exchange.client.clone())),
        ("scenario-id", answer.chain.map(String::from).or_else(|| exchange.scenario.clone())),
        ("x-ms-ags-diagnostic", Some(diagnostic.to_string())),
        ("cache-control", Some("private".to_owned())),
        ("strict-transport-security", Some("max-age=31536000".to_owned())),
        ("location", answer.location.map(|it| format!("{}{it}", exchange.root))),
        ("retry-after", answer.retry_after.map(String::from)),
        ("allow", (answer.status == 405).then(|| allowed(&exchange.allow))),
        ("content-type", has_body.then(|| "application/json".to_owned())),
    ];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|it| HeaderValue::from_str(&it).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    if answer.status == 415 {
        response.headers_mut().insert(header::ACCEPT_ENCODING, ACCEPTED_ENCODINGS);
    }
    if !has_body && answer.status == 200 {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    response
}

fn error_body(exchange: &GraphExchange, code: &str, message: &str) -> Value {
    let now = Timestamp::from_millisecond(clock::wall().0).unwrap_or_default();
    let inner_error = Some(InnerError {
        request_id: Some(exchange.request.as_str().into()),
        client_request_id: Some(exchange.client.as_str().into()),
        date: Some(now.strftime("%Y-%m-%dT%H:%M:%S").to_string().into()),
    });
    json!(ErrorBody { error: GraphError { code: code.into(), message: message.into(), inner_error } })
}

/// Returns the methods, as `Allow` lists them.
fn allowed(methods: &[Method]) -> String {
    methods.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
}
