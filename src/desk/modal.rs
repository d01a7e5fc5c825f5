//! What lies over the panes, and what a key means while it does.

pub(super) mod details;
pub(super) mod evidence;
pub(super) mod filter_prompt;
pub(super) mod help;
pub(super) mod last_hour;
pub(super) mod operation_trace;
pub(super) mod palette;
pub(super) mod scroll;
pub(super) mod timeline;

use crate::desk::KeyBinding;
use crate::desk::acts::confirm::{Confirm, FrozenOrder};
use crate::desk::board::waiting::WaitingList;
use crate::desk::event::Effect;
use crate::desk::input::key_table::ModalKind;
use crate::desk::modal::details::DetailsView;
use crate::desk::modal::evidence::EvidenceView;
use crate::desk::modal::filter_prompt::FilterPrompt;
use crate::desk::modal::help::HelpView;
use crate::desk::modal::last_hour::LastHour;
use crate::desk::modal::palette::Palette;
use crate::desk::modal::timeline::TimelineView;
use crate::desk::presenter::sim_settings::SimSettingsPanel;

/// What lies over the panes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Modal {
    /// Nothing lies over them.
    #[default]
    None,
    /// The key table, and what is searched in it.
    Help(HelpView),
    /// An act that waits for `y` or for a typed word.
    Confirm(Box<Confirm>),
    /// Everything about one call, person or operation.
    Details(DetailsView),
    /// The line that a filter is typed in; the board stays in view.
    Filter(FilterPrompt),
    /// The command palette.
    Palette(Palette),
    /// What the journal holds about what is shown.
    Evidence(Box<EvidenceView>),
    /// Everyone who waits.
    Waiting(WaitingList),
    /// The story of a call.
    Timeline(TimelineView),
    /// The floor's last hour.
    LastHour(LastHour),
    /// The simulator's settings.
    SimSettings(SimSettingsPanel),
    /// Begin the scenario again?
    Restart,
    /// Quit although an operation has no proof yet?
    Quit,
}

impl Modal {
    /// The order of the rows while an act is being confirmed: none of them moves then.
    pub(in crate::desk) const fn frozen_order(&self) -> Option<&FrozenOrder> {
        match self {
            Self::Confirm(confirm) => Some(confirm.order()),
            Self::None
            | Self::Help(_)
            | Self::Details(_)
            | Self::Filter(_)
            | Self::Palette(_)
            | Self::Evidence(_)
            | Self::Waiting(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_)
            | Self::Restart
            | Self::Quit => None,
        }
    }

    /// Which keys it has; none where every key is text.
    #[must_use]
    pub const fn kind(&self) -> Option<ModalKind> {
        Some(match self {
            Self::None | Self::Filter(_) | Self::Palette(_) => return None,
            Self::Confirm(confirm) if confirm.typed().is_some() => ModalKind::TypedQuestion,
            Self::Confirm(_) | Self::Restart | Self::Quit => ModalKind::Question,
            Self::Help(_) => ModalKind::Help,
            Self::Details(details) if details.is_of_row() => ModalKind::OperationDetails,
            Self::Details(_) => ModalKind::Details,
            Self::Evidence(_) => ModalKind::Evidence,
            Self::Waiting(_) => ModalKind::Waiting,
            Self::Timeline(_) => ModalKind::Timeline,
            Self::LastHour(_) => ModalKind::LastHour,
            Self::SimSettings(_) => ModalKind::SimSettings,
        })
    }

    /// Whether letters are text here, and not commands.
    #[must_use]
    pub const fn is_typed_in(&self) -> bool {
        match self {
            Self::Filter(_) | Self::Palette(_) => true,
            Self::Confirm(confirm) => confirm.typed().is_some(),
            Self::Help(help) => help.is_typing(),
            Self::None
            | Self::Details(_)
            | Self::Evidence(_)
            | Self::Waiting(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_)
            | Self::Restart
            | Self::Quit => false,
        }
    }
}

/// What a key made of a modal.
#[derive(Debug)]
pub(super) enum ModalOutcome {
    /// It stays open, and these effects follow.
    Stay(Vec<Effect>),
    /// It closes, and these effects follow.
    Close(Vec<Effect>),
    /// Another one opens in its place.
    Replace(Box<Modal>),
    /// It closes, and the key does what it means in the panes.
    Run(&'static KeyBinding),
}

impl ModalOutcome {
    pub(super) const STAY: Self = Self::Stay(Vec::new());
    pub(super) const CLOSE: Self = Self::Close(Vec::new());
}
