//! Performs the actions of the calls API: mute, hold, release, remove, hang up (graph-contract.md, "Operations as Graph
//! reports them" and "Mute and hold").

use serde_json::Value;

use crate::graph::{CallId, CommsOperationStatus, OperationKind, ParticipantId};
use crate::sim::scenario::{PersonAction, ReactionTrigger};
use crate::sim::settings::{HoldAnswer, Permit, SecondHold};
use crate::time::{Millis, Timestamp};

use super::answer::{AnswerContent, Refusal, WorldAnswer};
use super::body::client_context;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::calls::call::LiveCall;
use crate::sim::world::calls::invite;
use crate::sim::world::calls::member::Presence;
use crate::sim::world::calls::operation::{CallOperation, result};
use crate::sim::world::media::media_body::media_prompt;
use crate::sim::world::state::World;

/// Mutes a participant on the server. The notification of the roster follows shortly.
pub(in crate::sim::world) fn mute(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    who: &ParticipantId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let live = require_participant(world, call, who)?;
    // The roster is sent after a person who reacts by leaving has left.
    let mut least = Millis(0);
    if let Some(member) = live.roster.member(who) {
        member.server_muted = true;
        let leaves =
            member.reactions.iter().filter(|it| it.on == ReactionTrigger::Muted && it.does == PersonAction::Leave);
        least = leaves.map(|it| Millis(it.after.0 + 50)).max().unwrap_or_default();
    }
    world.plan_reactions(now, call, who, ReactionTrigger::Muted);
    let delay = world.random_delay(120, 600).max(least);
    world.agenda.plan(now + delay, ScheduledEvent::NotifyRoster(call.clone()));
    finish(world, call, OperationKind::MuteParticipant, who, context)
}

/// Mutes or unmutes the application itself.
pub(in crate::sim::world) fn mute_self(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    muted: bool,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let live = world.calls.group_call(call)?.established()?;
    let me = live.roster.me.clone();
    if let Some(member) = live.roster.own_member() {
        member.server_muted = muted;
    }
    let delay = world.random_delay(120, 600);
    world.agenda.plan(now + delay, ScheduledEvent::NotifyRoster(call.clone()));
    let kind = if muted { OperationKind::MuteParticipant } else { OperationKind::UnmuteParticipant };
    finish(world, call, kind, &me, context)
}

/// Puts a participant on hold, or releases them.
pub(in crate::sim::world) fn hold(
    world: &mut World,
    now: Timestamp,
    (call, who): (&CallId, &ParticipantId),
    kind: OperationKind,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    check_custom_prompt(body)?;
    let (form, second) = (world.settings.hold_answer, world.settings.second_hold);
    let live = require_participant(world, call, who)?;
    if live.roster.me == *who {
        return Err(Refusal::invalid("The application cannot be put on hold."));
    }
    let is_start = kind == OperationKind::StartHoldMusic;
    let is_other_held = live.holds_other_than(who);
    if is_start && is_other_held && second == SecondHold::Conflict {
        return Err(Refusal::new(409, "conflict", "Only one participant can be on hold at a time."));
    }
    let mut operation = CallOperation::running(world.ids.id(), kind, who, context);
    if form == HoldAnswer::Running {
        // Holds end in the order of their requests.
        let settled = now + world.random_delay(400, 1_100);
        let live = world.calls.find(call)?;
        live.operations.holds_settle = settled.max(live.operations.holds_settle + Millis(1));
        let settled = live.operations.holds_settle;
        world.agenda.plan(settled, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
        return world.calls.accept(call, 202, operation);
    }
    let live = world.calls.find(call)?;
    let succeeds = if is_start { !is_other_held } else { live.roster.is_held(who) };
    if succeeds {
        live.roster.held = is_start.then(|| who.clone());
        operation.status = CommsOperationStatus::Completed;
        world.plan_reactions(now, call, who, if is_start { ReactionTrigger::Held } else { ReactionTrigger::Released });
    } else {
        operation.status = CommsOperationStatus::Failed;
        operation.result = Some(result(400, 8508, "The operation was cancelled."));
    }
    Ok(world.calls.accept(call, 202, operation)?.with_nulls(&["resultInfo"]))
}

/// Requires a participant in the call, or in its lobby if the settings allow actions there.
fn require_participant<'w>(
    world: &'w mut World,
    call: &CallId,
    who: &ParticipantId,
) -> Result<&'w mut LiveCall, Refusal> {
    let in_lobby = world.settings.acts_in_lobby;
    let live = world.calls.group_call_with(call, who)?.established()?;
    let waits = live.roster.present(who).is_some_and(|it| it.presence == Presence::Lobby);
    if waits && in_lobby == Permit::Refused {
        return Err(Refusal::new(409, "conflict", "The participant waits in the lobby."));
    }
    Ok(live)
}

/// Removes a participant, or withdraws a pending invitation.
pub(in crate::sim::world) fn remove(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    who: &ParticipantId,
) -> Result<WorldAnswer, Refusal> {
    if world.calls.group_call(call)?.roster.me == *who {
        return Err(Refusal::invalid("The application cannot remove itself; delete the call."));
    }
    if world.settings.remove_participants == Permit::Refused {
        return Err(Refusal::new(403, "7504", "The tenant does not allow this application to remove participants."));
    }
    if invite::withdraw(world, now, call, who) {
        return Ok(WorldAnswer::empty(204));
    }
    world.calls.group_call_with(call, who)?;
    let delay = world.random_delay(100, 400);
    world.agenda.plan(now + delay, ScheduledEvent::Person(call.clone(), who.clone(), PersonAction::Leave));
    Ok(WorldAnswer::empty(204))
}

/// Ends the application's leg of the call.
pub(in crate::sim::world) fn hang_up(world: &mut World, now: Timestamp, call: &CallId) -> Result<WorldAnswer, Refusal> {
    world.calls.find(call)?;
    world.end(now, call, result(200, 7000, "The call was ended by the bot."));
    Ok(WorldAnswer::empty(204))
}

/// Answers a mute or an unmute as completed. No notification of the operation follows.
fn finish(
    world: &mut World,
    call: &CallId,
    kind: OperationKind,
    participant: &ParticipantId,
    context: Option<Box<str>>,
) -> Result<WorldAnswer, Refusal> {
    let tail = kind.as_str().rsplit('.').next().map(str::to_owned);
    let operation = CallOperation::running(world.ids.id(), kind, participant, context).completed();
    let mut answer = world.calls.accept(call, 200, operation)?;
    if let AnswerContent::Entity { context, .. } = &mut answer.content {
        *context = tail;
    }
    Ok(answer)
}

/// Requires that the hold music, if the body has any, is a valid prompt.
fn check_custom_prompt(body: &[u8]) -> Result<(), Refusal> {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    match asked.get("customPrompt").filter(|it| !it.is_null()) {
        Some(prompt) => media_prompt(prompt, "customPrompt"),
        None => Ok(()),
    }
}
