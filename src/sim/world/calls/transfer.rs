//! Transfers of a call (graph-contract.md, "Endpoints", row 8, and "States of a call"). A transfer goes through three
//! states and ends the call, or fails and leaves it established.

use serde_json::{Value, json};

use crate::graph::{CallId, CallState, IdentityKind, MediaState, ParticipantId};
use crate::sim::settings::{MediaNews, Transfer};
use crate::time::Timestamp;

use super::call::{LiveCall, TransferStep};
use super::call_body::identity_of;
use super::operation::result;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::body::json_object;
use crate::sim::world::state::World;

/// Transfers a call. In a group call the request names the transferee. \[unverified\]: the group call then ends as a
/// 1:1 call does.
pub(in crate::sim::world) fn transfer(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let asked = json_object(body)?;
    let target = asked.get("transferTarget").filter(|it| it.is_object());
    let target = target.ok_or_else(|| Refusal::missing("transferTarget"))?;
    let identity = identity_of(target, "transferTarget")?;
    let live = world.calls.find(call)?.established()?;
    if live.transfer.is_accepted {
        return Err(LiveCall::not_established(&CallState::Transferring));
    }
    check_transferee(live, asked.get("transferee"))?;
    let to_phone = identity.principal().is_some_and(|(kind, _)| kind == IdentityKind::Phone);
    if to_phone && !has_instance(live) {
        return Err(Refusal::invalid("Only an application instance can transfer a call to a telephone."));
    }
    let consulted = target.get("replacesCallId").and_then(Value::as_str).filter(|it| !it.is_empty());
    let consults = consulted.and_then(CallId::new).filter(|it| it != call && world.calls.live(it).is_some());
    let consulted_is_missing = consulted.is_some() && consults.is_none();
    let live = world.calls.find(call)?;
    live.transfer.is_accepted = true;
    live.transfer.consults = consults;
    let begins = now + world.random_delay(40, 120);
    world.agenda.plan(begins, ScheduledEvent::Transfer(call.clone(), TransferStep::Begins { consulted_is_missing }));
    Ok(WorldAnswer::empty(202))
}

/// Performs one step of a transfer, and plans the next.
pub(in crate::sim::world) fn step(world: &mut World, at: Timestamp, call: &CallId, step: TransferStep) {
    let outcome = world.settings.transfer;
    let media_news = world.settings.media_state;
    let Some(live) = world.calls.live(call) else { return };
    match step {
        TransferStep::Begins { consulted_is_missing } => {
            if live.state != CallState::Established {
                live.transfer.is_accepted = false;
                return;
            }
            live.state = CallState::Transferring;
            world.notify_call(at, call, None);
            let next_step = match (consulted_is_missing, outcome) {
                (true, _) => TransferStep::Fails(7_700),
                (false, Transfer::Fails) => TransferStep::Fails(7_000),
                (false, Transfer::Succeeds) => TransferStep::Accepted,
            };
            let next = at + world.random_delay(400, 1_600);
            world.agenda.plan(next, ScheduledEvent::Transfer(call.clone(), next_step));
        }
        TransferStep::Accepted => {
            live.state = CallState::TransferAccepted;
            live.set_audio(MediaState::Inactive);
            world.notify_call(at, call, None);
            if media_news == MediaNews::Separate {
                world.notify_audio(at, call);
            }
            let next = at + world.random_delay(200, 600);
            world.agenda.plan(next, ScheduledEvent::Transfer(call.clone(), TransferStep::Done));
        }
        TransferStep::Fails(subcode) => {
            live.state = CallState::Established;
            live.transfer.is_accepted = false;
            // The documented examples spell it `subCode` here, unlike everywhere else.
            let failed = json!({
                "@odata.type": "#microsoft.graph.resultInfo",
                "code": 500,
                "subCode": subcode,
                "message": "The transfer failed.",
            });
            world.notify_call(at, call, Some(("resultInfo", failed)));
            world.calls.mark_changed(call);
        }
        TransferStep::Done => {
            let consulted = live.transfer.consults.take();
            world.suppress_end_notice(call);
            world.ended(at, call, result(200, 7_015, "GracefulTransferCompleted"));
            drop_consulted(world, at, consulted);
        }
    }
}

/// Ends the consulted 1:1 call, whose peer continues in the transferred call. \[unverified\]: that it
/// ends, and its result.
fn drop_consulted(world: &mut World, at: Timestamp, consulted: Option<CallId>) {
    let Some(other) = consulted else { return };
    if world.calls.live(&other).is_some_and(|it| !it.is_group()) {
        world.end(at, &other, result(200, 5_001, "The call has ended."));
    }
}

/// Returns whether the application takes part as an instance with a telephone number.
fn has_instance(live: &LiveCall) -> bool {
    live.facts.parties().any(|it| it.application_instance.is_some())
}

/// Requires a transferee in a group call.
fn check_transferee(live: &LiveCall, transferee: Option<&Value>) -> Result<(), Refusal> {
    if !live.is_group() {
        return Ok(());
    }
    let id = transferee.and_then(|it| it.get("participantId")).and_then(Value::as_str).and_then(ParticipantId::new);
    let id = id.ok_or_else(|| Refusal::invalid("A group call needs a transferee with a participantId."))?;
    let is_in_call = live.roster.present(&id).is_some_and(|it| it.id != live.roster.me);
    if is_in_call { Ok(()) } else { Err(Refusal::no_item("The transferee")) }
}
