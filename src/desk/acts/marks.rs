//! Marked people: an act applies to them while their call is shown. A mark is an identity, never a row; it ends when no
//! act on the person is possible any more.

use crate::desk::vocab::ActTarget;
use crate::floor::{Floor, FloorCall, Person};
use crate::graph::{CallId, ParticipantId};

/// The marked people, in the order in which they were marked.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct MarkedPeople {
    people: Vec<MarkKey>,
    /// The person marked last, where a range begins.
    last: Option<MarkKey>,
}

pub(in crate::desk) type MarkKey = (CallId, ParticipantId);

impl MarkedPeople {
    /// The maximum number of marks, more than anyone sets by hand. Past it the desk shows a message and
    /// marks nobody else.
    pub(in crate::desk) const MOST: usize = 200;

    /// Returns how many people are marked, in all calls.
    pub(in crate::desk) const fn count(&self) -> usize {
        self.people.len()
    }

    /// Returns the marked people, in the order in which they were marked.
    pub(in crate::desk) fn targets(&self) -> Vec<ActTarget> {
        let target = |(call, person): &MarkKey| ActTarget::person_in(call.clone(), person.clone());
        self.people.iter().map(target).collect()
    }

    /// Returns the person of a call where a range begins: the person marked last, if that person is in
    /// this call and still marked.
    pub(in crate::desk) fn range_start(&self, call: &CallId) -> Option<&ParticipantId> {
        let (_, person) = self.last.as_ref().filter(|it| it.0 == *call && self.has(&it.0, &it.1))?;
        Some(person)
    }

    /// Makes the next range begin at the end of this one.
    pub(in crate::desk) fn set_range_start(&mut self, at: MarkKey) {
        self.last = Some(at);
    }

    /// Drops every mark.
    pub(in crate::desk) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(in crate::desk) fn has(&self, call: &CallId, person: &ParticipantId) -> bool {
        self.people.iter().any(|it| it.0 == *call && it.1 == *person)
    }

    /// Marks a person; false if there are too many marks.
    pub(in crate::desk) fn add(&mut self, mark: MarkKey) -> bool {
        if !self.has(&mark.0, &mark.1) {
            if self.people.len() == Self::MOST {
                return false;
            }
            self.people.push(mark.clone());
        }
        self.last = Some(mark);
        true
    }

    /// Drops the marks of people on whom no act is possible: people who left, people in a lobby or in an ended call, and the application.
    /// Returns how many.
    pub(in crate::desk) fn keep_actable(&mut self, floor: &Floor) -> usize {
        let before = self.people.len();
        self.people.retain(|(call, person)| {
            floor
                .call(call)
                .is_some_and(|it| it.is_live() && it.people.get(person).is_some_and(|person| is_actable(it, person)))
        });
        before - self.people.len()
    }

    pub(in crate::desk) fn remove(&mut self, call: &CallId, person: &ParticipantId) {
        self.people.retain(|it| it.0 != *call || it.1 != *person);
    }
}

/// Returns whether an act on a person of a call is possible at all.
pub(in crate::desk) fn is_actable(call: &FloorCall, person: &Person) -> bool {
    person.left.is_none() && person.lobby.is_none() && !call.is_own_participant(&person.id)
}
