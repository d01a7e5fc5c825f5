//! Rosters in notifications: everyone, or only the changes if the call has
//! delta rosters (graph-contract.md, "Rosters").

use serde_json::{Value, json};

use crate::graph::{CallState, DeltaParticipants, Participant, RemovedState};
use crate::sim::settings::DeltaForm;

use crate::sim::world::calls::call::LiveCall;

/// The removal reason of a person who has left, in a delta roster.
const LEFT: &str = "Participant has left the meeting call.";
/// The removal reason of a person who is in the call but inactive.
const INACTIVE: &str = "Participant has entered an inactive state in the roster.";

/// The content of a roster notification.
pub(in crate::sim::world) enum RosterChange {
    /// The whole roster.
    Everyone(Vec<Participant>),
    /// The changes since the last notification.
    Changed(DeltaParticipants),
}

impl RosterChange {
    /// Returns the `resourceData` of the notification.
    pub(in crate::sim::world) fn data(self, form: DeltaForm) -> Value {
        match (self, form) {
            (Self::Everyone(roster), _) => json!(roster),
            (Self::Changed(delta), DeltaForm::Object) => json!(delta),
            (Self::Changed(delta), DeltaForm::List) => Value::Array(vec![json!(delta)]),
        }
    }

    /// Returns the roster notification that is due and records it as sent, or `None` if the roster has not changed. Only
    /// an established group call has rosters.
    pub(in crate::sim::world) fn take_due(call: &mut LiveCall) -> Option<Self> {
        if !call.is_group() || call.state != CallState::Established {
            return None;
        }
        let mut listed = call.roster.listed();
        if wants_interactive(call) {
            let is_inactive = |it: &Participant| {
                call.roster.members.iter().any(|one| it.id.as_ref() == Some(&one.id) && !one.is_interactive())
            };
            listed.retain(|it| !is_inactive(it));
        }
        if listed == call.roster.notified {
            return None;
        }
        let before = std::mem::replace(&mut call.roster.notified, listed.clone());
        if !call.wants_delta() {
            return Some(Self::Everyone(listed));
        }
        call.roster.sequence += 1;
        let is_still_present = |it: &Participant| it.id.as_ref().is_some_and(|id| call.roster.present(id).is_some());
        // Whoever became inactive vanishes from the list without leaving the call.
        let mut changed = delta(&before, listed, call.roster.sequence);
        for removed in changed.participants.iter_mut().filter(|it| it.removed_state.is_some() && is_still_present(it)) {
            removed.removed_state = Some(RemovedState { reason: Some(INACTIVE.into()) });
        }
        Some(Self::Changed(changed))
    }
}

/// Returns whether the client asked for delta rosters of active participants only.
fn wants_interactive(call: &LiveCall) -> bool {
    let option = call.facts.call_options.as_ref().and_then(|it| it.is_interactive_roster_enabled);
    call.wants_delta() && option == Some(true)
}

/// Returns the people who joined or changed, and after them those who left.
fn delta(before: &[Participant], now: Vec<Participant>, sequence: i64) -> DeltaParticipants {
    let departed = before
        .iter()
        .filter(|was| now.iter().all(|it| it.id != was.id))
        .map(|it| Participant { removed_state: Some(RemovedState { reason: Some(LEFT.into()) }), ..it.clone() });
    let departed: Vec<_> = departed.collect();
    let changed = now.into_iter().filter(|it| !before.contains(it)).chain(departed);
    let participants = changed.map(|it| Participant { roster_sequence_number: Some(sequence), ..it });
    DeltaParticipants { sequence_number: Some(sequence), participants: participants.collect() }
}
