//! New settings for a desk that is in use: they change what the settings had set, and nothing that the operator has
//! changed by hand since.

use super::{ConfirmMode, Desk, DeskSetup, Filter, Pane, PaneColumns, PaneSort};

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
}

fn in_pane<T>(list: &[(Pane, T)], pane: Pane) -> Option<&T> {
    list.iter().find(|(it, _)| *it == pane).map(|(_, it)| it)
}

impl Desk {
    /// Takes keys and limits, and of columns, sorts and filters those that nobody has changed here.
    pub(super) fn apply_settings(&mut self, news: SettingsUpdate) {
        if let Some(setup) = news.setup {
            let new = SettingsBaseline::of(&setup);
            let old = std::mem::replace(&mut self.baseline, new.clone());
            self.limits = setup.limits;
            self.keymap = setup.keymap;
            self.notifier.notice = setup.notice;
            self.set_idle(setup.idle_lock);
            if self.fast.pace == old.pace {
                self.fast.pace = new.pace;
            }
            for pane in Pane::ALL {
                if self.columns(pane) == old.columns.of(pane) {
                    self.view.columns.adopt(pane, &new.columns);
                }
                if self.sort(pane) == in_pane(&old.sorts, pane).copied() {
                    self.view.set_sort(pane, in_pane(&new.sorts, pane).copied());
                }
                if self.filter(pane) == in_pane(&old.filters, pane) {
                    self.filter_by(pane, in_pane(&new.filters, pane).cloned());
                }
            }
            self.settle_view();
        }
        match (news.said, news.warning) {
            (said, _) if said.is_empty() => {}
            (said, true) => self.warn(said),
            (said, false) => self.say(said),
        }
    }
}
