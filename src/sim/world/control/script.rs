//! A presentation's access to the world: it makes people act, checks a step's expectations, and ends every call.

use crate::graph::{CallId, ParticipantId};
use crate::sim::scenario::{ExpectedObservation, Observation, SelectionReport, StepCue, StepSelection};
use crate::time::Timestamp;

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::calls::member::Presence;
use crate::sim::world::calls::operation::result;
use crate::sim::world::meeting;
use crate::sim::world::notify::notification::OutgoingNotification;
use crate::sim::world::state::World;

impl World {
    /// Performs the actions of a step. Returns a sentence for each impossible action, and the
    /// notifications to send now.
    pub fn play_cues(&mut self, now: Timestamp, cues: &[StepCue]) -> (Vec<String>, Vec<OutgoingNotification>) {
        let mut outgoing = self.advance(now);
        let mut impossible = Vec::new();
        for cue in cues {
            let Some((call, who)) = self.find_person(&cue.call, &cue.participant) else {
                impossible.push(format!("{} is not in {}", cue.participant, cue.call));
                continue;
            };
            if cue.after.0 > 0 {
                self.agenda.plan(now + cue.after, ScheduledEvent::Person(call, who, cue.does));
            } else if self.perform_action(now, &call, &who, cue.does).is_none() {
                impossible.push(format!("{} cannot do that in {} now", cue.participant, cue.call));
            } else {
                meeting::share_people(self, &call);
            }
        }
        self.notify_rosters(now);
        outgoing.append(&mut self.webhooks.take());
        (impossible, outgoing)
    }

    /// Returns the ids of what a step selects, if the call exists and the person is in it.
    #[must_use]
    pub fn find_selection(&self, selected: &StepSelection) -> Option<SelectionReport> {
        match &selected.participant {
            None => Some(SelectionReport {
                call_id: self.calls.by_subject(&selected.call)?.id.clone(),
                participant_id: None,
            }),
            Some(name) => {
                let (call_id, who) = self.find_person(&selected.call, name)?;
                Some(SelectionReport { call_id, participant_id: Some(who) })
            }
        }
    }

    /// Returns whether what a step expects is visible now.
    #[must_use]
    pub fn is_visible(&self, expected: &ExpectedObservation) -> bool {
        let Some(call) = self.calls.by_subject(&expected.call) else { return expected.is == Observation::Ended };
        // Without a person, the microphone is the application's own, and a hold is that of anybody in the call.
        let Some(name) = &expected.participant else {
            let muted = call.roster.members.iter().any(|it| it.id == call.roster.me && it.is_muted());
            return match expected.is {
                Observation::Muted => muted,
                Observation::Unmuted => !muted,
                Observation::Held => call.roster.held.is_some(),
                Observation::Free => call.roster.held.is_none(),
                Observation::Here | Observation::Lobby | Observation::Gone | Observation::Ended => false,
            };
        };
        let Some(member) = call.roster.members.iter().find(|it| it.has_name(name)) else { return false };
        match expected.is {
            Observation::Muted => member.is_muted(),
            Observation::Unmuted => !member.is_muted(),
            Observation::Held => call.roster.is_held(&member.id),
            Observation::Free => !call.roster.is_held(&member.id),
            Observation::Here => member.presence == Presence::Here,
            Observation::Lobby => member.presence == Presence::Lobby,
            Observation::Gone => member.presence == Presence::Gone,
            Observation::Ended => false,
        }
    }

    /// Ends every call, drops every planned event, and returns the notifications of these ends.
    ///
    /// The faults in the settings do not apply: a lost notification would leave a receiver with calls
    /// of the previous run.
    pub fn end_all(&mut self, now: Timestamp) -> Vec<OutgoingNotification> {
        let mut outgoing = self.advance(now);
        let settings = std::mem::take(&mut self.settings);
        let ids: Vec<CallId> = self.calls.iter().map(|it| it.id.clone()).collect();
        for id in ids {
            self.ended(now, &id, result(200, 4097, "The call has ended."));
        }
        self.settings = settings;
        self.agenda.clear();
        // No roster is sent of a call that has ended.
        self.calls.take_changed();
        outgoing.append(&mut self.webhooks.take());
        outgoing
    }

    fn find_person(&self, subject: &str, name: &str) -> Option<(CallId, ParticipantId)> {
        let call = self.calls.by_subject(subject)?;
        let member = call.roster.members.iter().find(|it| it.has_name(name))?;
        Some((call.id.clone(), member.id.clone()))
    }
}
