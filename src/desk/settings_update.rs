//! New settings for a desk that is in use: they change what the settings had set, and nothing that the operator has
//! changed by hand since.

use crate::desk::setup::DeskSetup;
use crate::desk::vocab::Pane;
use crate::desk::{ConfirmMode, Filter, PaneColumns, PaneSort};

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
    pub(in crate::desk) columns: PaneColumns,
    pub(in crate::desk) sorts: Vec<(Pane, PaneSort)>,
    pub(in crate::desk) filters: Vec<(Pane, Filter)>,
    pub(in crate::desk) pace: ConfirmMode,
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
}
