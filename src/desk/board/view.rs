//! What of the floor is shown, and in what order: a filter, a sort and columns for each pane, and following the newest.
//!
//! Invariant: without a filter and a sort the calls come straight from the floor's own order, and nothing is built;
//! with one, the list is made when the floor changes or a second goes by, never for a frame.

use crate::desk::board::columns::{PaneColumns, PaneSort};
use crate::desk::board::filter::Filter;
use crate::desk::settings_update::DeskSetup;
use crate::desk::vocab::Pane;
use crate::graph::CallId;

/// How each pane is looked at.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct PaneViews {
    pub(in crate::desk) columns: PaneColumns,
    /// The last is of the panes that are no tables: nothing sorts or filters them.
    looks: [PaneView; 4],
    /// The calls that are let through, sorted; `None` while all are shown in the floor's own order.
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

    /// Has the calls listed anew after this event.
    pub(in crate::desk) const fn outdate(&mut self) {
        self.outdated = true;
    }

    /// Whether the calls are to be listed anew; they count as listed from now on.
    pub(in crate::desk) const fn take_outdated(&mut self) -> bool {
        std::mem::replace(&mut self.outdated, false)
    }

    /// The calls that are let through, where not all are.
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
