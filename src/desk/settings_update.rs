//! New settings for a desk that is in use: they change what the settings had set, and nothing that the operator has
//! changed by hand since.

use super::acts::fast::ConfirmMode;
use super::board::columns::{PaneColumns, PaneSort};
use super::board::filter::Filter;
use super::board::notices::NoticeMethod;
use super::input::keymap::Keymap;
use super::vocab::Pane;
use crate::floor::AlertLimits;
use crate::time::Millis;

/// What a desk starts with.
#[derive(Debug, Clone, Default)]
pub struct DeskSetup {
    /// What the tickets' random part, and the other names of privacy mode, are made from.
    pub seed: u64,
    /// Whether acts are off until `W`.
    pub read_only: bool,
    /// Whether single acts are confirmed.
    pub pace: ConfirmMode,
    /// After how long without a key, in wall time, acts go off until `W`; never if none.
    pub idle_lock: Option<Millis>,
    /// How somebody who does not look is told of a critical wait.
    pub notice: NoticeMethod,
    /// When waiting becomes an alert.
    pub limits: AlertLimits,
    /// Which presses mean which command.
    pub keymap: Keymap,
    /// The columns of the panes.
    pub columns: PaneColumns,
    /// What is shown of the panes, to begin with.
    pub filters: Vec<(Pane, Filter)>,
    /// The order of the panes that are not in their own, to begin with.
    pub sorts: Vec<(Pane, PaneSort)>,
    /// Whether there is a simulator's control behind the board.
    pub control: bool,
    /// Whether an audience sees the screen: Page Down and Page Up are a clicker's, and no notes are shown.
    pub audience: bool,
}

/// What came of looking at the settings.
#[derive(Debug, Clone)]
pub struct SettingsUpdate {
    /// What they say now; none when they stay as they are.
    pub setup: Option<Box<DeskSetup>>,
    /// What the operator is told; nothing when it is empty.
    pub said: String,
    /// Whether something is wrong.
    pub warning: bool,
}

/// How the settings had the panes.
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

    pub(super) const fn pace(&self) -> ConfirmMode {
        self.pace
    }
}

fn in_pane<T>(list: &[(Pane, T)], pane: Pane) -> Option<&T> {
    list.iter().find(|(it, _)| *it == pane).map(|(_, it)| it)
}
