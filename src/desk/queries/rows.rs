//! The rows of the calls and participants panes, the selection in them, and the room that each pane has.

use crate::desk::Desk;
use crate::desk::acts::bulk::LedgerRow;
use crate::desk::acts::confirm::FrozenOrder;
use crate::desk::board::columns::{PaneSort, ShownColumn};
use crate::desk::board::filter::Filter;
use crate::desk::board::pane_sizes::{PaneSizes, ROWS, SHARE};
use crate::desk::board::row_values::{OperationFields, ParticipantFields};
use crate::desk::board::view::PaneView;
use crate::desk::vocab::{Pane, ParticipantRef, ParticipantRow, RowId};
use crate::floor::{FloorCall, Person};
use crate::graph::{IdentityKind, ParticipantId};

impl Desk {
    /// The least terminal that shows the panes at once.
    pub const STACKED: (u16, u16) = (80, 24);

    /// The hundredths of the width that the calls have beside the participants.
    pub const ACROSS: i16 = 52;

    /// How the room is shared.
    #[must_use]
    pub const fn sizes(&self) -> PaneSizes {
        self.board.sizes
    }

    /// The usual rows of the calls, where they stand above the participants, and of the operations.
    #[must_use]
    pub fn usual_rows(&self, columns: u16, body: u16) -> (u16, u16) {
        // The body is what the head, the message, the keys and perhaps the notes leave.
        let notes = if self.notes_are_shown() { 5 } else { 0 };
        let wide = columns >= Self::ROOMY.0 && body.saturating_add(4 + notes) >= Self::ROOMY.1;
        match (wide, self.notes_are_shown()) {
            (true, _) => (0, (body / 4).max(9)),
            // With notes below, each gives up two rows for the participants.
            (false, true) => (5, 4),
            (false, false) => (7, 6),
        }
    }

    /// The rows of the calls above the participants, and of the operations, with the operator's changes as far as
    /// there is room for them.
    #[must_use]
    pub fn rows_of_panes(&self, columns: u16, body: u16) -> (u16, u16) {
        let (calls, operations) = self.usual_rows(columns, body);
        let add = |rows: u16, more: i16| rows.saturating_add_signed(more).max(ROWS.unsigned_abs());
        let calls = if calls == 0 { 0 } else { add(calls, self.board.sizes.calls) };
        let operations = add(operations, self.board.sizes.operations);
        // The participants keep their least rows: what is above and below gives way.
        let most = body.saturating_sub(ROWS.unsigned_abs());
        let operations = operations.min(most.saturating_sub(calls).max(ROWS.unsigned_abs()));
        (calls.min(most.saturating_sub(operations)), operations)
    }

    /// Whether every pane keeps its least size.
    pub(in crate::desk) fn fits(&self, sizes: PaneSizes) -> bool {
        let (columns, rows) = sizes.terminal;
        if columns < Self::STACKED.0 || rows < Self::STACKED.1 {
            return false;
        }
        let body = rows.saturating_sub(4);
        let (calls, operations) = self.usual_rows(columns, body);
        let (calls, operations) = (calls.cast_signed(), operations.cast_signed());
        let across = Self::ACROSS + sizes.across;
        let calls = if calls == 0 { 0 } else { calls + sizes.calls };
        let operations = operations + sizes.operations;
        let notes = if self.notes_are_shown() { 5 } else { 0 };
        let floor = if self.board.fits_all_panes { 6 } else { 0 };
        let participants = body.cast_signed() - calls - operations - notes - floor;
        (SHARE..=100 - SHARE).contains(&across)
            && (calls == 0 || calls >= ROWS)
            && operations >= ROWS
            && participants >= ROWS
    }

    /// The shown calls, in the board's order; while an act is being confirmed, in the order it was then.
    #[must_use]
    pub fn calls(&self) -> Box<dyn DoubleEndedIterator<Item = &FloorCall> + '_> {
        match (self.modal.frozen_order(), self.board.view.listed()) {
            (Some(FrozenOrder { calls, .. }), _) | (None, Some(calls)) => {
                Box::new(calls.iter().filter_map(|id| self.floor().call(id)))
            }
            (None, None) => Box::new(self.floor().calls()),
        }
    }

    /// The selected call.
    #[must_use]
    pub fn call(&self) -> Option<&FloorCall> {
        self.floor().call(self.board.selection.call.as_ref()?)
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
        if let Some(frozen) = self.modal.frozen_order() {
            return frozen.people.iter().filter_map(|id| call.people.get(id)).map(ParticipantRow::Person).collect();
        }
        let mut people: Vec<&Person> = call.people.values().collect();
        people.sort_by_key(|it| (it.left.is_some(), call.is_own_participant(&it.id), it.joined.at, it.ordinal, &it.id));
        self.filtered_participants(call, people.into_iter().map(ParticipantRow::Person).collect())
    }

    /// Who is selected in the selected call.
    #[must_use]
    pub const fn selected_participant(&self) -> Option<&ParticipantRef> {
        self.board.selection.participant.as_ref()
    }

    /// The selected participant, where the call has a roster.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self.board.selection.participant.as_ref()? {
            ParticipantRef::Person(id) => self.call()?.people.get(id),
            ParticipantRef::Party(_) => None,
        }
    }

    /// Which row of the operations pane is selected.
    #[must_use]
    pub const fn selected_row(&self) -> Option<&RowId> {
        self.board.selection.row.as_ref()
    }

    /// The filter of a pane.
    #[must_use]
    pub fn filter(&self, pane: Pane) -> Option<&Filter> {
        self.board.view.look(pane).filter.as_ref()
    }

    /// The sort of a pane; its own order when there is none.
    #[must_use]
    pub fn sort(&self, pane: Pane) -> Option<PaneSort> {
        self.board.view.look(pane).sort
    }

    /// The columns of a pane.
    #[must_use]
    pub fn columns(&self, pane: Pane) -> &[ShownColumn] {
        self.board.view.columns.of(pane)
    }

    /// Whether the selection follows the newest row.
    #[must_use]
    pub const fn follows(&self) -> bool {
        self.board.view.follows
    }

    /// How many calls the filter lets through.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.board.view.listed().map_or_else(|| self.floor().call_count(), Vec::len)
    }

    /// The people that the filter lets through, sorted.
    pub(in crate::desk) fn filtered_participants<'a>(
        &self,
        call: &FloorCall,
        mut seats: Vec<ParticipantRow<'a>>,
    ) -> Vec<ParticipantRow<'a>> {
        let PaneView { filter, sort } = self.board.view.look(Pane::Participants);
        if let Some(filter) = filter {
            seats.retain(|it| filter.matches(&ParticipantFields(self, call, it)));
        }
        if let Some(sort) = sort {
            let mut ranked: Vec<_> =
                seats.iter().map(|it| (ParticipantFields(self, call, it).rank(sort.by.name), *it)).collect();
            ranked.sort_by(|(one, _), (other, _)| one.before(other, sort.reversed));
            seats = ranked.into_iter().map(|(_, it)| it).collect();
        }
        seats
    }

    /// Whether the filter lets a row of the ledger through.
    pub(in crate::desk) fn shows_ledger_row(&self, row: &LedgerRow<'_>) -> bool {
        self.filter(Pane::Operations).is_none_or(|it| it.matches(&OperationFields(self, row)))
    }

    /// The rows of the ledger, sorted.
    pub(in crate::desk) fn sorted_ledger<'a>(
        &'a self,
        rows: impl Iterator<Item = LedgerRow<'a>> + 'a,
    ) -> Box<dyn Iterator<Item = LedgerRow<'a>> + 'a> {
        let Some(sort) = self.sort(Pane::Operations) else { return Box::new(rows) };
        let mut ranked: Vec<_> = rows.map(|it| (OperationFields(self, &it).rank(sort.by.name), it)).collect();
        ranked.sort_by(|(one, _), (other, _)| one.before(other, sort.reversed));
        Box::new(ranked.into_iter().map(|(_, it)| it))
    }

    /// The people of the pane who are there, in its order.
    pub(in crate::desk) fn present_seats(&self) -> Vec<ParticipantId> {
        let seats = self.participants();
        let there = seats.iter().filter_map(|it| match it {
            ParticipantRow::Person(person) if person.left.is_none() => Some(person.id.clone()),
            ParticipantRow::Person(_) | ParticipantRow::Party(..) => None,
        });
        there.collect()
    }
}
