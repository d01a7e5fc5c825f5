//! Invitations (graph-contract.md, "Endpoints", row 14): which are allowed, when the guests join, and
//! how one is withdrawn.

use serde_json::{Value, json};

use crate::graph::{CallId, InvitationParticipantInfo, OperationKind, ParticipantId, ResultInfo};
use crate::sim::scenario::{PersonAction, PlannedCallKind};
use crate::sim::settings::{ChatAfterInvite, InvitationOutcome, Permit};
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

/// The maximum number of people in one invitation.
const MAX_INVITED: usize = 5;

/// Invites people, who join within seconds. A 1:1 call takes one more person.
/// \[unverified\]: it then becomes a group call with a roster.
pub(in crate::sim::world) fn invite(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let guests = read_guests(world, &json_object(body)?)?;
    let without_chat = world.settings.invite_without_chat;
    let live = world.calls.find(call)?.established()?;
    check_guests(live, &guests)?;
    if !live.is_group() && guests.len() > 1 {
        return Err(Refusal::invalid("Only a group call takes several invited people at once."));
    }
    if live.is_group() && live.facts.chat_info.is_none() && without_chat == Permit::Refused {
        return Err(Refusal::invalid("Only a group call with chatInfo takes invited people."));
    }
    live.kind = if live.is_group() { live.kind } else { PlannedCallKind::Group };
    let me = live.roster.me.clone();
    let failure = failure(world, call, &guests);
    let fails = failure.is_some();
    let last_join = if fails { now + world.random_delay(200, 600) } else { add_guests(world, now, call, &guests) };
    let after = world.settings.chat_after_invite;
    if let (Some(live), ChatAfterInvite::Null) = (world.calls.live(call), after) {
        live.facts.chat_info = None;
    }
    let listed = InvitedGuest::answered(&guests);
    let operation = CallOperation {
        invited: guests,
        result: failure,
        ..CallOperation::running(world.ids.id(), OperationKind::InviteParticipants, &me, context)
    };
    world.agenda.plan(last_join + Millis(150), ScheduledEvent::Settle(call.clone(), operation.id.clone()));
    let mut answer = world.calls.accept(call, 200, operation)?;
    if let AnswerContent::Entity { body: Value::Object(members), .. } = &mut answer.content {
        members.insert("status".into(), json!("Running"));
        members.insert("resultInfo".into(), Value::Null);
        members.insert("participants".into(), listed);
    }
    Ok(answer)
}

/// Returns the result of an invitation that fails.
fn failure(world: &mut World, call: &CallId, guests: &[InvitedGuest]) -> Option<ResultInfo> {
    let first = guests.first()?;
    if replaces_no_call(world, call, first) {
        // \[unverified\]: the result when `replacesCallId` names a call that the guest is not in.
        return Some(result(404, 8_522, "Call not found."));
    }
    match world.settings.invitation_outcome {
        InvitationOutcome::Completes => None,
        InvitationOutcome::Fails => {
            let id = first.identity.principal().and_then(|(_, it)| it.id.as_deref()).unwrap_or_default();
            // Teams' own notation of a telephone and of a user.
            let callee = if id.starts_with('+') { format!("4:{id}") } else { format!("8:orgid:{id}") };
            Some(result(412, 9_999, &format!("The invitation failed. DiagCode: 412#10073.@ {callee}")))
        }
    }
}

fn read_guests(world: &mut World, asked: &Value) -> Result<Vec<InvitedGuest>, Refusal> {
    let list = required(asked, "participants")?.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > MAX_INVITED {
        return Err(Refusal::invalid(format!("participants must list between 1 and {MAX_INVITED} people.")));
    }
    let mut guests = Vec::new();
    for item in list {
        let identity = identity_of(item, "participants")?;
        let read: InvitationParticipantInfo = serde_json::from_value(item.clone())
            .map_err(|error| Refusal::invalid(format!("participants cannot be read: {error}.")))?;
        let has_own_id = read.participant_id.is_some();
        let id = read.participant_id.unwrap_or_else(|| world.ids.id());
        let replaces = read.replaces_call_id.filter(|_| guests.is_empty());
        guests.push(InvitedGuest { id, identity, has_own_id, replaces });
    }
    Ok(guests)
}

/// Returns whether an invitation asks to replace a call that the guest is not in.
fn replaces_no_call(world: &mut World, call: &CallId, guest: &InvitedGuest) -> bool {
    let Some(replaced) = &guest.replaces else { return false };
    let Some(other) = CallId::new(replaced).filter(|it| it != call) else { return true };
    let has_guest =
        |live: &mut LiveCall| live.roster.members.iter().any(|it| it.is_present() && guest.is(&it.identity));
    !world.calls.live(&other).is_some_and(has_guest)
}

/// Plans the guests' joins within the next seconds, and returns the time of the last one.
fn add_guests(world: &mut World, now: Timestamp, call: &CallId, guests: &[InvitedGuest]) -> Timestamp {
    let mut last_join = now;
    for guest in guests {
        let joins_at = now + world.random_delay(900, 4_000);
        last_join = last_join.max(joins_at);
        if let Some(live) = world.calls.live(call) {
            live.roster.add_member(CallMember::expected(guest.id.clone(), guest.identity.clone()));
        }
        world.agenda.plan(joins_at, ScheduledEvent::Person(call.clone(), guest.id.clone(), PersonAction::Join));
    }
    last_join
}

/// Withdraws the invitation of a guest who has not joined yet, and returns whether there was one. If the guest was the
/// only one of its operation, the operation ends as cancelled.
pub(in crate::sim::world) fn withdraw(world: &mut World, now: Timestamp, call: &CallId, guest: &ParticipantId) -> bool {
    let Some(live) = world.calls.live(call) else { return false };
    let expected = |it: &CallMember| it.id == *guest && it.presence == Presence::Expected;
    let Some(index) = live.roster.members.iter().position(expected) else { return false };
    let invites = |operation: &&mut CallOperation| operation.invited.iter().any(|it| it.id == *guest);
    let Some(invitation) = live.operations.running_mut().find(invites) else { return false };
    let only_guest = invitation.invited.len() == 1;
    if only_guest {
        invitation.result = Some(result(400, 8_508, "The operation was cancelled."));
    } else {
        invitation.invited.retain(|it| it.id != *guest);
    }
    let operation = invitation.id.clone();
    live.roster.members.remove(index);
    if only_guest {
        let notified_at = now + world.random_delay(50, 200);
        world.agenda.plan(notified_at, ScheduledEvent::Settle(call.clone(), operation));
    }
    true
}

/// Ends the 1:1 call that the first guest of an invitation has left for this call. \[unverified\]: the
/// result of that call.
pub(in crate::sim::world) fn drop_replaced(world: &mut World, at: Timestamp, invitation: &CallOperation) {
    let Some(guest) = invitation.invited.first().filter(|_| invitation.result.is_none()) else { return };
    let Some(other) = guest.replaces.as_deref().and_then(CallId::new) else { return };
    let Some(live) = world.calls.live(&other) else { return };
    if !live.is_group() {
        world.end(at, &other, result(200, 5_001, "The call has ended."));
        return;
    }
    let leaver = live.roster.members.iter().find(|it| it.is_present() && guest.is(&it.identity));
    if let Some(leaver) = leaver.map(|it| it.id.clone()) {
        world.perform_action(at, &other, &leaver, PersonAction::Leave);
    }
}

/// Requires that the call has room and that each guest may be invited: each person once, and no second bot.
/// \[unverified\]: Graph's error messages.
fn check_guests(live: &LiveCall, guests: &[InvitedGuest]) -> Result<(), Refusal> {
    if live.roster.members.len() + guests.len() > CallRoster::MAX_MEMBERS {
        return Err(Refusal::invalid("The call is full."));
    }
    let members = live.roster.members.iter().filter(|it| it.presence != Presence::Gone);
    let mut identities: Vec<_> = members.map(|it| identity_key(&it.identity)).collect();
    let mut ids: Vec<_> = live.roster.members.iter().map(|it| &it.id).collect();
    for guest in guests {
        if guest.identity.application.is_some() {
            return Err(Refusal::invalid("participants: another application cannot be invited."));
        }
        if identities.contains(&identity_key(&guest.identity)) {
            return Err(Refusal::invalid("participants: a person is in the call or invited already."));
        }
        if ids.contains(&&guest.id) {
            return Err(Refusal::invalid("participants: a participantId belongs to another person."));
        }
        identities.push(identity_key(&guest.identity));
        ids.push(&guest.id);
    }
    Ok(())
}
