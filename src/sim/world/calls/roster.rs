//! The people of a call, and what its client knows of them.

use crate::graph::{Participant, ParticipantId};

use super::member::{CallMember, Presence};

/// The people of a call.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct CallRoster {
    /// The application's own participant.
    pub(in crate::sim::world) me: ParticipantId,
    /// The application, then everyone else who is or was there. Bounded: see [`Self::MOST_MEMBERS`].
    pub(in crate::sim::world) members: Vec<CallMember>,
    /// The participant on hold by startHoldMusic. Invariant: one at most.
    pub(in crate::sim::world) held: Option<ParticipantId>,
    /// The roster of the last notification.
    pub(in crate::sim::world) notified: Vec<Participant>,
    /// The number of the last delta roster; 0 before the first.
    pub(in crate::sim::world) sequence: i64,
}

impl CallRoster {
    /// The most people that a call has or ever had. \[unverified\]
    pub(in crate::sim::world) const MOST_MEMBERS: usize = 1_000;

    /// A roster of the application alone.
    pub(in crate::sim::world) fn of(application: CallMember) -> Self {
        let me = application.id.clone();
        let members = vec![CallMember { source: 1, ..application }];
        Self { me, members, held: None, notified: Vec::new(), sequence: 0 }
    }

    /// Adds a person who has yet to come, with a new audio stream.
    pub(in crate::sim::world) fn add_member(&mut self, member: CallMember) {
        let source = self.members.iter().map(|it| it.source).max().unwrap_or(0) + 1;
        self.members.push(CallMember { source, ..member });
    }

    /// A person, by id.
    pub(in crate::sim::world) fn member(&mut self, id: &ParticipantId) -> Option<&mut CallMember> {
        self.members.iter_mut().find(|it| it.id == *id)
    }

    /// The application's own member.
    pub(in crate::sim::world) fn own_member(&mut self) -> Option<&mut CallMember> {
        let me = self.me.clone();
        self.member(&me)
    }

    /// A person in the call or in its lobby, by id.
    pub(in crate::sim::world) fn present(&self, id: &ParticipantId) -> Option<&CallMember> {
        self.members.iter().find(|it| it.id == *id && it.is_present())
    }

    /// Whether a person is on hold.
    pub(in crate::sim::world) fn is_held(&self, who: &ParticipantId) -> bool {
        self.held.as_ref() == Some(who)
    }

    /// How many people are there, without the application and the lobby.
    pub(in crate::sim::world) fn company(&self) -> usize {
        let company = |it: &&CallMember| it.presence == Presence::Here && it.id != self.me && !it.is_system();
        self.members.iter().filter(company).count()
    }

    /// Everyone who is there, with the application and the lobby, as Graph lists them.
    pub(in crate::sim::world) fn listed(&self) -> Vec<Participant> {
        self.members.iter().filter(|it| it.is_present()).map(CallMember::participant).collect()
    }
}
