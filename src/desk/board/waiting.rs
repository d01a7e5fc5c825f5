//! Everyone who waits, across calls: on hold and in lobbies, the longest first.

use crate::desk::board::selection::moved;
use crate::desk::vocab::Motion;
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
    selected: Option<(CallId, ParticipantId)>,
}

impl WaitingList {
    pub(in crate::desk) const fn at(selected: (CallId, ParticipantId)) -> Self {
        Self { selected: Some(selected) }
    }

    /// Who is selected, by call and id.
    #[must_use]
    pub const fn selected(&self) -> Option<&(CallId, ParticipantId)> {
        self.selected.as_ref()
    }

    /// Moves among those who wait now; to the first of them where who was selected waits no longer.
    pub(in crate::desk) fn travel(&mut self, waiting: &[WaitingPerson<'_>], motion: Motion, page: usize) {
        let ids: Vec<_> = waiting.iter().map(WaitingPerson::id).collect();
        self.selected = moved(ids.iter(), self.selected.as_ref(), motion, page).or(ids.first()).cloned();
    }
}

impl WaitingPerson<'_> {
    /// Who it is.
    #[must_use]
    pub fn id(&self) -> (CallId, ParticipantId) {
        (self.call.id.clone(), self.person.id.clone())
    }
}
