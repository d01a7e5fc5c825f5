//! Marked people, on whom an act works while there are marks. A mark is an identity, never a row; it ends when the
//! person leaves.

use crate::desk::vocab::ActTarget;
use crate::floor::{Floor, FloorCall};
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
    /// The most marks. Nobody marks more by hand; the desk says so instead of marking further people.
    pub(in crate::desk) const MOST: usize = 200;

    /// How many people are marked, in all calls.
    pub(in crate::desk) const fn count(&self) -> usize {
        self.people.len()
    }

    /// Whom the marks name, in the order of their marking.
    pub(in crate::desk) fn targets(&self) -> Vec<ActTarget> {
        let target = |(call, person): &MarkKey| ActTarget::person_in(call.clone(), person.clone());
        self.people.iter().map(target).collect()
    }

    /// Who of a call begins a range: the person that was marked last, if that is somebody of this call who still has
    /// the mark.
    pub(in crate::desk) fn range_start(&self, call: &CallId) -> Option<&ParticipantId> {
        let (_, person) = self.last.as_ref().filter(|it| it.0 == *call && self.has(&it.0, &it.1))?;
        Some(person)
    }

    /// Lets the next range begin at the end of this one.
    pub(in crate::desk) fn end_range(&mut self, at: MarkKey) {
        self.last = Some(at);
    }

    /// Takes every mark away.
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

    /// Drops the marks of people who have left.
    pub(in crate::desk) fn keep_present(&mut self, floor: &Floor) {
        self.people.retain(|(call, person)| {
            let there = |it: &FloorCall| it.people.get(person).is_some_and(|it| it.left.is_none());
            floor.call(call).is_some_and(|it| it.is_live() && there(it))
        });
    }

    pub(in crate::desk) fn remove(&mut self, call: &CallId, person: &ParticipantId) {
        self.people.retain(|it| it.0 != *call || it.1 != *person);
    }
}
