//! Inviting people (graph-contract.md, "Endpoints", row 14): who may be invited, who then comes, and how an invitation
//! is withdrawn.

use serde_json::{Value, json};

use crate::graph::{CallId, InvitationParticipantInfo, OperationKind, ParticipantId};
use crate::sim::scenario::{PersonAction, PlannedCallKind};
use crate::sim::settings::Permit;
use crate::time::{Millis, Timestamp};

use super::call::LiveCall;
use super::call_body::identity_of;
use super::member::{CallMember, Presence};
use super::operation::{CallOperation, InvitedGuest, identity_key, result};
use super::roster::CallRoster;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{AnswerContent, Refusal, WorldAnswer};
use crate::sim::world::api::body::{client_context, json_object, required};
use crate::sim::world::state::World;

/// The most people that one invitation names.
const MOST_INVITED: usize = 5;

/// Invites people; they come within seconds. One person may be invited into a 1:1 call.
/// \[unverified\]: it is a group call from then on, with a roster.
pub(in crate::sim::world) fn invite(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let guests = guests_of(world, &json_object(body)?)?;
    let chatless = world.settings.invite_without_chat;
    let live = world.calls.find(call)?.established()?;
    room_for(live, &guests)?;
    if !live.is_group() && guests.len() > 1 {
        return Err(Refusal::invalid("Several people at once are invited into group calls only."));
    }
    if live.is_group() && live.facts.chat_info.is_none() && chatless == Permit::Refused {
        return Err(Refusal::invalid("People are invited into group calls with chatInfo only."));
    }
    live.kind = if live.is_group() { live.kind } else { PlannedCallKind::Group };
    let me = live.roster.me.clone();
    let lost = guests.first().is_some_and(|it| is_lost(world, call, it));
    let latest = if lost { now + world.soon(200, 600) } else { add_guests(world, now, call, &guests) };
    let whole = InvitedGuest::answered(&guests);
    let operation = CallOperation {
        invited: guests,
        // How an invitation ends whose `replacesCallId` names no call of that person is not documented.
        result: lost.then(|| result(404, 8_522, "Call not found.")),
        ..CallOperation::running(world.ids.id(), OperationKind::InviteParticipants, &me, context)
    };
    world.agenda.plan(latest + Millis(150), ScheduledEvent::Settle(call.clone(), operation.id.clone()));
    let mut answer = world.calls.accept(call, 200, operation)?;
    if let AnswerContent::Entity { body: Value::Object(members), .. } = &mut answer.content {
        members.insert("status".into(), json!("Running"));
        members.insert("resultInfo".into(), Value::Null);
        members.insert("participants".into(), whole);
    }
    Ok(answer)
}

fn guests_of(world: &mut World, asked: &Value) -> Result<Vec<InvitedGuest>, Refusal> {
    let list = required(asked, "participants")?.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > MOST_INVITED {
        return Err(Refusal::invalid(format!("participants names between 1 and {MOST_INVITED} people.")));
    }
    let mut guests = Vec::new();
    for one in list {
        let identity = identity_of(one, "participants")?;
        let read: InvitationParticipantInfo = serde_json::from_value(one.clone())
            .map_err(|error| Refusal::invalid(format!("participants does not read: {error}.")))?;
        let has_own_id = read.participant_id.is_some();
        let id = read.participant_id.unwrap_or_else(|| world.ids.id());
        let replaces = read.replaces_call_id.filter(|_| guests.is_empty());
        guests.push(InvitedGuest { id, identity, has_own_id, replaces });
    }
    Ok(guests)
}

/// Whether a guest should leave a call that they are not in.
fn is_lost(world: &mut World, call: &CallId, guest: &InvitedGuest) -> bool {
    let Some(replaced) = &guest.replaces else { return false };
    let Some(other) = CallId::new(replaced).filter(|it| it != call) else { return true };
    let there = |live: &mut LiveCall| live.roster.members.iter().any(|it| it.is_present() && guest.is(&it.identity));
    !world.calls.live(&other).is_some_and(there)
}

/// Lets everyone come within seconds, and returns when the last one does.
fn add_guests(world: &mut World, now: Timestamp, call: &CallId, guests: &[InvitedGuest]) -> Timestamp {
    let mut latest = now;
    for guest in guests {
        let comes = now + world.soon(900, 4_000);
        latest = latest.max(comes);
        if let Some(live) = world.calls.live(call) {
            live.roster.add_member(CallMember::expected(guest.id.clone(), guest.identity.clone()));
        }
        world.agenda.plan(comes, ScheduledEvent::Person(call.clone(), guest.id.clone(), PersonAction::Join));
    }
    latest
}

/// Withdraws the invitation of a person who has not come yet, and returns whether there was one. When nobody else is
/// invited with it, its operation ends as cancelled.
pub(in crate::sim::world) fn withdraw(world: &mut World, now: Timestamp, call: &CallId, guest: &ParticipantId) -> bool {
    let Some(live) = world.calls.live(call) else { return false };
    let expected = |it: &CallMember| it.id == *guest && it.presence == Presence::Expected;
    let Some(seat) = live.roster.members.iter().position(expected) else { return false };
    let invites = |it: &&mut CallOperation| it.invited.iter().any(|it| it.id == *guest);
    let Some(asked) = live.operations.running_mut().find(invites) else { return false };
    let alone = asked.invited.len() == 1;
    if alone {
        asked.result = Some(result(400, 8_508, "The operation was cancelled."));
    } else {
        asked.invited.retain(|it| it.id != *guest);
    }
    let operation = asked.id.clone();
    live.roster.members.remove(seat);
    if alone {
        let told = now + world.soon(50, 200);
        world.agenda.plan(told, ScheduledEvent::Settle(call.clone(), operation));
    }
    true
}

/// Ends the 1:1 call that a guest has left for this one. \[unverified\]: with which result.
pub(in crate::sim::world) fn drop_replaced(world: &mut World, at: Timestamp, asked: &CallOperation) {
    let Some(guest) = asked.invited.first().filter(|_| asked.result.is_none()) else { return };
    let Some(other) = guest.replaces.as_deref().and_then(CallId::new) else { return };
    let Some(live) = world.calls.live(&other) else { return };
    if !live.is_group() {
        world.end(at, &other, result(200, 5_001, "The call has ended."));
        return;
    }
    let there = live.roster.members.iter().find(|it| it.is_present() && guest.is(&it.identity));
    if let Some(seat) = there.map(|it| it.id.clone()) {
        world.perform_action(at, &other, &seat, PersonAction::Leave);
    }
}

/// Requires room in the call, and people who may be invited: nobody twice, and no second bot. \[unverified\]: how
/// Graph words it.
fn room_for(live: &LiveCall, guests: &[InvitedGuest]) -> Result<(), Refusal> {
    if live.roster.members.len() + guests.len() > CallRoster::MOST_MEMBERS {
        return Err(Refusal::invalid("The call is full."));
    }
    let known = || live.roster.members.iter().filter(|it| it.presence != Presence::Gone);
    let mut taken: Vec<_> = known().map(|it| identity_key(&it.identity)).collect();
    let mut seats: Vec<_> = live.roster.members.iter().map(|it| &it.id).collect();
    for guest in guests {
        if guest.identity.application.is_some() {
            return Err(Refusal::invalid("participants: another application cannot be invited."));
        }
        if taken.contains(&identity_key(&guest.identity)) {
            return Err(Refusal::invalid("participants: somebody was invited before, or is in the call."));
        }
        if seats.contains(&&guest.id) {
            return Err(Refusal::invalid("participants: a participantId is somebody else's."));
        }
        taken.push(identity_key(&guest.identity));
        seats.push(&guest.id);
    }
    Ok(())
}
