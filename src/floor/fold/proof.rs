//! Proves operations by evidence from the call itself, such as a roster that shows the mute. Only proof
//! makes an accepted operation CONFIRMED (graph-contract.md, "Operations and their proof").

use super::super::Floor;
use super::super::act::Act;
use super::super::operation::{OperationNumber, OperationOutcome, Proof, ProofSource};
use super::roster::RosterSource;
use super::stamp::FactStamp;
use crate::graph::{CallId, Participant};

impl Floor {
    /// Adds a proof to the open operations whose effect a roster shows.
    pub(super) fn prove_from_roster(
        &mut self,
        stamp: FactStamp,
        id: &CallId,
        people: &[&Participant],
        (source, is_complete): (RosterSource, bool),
    ) {
        for number in self.open_operations_of(id) {
            let Some(operation) = self.operations.get(number) else { continue };
            let Some(call) = self.calls.get(id) else { return };
            let target = operation.participant.as_ref().or(call.my_participant.as_ref());
            let Some(target) = target else { continue };
            // A person who was never in a roster counts as gone only if this roster is complete.
            let has_left = call.people.get(target).map_or(is_complete, |it| it.left.is_some());
            let listed = people.iter().find(|it| it.identity_id() == Some(target));
            let act = operation.act;
            let roster = if source == RosterSource::Read { ProofSource::Read } else { ProofSource::Roster };
            let provable = operation.provable;
            let evidence = match (act, listed.filter(|_| !has_left)) {
                (_, Some(_)) if !provable => None,
                (Act::Mute | Act::MuteSelf, Some(person)) => mute_evidence(person, operation.was_already_so, roster),
                (Act::UnmuteSelf, Some(person)) => (person.is_muted == Some(false)).then_some(roster),
                (Act::Remove, None) if has_left => Some(roster),
                _ => None,
            };
            match evidence {
                Some(evidence) => self.add_proof(stamp, number, evidence),
                None if has_left && act != Act::HangUp => self.note_target_gone(stamp, number),
                None => {}
            }
        }
    }

    /// Adds a proof to an operation. The operation is confirmed now if it is accepted, or else when it is accepted.
    pub(super) fn add_proof(&mut self, stamp: FactStamp, number: OperationNumber, evidence: ProofSource) {
        let Some(operation) = self.operation_mut(number) else { return };
        if operation.proof.is_none() {
            operation.proof = Some(Proof { at: stamp.at, evidence, cursor: stamp.cursor });
        }
        if matches!(operation.outcome, OperationOutcome::Accepted | OperationOutcome::Unknown(_)) {
            self.settle(stamp, number, OperationOutcome::Confirmed);
        }
    }

    /// Records that the person left, or the call ended, before there was a proof.
    pub(super) fn note_target_gone(&mut self, stamp: FactStamp, number: OperationNumber) {
        let Some(operation) = self.operation_mut(number) else { return };
        operation.target_gone.get_or_insert(stamp.at);
        if matches!(operation.outcome, OperationOutcome::Accepted | OperationOutcome::Unknown(_)) {
            self.settle(stamp, number, OperationOutcome::Left);
        }
    }
}

/// Returns the evidence of a mute in a roster entry, if there is any. `serverMuted` is the stronger evidence, and the
/// only one for a person who was already muted when the mute was asked.
fn mute_evidence(person: &Participant, was_muted: bool, roster: ProofSource) -> Option<ProofSource> {
    let server = person.main_audio().and_then(|it| it.server_muted) == Some(true);
    if server && roster == ProofSource::Roster {
        return Some(ProofSource::RosterServerMuted);
    }
    let shows_mute = if was_muted { server } else { person.is_muted == Some(true) };
    shows_mute.then_some(roster)
}
