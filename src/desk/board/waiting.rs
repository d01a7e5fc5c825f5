//! Everyone who waits in any call, on hold or in a lobby, the longest wait first.

use crate::desk::board::selection::moved;
use crate::desk::vocab::Motion;
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
    selected: Option<(CallId, ParticipantId)>,
}

impl WaitingList {
    pub(in crate::desk) const fn at(selected: (CallId, ParticipantId)) -> Self {
        Self { selected: Some(selected) }
    }

    /// Returns the selected person, by call and id.
    #[must_use]
    pub const fn selected(&self) -> Option<&(CallId, ParticipantId)> {
        self.selected.as_ref()
    }

    /// Moves the selection among those who wait; to the first if the selected person waits no longer.
    pub(in crate::desk) fn travel(&mut self, waiting: &[WaitingPerson<'_>], motion: Motion, page: usize) {
        let ids: Vec<_> = waiting.iter().map(WaitingPerson::id).collect();
        self.selected = moved(ids.iter(), self.selected.as_ref(), motion, page).or(ids.first()).cloned();
    }
}

impl WaitingPerson<'_> {
    /// Returns the identity of the person and the call.
    #[must_use]
    pub fn id(&self) -> (CallId, ParticipantId) {
        (self.call.id.clone(), self.person.id.clone())
    }
}
