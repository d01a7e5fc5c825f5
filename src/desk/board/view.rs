//! The filter, the sort and the columns of each pane, and whether the selection follows the newest call.
//!
//! Invariant: the order of the calls depends on the clock, so the list is brought up to date when the floor changes or a
//! second passes, never for a frame; `call_list` keeps it from change to change.

use crate::desk::board::call_list::CallList;
use crate::desk::board::columns::{PaneColumns, PaneSort};
use crate::desk::board::filter::Filter;
use crate::desk::settings_update::DeskSetup;
use crate::desk::vocab::Pane;
use crate::graph::CallId;

/// The filter, sort and columns of each pane.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct PaneViews {
    columns: PaneColumns,
    /// The last entry is for the panes that are not tables, which are never sorted or filtered.
    looks: [PaneView; 4],
    /// The calls that match the filter, in the order of the sort or else of their urgency.
    calls: CallList,
    /// The selected call when the list was last brought up to date: it is listed even if it does not match the filter.
    pinned: Option<CallId>,
    follows: bool,
    update: ListUpdate,
}

/// What the list of calls needs after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::desk) enum ListUpdate {
    /// Nothing: it is up to date.
    #[default]
    Nothing,
    /// Some calls may have changed, or time has passed.
    Changes,
    /// All calls are listed anew: the order, the filter or the floor is another one.
    Everything,
}

#[derive(Debug, Clone, Default)]
struct PaneView {
    filter: Option<Filter>,
    sort: Option<PaneSort>,
}

impl PaneViews {
    pub(in crate::desk) fn new(setup: &DeskSetup) -> Self {
        let mut views = Self { columns: setup.columns.clone(), ..Self::default() };
        for (pane, sort) in &setup.sorts {
            views.look_mut(*pane).sort = Some(*sort);
        }
        for (pane, filter) in &setup.filters {
            views.look_mut(*pane).filter = Some(filter.clone());
        }
        views
    }

    fn look(&self, pane: Pane) -> &PaneView {
        let [calls, participants, operations, others] = &self.looks;
        match pane {
            Pane::Calls => calls,
            Pane::Participants => participants,
            Pane::Operations => operations,
            Pane::Waiting | Pane::Events => others,
        }
    }

    fn look_mut(&mut self, pane: Pane) -> &mut PaneView {
        let [calls, participants, operations, others] = &mut self.looks;
        match pane {
            Pane::Calls => calls,
            Pane::Participants => participants,
            Pane::Operations => operations,
            Pane::Waiting | Pane::Events => others,
        }
    }

    /// Has the list of calls brought up to date after this event.
    pub(in crate::desk) fn outdate(&mut self) {
        self.update = self.update.max(ListUpdate::Changes);
    }

    /// Has all calls listed anew after this event.
    pub(in crate::desk) const fn renew(&mut self) {
        self.update = ListUpdate::Everything;
    }

    /// Returns what the list of calls needs, and resets it.
    pub(in crate::desk) const fn take_update(&mut self) -> ListUpdate {
        std::mem::replace(&mut self.update, ListUpdate::Nothing)
    }

    /// Returns the filtered and sorted calls.
    pub(in crate::desk) const fn calls(&self) -> &CallList {
        &self.calls
    }

    pub(in crate::desk) const fn calls_mut(&mut self) -> &mut CallList {
        &mut self.calls
    }

    /// Pins the selected call to the list, and returns the call that was pinned before it.
    pub(in crate::desk) const fn pin(&mut self, call: Option<CallId>) -> Option<CallId> {
        std::mem::replace(&mut self.pinned, call)
    }

    pub(in crate::desk) fn filter(&self, pane: Pane) -> Option<&Filter> {
        self.look(pane).filter.as_ref()
    }

    /// Filters a pane; `None` shows every row.
    pub(in crate::desk) fn set_filter(&mut self, pane: Pane, filter: Option<Filter>) {
        self.look_mut(pane).filter = filter;
        self.renew();
    }

    pub(in crate::desk) fn sort(&self, pane: Pane) -> Option<PaneSort> {
        self.look(pane).sort
    }

    /// Sorts a pane; `None` keeps its default order.
    pub(in crate::desk) fn set_sort(&mut self, pane: Pane, sort: Option<PaneSort>) {
        self.look_mut(pane).sort = sort;
        self.renew();
    }

    pub(in crate::desk) const fn columns(&self) -> &PaneColumns {
        &self.columns
    }

    /// Copies the columns of a pane from another choice of columns.
    pub(in crate::desk) fn copy_columns(&mut self, pane: Pane, from: &PaneColumns) {
        self.columns.copy_from(pane, from);
    }

    /// Shows the columns of a list of names in a pane.
    ///
    /// The error is a sentence that names the unknown column.
    pub(in crate::desk) fn choose_columns(&mut self, pane: Pane, list: &str) -> Result<(), String> {
        self.columns.set_from_list(pane, list)
    }

    /// Returns whether the selection follows the newest row.
    pub(in crate::desk) const fn follows(&self) -> bool {
        self.follows
    }

    /// Starts or stops following the newest row, and returns whether it follows.
    pub(in crate::desk) fn toggle_following(&mut self) -> bool {
        self.follows = !self.follows;
        self.outdate();
        self.follows
    }

    /// Stops following the newest row.
    pub(in crate::desk) const fn stop_following(&mut self) {
        self.follows = false;
    }
}
