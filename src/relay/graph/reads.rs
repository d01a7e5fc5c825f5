//! Reads from Graph, and the journal entries of the readings. Does not decide when to read.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::circuit_breaker::Priority;
use super::client::GraphClient;
use super::request::{GraphReply, GraphRequest, NoResponse};
use crate::floor::{Cursor, Fact, GraphReading, Observed};
use crate::graph::{self, Call, CallId, GraphAction, OperationId, Participant};
use crate::journal::JournalError;
use crate::time::clock;

/// A call as Graph returned it.
pub(in crate::relay) struct ReadCall {
    pub(in crate::relay) raw: Box<RawValue>,
    pub(in crate::relay) call: Box<Call>,
}

/// A call's participants as Graph returned them.
pub(in crate::relay) struct ReadParticipants {
    pub(in crate::relay) raw: Box<RawValue>,
    pub(in crate::relay) people: Vec<Participant>,
}

/// The reason why a read failed.
#[derive(Debug, thiserror::Error)]
pub(in crate::relay) enum ReadError {
    /// Graph does not know the call.
    #[error("Graph does not know the call")]
    Gone,
    /// Graph knows the call but not its participants; the call may be about to end.
    #[error("Graph has the call but not its participants")]
    NoRoster,
    /// The read succeeded, but the journal could not record it.
    #[error(transparent)]
    NotKept(#[from] JournalError),
    /// Graph sent Retry-After.
    #[error("Graph asks to wait")]
    Later(Duration),
    #[error("Graph answered {0}")]
    Status(u16),
    #[error(transparent)]
    NoReply(#[from] NoResponse),
    #[error("Graph's answer cannot be read: {0}")]
    Shape(#[from] serde_json::Error),
}

/// The answer to a list request.
#[derive(Deserialize)]
struct ParticipantPage {
    value: Box<RawValue>,
}

/// The time for a read in the background, including the fetch of a token.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a call.
pub(in crate::relay) async fn call(client: &GraphClient, id: &CallId) -> Result<ReadCall, ReadError> {
    let body = get(client, &GraphAction::GetCall(id.clone()), Priority::Background).await?;
    let (call, _) = graph::decode_call(&body)?;
    Ok(ReadCall { raw: RawValue::from_string(body)?, call: Box::new(call) })
}

/// Reads a call's participants.
pub(in crate::relay) async fn participants(
    client: &GraphClient,
    id: &CallId,
    priority: Priority,
) -> Result<ReadParticipants, ReadError> {
    let body = match get(client, &GraphAction::ListParticipants(id.clone()), priority).await {
        // Only a 404 for the call's own address means that there is no such call.
        Err(ReadError::Gone) => return Err(ReadError::NoRoster),
        body => body?,
    };
    let page: ParticipantPage = serde_json::from_str(&body)?;
    let people = graph::decode_people(page.value.get())?;
    Ok(ReadParticipants { raw: page.value, people })
}

/// Sends a call's keepAlive.
pub(in crate::relay) async fn keep_alive(client: &GraphClient, id: &CallId) -> Result<(), ReadError> {
    get(client, &GraphAction::KeepAlive(id.clone()), Priority::Background).await.map(drop)
}

/// Reads an operation of a call, and returns its entry. A 404 proves nothing about the call.
pub(in crate::relay) async fn operation(
    client: &GraphClient,
    call: &CallId,
    id: &OperationId,
) -> Result<Fact, ReadError> {
    let action = GraphAction::GetOperation(call.clone(), id.clone());
    let body = get(client, &action, Priority::Background).await?;
    Ok(observed(call, GraphReading::Operation(id.clone(), RawValue::from_string(body)?), None))
}

/// Returns the entry of a reading of a call. `since` is the journal's head when the read began.
pub(in crate::relay) fn observed_call(call: &CallId, raw: Box<RawValue>, since: Cursor) -> Fact {
    observed(call, GraphReading::Call(raw), Some(since))
}

/// Returns the entry of a reading of a roster. `since` is the journal's head when the read began.
pub(in crate::relay) fn observed_participants(call: &CallId, raw: Box<RawValue>, since: Cursor) -> Fact {
    observed(call, GraphReading::Participants(raw), Some(since))
}

/// Returns the entry of a 404 for a call. `since` is the journal's head when the read began.
pub(in crate::relay) fn observed_gone(call: &CallId, since: Cursor) -> Fact {
    observed(call, GraphReading::Gone, Some(since))
}

/// Returns the entry of an operator's read if it is about a call. For a 404 see [`not_found`].
pub(in crate::relay) fn read_by_operator(action: &GraphAction, reply: &GraphReply, since: Cursor) -> Option<Fact> {
    let is_success = (200..300).contains(&reply.status);
    if let GraphAction::GetCall(call) = action {
        return if is_success { Some(observed_call(call, raw(reply)?, since)) } else { None };
    }
    if let GraphAction::ListParticipants(call) = action {
        let page: ParticipantPage = serde_json::from_str(&reply.body).ok()?;
        return is_success.then(|| observed_participants(call, page.value, since));
    }
    if let GraphAction::GetOperation(call, id) = action {
        let read = GraphReading::Operation(id.clone(), raw(reply)?);
        return is_success.then(|| observed(call, read, None));
    }
    None
}

/// Returns the call for which an operator's read got a 404. One 404 does not end a call, so the
/// reconciler reads it too.
pub(in crate::relay) fn not_found<'a>(action: &'a GraphAction, reply: &GraphReply) -> Option<&'a CallId> {
    if let GraphAction::GetCall(call) = action { Some(call).filter(|_| reply.status == 404) } else { None }
}

fn raw(reply: &GraphReply) -> Option<Box<RawValue>> {
    RawValue::from_string(reply.body.trim().to_owned()).ok()
}

fn observed(call: &CallId, read: GraphReading, since: Option<Cursor>) -> Fact {
    Fact::Observed(Box::new(Observed { call: call.clone(), read, since }))
}

/// Sends an idempotent request, and repeats it with a new token after a 401, all within `timeout`.
pub(in crate::relay) async fn send_renewing(
    client: &GraphClient,
    request: GraphRequest<'_>,
    priority: Priority,
    timeout: Duration,
) -> Result<GraphReply, NoResponse> {
    let began = clock::instant();
    let left = || timeout.saturating_sub(began.elapsed());
    let permit = client.acquire(priority, left()).await?;
    let reply = client.send(permit, request, left()).await?;
    if reply.status != 401 || left().is_zero() {
        return Ok(reply);
    }
    match client.acquire(priority, left()).await {
        Ok(permit) => client.send(permit, request, left()).await,
        Err(_shut) => Ok(reply),
    }
}

async fn get(client: &GraphClient, action: &GraphAction, priority: Priority) -> Result<String, ReadError> {
    let (method, route) = action.route();
    let path = route.to_string();
    let request = GraphRequest { method, path: &path, body: None, begin_by: None };
    match send_renewing(client, request, priority, READ_TIMEOUT).await? {
        GraphReply { status: 200..=299, body, .. } => Ok(body.trim().to_owned()),
        GraphReply { status: 404, .. } => Err(ReadError::Gone),
        GraphReply { status: 429 | 503, retry_after: Some(after), .. } => Err(ReadError::Later(after)),
        GraphReply { status, .. } => Err(ReadError::Status(status)),
    }
}
