//! Reads a call, its participants and its operations (graph-contract.md, "Endpoints", rows 2, 11, 12, 26 to 28).

use serde_json::{Value, json};

use crate::graph::{CallId, Method, OperationId, OperationKind, ParticipantId, Route};
use crate::sim::settings::{OneToOneRoster, Undocumented};

use super::answer::{Refusal, RequestCaller, WorldAnswer, WorldRequest};
use super::permission::{require_tenant, require_tenant_of_call};
use crate::sim::world::calls::call::LiveCall;
use crate::sim::world::calls::operation::{CallOperation, InvitedGuest};
use crate::sim::world::entity::entity;
use crate::sim::world::state::World;

/// Reads a call, even while it ends.
pub(in crate::sim::world) fn read_call(world: &World, call: &CallId) -> Result<WorldAnswer, Refusal> {
    let body = world.calls.get(call).ok_or_else(Refusal::no_call)?.printed();
    Ok(WorldAnswer::entity(200, Some("communications/calls/$entity".into()), body))
}

/// Reads a roster.
pub(in crate::sim::world) fn read_participants(world: &mut World, call: &CallId) -> Result<WorldAnswer, Refusal> {
    let context = format!("communications/calls('{call}')/participants");
    let has_roster = world.calls.find(call)?.is_group();
    if !has_roster && world.settings.one_to_one_participants == OneToOneRoster::Empty {
        return Ok(WorldAnswer::entity(200, Some(context), json!({ "value": [] })));
    }
    let live = world.calls.group_call(call)?;
    Ok(WorldAnswer::entity(200, Some(context), json!({ "value": live.roster.listed() })))
}

/// Reads one participant.
pub(in crate::sim::world) fn read_participant(
    world: &mut World,
    call: &CallId,
    who: &ParticipantId,
) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.group_call(call)?;
    let found = live.roster.present(who).ok_or_else(|| Refusal::no_item("The participant"))?;
    let context = format!("communications/calls('{call}')/participants/$entity");
    Ok(WorldAnswer::entity(200, Some(context), json!(found.participant())))
}

/// Reads an operation, with its status and result.
pub(in crate::sim::world) fn read_operation(
    world: &mut World,
    call: &CallId,
    operation: &OperationId,
) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.find(call)?;
    let found = live.operations.get_mut(operation).ok_or_else(|| Refusal::no_item("The operation"))?;
    let context = format!("communications/calls('{call}')/operations/$entity");
    Ok(WorldAnswer::entity(200, Some(context), printed(found)))
}

/// Lists every call of the caller's tenant. No page documents this request.
fn list_calls(world: &World, caller: &RequestCaller) -> WorldAnswer {
    let own = |tenant: Option<&str>| require_tenant(caller, tenant.unwrap_or(&world.application.tenant)).is_ok();
    let calls = world.calls.iter().filter(|it| own(it.facts.tenant_id.as_deref()));
    let value: Vec<Value> = calls.map(LiveCall::printed).collect();
    WorldAnswer::entity(200, Some("communications/calls".into()), json!({ "value": value }))
}

/// Lists the operations that a call remembers. No page documents this request.
fn list_operations(world: &World, call: &CallId) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.get(call).ok_or_else(Refusal::no_call)?;
    let value: Vec<Value> = live.operations.iter().map(printed).collect();
    Ok(WorldAnswer::entity(200, Some(format!("communications/calls('{call}')/operations")), json!({ "value": value })))
}

/// Answers a request that appears only in the service's metadata, as the settings demand.
pub(in crate::sim::world) fn undocumented(world: &World, ask: &WorldRequest<'_>) -> Result<WorldAnswer, Refusal> {
    match (world.settings.undocumented, ask.method, ask.route) {
        (Undocumented::NotFound, ..) => Err(Refusal::no_item("The resource")),
        (Undocumented::Served, Method::Get, Route::Calls) => Ok(list_calls(world, ask.caller)),
        (Undocumented::Served, Method::Get, Route::Operations(call)) => {
            require_tenant_of_call(world, ask.caller, call)?;
            list_operations(world, call)
        }
        (Undocumented::NotAllowed | Undocumented::Served, ..) => {
            Err(Refusal::new(405, "notAllowed", "The method is not served at this path."))
        }
    }
}

fn printed(operation: &CallOperation) -> Value {
    let mut body = entity(&operation.whole());
    if operation.kind == OperationKind::InviteParticipants {
        body.insert("participants".into(), InvitedGuest::answered(&operation.invited));
    }
    body.entry("resultInfo").or_insert(Value::Null);
    Value::Object(body)
}
