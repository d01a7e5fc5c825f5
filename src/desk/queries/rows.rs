//! The rows of the calls and participants panes, the selection in them, and the room of each pane.

use crate::desk::Desk;
use crate::desk::acts::bulk::LedgerRow;
use crate::desk::acts::confirm::FrozenOrder;
use crate::desk::board::columns::{PaneSort, ShownColumn};
use crate::desk::board::filter::Filter;
use crate::desk::board::pane_sizes::{self, PaneSizes};
use crate::desk::board::row_values::{OperationFields, ParticipantFields};
use crate::desk::vocab::{Pane, ParticipantRef, ParticipantRow, RowId};
use crate::floor::{FloorCall, Person};
use crate::graph::{IdentityKind, ParticipantId};

impl Desk {
    /// The least terminal that shows all panes at once.
    pub const STACKED: (u16, u16) = pane_sizes::STACKED;

    /// The default width of the calls beside the participants, in hundredths.
    pub const ACROSS: i16 = pane_sizes::ACROSS;

    /// Returns the sizes of the panes as changed by the operator.
    #[must_use]
    pub const fn sizes(&self) -> PaneSizes {
        self.board.sizes
    }

    /// Returns the default rows of the calls, above the participants, and of the operations.
    #[must_use]
    pub fn usual_rows(&self, columns: u16, body: u16) -> (u16, u16) {
        // The head, the message, the keys and perhaps the notes leave this many rows.
        let notes = if self.notes_are_shown() { 5 } else { 0 };
        let wide = columns >= Self::ROOMY.0 && body.saturating_add(4 + notes) >= Self::ROOMY.1;
        match (wide, self.notes_are_shown()) {
            (true, _) => (0, (body / 4).max(9)),
            // With notes below, each gives up two rows for the participants.
            (false, true) => (5, 4),
            (false, false) => (7, 6),
        }
    }

    /// Returns the rows of the calls, above the participants, and of the operations, with the operator's changes where
    /// there is room for them.
    #[must_use]
    pub fn rows_of_panes(&self, columns: u16, body: u16) -> (u16, u16) {
        self.board.sizes.rows(self.usual_rows(columns, body), body)
    }

    /// Returns whether every pane keeps its least size.
    pub(in crate::desk) fn fits(&self, sizes: PaneSizes) -> bool {
        let (columns, body) = sizes.body();
        let notes = if self.notes_are_shown() { 5 } else { 0 };
        sizes.fit(self.usual_rows(columns, body), notes)
    }

    /// Returns the shown calls in their order; during a confirm, in the order when it opened.
    #[must_use]
    pub fn calls(&self) -> Box<dyn DoubleEndedIterator<Item = &FloorCall> + '_> {
        let frozen = self.modal.frozen_order().map(FrozenOrder::calls);
        match frozen.or(self.board.view.listed().map(Vec::as_slice)) {
            Some(calls) => Box::new(calls.iter().filter_map(|id| self.floor().call(id))),
            None => Box::new(self.floor().calls()),
        }
    }

    /// Returns the selected call.
    #[must_use]
    pub fn call(&self) -> Option<&FloorCall> {
        self.floor().call(self.board.selection.call()?)
    }

    /// Returns the people of the selected call: by the time they joined, then the application, then those who left.
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
        let mut people: Vec<&Person> = call.people.values().collect();
        people.sort_by_key(|it| (it.left.is_some(), call.is_own_participant(&it.id), it.joined.at, &it.name, &it.id));
        self.filtered_participants(call, people.into_iter().map(ParticipantRow::Person).collect())
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
        self.board.view.listed().map_or_else(|| self.floor().call_count(), Vec::len)
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
