//! The gate: operators' requests to Graph, authorised by the operator's token. It allows only the listed actions, and
//! answers in Graph's format. `perform` runs an act.

pub(super) mod outcome;
pub(super) mod perform;
pub(super) mod relay_time;
pub(super) mod reply;
pub(super) mod retry_policy;
pub(super) mod target;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::edge::bearer::operator;
use super::edge::limits::{RateLimit, RelayLimits};
use super::edge::middleware::too_many;
use super::edge::rate_limiter::KeyedLimiter;
use super::graph::circuit_breaker::Priority;
use super::graph::reads;
use super::graph::request::GraphRequest;
use super::operators::{OperatorRegistry, OperatorToken};

use crate::floor::{Act, Floor, Ticket};
use crate::graph::{CallId, ClientContext, GraphAction};
use crate::protocol::{PRESSED_HEADER, RelayStamp, Role, StampError, TURN_HEADER};
use crate::time::Millis;
use perform::{ActRequest, ActRunner, KeyPressed};
use relay_time::{RelayStart, StampRejection};
use reply::{refusal, relayed, unanswered};
use target::{GateTarget, target};

/// The state of the gate's handler.
pub(super) struct GateState {
    operators: Arc<OperatorRegistry>,
    bodies: BodyLimits,
    /// The maximum time from a key press to the first request to Graph.
    act_lifetime: Duration,
    /// Limits an operator's reads of Graph, because each may add an entry to the journal.
    reads: KeyedLimiter<Box<str>>,
    runner: Arc<ActRunner>,
}

impl GateState {
    pub(super) fn new(operators: Arc<OperatorRegistry>, limits: &RelayLimits, runner: ActRunner) -> Self {
        let (bodies, reads) = (BodyLimits::of(limits), KeyedLimiter::new(READS, MOST_READERS));
        Self { operators, bodies, act_lifetime: limits.act_lifetime(), reads, runner: Arc::new(runner) }
    }
}

/// The rate limit for one operator's reads.
const READS: RateLimit = RateLimit { per_second: 5.0, burst: 40.0 };
/// The maximum number of operators with a separate rate limit.
const MOST_READERS: usize = 1_024;
/// The time for a read of Graph, including the fetch of a new token.
const READ_TIMEOUT: Duration = Duration::from_secs(8);
/// The time that the floor has to catch up with the journal before the gate treats a call as unknown.
const CATCH_UP: Duration = Duration::from_secs(1);
/// The maximum age of a key press, in milliseconds. A greater age is reduced to this.
const MAX_PRESSED_AGO: i64 = 60_000;

/// The maximum size of a request's body, and the time to read it.
#[derive(Debug, Clone, Copy)]
struct BodyLimits {
    max_bytes: usize,
    timeout: Duration,
}

impl BodyLimits {
    const fn of(limits: &RelayLimits) -> Self {
        Self { max_bytes: limits.gate_body_bytes, timeout: limits.gate_body() }
    }

    /// Reads a body.
    ///
    /// Fails if the body is too large, incomplete or too slow, with the reason as a sentence for its sender.
    async fn read(self, body: Body) -> Result<Bytes, String> {
        match tokio::time::timeout(self.timeout, to_bytes(body, self.max_bytes)).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(_)) => Err(format!("the body is larger than {} bytes, or did not arrive whole", self.max_bytes)),
            Err(_elapsed) => Err(format!("the body did not arrive within {} s", self.timeout.as_secs())),
        }
    }
}

/// Answers every request below `/graph/v1.0`.
pub(super) async fn pass(State(gate): State<Arc<GateState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(operator) = operator(&gate.operators, &parts.headers) else {
        return unknown_token();
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
        if let Err(wait) = gate.reads.take(operator.name.clone().into(), crate::time::clock::instant()) {
            return too_many(wait, "you read too often");
        }
        return fetch(&gate.runner, &action).await;
    };
    let body = gate.bodies.read(body).await;
    let stamps = match read_stamps(&gate.runner.time.start, &parts.headers) {
        Ok(stamps) => stamps,
        Err(refused) => return *refused,
    };
    let mut request = match body.and_then(|it| act_request(operator, (act, action), &parts.headers, &it)) {
        Ok(request) => request,
        Err(why) => return refusal(StatusCode::BAD_REQUEST, "invalidRequest", &why),
    };
    if let Some((pressed, turn)) = stamps {
        request.begin_by = Some(gate.runner.time.start.begin_by(turn.as_ref().unwrap_or(&pressed), gate.act_lifetime));
        request.pressed = KeyPressed::At(pressed);
    }
    if !wait_until_known(&gate.runner, request.action.call()).await {
        return refusal(
            StatusCode::NOT_FOUND,
            "itemNotFound",
            "the relay knows no such call; it acts only on calls that Graph has reported, so look at the board",
        );
    }
    // A separate task, so that an act completes even if the operator disconnects.
    let runner = Arc::clone(&gate.runner);
    let tasks = runner.tasks.clone();
    tasks.spawn(runner.perform(request)).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the task of an act failed");
        refusal(StatusCode::INTERNAL_SERVER_ERROR, "generalException", "the relay failed; read the call again")
    })
}

/// Sends a read or a keepAlive. They have no effect on people, so they need no record before they are sent, and
/// operators' acts have priority while Graph fails. A reading with news is journalled, so that every board shows it. A
/// keepAlive is not journalled, because its answer contains nothing to show and the reconciler sends one every quarter
/// of an hour.
async fn fetch(runner: &ActRunner, action: &GraphAction) -> Response {
    let ActRunner { live, graph, read_cache, writer, .. } = runner;
    let (method, route) = action.route();
    let since = live.with_floor(Floor::head);
    let path = route.to_string();
    let request = GraphRequest { method, path: &path, body: None, begin_by: None };
    match reads::send_renewing(graph, request, Priority::Background, READ_TIMEOUT).await {
        Ok(reply) => {
            let is_known = live.with_floor(|floor| floor.call(action.call()).is_some());
            if let Some(call) = reads::not_found(action, &reply).filter(|_| is_known) {
                read_cache.doubt(call);
            }
            if let Some(observed) = reads::read_by_operator(action, &reply, since).filter(|_| is_known)
                && read_cache.is_news(live, &observed)
                && let Err(error) = read_cache.write(writer, vec![observed]).await
            {
                tracing::error!(%error, "could not journal what an operator read");
            }
            relayed(reply)
        }
        Err(error) => unanswered(&error),
    }
}

/// Waits until the floor has a call or has caught up with the journal, and returns whether it has the call.
///
/// Participants are not checked, because a person may have joined before any notification about them arrives.
async fn wait_until_known(runner: &ActRunner, call: &CallId) -> bool {
    let is_known = || runner.live.with_floor(|floor| floor.call(call).is_some());
    is_known() || (tokio::time::timeout(CATCH_UP, runner.live.wait_for_head()).await.is_ok() && is_known())
}

/// The members of an operator's body that Graph receives; the relay drops all others.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct ActBody {
    #[serde(default)]
    client_context: Option<String>,
    #[serde(default)]
    custom_prompt: Option<Box<RawValue>>,
}

/// Returns the act that a request asks for. The error describes an invalid ticket or body.
fn act_request(
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
        pressed: KeyPressed::Ago(Millis(pressed_ago.clamp(0, MAX_PRESSED_AGO))),
        begin_by: None,
    })
}

/// Reads when the key of an act was pressed and, if it is one of many, when its turn came. Returns `None` for an act
/// without a stamp. A wrong stamp gets a refusal: by a wrong clock, an old act could count as fresh and be sent late.
fn read_stamps(
    start: &RelayStart,
    headers: &HeaderMap,
) -> Result<Option<(RelayStamp, Option<RelayStamp>)>, Box<Response>> {
    let stamp = |name: &str| -> Result<Option<RelayStamp>, Box<Response>> {
        let Some(value) = headers.get(name) else { return Ok(None) };
        let invalid = |why: &str| refusal(StatusCode::BAD_REQUEST, "invalidRequest", &format!("{name}: {why}"));
        let text = value.to_str().map_err(|error| Box::new(invalid(&error.to_string())))?;
        let stamp: RelayStamp = text.parse().map_err(|error: StampError| Box::new(invalid(&error.to_string())))?;
        match start.check(&stamp) {
            Ok(()) => Ok(Some(stamp)),
            Err(why @ StampRejection::OtherStart) => {
                Err(Box::new(refusal(StatusCode::PRECONDITION_FAILED, "otherStart", &why.to_string())))
            }
            Err(why @ StampRejection::Ahead(_)) => {
                Err(Box::new(refusal(StatusCode::BAD_REQUEST, "pressedAhead", &format!("{name}: {why}"))))
            }
        }
    };
    let turn = stamp(TURN_HEADER)?;
    Ok(stamp(PRESSED_HEADER)?.map(|pressed| (pressed, turn)))
}

/// Answers [`crate::protocol::TIME_PATH`] with the relay's own time, for a console that has no heartbeat yet.
pub(super) async fn time(State(gate): State<Arc<GateState>>, headers: HeaderMap) -> Response {
    if operator(&gate.operators, &headers).is_none() {
        return unknown_token();
    }
    axum::Json(gate.runner.time.start.stamp()).into_response()
}

/// Returns the answer to a token that the relay does not know.
fn unknown_token() -> Response {
    let why = "the relay does not know this token, or it has expired";
    refusal(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", why)
}
