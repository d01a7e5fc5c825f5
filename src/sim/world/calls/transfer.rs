//! Handing a call to somebody else (graph-contract.md, "Endpoints" and "States of a call"; row 8): three states and an
//! end, or back again.

use serde_json::{Value, json};

use crate::graph::{CallId, CallState, IdentityKind, MediaState, ParticipantId};
use crate::sim::settings::{MediaNews, Transfer};
use crate::time::Timestamp;

use super::call::{LiveCall, result};
use super::ring::identity_of;
use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::operate::{established, json_object, not_established};

/// One step of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::world) enum TransferStep {
    /// It begins.
    Begins {
        /// Whether it consults a call that is not there.
        lost: bool,
    },
    /// The other side takes it.
    Accepted,
    /// It fails, with this subcode.
    Fails(i64),
    /// The call is with the other side.
    Done,
}

impl World {
    /// Transfers a call. In a group call the transferee is named. \[unverified\]: the call then ends as a 1:1 call
    /// does.
    pub(in crate::sim::world) fn transfer(
        &mut self,
        now: Timestamp,
        call: &CallId,
        body: &[u8],
    ) -> Result<WorldAnswer, Refusal> {
        let asked = json_object(body)?;
        let target = asked.get("transferTarget").filter(|it| it.is_object());
        let target = target.ok_or_else(|| Refusal::missing("transferTarget"))?;
        let identity = identity_of(target, "transferTarget")?;
        let live = established(self.find(call)?)?;
        if live.transfers {
            return Err(not_established(&CallState::Transferring));
        }
        transferee(live, asked.get("transferee"))?;
        let phone = identity.principal().is_some_and(|(kind, _)| kind == IdentityKind::Phone);
        let instance = live.parties_are_instances();
        if phone && !instance {
            return Err(Refusal::invalid("Only an application instance transfers a call to a telephone."));
        }
        let consulted = target.get("replacesCallId").and_then(Value::as_str).filter(|it| !it.is_empty());
        let consults = consulted.and_then(CallId::new).filter(|it| it != call && self.live(it).is_some());
        let lost = consulted.is_some() && consults.is_none();
        let live = self.find(call)?;
        live.transfers = true;
        live.consults = consults;
        let begins = now + self.soon(40, 120);
        self.plan(begins, ScheduledEvent::Transfer(call.clone(), TransferStep::Begins { lost }));
        Ok(WorldAnswer::empty(202))
    }

    /// Lets a transfer go one step on.
    pub(in crate::sim::world) fn transfer_step(&mut self, at: Timestamp, call: &CallId, step: TransferStep) {
        let outcome = self.faults.transfer;
        let news = self.faults.media_state;
        let Some(live) = self.live(call) else { return };
        match step {
            TransferStep::Begins { lost } => {
                if live.state != CallState::Established {
                    live.transfers = false;
                    return;
                }
                live.state = CallState::Transferring;
                self.notify_call(at, call, None);
                let then = match (lost, outcome) {
                    (true, _) => TransferStep::Fails(7_700),
                    (false, Transfer::Fails) => TransferStep::Fails(7_000),
                    (false, Transfer::Succeeds) => TransferStep::Accepted,
                };
                let next = at + self.soon(400, 1_600);
                self.plan(next, ScheduledEvent::Transfer(call.clone(), then));
            }
            TransferStep::Accepted => {
                live.state = CallState::TransferAccepted;
                live.audio(MediaState::Inactive);
                self.notify_call(at, call, None);
                if news == MediaNews::Separate {
                    self.notify_audio(at, call);
                }
                let next = at + self.soon(200, 600);
                self.plan(next, ScheduledEvent::Transfer(call.clone(), TransferStep::Done));
            }
            TransferStep::Fails(subcode) => {
                live.state = CallState::Established;
                live.transfers = false;
                // Spelled `subCode` here and nowhere else, as the documented examples have it.
                let failed = json!({
                    "@odata.type": "#microsoft.graph.resultInfo",
                    "code": 500,
                    "subCode": subcode,
                    "message": "The transfer failed.",
                });
                self.notify_call(at, call, Some(("resultInfo", failed)));
                self.touched.insert(call.clone());
            }
            TransferStep::Done => {
                let consulted = live.consults.take();
                self.hush(call);
                self.ended(at, call, result(200, 7_015, "GracefulTransferCompleted"));
                self.drop_consulted(at, consulted);
            }
        }
    }
}

impl World {
    /// Ends the 1:1 call that was consulted: who was asked there speaks in the transferred one. \[unverified\]: that it
    /// ends, and with which result.
    fn drop_consulted(&mut self, at: Timestamp, consulted: Option<CallId>) {
        let Some(other) = consulted else { return };
        if self.live(&other).is_some_and(|it| !it.is_group()) {
            self.end(at, &other, result(200, 5_001, "The call has ended."));
        }
    }
}

impl LiveCall {
    /// Whether the application takes part as an instance with a number of its own.
    fn parties_are_instances(&self) -> bool {
        self.facts.parties().any(|it| it.application_instance.is_some())
    }
}

/// Requires somebody to transfer in a group call.
fn transferee(live: &LiveCall, named: Option<&Value>) -> Result<(), Refusal> {
    if !live.is_group() {
        return Ok(());
    }
    let id = named.and_then(|it| it.get("participantId")).and_then(Value::as_str).and_then(ParticipantId::new);
    let id = id.ok_or_else(|| Refusal::invalid("A group call needs a transferee with a participantId."))?;
    let here = live.present(&id).is_some_and(|it| it.id != live.me);
    if here { Ok(()) } else { Err(Refusal::no_item("The transferee")) }
}
