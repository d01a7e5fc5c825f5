//! Changed settings for a running desk: they change only what the operator has not changed by hand.

use jiff::tz::TimeZone;

use super::acts::arming::ActDelays;
use super::acts::fast::ConfirmMode;
use super::board::columns::{PaneColumns, PaneSort};
use super::board::filter::Filter;
use super::board::notices::NoticeMethod;
use super::input::keymap::Keymap;
use super::vocab::Pane;
use crate::floor::AlertLimits;
use crate::time::Millis;

/// The settings that a desk starts with.
#[derive(Debug, Clone, Default)]
pub struct DeskSetup {
    /// The seed of tickets and of privacy mode's pseudonyms.
    pub seed: u64,
    /// Whether acts are off until the operator turns them on.
    pub read_only: bool,
    /// Whether acts on one person ask for a confirmation.
    pub pace: ConfirmMode,
    /// How long answers and acts wait for a quiet keyboard.
    pub delays: ActDelays,
    /// The wall time without a key after which acts go off; `None` for never.
    pub idle_lock: Option<Millis>,
    /// How the terminal announces a critical wait.
    pub notice: NoticeMethod,
    /// The limits after which a wait becomes an alert.
    pub limits: AlertLimits,
    /// The zone that times of day are shown in; UTC if none.
    pub zone: Option<TimeZone>,
    /// Which presses run which command.
    pub keymap: Keymap,
    /// The columns of the panes.
    pub columns: PaneColumns,
    /// The filters of the panes at the start.
    pub filters: Vec<(Pane, Filter)>,
    /// The sort of each pane that is not in its default order at the start.
    pub sorts: Vec<(Pane, PaneSort)>,
    /// Whether a simulator's control API is behind the board.
    pub control: bool,
    /// Whether an audience sees the screen: it shows a caption instead of the notes, and Page Down and Page Up belong to a clicker.
    pub audience: bool,
}

/// The result of reading the settings file.
#[derive(Debug, Clone)]
pub struct SettingsUpdate {
    /// The new settings; `None` if they have not changed.
    pub setup: Option<Box<DeskSetup>>,
    /// The message to show; empty for none.
    pub said: String,
    /// Whether the message is a warning.
    pub warning: bool,
}

/// The panes as the settings gave them.
#[derive(Debug, Clone, Default)]
pub(super) struct SettingsBaseline {
    columns: PaneColumns,
    sorts: Vec<(Pane, PaneSort)>,
    filters: Vec<(Pane, Filter)>,
    pace: ConfirmMode,
}

impl SettingsBaseline {
    pub(super) fn of(setup: &DeskSetup) -> Self {
        Self {
            columns: setup.columns.clone(),
            sorts: setup.sorts.clone(),
            filters: setup.filters.clone(),
            pace: setup.pace,
        }
    }

    pub(super) const fn columns(&self) -> &PaneColumns {
        &self.columns
    }

    pub(super) fn sort(&self, pane: Pane) -> Option<PaneSort> {
        in_pane(&self.sorts, pane).copied()
    }

    pub(super) fn filter(&self, pane: Pane) -> Option<&Filter> {
        in_pane(&self.filters, pane)
    }

    pub(super) const fn confirm_mode(&self) -> ConfirmMode {
        self.pace
    }
}

fn in_pane<T>(list: &[(Pane, T)], pane: Pane) -> Option<&T> {
    list.iter().find(|(it, _)| *it == pane).map(|(_, it)| it)
}
