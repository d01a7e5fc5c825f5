//! What of the floor is shown, and in what order: a filter, a sort and columns for each pane, and following the newest.
//!
//! Invariant: without a filter and a sort the calls come straight from the floor's own order, and nothing is built;
//! with one, the list is made when the floor changes or a second goes by, never for a frame.

use super::columns::{PaneColumns, PaneSort, ShownColumn};
use super::filter::Filter;
use super::row_values::{CallFields, OperationFields, ParticipantFields};
use crate::desk::{Desk, LedgerRow, Pane, ParticipantRow};
use crate::floor::FloorCall;
use crate::graph::CallId;

/// How each pane is looked at.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct PaneViews {
    pub(in crate::desk) columns: PaneColumns,
    looks: [PaneView; 3],
    /// The calls that are let through, sorted; `None` while all are shown in the floor's own order.
    listed: Option<Vec<CallId>>,
    pub(in crate::desk) follows: bool,
}

#[derive(Debug, Clone, Default)]
struct PaneView {
    filter: Option<Filter>,
    sort: Option<PaneSort>,
}

impl PaneViews {
    pub(in crate::desk) fn new(columns: PaneColumns) -> Self {
        Self { columns, ..Self::default() }
    }

    fn look(&self, pane: Pane) -> &PaneView {
        let [calls, participants, operations] = &self.looks;
        match pane {
            Pane::Calls => calls,
            Pane::Participants => participants,
            Pane::Operations => operations,
        }
    }

    fn look_mut(&mut self, pane: Pane) -> &mut PaneView {
        let [calls, participants, operations] = &mut self.looks;
        match pane {
            Pane::Calls => calls,
            Pane::Participants => participants,
            Pane::Operations => operations,
        }
    }

    /// The calls that are let through, where not all are.
    pub(in crate::desk) const fn listed(&self) -> Option<&Vec<CallId>> {
        self.listed.as_ref()
    }

    fn set_filter(&mut self, pane: Pane, filter: Option<Filter>) {
        self.look_mut(pane).filter = filter;
    }

    pub(in crate::desk) fn set_sort(&mut self, pane: Pane, sort: Option<PaneSort>) {
        self.look_mut(pane).sort = sort;
    }
}

impl Desk {
    /// The filter of a pane.
    #[must_use]
    pub fn filter(&self, pane: Pane) -> Option<&Filter> {
        self.view.look(pane).filter.as_ref()
    }

    /// The sort of a pane; its own order when there is none.
    #[must_use]
    pub fn sort(&self, pane: Pane) -> Option<PaneSort> {
        self.view.look(pane).sort
    }

    /// The columns of a pane.
    #[must_use]
    pub fn columns(&self, pane: Pane) -> &[ShownColumn] {
        self.view.columns.of(pane)
    }

    /// Whether the selection follows the newest row.
    #[must_use]
    pub const fn follows(&self) -> bool {
        self.view.follows
    }

    /// How many calls the filter lets through.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.view.listed().map_or_else(|| self.floor().call_count(), Vec::len)
    }

    /// Makes the list of calls anew.
    pub(in crate::desk) fn list_calls(&mut self) {
        let PaneView { filter, sort } = self.view.look(Pane::Calls);
        if filter.is_none() && sort.is_none() {
            self.view.listed = None;
            return;
        }
        // The selected call stays until the selection moves, even when the filter no longer lets it through.
        let lets = |call: &&FloorCall| {
            filter.as_ref().is_none_or(|it| Some(&call.id) == self.call.as_ref() || it.matches(&CallFields(self, call)))
        };
        let calls = self.floor().calls().filter(lets);
        let listed = match sort {
            None => calls.map(|it| it.id.clone()).collect(),
            Some(sort) => {
                let mut ranked: Vec<_> = calls.map(|it| (CallFields(self, it).rank(sort.by.name), it)).collect();
                // The short number breaks ties, so that rows which are alike never change places.
                ranked.sort_by(|(one, call), (other, another)| {
                    one.before(other, sort.reversed).then(call.number.cmp(&another.number))
                });
                ranked.into_iter().map(|(_, it)| it.id.clone()).collect()
            }
        };
        self.view.listed = Some(listed);
    }

    /// The people that the filter lets through, sorted.
    pub(in crate::desk) fn filtered_participants<'a>(
        &self,
        call: &FloorCall,
        mut seats: Vec<ParticipantRow<'a>>,
    ) -> Vec<ParticipantRow<'a>> {
        let PaneView { filter, sort } = self.view.look(Pane::Participants);
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

    /// Filters a pane; what is selected and not let through is let go of.
    pub(in crate::desk) fn filter_by(&mut self, pane: Pane, filter: Option<Filter>) {
        let shut_out = match (&filter, pane, self.call()) {
            (Some(filter), Pane::Calls, Some(call)) => !filter.matches(&CallFields(self, call)),
            _ => false,
        };
        self.view.set_filter(pane, filter);
        if shut_out {
            (self.call, self.selected_participant) = (None, None);
        }
        self.settle_view();
    }

    /// Sorts the pane by its next column, or in its own order again after the last.
    pub(in crate::desk) fn sort_next(&mut self) {
        let pane = self.pane;
        if let Some(sort) = PaneSort::next(self.sort(pane), self.columns(pane)) {
            return self.sort_by(sort);
        }
        self.view.set_sort(pane, None);
        self.settle_view();
        self.say(format!("{} in their own order", pane.name()));
    }

    /// Turns the pane's sort round.
    pub(in crate::desk) fn sort_reverse(&mut self) {
        let pane = self.pane;
        let first = self.columns(pane).first().map(|it| PaneSort { by: it.column, reversed: false });
        let Some(sort) = self.sort(pane).or(first) else { return };
        let sort = PaneSort { reversed: !sort.reversed, ..sort };
        self.sort_by(sort);
    }

    /// Sorts a pane, and says so.
    pub(in crate::desk) fn sort_by(&mut self, sort: PaneSort) {
        self.view.set_sort(sort.by.pane, Some(sort));
        self.settle_view();
        let how = if sort.reversed { ", reversed" } else { "" };
        self.say(format!("{} sorted by {}{how}", sort.by.pane.name(), sort.by.name));
    }

    /// Follows the newest, or stops.
    pub(in crate::desk) fn follow(&mut self) {
        self.view.follows = !self.view.follows;
        self.say(if self.view.follows { "following the newest; any move stops it" } else { "no longer following" });
        self.settle_view();
    }

    /// Selects the newest call, where the newest is followed.
    pub(in crate::desk) fn select_newest(&mut self) {
        if !self.view.follows || self.pane != Pane::Calls || self.frozen.is_some() {
            return;
        }
        let newest = self.calls().filter(|it| it.is_live()).max_by_key(|it| it.number).map(|it| it.id.clone());
        if newest.is_some() && newest != self.call {
            self.call = newest;
            self.selected_participant = None;
        }
    }

    /// Makes the list anew and finds the selection in it.
    pub(in crate::desk) fn settle_view(&mut self) {
        self.list_calls();
        self.select_newest();
        self.settle();
    }
}
