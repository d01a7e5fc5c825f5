//! Rosters as they are told: everyone each time, or only who changed, for calls that asked for that (graph-contract.md, "Rosters").

use serde_json::{Value, json};

use crate::graph::{CallId, CallState, DeltaParticipants, Participant, RemovedState};
use crate::sim::settings::DeltaForm;
use crate::time::Timestamp;

use crate::sim::world::World;
use crate::sim::world::calls::call::{CallMember, LiveCall};

/// What a delta roster says of somebody who is gone.
const LEFT: &str = "Participant has left the meeting call.";
/// What it says of somebody who is there and takes no part.
const INACTIVE: &str = "Participant has entered an inactive state in the roster.";

impl World {
    /// Tells the rosters that have changed, once each.
    pub(in crate::sim::world) fn show_rosters(&mut self, at: Timestamp) {
        for id in std::mem::take(&mut self.touched) {
            if let Some(news) = self.calls.get_mut(&id).and_then(LiveCall::roster_news) {
                self.notify_roster(at, &id, news);
            }
        }
    }

    fn notify_roster(&mut self, at: Timestamp, id: &CallId, news: RosterNews) {
        let data = match (news, self.faults.delta_roster) {
            (RosterNews::Everyone(roster), _) => json!(roster),
            (RosterNews::Changed(delta), DeltaForm::Object) => json!(delta),
            (RosterNews::Changed(delta), DeltaForm::List) => Value::Array(vec![json!(delta)]),
        };
        self.notify(at, id, ("updated", self.path(id, "/participants")), data);
    }
}

/// What there is to tell.
enum RosterNews {
    Everyone(Vec<Participant>),
    Changed(DeltaParticipants),
}

impl LiveCall {
    /// What has changed since the last roster, which is then told; `None` when nothing has.
    fn roster_news(&mut self) -> Option<RosterNews> {
        if !self.is_group() || self.state != CallState::Established {
            return None;
        }
        let mut roster = self.roster();
        if self.wants_interactive() {
            let idle = |it: &Participant| {
                self.members.iter().any(|one| it.id.as_ref() == Some(&one.id) && !one.is_interactive())
            };
            roster.retain(|it| !idle(it));
        }
        if roster == self.shown {
            return None;
        }
        let before = std::mem::replace(&mut self.shown, roster.clone());
        if !self.wants_delta() {
            return Some(RosterNews::Everyone(roster));
        }
        self.roster_sequence += 1;
        let stays =
            |it: &Participant| self.members.iter().any(|one| it.id.as_ref() == Some(&one.id) && one.is_present());
        let mut told = delta(&before, roster, self.roster_sequence);
        for gone in told.participants.iter_mut().filter(|it| it.removed_state.is_some() && stays(it)) {
            gone.removed_state = Some(RemovedState { reason: Some(INACTIVE.into()) });
        }
        Some(RosterNews::Changed(told))
    }

    /// Whether its client asked for delta rosters of those who take part.
    fn wants_interactive(&self) -> bool {
        let asked = self.facts.call_options.as_ref().and_then(|it| it.is_interactive_roster_enabled);
        self.wants_delta() && asked == Some(true)
    }
}

impl CallMember {
    /// Whether they take part. \[unverified\]: who does not; here applications of the service, and those who hold
    /// the call on their own phone.
    fn is_interactive(&self) -> bool {
        !self.is_system() && !self.away
    }
}

/// Who joined or changed, then who left.
fn delta(before: &[Participant], now: Vec<Participant>, sequence: i64) -> DeltaParticipants {
    let gone = before
        .iter()
        .filter(|was| now.iter().all(|it| it.id != was.id))
        .map(|it| Participant { removed_state: Some(RemovedState { reason: Some(LEFT.into()) }), ..it.clone() });
    let gone: Vec<_> = gone.collect();
    let changed = now.into_iter().filter(|it| !before.contains(it)).chain(gone);
    let participants = changed.map(|it| Participant { roster_sequence_number: Some(sequence), ..it });
    DeltaParticipants { sequence_number: Some(sequence), participants: participants.collect() }
}
