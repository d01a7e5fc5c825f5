//! The rows of the calls and participants panes, the selection in them, and the room of each pane.

use crate::desk::Desk;
use crate::desk::acts::bulk::LedgerRow;
use crate::desk::board::call_list::ShownCalls;
use crate::desk::board::columns::{PaneSort, ShownColumn};
use crate::desk::board::filter::Filter;
use crate::desk::board::pane_sizes::{self, PaneSizes};
use crate::desk::board::row_hold::HeldRows;
use crate::desk::board::row_values::{OperationFields, ParticipantFields};
use crate::desk::board::selection::window_start;
use crate::desk::vocab::{Pane, ParticipantRef, ParticipantRow, RowId, called};
use crate::floor::{FloorCall, Person};
use crate::graph::{IdentityKind, ParticipantId};

impl Desk {
    /// The smallest terminal that shows all panes at once.
    pub const STACKED: (u16, u16) = pane_sizes::STACKED;
    /// The smallest terminal that shows a board, in columns and rows.
    pub const SMALLEST: (u16, u16) = pane_sizes::SMALLEST;
    /// The minimum width that shows calls and people side by side.
    pub const WIDE: u16 = pane_sizes::WIDE;
    /// The minimum height with blank rows between the sections.
    pub const ROOMY: u16 = pane_sizes::ROOMY;
    /// The minimum height that shows the last hour.
    pub const TALL: u16 = pane_sizes::TALL;
    /// The rows of the last hour, with its rule.
    pub const LAST_HOUR: u16 = pane_sizes::LAST_HOUR;
    /// The rows of the presenter's notes, with their rule.
    pub const NOTES: u16 = pane_sizes::NOTES;

    /// Returns the sizes of the panes as changed by the operator.
    #[must_use]
    pub const fn sizes(&self) -> PaneSizes {
        self.board.sizes
    }

    /// Whether every pane keeps its least size.
    pub(in crate::desk) fn fits(&self, sizes: PaneSizes) -> bool {
        let waiting = Self::waiting_rows(sizes.terminal_rows(), self.waiting_is_crowded());
        sizes.fit(waiting, self.notes_are_shown())
    }

    /// The shown calls, in the board's order. While an act is being confirmed, they stay as they were when the confirm
    /// opened. For a while after a key no row moves, and new calls are added below the others.
    #[must_use]
    pub fn calls(&self) -> Box<dyn DoubleEndedIterator<Item = &FloorCall> + '_> {
        Box::new(self.shown_calls().iter().filter_map(|it| self.floor().call(&it.id)))
    }

    /// The rows of the shown calls; see [`Desk::calls`].
    pub(in crate::desk) fn shown_calls(&self) -> ShownCalls<'_> {
        let list = self.board.view.calls();
        if let Some(frozen) = self.modal.frozen_order() {
            return list.shown_as(frozen.calls(), None);
        }
        match self.board.hold.rows() {
            Some(held) => {
                let has_newer = self.floor().newest_call() > held.newest;
                list.shown_as(&held.calls, has_newer.then_some(held.newest))
            }
            None => list.shown(),
        }
    }

    /// Returns the shown calls around the selected one, as many as there are rows, and the place of the first of them.
    #[must_use]
    pub fn call_window(&self, height: usize) -> (usize, Vec<&FloorCall>) {
        let shown = self.shown_calls();
        let selected = self.board.selection.call().and_then(|it| shown.position(it));
        let first = window_start(selected, shown.len(), height);
        (first, shown.range(first, height).into_iter().filter_map(|it| self.floor().call(&it.id)).collect())
    }

    /// Returns how many of the shown calls are live.
    #[must_use]
    pub fn live_call_count(&self) -> usize {
        self.shown_calls().live()
    }

    /// Returns the selected call.
    #[must_use]
    pub fn call(&self) -> Option<&FloorCall> {
        self.floor().call(self.board.selection.call()?)
    }

    /// The people of the selected call: those who wait come first, then the others by name, then the application, then
    /// those who left. In privacy mode the others stand in the order of their numbers.
    #[must_use]
    pub fn participants(&self) -> Vec<ParticipantRow<'_>> {
        let Some(call) = self.call() else { return Vec::new() };
        if call.people.is_empty() {
            let mut parties: Vec<_> = call.parties.iter().enumerate().collect();
            parties.sort_by_key(|(_, it)| it.kind == IdentityKind::Application);
            let seats = parties.into_iter().map(|(at, it)| ParticipantRow::Party(at, it)).collect();
            return self.filtered_participants(call, seats);
        }
        if let Some(frozen) = self.modal.frozen_order() {
            return frozen.people().iter().filter_map(|id| call.people.get(id)).map(ParticipantRow::Person).collect();
        }
        let people = self.people_by_urgency(call).into_iter().map(ParticipantRow::Person).collect();
        let seats = self.filtered_participants(call, people);
        match self.held_people(call) {
            Some(people) => HeldRows::arrange(seats, people, |it| match it {
                ParticipantRow::Person(person) => Some(person.id.clone()),
                ParticipantRow::Party(..) => None,
            }),
            None => seats,
        }
    }

    /// Returns the people of a call's story: all of them, in the default order of the participants pane.
    #[must_use]
    pub fn lanes<'a>(&self, call: &'a FloorCall) -> Vec<&'a Person> {
        let people = self.people_by_urgency(call);
        match self.held_people(call) {
            Some(held) => HeldRows::arrange(people, held, |it| Some(it.id.clone())),
            None => people,
        }
    }

    /// The order in which the people of a call are held while keys are being pressed.
    fn held_people(&self, call: &FloorCall) -> Option<&[ParticipantId]> {
        let (held, people) = self.board.hold.rows()?.people.as_ref()?;
        (*held == call.id).then_some(people)
    }

    /// Those who wait come first, the latest of them at the top.
    fn people_by_urgency<'a>(&self, call: &'a FloorCall) -> Vec<&'a Person> {
        let mut people: Vec<&Person> = call.people.iter().collect();
        let (limits, now) = (self.limits(), self.shown_at());
        let is_private = self.is_private();
        let order = |it: &&Person| {
            let lateness = std::cmp::Reverse(limits.lateness(it, now));
            // As texts, `User 10` would come before `User 2`.
            let name = if is_private { String::new() } else { called(it).to_lowercase() };
            // Phone numbers and ids come below names.
            let name = (!name.starts_with(char::is_alphabetic), name);
            (it.left.is_some(), call.is_own_participant(&it.id), lateness, name, it.ordinal, it.id.clone())
        };
        people.sort_by_cached_key(order);
        people
    }

    /// Returns the selected row of the participants pane.
    #[must_use]
    pub const fn selected_participant(&self) -> Option<&ParticipantRef> {
        self.board.selection.participant()
    }

    /// Returns the selected person, if the call has a roster.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self.board.selection.participant()? {
            ParticipantRef::Person(id) => self.call()?.people.get(id),
            ParticipantRef::Party(_) => None,
        }
    }

    /// Returns the selected row of the operations pane.
    #[must_use]
    pub const fn selected_row(&self) -> Option<&RowId> {
        self.board.selection.row()
    }

    /// Returns the filter of a pane.
    #[must_use]
    pub fn filter(&self, pane: Pane) -> Option<&Filter> {
        self.board.view.filter(pane)
    }

    /// Returns the sort of a pane; `None` for its default order.
    #[must_use]
    pub fn sort(&self, pane: Pane) -> Option<PaneSort> {
        self.board.view.sort(pane)
    }

    /// Returns the columns of a pane.
    #[must_use]
    pub fn columns(&self, pane: Pane) -> &[ShownColumn] {
        self.board.view.columns().of(pane)
    }

    /// Returns whether the selection follows the newest call.
    #[must_use]
    pub const fn follows(&self) -> bool {
        self.board.view.follows()
    }

    /// Returns how many calls match the filter.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.board.view.calls().len()
    }

    /// Returns the people who match the filter, sorted.
    pub(in crate::desk) fn filtered_participants<'a>(
        &self,
        call: &FloorCall,
        mut seats: Vec<ParticipantRow<'a>>,
    ) -> Vec<ParticipantRow<'a>> {
        if let Some(filter) = self.filter(Pane::Participants) {
            seats.retain(|it| filter.matches(&ParticipantFields::of(self, call, it)));
        }
        if let Some(sort) = self.sort(Pane::Participants) {
            let mut ranked: Vec<_> =
                seats.iter().map(|it| (ParticipantFields::of(self, call, it).rank(sort.by.name), *it)).collect();
            ranked.sort_by(|(one, _), (other, _)| one.before(other, sort.reversed));
            seats = ranked.into_iter().map(|(_, it)| it).collect();
        }
        seats
    }

    /// Returns whether a row of the operations pane matches the filter.
    pub(in crate::desk) fn shows_ledger_row(&self, row: &LedgerRow<'_>) -> bool {
        self.filter(Pane::Operations).is_none_or(|it| it.matches(&OperationFields::of(self, row)))
    }

    /// Returns the rows of the operations pane, sorted.
    pub(in crate::desk) fn sorted_ledger<'a>(
        &'a self,
        rows: impl Iterator<Item = LedgerRow<'a>> + 'a,
    ) -> Box<dyn Iterator<Item = LedgerRow<'a>> + 'a> {
        let Some(sort) = self.sort(Pane::Operations) else { return Box::new(rows) };
        let mut ranked: Vec<_> = rows.map(|it| (OperationFields::of(self, &it).rank(sort.by.name), it)).collect();
        ranked.sort_by(|(one, _), (other, _)| one.before(other, sort.reversed));
        Box::new(ranked.into_iter().map(|(_, it)| it))
    }

    /// Returns the people of the pane who are present, in its order.
    pub(in crate::desk) fn present_seats(&self) -> Vec<ParticipantId> {
        let seats = self.participants();
        let there = seats.iter().filter_map(|it| match it {
            ParticipantRow::Person(person) if person.left.is_none() => Some(person.id.clone()),
            ParticipantRow::Person(_) | ParticipantRow::Party(..) => None,
        });
        there.collect()
    }
}
