//! The panes: which rows they show, in which order, what is selected, and what needs attention.

pub(super) mod alerts;
pub(super) mod columns;
pub(super) mod filter;
pub(super) mod notices;
pub(super) mod pane_sizes;
pub(super) mod row_values;
pub(super) mod selection;
pub(super) mod view;
pub(super) mod waiting;

use jiff::tz::TimeZone;

use crate::desk::board::alerts::AcknowledgedWaits;
use crate::desk::board::notices::CriticalNotifier;
use crate::desk::board::pane_sizes::PaneSizes;
use crate::desk::board::selection::Selection;
use crate::desk::board::view::PaneViews;
use crate::desk::board::waiting::Crowding;
use crate::desk::settings_update::DeskSetup;
use crate::floor::AlertLimits;
use crate::time::Timestamp;

/// What one operator looks at, and how.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) selection: Selection,
    pub(super) view: PaneViews,
    pub(super) sizes: PaneSizes,
    /// Whether the terminal has room for all panes and the presenter's notes.
    pub(super) fits_all_panes: bool,
    pub(super) acknowledged: AcknowledgedWaits,
    pub(super) notifier: CriticalNotifier,
    /// The zone that times of day are shown in.
    pub(super) zone: TimeZone,
    /// How many lines of the event log are scrolled past.
    pub(super) events_scroll: usize,
    /// When the last key was pressed, in wall time.
    pub(super) last_key: Option<Timestamp>,
    /// Whether Waiting has the whole board.
    pub(super) waiting_alone: bool,
    /// Whether Waiting has its larger height.
    pub(super) crowded: Crowding,
    /// When waiting becomes an alert.
    pub(super) limits: AlertLimits,
}

impl Board {
    pub(super) fn new(setup: &DeskSetup) -> Self {
        Self {
            selection: Selection::default(),
            view: PaneViews::new(setup),
            sizes: PaneSizes::default(),
            fits_all_panes: false,
            acknowledged: AcknowledgedWaits::default(),
            notifier: CriticalNotifier::new(setup.notice),
            zone: setup.zone.clone().unwrap_or(TimeZone::UTC),
            events_scroll: 0,
            last_key: None,
            waiting_alone: false,
            crowded: Crowding::default(),
            limits: setup.limits,
        }
    }
}
