//! Marked people: what an act is about while there are marks. A mark is an identity, never a row; it ends with the
//! person's presence.

use super::rules::ActTarget;
use crate::desk::{Desk, Pane, ParticipantRef, ParticipantRow, called};
use crate::floor::{Floor, FloorCall};
use crate::graph::{CallId, ParticipantId};

/// The marked people, in the order of their marking.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct MarkedPeople {
    people: Vec<MarkKey>,
    /// The person that was marked last: ranges begin there.
    last: Option<MarkKey>,
}

type MarkKey = (CallId, ParticipantId);

impl MarkedPeople {
    /// More marks than a hand sets are a mistake; what is past this is said and not marked.
    const MOST: usize = 200;

    fn has(&self, call: &CallId, person: &ParticipantId) -> bool {
        self.people.iter().any(|it| it.0 == *call && it.1 == *person)
    }

    /// Marks somebody; false when there are too many.
    fn add(&mut self, mark: MarkKey) -> bool {
        if !self.has(&mark.0, &mark.1) {
            if self.people.len() == Self::MOST {
                return false;
            }
            self.people.push(mark.clone());
        }
        self.last = Some(mark);
        true
    }

    fn remove(&mut self, call: &CallId, person: &ParticipantId) {
        self.people.retain(|it| it.0 != *call || it.1 != *person);
    }
}

impl Desk {
    /// Whether somebody is marked.
    #[must_use]
    pub fn is_marked(&self, call: &CallId, person: &ParticipantId) -> bool {
        self.marks.has(call, person)
    }

    /// How many people are marked, in all calls.
    #[must_use]
    pub const fn marked(&self) -> usize {
        self.marks.people.len()
    }

    /// Whom the marks name.
    pub(in crate::desk) fn marked_targets(&self) -> Vec<ActTarget> {
        let target = |(call, person): &MarkKey| ActTarget {
            call: call.clone(),
            who: Some(ParticipantRef::Person(person.clone())),
        };
        self.marks.people.iter().map(target).collect()
    }

    /// Marks who is selected, or takes the mark away.
    pub(in crate::desk) fn toggle_mark(&mut self) {
        let Some((call, person)) = self.markable() else { return };
        if self.marks.has(&call, &person) {
            self.marks.remove(&call, &person);
        } else {
            self.mark(vec![(call, person)]);
        }
        self.say_marked();
    }

    /// Marks everyone from the last mark to who is selected.
    pub(in crate::desk) fn mark_range(&mut self) {
        let Some((call, person)) = self.markable() else { return };
        let here: Vec<ParticipantId> = self.present_seats();
        let at = |id: &ParticipantId| here.iter().position(|it| it == id);
        let from = self.marks.last.as_ref().filter(|it| it.0 == call && self.marks.has(&it.0, &it.1));
        let Some((from, to)) = from.and_then(|it| at(&it.1)).zip(at(&person)) else {
            return self.say("v marks from the last mark in this list to here: Space marks one");
        };
        let (first, last) = (from.min(to), from.max(to));
        let range = here.into_iter().skip(first).take(last - first + 1);
        let range: Vec<MarkKey> = range.map(|it| (call.clone(), it)).collect();
        self.mark(range);
        // The next range begins where this one ended.
        self.marks.last = Some((call, person));
        self.say_marked();
    }

    /// Marks everyone in the selected call whom the filter of the pane lets through.
    pub(in crate::desk) fn mark_filtered(&mut self) {
        let Some(call) = self.call().map(|it| it.id.clone()) else { return self.say("no call is selected") };
        let here = self.present_seats();
        if here.is_empty() {
            return self.say("nobody here can be marked");
        }
        self.mark(here.into_iter().map(|it| (call.clone(), it)).collect());
        self.say_marked();
    }

    /// Takes every mark away.
    pub(in crate::desk) fn clear_marks(&mut self) {
        let count = self.marked();
        self.marks = MarkedPeople::default();
        match count {
            0 => self.say("nobody is marked"),
            _ => self.say(format!("{count} no longer marked")),
        }
    }

    /// Marks people again who were not reached.
    pub(in crate::desk) fn mark_again(&mut self, targets: Vec<ActTarget>) {
        let marks = targets.into_iter().filter_map(|it| it.person().cloned().map(|person| (it.call, person)));
        let marks: Vec<MarkKey> = marks.collect();
        self.mark(marks);
        self.settle_marks();
    }

    /// Takes away the mark of somebody about whom something was sent.
    pub(in crate::desk) fn unmark(&mut self, target: &ActTarget) {
        if let Some(person) = target.person() {
            self.marks.remove(&target.call, person);
        }
    }

    /// Lets go of the marks of those who are no longer there.
    pub(in crate::desk) fn settle_marks(&mut self) {
        let Self { marks, floor, .. } = self;
        marks.people.retain(|(call, person)| is_there(floor, call, person));
    }

    fn mark(&mut self, people: Vec<MarkKey>) {
        let mut all = true;
        for mark in people {
            all &= self.marks.add(mark);
        }
        if !all {
            self.warn(format!("at most {} people can be marked", MarkedPeople::MOST));
        }
    }

    fn say_marked(&mut self) {
        if self.message.as_ref().is_some_and(|it| it.warning) {
            return;
        }
        match self.marked() {
            0 => self.say("nobody is marked"),
            count => self.say(format!("{count} marked: m, r and X are about them; \\ clears")),
        }
    }

    /// The people of the pane who are there, in its order.
    fn present_seats(&self) -> Vec<ParticipantId> {
        let seats = self.participants();
        let there = seats.iter().filter_map(|it| match it {
            ParticipantRow::Person(person) if person.left.is_none() => Some(person.id.clone()),
            ParticipantRow::Person(_) | ParticipantRow::Party(..) => None,
        });
        there.collect()
    }

    /// Who is selected, if that is somebody to mark; else says why not.
    fn markable(&mut self) -> Option<MarkKey> {
        let call = self.call().map(|it| it.id.clone());
        let why = match (self.pane, self.selected_participant(), self.person()) {
            (Pane::Calls | Pane::Operations, ..) => "marks are for people: 2 goes to them".to_owned(),
            (_, None, _) => "nobody is selected".to_owned(),
            (_, Some(ParticipantRef::Party(_)), _) => {
                "a 1:1 call has no roster, so nobody in it can be named".to_owned()
            }
            (_, Some(ParticipantRef::Person(_)), None) => "they are no longer in the roster".to_owned(),
            (_, Some(ParticipantRef::Person(_)), Some(person)) if person.left.is_some() => {
                format!("{} has left", called(person))
            }
            (_, Some(ParticipantRef::Person(_)), Some(person)) => return call.map(|it| (it, person.id.clone())),
        };
        self.say(why);
        None
    }
}

fn is_there(floor: &Floor, call: &CallId, person: &ParticipantId) -> bool {
    let there = |call: &FloorCall| call.people.get(person).is_some_and(|it| it.left.is_none());
    floor.call(call).is_some_and(|it| it.is_live() && there(it))
}
