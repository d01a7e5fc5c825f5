//! The people of a call, and the roster that its client last received.

use crate::graph::{CallId, Participant, ParticipantId};

use super::member::{CallMember, Presence};

/// The people of a call.
#[derive(Debug, Clone)]
pub(in crate::sim::world) struct CallRoster {
    /// The application's own participant.
    pub(in crate::sim::world) me: ParticipantId,
    /// The application, then everyone who is in the call or has been. Bounded by [`Self::MAX_MEMBERS`].
    pub(in crate::sim::world) members: Vec<CallMember>,
    /// The participant on hold by startHoldMusic. Invariant: one at most.
    pub(in crate::sim::world) held: Option<ParticipantId>,
    /// The roster in the last notification.
    pub(in crate::sim::world) notified: Vec<Participant>,
    /// The number of the last delta roster; 0 before the first.
    pub(in crate::sim::world) sequence: i64,
    /// The application's other calls into the same meeting, which have the same people.
    pub(in crate::sim::world) other_legs: Vec<CallId>,
}

impl CallRoster {
    /// The maximum number of people in a call, including those who have left. \[unverified\]
    pub(in crate::sim::world) const MAX_MEMBERS: usize = 1_000;

    /// Creates a roster with only the application in it.
    pub(in crate::sim::world) fn of(application: CallMember) -> Self {
        let me = application.id.clone();
        let members = vec![CallMember { source: 1, ..application }];
        Self { me, members, held: None, notified: Vec::new(), sequence: 0, other_legs: Vec::new() }
    }

    /// Adds a person, with a new audio stream.
    pub(in crate::sim::world) fn add_member(&mut self, member: CallMember) {
        let source = self.free_stream();
        self.members.push(CallMember { source, ..member });
    }

    /// Gives the application an audio stream that nobody else has, after people of another leg were added.
    pub(in crate::sim::world) fn renumber_own_stream(&mut self) {
        let source = self.free_stream();
        if let Some(own) = self.own_member() {
            own.source = source;
        }
    }

    /// Replaces the people by those of another leg of the same meeting. The application's own member stays the first.
    pub(in crate::sim::world) fn take_people(&mut self, people: &[CallMember]) {
        let (own, others): (Vec<_>, Vec<_>) = people.iter().cloned().partition(|it| it.id == self.me);
        let kept = self.members.drain(..).find(|it| it.id == self.me);
        self.members = own.into_iter().next().or(kept).into_iter().chain(others).collect();
    }

    fn free_stream(&self) -> u32 {
        self.members.iter().map(|it| it.source).max().unwrap_or(0) + 1
    }

    /// Returns the person with this id.
    pub(in crate::sim::world) fn member(&mut self, id: &ParticipantId) -> Option<&mut CallMember> {
        self.members.iter_mut().find(|it| it.id == *id)
    }

    /// Returns the application's own member.
    pub(in crate::sim::world) fn own_member(&mut self) -> Option<&mut CallMember> {
        let me = self.me.clone();
        self.member(&me)
    }

    /// Returns the person with this id if they are in the call or its lobby.
    pub(in crate::sim::world) fn present(&self, id: &ParticipantId) -> Option<&CallMember> {
        self.members.iter().find(|it| it.id == *id && it.is_present())
    }

    /// Returns whether a person is on hold.
    pub(in crate::sim::world) fn is_held(&self, who: &ParticipantId) -> bool {
        self.held.as_ref() == Some(who)
    }

    /// Returns the number of people in the call, without the application, applications of the service and the lobby.
    pub(in crate::sim::world) fn people_here(&self) -> usize {
        let is_here = |it: &&CallMember| it.presence == Presence::Here && !it.is_own && !it.is_system();
        self.members.iter().filter(is_here).count()
    }

    /// Returns everyone in the call, including the application and the lobby, as Graph lists them.
    pub(in crate::sim::world) fn listed(&self) -> Vec<Participant> {
        self.members.iter().filter(|it| it.is_present()).map(CallMember::participant).collect()
    }
}
