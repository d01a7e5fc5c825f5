//! The panes: the rows they show, their order, the selection, and the alerts.

pub(super) mod alerts;
pub(super) mod call_list;
pub(super) mod columns;
pub(super) mod display;
pub(super) mod filter;
pub(super) mod notices;
pub(super) mod pane_sizes;
pub(super) mod row_hold;
pub(super) mod row_values;
pub(super) mod selection;
pub(super) mod sort_key;
pub(super) mod view;
pub(super) mod waiting;

use crate::desk::board::alerts::KnownAlerts;
use crate::desk::board::display::BoardDisplay;
use crate::desk::board::notices::CriticalNotifier;
use crate::desk::board::pane_sizes::PaneSizes;
use crate::desk::board::row_hold::RowHold;
use crate::desk::board::selection::Selection;
use crate::desk::board::view::PaneViews;
use crate::desk::settings_update::DeskSetup;
use crate::floor::AlertLimits;

/// What one operator sees, and in which order.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) selection: Selection,
    pub(super) view: PaneViews,
    pub(super) sizes: PaneSizes,
    pub(super) acknowledged: KnownAlerts,
    /// The alerts that the key for the next one has gone to, from the top of the list on.
    pub(super) visited: KnownAlerts,
    pub(super) notifier: CriticalNotifier,
    pub(super) display: BoardDisplay,
    pub(super) hold: RowHold,
    limits: AlertLimits,
}

impl Board {
    pub(super) fn new(setup: &DeskSetup) -> Self {
        Self {
            selection: Selection::default(),
            view: PaneViews::new(setup),
            sizes: PaneSizes::default(),
            acknowledged: KnownAlerts::default(),
            visited: KnownAlerts::default(),
            notifier: CriticalNotifier::new(setup.notice),
            hold: RowHold::default(),
            display: BoardDisplay::new(setup.zone.clone()),
            limits: setup.limits,
        }
    }

    /// Returns the limits after which a wait becomes an alert.
    pub(super) const fn limits(&self) -> &AlertLimits {
        &self.limits
    }

    pub(super) const fn set_limits(&mut self, limits: AlertLimits) {
        self.limits = limits;
    }
}
