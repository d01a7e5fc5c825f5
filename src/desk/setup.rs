//! What a desk starts with, as the settings and the command line say it.

use crate::desk::acts::fast::ConfirmMode;
use crate::desk::board::columns::{PaneColumns, PaneSort};
use crate::desk::board::filter::Filter;
use crate::desk::board::notices::NoticeMethod;
use crate::desk::input::keymap::Keymap;
use crate::desk::vocab::Pane;
use crate::floor::AlertLimits;
use crate::time::Millis;

/// What a desk starts with.
#[derive(Debug, Clone, Default)]
pub struct DeskSetup {
    /// What the tickets' random part, and the other names of stage mode, are made from.
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
