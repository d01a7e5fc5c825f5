//! The gate: operators' requests to Graph, by their own token. It lets through the listed actions and nothing
//! else, and answers in Graph's own shapes. What it does with an act is `acting`'s business.

pub(super) mod perform;
pub(super) mod retry_policy;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Shared;
use super::edge::limits::RelayLimits;
use super::edge::middleware::too_many;
use super::graph::circuit_breaker::Priority;
use super::graph::client::{GraphReply, GraphRequest, NoResponse};
use super::graph::read_cache;
use super::graph::reads;
use super::operators::OperatorToken;
use super::webhooks::verify::bearer;
use crate::floor::{Act, Floor, Ticket};
use crate::graph::{CallId, ClientContext, ErrorBody, GraphAction, GraphError, Method, Route};
use crate::protocol::Role;
use crate::time::Millis;
use perform::ActRequest;

/// Where the gate stands.
pub(super) const PREFIX: &str = "/graph/v1.0";

/// The time for a read of Graph, a new token included.
const FETCHING: Duration = Duration::from_secs(8);
/// How long the floor may take to learn what the journal holds, before a call counts as unknown.
const LEARNING: Duration = Duration::from_secs(1);
/// A key press further back than this was not one.
const LONGEST_AGO: i64 = 60_000;

/// How much of a request's body is read, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimits {
    largest: usize,
    reading: Duration,
}

impl BodyLimits {
    pub(super) const fn of(limits: &RelayLimits) -> Self {
        Self { largest: limits.gate_body_bytes, reading: limits.gate_body() }
    }

    /// A body as it came.
    ///
    /// # Errors
    /// When it is too large, breaks off or takes too long: what to tell its sender.
    async fn read(self, body: Body) -> Result<Bytes, String> {
        match tokio::time::timeout(self.reading, to_bytes(body, self.largest)).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(_)) => Err(format!("the body is larger than {} bytes, or did not arrive whole", self.largest)),
            Err(_elapsed) => Err(format!("the body did not arrive within {} s", self.reading.as_secs())),
        }
    }
}

/// What is asked of the gate.
pub(super) enum GateTarget {
    /// One of the listed actions.
    Listed(GraphAction),
    /// Something else of the calls API.
    Unlisted(Route),
    /// No path of the calls API.
    Unknown,
}

/// Everything below `/graph/v1.0`.
pub(super) async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(operator) = operator(&shared, &parts.headers) else {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            "the relay does not know this token, or it has expired",
        );
    };
    let action = match target(&parts.method, parts.uri.path()) {
        GateTarget::Listed(action) => action,
        GateTarget::Unlisted(route) => {
            let why = format!("the gate does not let {} {route} through", parts.method);
            return refusal(StatusCode::FORBIDDEN, "accessDenied", &why);
        }
        GateTarget::Unknown => {
            return refusal(StatusCode::NOT_FOUND, "itemNotFound", "the gate knows no such path of the calls API");
        }
    };
    if operator.role == Role::Viewer && parts.method != axum::http::Method::GET {
        let why = format!("{} may look and not act: the role is viewer", operator.name);
        return refusal(StatusCode::FORBIDDEN, "accessDenied", &why);
    }
    let Some(act) = Act::of(&action) else {
        if let Err(wait) = shared.guard.reads.take(operator.name.clone().into(), crate::clock::instant()) {
            return too_many(wait, "you read too often");
        }
        return fetch(&shared, &action).await;
    };
    let wished = shared.bodies.read(body).await.and_then(|it| wish(operator, (act, action), &parts.headers, &it));
    let wish = match wished {
        Ok(wish) if !is_known(&shared, wish.action.call()).await => Err(refusal(
            StatusCode::NOT_FOUND,
            "itemNotFound",
            "the relay knows no such call; it acts on the calls that Graph has told it of, so look at the board",
        )),
        Ok(wish) => Ok(wish),
        Err(why) => Err(refusal(StatusCode::BAD_REQUEST, "invalidRequest", &why)),
    };
    match wish {
        // A task of its own: what was asked is seen through, also when the asker hangs up.
        Ok(wish) => shared.tasks.clone().spawn(perform::perform(shared, wish)).await.unwrap_or_else(|error| {
            tracing::error!(%error, "an act ended badly");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "generalException", "the relay failed; read the call again")
        }),
        Err(answer) => answer,
    }
}

/// The operator whose token a request bears.
pub(super) fn operator(shared: &Shared, headers: &HeaderMap) -> Option<OperatorToken> {
    let token = bearer(headers.get(header::AUTHORIZATION)?.to_str().ok()?)?;
    shared.operators.find(token)
}

/// An error in Graph's shape.
pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let error = GraphError { code: code.into(), message: message.into(), inner_error: None };
    (status, axum::Json(ErrorBody { error })).into_response()
}

/// Says of an answer that it is Graph's, and not the gate's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct FromGraph;

/// Graph's answer, as it is.
pub(super) fn relayed(reply: GraphReply) -> Response {
    let mut answer =
        (StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY), reply.body).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    if let Some(location) = reply.location.and_then(|it| it.parse().ok()) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(after) = reply.retry_after {
        headers.insert(
            header::RETRY_AFTER,
            after
                .as_secs_f64()
                .ceil()
                .to_string()
                .parse()
                .unwrap_or_else(|_number| header::HeaderValue::from_static("1")),
        );
    }
    answer.extensions_mut().insert(FromGraph);
    answer
}

/// That there is no answer, in Graph's shape.
pub(super) fn unanswered(error: &NoResponse) -> Response {
    match error {
        NoResponse::Sent(_) => {
            let why = format!("{error}; it was sent, so it may have happened: read the call");
            refusal(StatusCode::GATEWAY_TIMEOUT, "outcomeUnknown", &why)
        }
        NoResponse::Shut { wait, .. } => {
            let refusal = refusal(StatusCode::SERVICE_UNAVAILABLE, "serviceNotAvailable", &error.to_string());
            ([(header::RETRY_AFTER, wait.as_secs() + 1)], refusal).into_response()
        }
        NoResponse::NotSent(_) | NoResponse::NoToken(_) | NoResponse::TokenAway(_) => {
            refusal(StatusCode::BAD_GATEWAY, "notSent", &error.to_string())
        }
    }
}

/// Reads and keepAlive change nothing for anyone, need no record before they are sent, and wait behind operators' acts
/// when Graph is in trouble, whoever asks. What a read finds is noted where it says something new, so that every board
/// shows it; a keepAlive leaves no entry at all: it says nothing of the call that a board could show, and the relay's
/// own keeper sends it every quarter of an hour.
async fn fetch(shared: &Shared, action: &GraphAction) -> Response {
    let (method, route) = action.route();
    let since = shared.hub.with_floor(Floor::head);
    let path = route.to_string();
    let ask = GraphRequest { method, path: &path, body: None };
    let reply = reads::send_renewing(&shared.outbound, ask, Priority::Background, FETCHING).await;
    match reply {
        Ok(reply) => {
            let known = shared.hub.with_floor(|floor| floor.call(action.call()).is_some());
            if let Some(call) = reads::not_found(action, &reply).filter(|_| known) {
                shared.readings.doubt(call);
            }
            if let Some(observed) = reads::read_by_operator(action, &reply, since).filter(|_| known)
                && shared.readings.are_news(shared, &observed)
                && let Err(error) = read_cache::keep(shared, vec![observed]).await
            {
                tracing::error!(%error, "what an operator read was not noted");
            }
            relayed(reply)
        }
        Err(error) => unanswered(&error),
    }
}

/// Whether the floor has a call; what the journal has already and the floor not yet is waited for.
///
/// Participants are not asked for: somebody may have joined whom no notification has named yet.
async fn is_known(shared: &Shared, call: &CallId) -> bool {
    let known = || shared.hub.with_floor(|floor| floor.call(call).is_some());
    known() || (tokio::time::timeout(LEARNING, shared.hub.wait_for_head()).await.is_ok() && known())
}

/// What an operator's body may say; anything else stays here.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct ActBody {
    #[serde(default)]
    client_context: Option<String>,
    #[serde(default)]
    custom_prompt: Option<Box<RawValue>>,
}

/// What is wished, once its ticket and body are found good; else why they are not.
fn wish(
    operator: OperatorToken,
    (act, action): (Act, GraphAction),
    headers: &HeaderMap,
    body: &[u8],
) -> Result<ActRequest, String> {
    let asked: ActBody = if body.trim_ascii().is_empty() {
        ActBody::default()
    } else {
        serde_json::from_slice(body).map_err(|error| format!("the body cannot be read: {error}"))?
    };
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    let ticket = header("callboard-ticket").map(str::to_owned).or(asked.client_context);
    let ticket = ticket.filter(|it| !it.is_empty()).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let context = ClientContext::new(&ticket).map_err(|error| error.to_string())?;
    let pressed_ago = header("callboard-pressed-ago").and_then(|it| it.parse().ok()).unwrap_or(0_i64);
    let mut request = action.request(&context);
    if let (Act::Hold, Some(prompt)) = (act, asked.custom_prompt) {
        request.body = Some(format!(
            r#"{{"customPrompt":{},"clientContext":{}}}"#,
            prompt.get(),
            serde_json::Value::from(context.as_str())
        ));
    }
    Ok(ActRequest {
        operator,
        act,
        action,
        request,
        ticket: Ticket(ticket.into()),
        pressed_ago: Millis(pressed_ago.clamp(0, LONGEST_AGO)),
    })
}

/// What is asked of the gate: a method and a path, [`PREFIX`] included.
pub(super) fn target(method: &axum::http::Method, path: &str) -> GateTarget {
    let Some(route) = Route::parse(path.strip_prefix(PREFIX).unwrap_or_default()) else { return GateTarget::Unknown };
    let method = match method.as_str() {
        "GET" => Some(Method::Get),
        "POST" => Some(Method::Post),
        "DELETE" => Some(Method::Delete),
        _ => None,
    };
    match method.and_then(|it| GraphAction::of(it, &route)) {
        Some(action) => GateTarget::Listed(action),
        None => GateTarget::Unlisted(route),
    }
}
