//! Everyone who waits, across calls: on hold and in lobbies, the longest first.

use crate::floor::{FloorCall, Person, StartTime};
use crate::graph::{CallId, ParticipantId};

/// Somebody who waits.
#[derive(Debug, Clone, Copy)]
pub struct WaitingPerson<'a> {
    /// The call in which the person waits.
    pub call: &'a FloorCall,
    /// The person who waits.
    pub person: &'a Person,
    /// When the wait began.
    pub since: StartTime,
}

/// The list of everyone who waits, and who of them is selected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingList {
    /// Who is selected: an identity, so that nobody is taken for another when the list moves.
    pub selected: Option<(CallId, ParticipantId)>,
}

impl WaitingPerson<'_> {
    /// Who it is.
    #[must_use]
    pub fn id(&self) -> (CallId, ParticipantId) {
        (self.call.id.clone(), self.person.id.clone())
    }
}
