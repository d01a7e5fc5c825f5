//! Everyone who waits in any call, on hold or in a lobby, the longest wait first.

use crate::floor::{FloorCall, Person, StartTime};
use crate::graph::{CallId, ParticipantId};

/// A person who waits.
#[derive(Debug, Clone, Copy)]
pub struct WaitingPerson<'a> {
    /// The call in which the person waits.
    pub call: &'a FloorCall,
    /// The person who waits.
    pub person: &'a Person,
    /// When the wait began.
    pub since: StartTime,
}

/// The open list, with its selection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingList {
    /// The selected person: an identity, so that a moving list never selects somebody else.
    pub selected: Option<(CallId, ParticipantId)>,
}

impl WaitingPerson<'_> {
    /// Returns the identity of the person and the call.
    #[must_use]
    pub fn id(&self) -> (CallId, ParticipantId) {
        (self.call.id.clone(), self.person.id.clone())
    }
}
