//! What a presentation does to the world: people act on cue, what is expected is looked for, and the curtain falls.

use crate::graph::{CallId, CallState, ParticipantId};
use crate::sim::scenario::{ExpectedSight, Scenario, Sight, StepCue};
use crate::time::Timestamp;

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::calls::call::{CallMember, LiveCall, Presence, result};
use crate::sim::world::{OutgoingNotification, World};

impl World {
    /// Lets people act on cue; what could not be done, in words, and what leaves at once.
    pub fn cue(&mut self, now: Timestamp, cues: &[StepCue]) -> (Vec<String>, Vec<OutgoingNotification>) {
        let mut leaving = self.advance(now);
        let mut amiss = Vec::new();
        for cue in cues {
            let Some((call, who)) = self.named(&cue.call, &cue.participant) else {
                amiss.push(format!("{} is not to be found in {}", cue.participant, cue.call));
                continue;
            };
            if cue.after.0 > 0 {
                self.plan(now + cue.after, ScheduledEvent::Person(call, who, cue.does));
            } else if self.person(now, &call, &who, cue.does).is_none() {
                amiss.push(format!("what {} was to do in {} makes no sense now", cue.participant, cue.call));
            }
        }
        self.show_rosters(now);
        leaving.append(&mut self.outbox);
        (amiss, leaving)
    }

    /// Whether something can be seen now.
    #[must_use]
    pub fn sees(&self, expected: &ExpectedSight) -> bool {
        let Some(call) = self.by_subject(&expected.call) else { return expected.is == Sight::Ended };
        let Some(name) = &expected.participant else {
            let muted = call.members.iter().any(|it| it.id == call.me && it.is_muted());
            return match expected.is {
                Sight::Muted => muted,
                Sight::Unmuted => !muted,
                Sight::Held => call.held.is_some(),
                Sight::Free => call.held.is_none(),
                Sight::Here | Sight::Lobby | Sight::Gone | Sight::Ended => false,
            };
        };
        let Some(member) = call.members.iter().find(|it| it.is_called(name)) else { return false };
        match expected.is {
            Sight::Muted => member.is_muted(),
            Sight::Unmuted => !member.is_muted(),
            Sight::Held => call.held.as_ref() == Some(&member.id),
            Sight::Free => call.held.as_ref() != Some(&member.id),
            Sight::Here => member.presence == Presence::Here,
            Sight::Lobby => member.presence == Presence::Lobby,
            Sight::Gone => member.presence == Presence::Gone,
            Sight::Ended => false,
        }
    }

    /// Ends every call at once and forgets what was to come; the notifications of all these ends.
    ///
    /// No fault is rehearsed on them: a receiver must not be left with calls of a world that is no more.
    pub fn curtain(&mut self, now: Timestamp) -> Vec<OutgoingNotification> {
        let mut leaving = self.advance(now);
        let faults = std::mem::take(&mut self.faults);
        let ids: Vec<CallId> = self.calls.keys().cloned().collect();
        for id in ids {
            self.ended(now, &id, result(200, 4097, "The call has ended."));
        }
        self.faults = faults;
        self.agenda.clear();
        self.touched.clear();
        leaving.append(&mut self.outbox);
        leaving
    }

    /// Becomes the world of a scenario at `now`, the beginning of its prelude, with the same application and settings.
    pub fn start_over(&mut self, scenario: &Scenario, seed: u64, now: Timestamp) {
        let mut next = Self::of(self.application.clone(), scenario, seed, now);
        next.faults = std::mem::take(&mut self.faults);
        next.recordings = std::mem::take(&mut self.recordings);
        next.window = std::mem::take(&mut self.window);
        next.sent = self.sent;
        *self = next;
    }

    fn by_subject(&self, subject: &str) -> Option<&LiveCall> {
        let live = |it: &&LiveCall| !matches!(it.state, CallState::Terminating | CallState::Terminated);
        self.calls.values().filter(live).find(|it| it.facts.subject.as_deref() == Some(subject))
    }

    fn named(&self, subject: &str, name: &str) -> Option<(CallId, ParticipantId)> {
        let call = self.by_subject(subject)?;
        let member = call.members.iter().find(|it| it.is_called(name))?;
        Some((call.id.clone(), member.id.clone()))
    }
}

impl CallMember {
    fn is_called(&self, name: &str) -> bool {
        self.identity.name() == Some(name)
    }

    const fn is_muted(&self) -> bool {
        self.muted || self.server_muted
    }
}
