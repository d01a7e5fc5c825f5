//! Transferring a call (graph-contract.md, "Endpoints" and "States of a call"; row 8): three states and an end, or back
//! again.

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

/// Transfers a call. In a group call the transferee is named. \[unverified\]:
/// the call then ends as a 1:1 call does.
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
    transferee(live, asked.get("transferee"))?;
    let phone = identity.principal().is_some_and(|(kind, _)| kind == IdentityKind::Phone);
    let instance = has_instance(live);
    if phone && !instance {
        return Err(Refusal::invalid("Only an application instance transfers a call to a telephone."));
    }
    let consulted = target.get("replacesCallId").and_then(Value::as_str).filter(|it| !it.is_empty());
    let consults = consulted.and_then(CallId::new).filter(|it| it != call && world.calls.live(it).is_some());
    let lost = consulted.is_some() && consults.is_none();
    let live = world.calls.find(call)?;
    live.transfer.is_accepted = true;
    live.transfer.consults = consults;
    let begins = now + world.soon(40, 120);
    world.agenda.plan(begins, ScheduledEvent::Transfer(call.clone(), TransferStep::Begins { lost }));
    Ok(WorldAnswer::empty(202))
}

/// Takes a transfer one step on.
pub(in crate::sim::world) fn step(world: &mut World, at: Timestamp, call: &CallId, step: TransferStep) {
    let outcome = world.settings.transfer;
    let news = world.settings.media_state;
    let Some(live) = world.calls.live(call) else { return };
    match step {
        TransferStep::Begins { lost } => {
            if live.state != CallState::Established {
                live.transfer.is_accepted = false;
                return;
            }
            live.state = CallState::Transferring;
            world.notify_call(at, call, None);
            let then = match (lost, outcome) {
                (true, _) => TransferStep::Fails(7_700),
                (false, Transfer::Fails) => TransferStep::Fails(7_000),
                (false, Transfer::Succeeds) => TransferStep::Accepted,
            };
            let next = at + world.soon(400, 1_600);
            world.agenda.plan(next, ScheduledEvent::Transfer(call.clone(), then));
        }
        TransferStep::Accepted => {
            live.state = CallState::TransferAccepted;
            live.set_audio(MediaState::Inactive);
            world.notify_call(at, call, None);
            if news == MediaNews::Separate {
                world.notify_audio(at, call);
            }
            let next = at + world.soon(200, 600);
            world.agenda.plan(next, ScheduledEvent::Transfer(call.clone(), TransferStep::Done));
        }
        TransferStep::Fails(subcode) => {
            live.state = CallState::Established;
            live.transfer.is_accepted = false;
            // Spelled `subCode` here and nowhere else, as the documented examples have it.
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

/// Ends the 1:1 call that was consulted, whose peer continues in the transferred call. \[unverified\]: that it
/// ends, and with which result.
fn drop_consulted(world: &mut World, at: Timestamp, consulted: Option<CallId>) {
    let Some(other) = consulted else { return };
    if world.calls.live(&other).is_some_and(|it| !it.is_group()) {
        world.end(at, &other, result(200, 5_001, "The call has ended."));
    }
}

/// Whether the application takes part as an instance with its own number.
fn has_instance(live: &LiveCall) -> bool {
    live.facts.parties().any(|it| it.application_instance.is_some())
}

/// Requires a transferee in a group call.
fn transferee(live: &LiveCall, named: Option<&Value>) -> Result<(), Refusal> {
    if !live.is_group() {
        return Ok(());
    }
    let id = named.and_then(|it| it.get("participantId")).and_then(Value::as_str).and_then(ParticipantId::new);
    let id = id.ok_or_else(|| Refusal::invalid("A group call needs a transferee with a participantId."))?;
    let here = live.roster.present(&id).is_some_and(|it| it.id != live.roster.me);
    if here { Ok(()) } else { Err(Refusal::no_item("The transferee")) }
}
