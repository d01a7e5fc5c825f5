//! The filter, the sort and the columns of each pane, and whether the selection follows the newest call.
//!
//! Invariant: without a filter and a sort, the calls come straight from the floor's order and no list is built;
//! otherwise the list is rebuilt when the floor changes or a second passes, never for a frame.

use crate::desk::board::columns::{PaneColumns, PaneSort};
use crate::desk::board::filter::Filter;
use crate::desk::settings_update::DeskSetup;
use crate::desk::vocab::Pane;
use crate::graph::CallId;

/// The filter, sort and columns of each pane.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct PaneViews {
    pub(in crate::desk) columns: PaneColumns,
    looks: [PaneView; 3],
    /// The filtered and sorted calls; `None` while all are shown in the floor's order.
    pub(in crate::desk) listed: Option<Vec<CallId>>,
    pub(in crate::desk) follows: bool,
    outdated: bool,
}

#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct PaneView {
    pub(in crate::desk) filter: Option<Filter>,
    pub(in crate::desk) sort: Option<PaneSort>,
}

impl PaneViews {
    pub(in crate::desk) fn new(setup: &DeskSetup) -> Self {
        let mut views = Self { columns: setup.columns.clone(), ..Self::default() };
        for (pane, sort) in &setup.sorts {
            views.set_sort(*pane, Some(*sort));
        }
        for (pane, filter) in &setup.filters {
            views.set_filter(*pane, Some(filter.clone()));
        }
        views
    }

    pub(in crate::desk) fn look(&self, pane: Pane) -> &PaneView {
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

    /// Marks the list of calls as outdated, to be rebuilt after this event.
    pub(in crate::desk) const fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Returns whether the list of calls is outdated, and resets the flag.
    pub(in crate::desk) const fn take_outdated(&mut self) -> bool {
        std::mem::replace(&mut self.outdated, false)
    }

    /// Returns the filtered and sorted calls, if there is a filter or a sort.
    pub(in crate::desk) const fn listed(&self) -> Option<&Vec<CallId>> {
        self.listed.as_ref()
    }

    pub(in crate::desk) fn set_filter(&mut self, pane: Pane, filter: Option<Filter>) {
        self.look_mut(pane).filter = filter;
    }

    pub(in crate::desk) fn set_sort(&mut self, pane: Pane, sort: Option<PaneSort>) {
        self.look_mut(pane).sort = sort;
    }
}
