//! Audio routing groups (graph-contract.md, "Endpoints", row 27):
//! which participants hear which others, beyond the default.

use serde_json::{Value, json};

use crate::graph::{AudioRoutingGroup, CallId, ParticipantId, RoutingMode};

use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::body::{json_object, required};
use crate::sim::world::calls::call::{CallMedia, LiveCall};
use crate::sim::world::state::World;

/// The groups of a call.
pub(in crate::sim::world) fn list(world: &mut World, call: &CallId) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.group(call)?;
    let context = format!("communications/calls('{call}')/audioRoutingGroups");
    Ok(WorldAnswer::entity(200, Some(context), json!({ "value": live.media.routing })))
}

/// Reads one group of a call.
pub(in crate::sim::world) fn read(world: &mut World, call: &CallId, group: &str) -> Result<WorldAnswer, Refusal> {
    let found = find(world.calls.group(call)?, group)?.clone();
    Ok(answer(call, &found))
}

/// Adds a group. \[unverified\]: it has the client's id if given, and an id in use gets 409.
pub(in crate::sim::world) fn add(world: &mut World, call: &CallId, body: &[u8]) -> Result<WorldAnswer, Refusal> {
    let asked = json_object(body)?;
    let another = world.ids.id::<CallId>().to_string();
    let live = world.calls.group(call)?.established()?;
    let mut group = AudioRoutingGroup { id: Some(id(&asked)?.unwrap_or(another).into()), ..Default::default() };
    for member in ["routingMode", "sources", "receivers"] {
        required(&asked, member)?;
    }
    merge(live, &mut group, &asked)?;
    if find(live, group.id.as_deref().unwrap_or_default()).is_ok() {
        return Err(Refusal::new(409, "conflict", "There is a group with this id."));
    }
    if live.media.routing.len() >= CallMedia::MOST_GROUPS {
        return Err(Refusal::invalid("The call has too many audio routing groups."));
    }
    live.media.routing.push(group.clone());
    Ok(answer(call, &group))
}

/// Changes the members of a group that a body names.
pub(in crate::sim::world) fn change(
    world: &mut World,
    call: &CallId,
    group: &str,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let asked = json_object(body)?;
    let live = world.calls.group(call)?.established()?;
    let mut changed = find(live, group)?.clone();
    if id(&asked)?.is_some_and(|it| !it.eq_ignore_ascii_case(group)) {
        return Err(Refusal::invalid("The id of a group does not change."));
    }
    merge(live, &mut changed, &asked)?;
    find(live, group)?.clone_from(&changed);
    Ok(answer(call, &changed))
}

/// Removes a group.
pub(in crate::sim::world) fn remove(world: &mut World, call: &CallId, group: &str) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.group(call)?;
    find(live, group)?;
    live.media.routing.retain(|it| !is(it, group));
    Ok(WorldAnswer::empty(204))
}

/// Sets the members that a body names, which must make sense in the call.
fn merge(live: &LiveCall, group: &mut AudioRoutingGroup, asked: &Value) -> Result<(), Refusal> {
    if let Some(mode) = asked.get("routingMode").filter(|it| !it.is_null()) {
        let read = mode.as_str().map(RoutingMode::parse);
        if matches!(read, None | Some(RoutingMode::Unknown(_))) {
            return Err(Refusal::invalid("routingMode is oneToOne or multicast."));
        }
        group.routing_mode = read;
    }
    if let Some(sources) = people(live, asked, "sources")? {
        group.sources = sources;
    }
    if let Some(receivers) = people(live, asked, "receivers")? {
        group.receivers = receivers;
    }
    Ok(())
}

/// The participants that a body names. \[unverified\]: a person who is not in the call is refused.
fn people(live: &LiveCall, asked: &Value, member: &str) -> Result<Option<Vec<ParticipantId>>, Refusal> {
    let list = match asked.get(member) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Refusal::invalid(format!("{member} is not a list of participant ids."))),
    };
    let ids: Option<Vec<_>> = list.iter().map(|it| ParticipantId::new(it.as_str()?)).collect();
    let ids = ids.filter(|it| it.iter().all(|it| live.roster.present(it).is_some()));
    ids.map(Some).ok_or_else(|| Refusal::invalid(format!("{member} names somebody who is not in the call.")))
}

fn id(asked: &Value) -> Result<Option<String>, Refusal> {
    match asked.get("id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if !id.is_empty() && id.len() <= 256 => Ok(Some(id.clone())),
        Some(_) => Err(Refusal::invalid("id is a text of at most 256 characters.")),
    }
}

fn find<'a>(live: &'a mut LiveCall, group: &str) -> Result<&'a mut AudioRoutingGroup, Refusal> {
    let found = live.media.routing.iter_mut().find(|it| is(it, group));
    found.ok_or_else(|| Refusal::no_item("The audio routing group"))
}

fn is(group: &AudioRoutingGroup, id: &str) -> bool {
    group.id.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(id))
}

fn answer(call: &CallId, group: &AudioRoutingGroup) -> WorldAnswer {
    let context = format!("communications/calls('{call}')/audioRoutingGroups/$entity");
    WorldAnswer::entity(200, Some(context), json!(group))
}
