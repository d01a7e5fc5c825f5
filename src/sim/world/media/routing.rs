//! Audio routing groups (graph-contract.md, "Endpoints", row 27). A group overrides which participants hear each other.

use serde_json::{Value, json};

use crate::graph::{AudioRoutingGroup, CallId, ParticipantId, RoutingMode};

use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::body::{json_object, required};
use crate::sim::world::calls::call::{CallMedia, LiveCall};
use crate::sim::world::state::World;

/// Lists the audio routing groups of a call.
pub(in crate::sim::world) fn list(world: &mut World, call: &CallId) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.group_call(call)?;
    let context = format!("communications/calls('{call}')/audioRoutingGroups");
    Ok(WorldAnswer::entity(200, Some(context), json!({ "value": live.media.routing })))
}

/// Returns one audio routing group of a call.
pub(in crate::sim::world) fn read(world: &mut World, call: &CallId, group: &str) -> Result<WorldAnswer, Refusal> {
    let found = find(world.calls.group_call(call)?, group)?.clone();
    Ok(answer(call, &found))
}

/// Adds a group. \[unverified\]: the group gets the id that the client gives, and an id that is in use
/// is refused with 409.
pub(in crate::sim::world) fn add(world: &mut World, call: &CallId, body: &[u8]) -> Result<WorldAnswer, Refusal> {
    let body = json_object(body)?;
    let generated_id = world.ids.id::<CallId>().to_string();
    let live = world.calls.group_call(call)?.established()?;
    let mut group = AudioRoutingGroup { id: Some(id(&body)?.unwrap_or(generated_id).into()), ..Default::default() };
    for member in ["routingMode", "sources", "receivers"] {
        required(&body, member)?;
    }
    merge(live, &mut group, &body)?;
    if find(live, group.id.as_deref().unwrap_or_default()).is_ok() {
        return Err(Refusal::new(409, "conflict", "A group with this id already exists."));
    }
    if live.media.routing.len() >= CallMedia::MAX_ROUTING_GROUPS {
        return Err(Refusal::invalid("The call has too many audio routing groups."));
    }
    live.media.routing.push(group.clone());
    Ok(answer(call, &group))
}

/// Changes those fields of a group that the body contains.
pub(in crate::sim::world) fn change(
    world: &mut World,
    call: &CallId,
    group: &str,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let body = json_object(body)?;
    let live = world.calls.group_call(call)?.established()?;
    let mut changed = find(live, group)?.clone();
    if id(&body)?.is_some_and(|it| !it.eq_ignore_ascii_case(group)) {
        return Err(Refusal::invalid("The id of a group cannot be changed."));
    }
    merge(live, &mut changed, &body)?;
    find(live, group)?.clone_from(&changed);
    Ok(answer(call, &changed))
}

/// Removes a group.
pub(in crate::sim::world) fn remove(world: &mut World, call: &CallId, group: &str) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.group_call(call)?;
    find(live, group)?;
    live.media.routing.retain(|it| !has_id(it, group));
    Ok(WorldAnswer::empty(204))
}

/// Sets those fields of a group that the body contains. Refuses values that are not valid in the call.
fn merge(live: &LiveCall, group: &mut AudioRoutingGroup, body: &Value) -> Result<(), Refusal> {
    if let Some(mode) = body.get("routingMode").filter(|it| !it.is_null()) {
        let read = mode.as_str().map(RoutingMode::parse);
        if matches!(read, None | Some(RoutingMode::Unknown(_))) {
            return Err(Refusal::invalid("routingMode must be oneToOne or multicast."));
        }
        group.routing_mode = read;
    }
    if let Some(sources) = people(live, body, "sources")? {
        group.sources = sources;
    }
    if let Some(receivers) = people(live, body, "receivers")? {
        group.receivers = receivers;
    }
    Ok(())
}

/// Reads a list of participant ids from the body. \[unverified\]: the request is refused if a participant is
/// not in the call.
fn people(live: &LiveCall, body: &Value, member: &str) -> Result<Option<Vec<ParticipantId>>, Refusal> {
    let list = match body.get(member) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Refusal::invalid(format!("{member} must be a list of participant ids."))),
    };
    let ids: Option<Vec<_>> = list.iter().map(|it| ParticipantId::new(it.as_str()?)).collect();
    let ids = ids.filter(|ids| ids.iter().all(|it| live.roster.present(it).is_some()));
    ids.map(Some).ok_or_else(|| Refusal::invalid(format!("{member} contains a participant who is not in the call.")))
}

fn id(body: &Value) -> Result<Option<String>, Refusal> {
    match body.get("id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if !id.is_empty() && id.len() <= 256 => Ok(Some(id.clone())),
        Some(_) => Err(Refusal::invalid("id must be a string of 1 to 256 characters.")),
    }
}

fn find<'a>(live: &'a mut LiveCall, group: &str) -> Result<&'a mut AudioRoutingGroup, Refusal> {
    let found = live.media.routing.iter_mut().find(|it| has_id(it, group));
    found.ok_or_else(|| Refusal::no_item("The audio routing group"))
}

fn has_id(group: &AudioRoutingGroup, id: &str) -> bool {
    group.id.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(id))
}

fn answer(call: &CallId, group: &AudioRoutingGroup) -> WorldAnswer {
    let context = format!("communications/calls('{call}')/audioRoutingGroups/$entity");
    WorldAnswer::entity(200, Some(context), json!(group))
}
