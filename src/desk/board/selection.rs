//! The rows of the panes and the selection in them. A selection is an identity; where it stands is found anew.

use std::collections::VecDeque;

use crate::desk::acts::pending::RowId;
use crate::desk::command::Motion;
use crate::desk::{Desk, FrozenOrder};
use crate::floor::{FloorCall, Party, Person};
use crate::graph::{CallId, IdentityKind, ParticipantId};

/// A pane that can have the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Pane {
    /// The calls of the floor.
    #[default]
    Calls,
    /// The people of the selected call.
    Participants,
    /// What was asked, and what became of it.
    Operations,
}

/// Somebody of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantRef {
    /// A participant of the roster.
    Person(ParticipantId),
    /// The n-th party of a 1:1 call, which has no roster and no participant ids.
    Party(usize),
}

/// One row of the participants pane.
#[derive(Debug, Clone, Copy)]
pub enum ParticipantRow<'a> {
    /// A participant of the roster.
    Person(&'a Person),
    /// The n-th party of a 1:1 call.
    Party(usize, &'a Party),
}

impl Pane {
    /// The panes, in the order of their numbers from 1.
    pub const ALL: [Self; 3] = [Self::Calls, Self::Participants, Self::Operations];

    /// The pane's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calls => "Calls",
            Self::Participants => "Participants",
            Self::Operations => "Operations",
        }
    }

    pub(in crate::desk) const fn next(self) -> Self {
        match self {
            Self::Calls => Self::Participants,
            Self::Participants => Self::Operations,
            Self::Operations => Self::Calls,
        }
    }
}

impl ParticipantRow<'_> {
    /// Who sits here.
    #[must_use]
    pub fn id(&self) -> ParticipantRef {
        match self {
            Self::Person(person) => ParticipantRef::Person(person.id.clone()),
            Self::Party(at, _) => ParticipantRef::Party(*at),
        }
    }

    /// What the person is called; untrusted text, perhaps empty.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Party(_, party) => &party.name,
        }
    }
}

impl Desk {
    /// The shown calls, in the board's order; while an act is being confirmed, in the order it was then.
    #[must_use]
    pub fn calls(&self) -> Box<dyn DoubleEndedIterator<Item = &FloorCall> + '_> {
        match (&self.frozen, self.view.listed()) {
            (Some(FrozenOrder { calls, .. }), _) | (None, Some(calls)) => {
                Box::new(calls.iter().filter_map(|id| self.floor().call(id)))
            }
            (None, None) => Box::new(self.floor().calls()),
        }
    }

    /// The selected call.
    #[must_use]
    pub fn call(&self) -> Option<&FloorCall> {
        self.floor().call(self.call.as_ref()?)
    }

    /// The people of the selected call: in the order of their joining, then the application, then those who left.
    #[must_use]
    pub fn participants(&self) -> Vec<ParticipantRow<'_>> {
        let Some(call) = self.call() else { return Vec::new() };
        if call.people.is_empty() {
            let mut parties: Vec<_> = call.parties.iter().enumerate().collect();
            parties.sort_by_key(|(_, it)| it.kind == IdentityKind::Application);
            let seats = parties.into_iter().map(|(at, it)| ParticipantRow::Party(at, it)).collect();
            return self.filtered_participants(call, seats);
        }
        if let Some(frozen) = &self.frozen {
            return frozen.people.iter().filter_map(|id| call.people.get(id)).map(ParticipantRow::Person).collect();
        }
        let mut people: Vec<&Person> = call.people.values().collect();
        people.sort_by_key(|it| (it.left.is_some(), call.is_me(&it.id), it.joined.at, &it.name, &it.id));
        self.filtered_participants(call, people.into_iter().map(ParticipantRow::Person).collect())
    }

    /// Who is selected in the selected call.
    #[must_use]
    pub const fn selected_participant(&self) -> Option<&ParticipantRef> {
        self.selected_participant.as_ref()
    }

    /// The selected participant, where the call has a roster.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self.selected_participant.as_ref()? {
            ParticipantRef::Person(id) => self.call()?.people.get(id),
            ParticipantRef::Party(_) => None,
        }
    }

    /// Which row of the operations pane is selected.
    #[must_use]
    pub const fn selected_row(&self) -> Option<&RowId> {
        self.selected_row.as_ref()
    }

    /// Selects a call, and somebody in it; an identity that is not on the floor is let go of again.
    pub fn select(&mut self, call: CallId, who: Option<ParticipantRef>) {
        self.user_selected = true;
        self.select_call(Some(call));
        self.selected_participant = who.or_else(|| self.selected_participant.take());
        self.settle();
    }

    pub(in crate::desk) fn select_call(&mut self, call: Option<CallId>) {
        if self.call != call {
            self.call = call;
            self.selected_participant = None;
        }
        self.settle();
    }

    /// Finds a selection where there is none, and lets go of what is no longer on the floor. The selected operation is
    /// the newest until its pane has the keys.
    pub(in crate::desk) fn settle(&mut self) {
        if self.call().is_none() {
            let first = self.calls().next().map(|it| it.id.clone());
            if self.call != first {
                self.call = first;
                self.selected_participant = None;
            }
        }
        let seats = self.participants();
        if !self.selected_participant.as_ref().is_some_and(|who| seats.iter().any(|it| it.id() == *who)) {
            self.selected_participant = seats.first().map(ParticipantRow::id);
        }
        let follows = self.pane != Pane::Operations;
        if follows || !self.selected_row.as_ref().is_some_and(|row| self.ledger_has(row)) {
            let newest = self.ledger().next().map(|it| it.id());
            self.selected_row = newest;
        }
    }

    pub(in crate::desk) fn travel(&mut self, motion: Motion) {
        let page = self.page;
        self.view.follows = false;
        match self.pane {
            Pane::Calls => {
                let ids = self.calls().map(|it| &it.id);
                let call = moved(ids, self.call.as_ref(), motion, page).cloned();
                self.select_call(call);
            }
            Pane::Participants => {
                let seats: Vec<ParticipantRef> = self.participants().iter().map(ParticipantRow::id).collect();
                self.selected_participant =
                    moved(seats.iter(), self.selected_participant.as_ref(), motion, page).cloned();
            }
            Pane::Operations => {
                let rows: Vec<RowId> = self.ledger().map(|it| it.id()).collect();
                self.selected_row = moved(rows.iter(), self.selected_row.as_ref(), motion, page).cloned();
            }
        }
    }

    /// Selects the call after or before this one, whichever pane has the keys.
    pub(in crate::desk) fn step_call(&mut self, motion: Motion) {
        let ids = self.calls().map(|it| &it.id);
        let call = moved(ids, self.call.as_ref(), motion, 1).cloned();
        self.select_call(call);
    }

    pub(in crate::desk) fn freeze(&mut self) {
        let calls = self.calls().map(|it| it.id.clone()).collect();
        let seats = self.participants();
        let people = seats.iter().filter_map(|it| match it {
            ParticipantRow::Person(person) => Some(person.id.clone()),
            ParticipantRow::Party(..) => None,
        });
        let people = people.collect();
        let last = self.floor().operations().next_back().map(|it| it.number).unwrap_or_default();
        self.frozen = Some(FrozenOrder { calls, people, last, slip: self.pending.latest(), batch: self.bulk.latest() });
    }
}

pub(in crate::desk) fn moved<'a, T: PartialEq>(
    mut rows: impl DoubleEndedIterator<Item = &'a T>,
    from: Option<&T>,
    motion: Motion,
    page: usize,
) -> Option<&'a T> {
    let half = page.div_euclid(2).max(1);
    let down = |mut rows: Box<dyn Iterator<Item = &'a T> + '_>, by: usize| {
        let at = rows.by_ref().find(|it| Some(*it) == from);
        match at {
            Some(at) => Some(rows.take(by).last().unwrap_or(at)),
            None => None,
        }
    };
    match motion {
        Motion::First => rows.next(),
        Motion::Last => rows.next_back(),
        Motion::Down => down(Box::new(rows), 1),
        Motion::Up => down(Box::new(rows.rev()), 1),
        Motion::PageDown => down(Box::new(rows), page),
        Motion::PageUp => down(Box::new(rows.rev()), page),
        Motion::HalfDown => down(Box::new(rows), half),
        Motion::HalfUp => down(Box::new(rows.rev()), half),
    }
}

/// The `height` rows around the selected one, as near to its middle as the ends allow; the first rows when none is
/// selected. Only these rows are ever built.
pub fn window<T>(rows: impl Iterator<Item = T>, selected: impl Fn(&T) -> bool, height: usize) -> Vec<T> {
    let mut rows = rows.peekable();
    let mut before: VecDeque<T> = VecDeque::with_capacity(height);
    let mut head: Vec<T> = Vec::new();
    let mut found = false;
    while let Some(row) = rows.next() {
        found = selected(&row);
        before.push_back(row);
        if found || rows.peek().is_none() {
            break;
        }
        if before.len() > height.max(1) {
            let gone = before.pop_front();
            if head.len() < height {
                head.extend(gone);
            }
        }
    }
    if !found {
        head.extend(before);
        head.truncate(height);
        return head;
    }
    let above = before.len().saturating_sub(1).min(height / 2);
    let after: Vec<T> = rows.take(height.saturating_sub(1)).collect();
    let above = above.max(height.saturating_sub(1 + after.len())).min(before.len().saturating_sub(1));
    let skip = before.len().saturating_sub(above + 1);
    before.into_iter().skip(skip).chain(after).take(height).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_selected_row_and_is_full_at_both_ends() {
        for (selected, shown) in [
            (None, vec![0, 1, 2, 3]),
            (Some(0), vec![0, 1, 2, 3]),
            (Some(1), vec![0, 1, 2, 3]),
            (Some(5), vec![3, 4, 5, 6]),
            (Some(9), vec![6, 7, 8, 9]),
            (Some(8), vec![6, 7, 8, 9]),
            (Some(42), vec![0, 1, 2, 3]),
        ] {
            assert_eq!(window(0..10, |it| Some(*it) == selected, 4), shown, "{selected:?}");
        }
        assert_eq!(window(0..2, |it| *it == 1, 4), vec![0, 1]);
        assert_eq!(window(0..0, |_: &i32| true, 4), Vec::<i32>::new());
    }
}
