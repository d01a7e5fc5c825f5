//! The overlays that open over the panes.

pub(super) mod details;
pub(super) mod evidence;
pub(super) mod filter_prompt;
pub(super) mod help;
pub(super) mod journal_text;
pub(super) mod last_hour;
pub(super) mod list_search;
pub(super) mod operation_trace;
pub(super) mod palette;
pub(super) mod scroll;
pub(super) mod timeline;

use crate::desk::KeyBinding;
use crate::desk::acts::arming::Arming;
use crate::desk::acts::confirm::{Confirm, FrozenOrder};
use crate::desk::acts::question::Question;
use crate::desk::event::Effect;
use crate::desk::input::key_table::ModalKind;
use crate::desk::modal::details::DetailsView;
use crate::desk::modal::evidence::EvidenceView;
use crate::desk::modal::filter_prompt::FilterPrompt;
use crate::desk::modal::help::HelpView;
use crate::desk::modal::last_hour::LastHour;
use crate::desk::modal::palette::Palette;
use crate::desk::modal::scroll::ScrollOffset;
use crate::desk::modal::timeline::TimelineView;
use crate::desk::presenter::sim_settings::SimSettingsPanel;

/// The overlay that is open over the panes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Modal {
    /// No overlay is open.
    #[default]
    None,
    /// The help, and the search in it.
    Help(HelpView),
    /// An act that waits for yes or for a typed word.
    Confirm(Box<Confirm>),
    /// The details of one call, person or operation.
    Details(DetailsView),
    /// The line in which a filter is typed; the board stays in view.
    Filter(FilterPrompt),
    /// The command palette.
    Palette(Palette),
    /// The journal's record of the selected row.
    Evidence(Box<EvidenceView>),
    /// The timeline of a call.
    Timeline(TimelineView),
    /// The charts of the last hour.
    LastHour(LastHour),
    /// The simulator's settings.
    SimSettings(SimSettingsPanel),
    /// A question that is not about an act: whether to quit, to restart, or to end privacy mode.
    Question(Question),
}

impl Modal {
    /// Returns the frozen order of the rows while an act is being confirmed, so that no row moves.
    pub(in crate::desk) const fn frozen_order(&self) -> Option<&FrozenOrder> {
        match self {
            Self::Confirm(confirm) => Some(confirm.order()),
            Self::None
            | Self::Help(_)
            | Self::Details(_)
            | Self::Filter(_)
            | Self::Palette(_)
            | Self::Evidence(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_)
            | Self::Question(_) => None,
        }
    }

    /// Returns whether an open question accepts its answer yet; `None` if nothing is asked.
    #[must_use]
    pub const fn arming(&self) -> Option<&Arming> {
        match self {
            Self::Confirm(confirm) => Some(confirm.arming()),
            Self::Question(question) => Some(question.arming()),
            Self::None
            | Self::Help(_)
            | Self::Details(_)
            | Self::Filter(_)
            | Self::Palette(_)
            | Self::Evidence(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_) => None,
        }
    }

    pub(in crate::desk) fn arming_mut(&mut self) -> Option<&mut Arming> {
        match self {
            Self::Confirm(confirm) => Some(confirm.arming_mut()),
            Self::Question(question) => Some(question.arming_mut()),
            Self::None
            | Self::Help(_)
            | Self::Details(_)
            | Self::Filter(_)
            | Self::Palette(_)
            | Self::Evidence(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_) => None,
        }
    }

    /// Returns whether it goes ahead unless a key comes: nothing is asked, and no sheet is open.
    #[must_use]
    pub const fn goes_ahead(&self) -> bool {
        matches!(self.arming(), Some(arming) if arming.goes_ahead())
    }

    /// Returns whether it is a question, with its sheet.
    #[must_use]
    pub const fn asks(&self) -> bool {
        matches!(self.arming(), Some(arming) if !arming.goes_ahead())
    }

    /// Returns the kind, which says which keys work; `None` while no overlay is open.
    #[must_use]
    pub const fn kind(&self) -> Option<ModalKind> {
        if self.goes_ahead() {
            return None;
        }
        Some(match self {
            Self::None => return None,
            Self::Filter(_) => ModalKind::Filter,
            Self::Palette(_) => ModalKind::Palette,
            Self::Confirm(confirm) if confirm.typed().is_some() => ModalKind::TypedQuestion,
            Self::Confirm(_) | Self::Question(_) => ModalKind::Question,
            Self::Help(help) if help.search().is_typing() => ModalKind::ListSearch,
            Self::Help(_) => ModalKind::Help,
            Self::Details(details) if details.is_of_row() => ModalKind::OperationDetails,
            Self::Details(_) => ModalKind::Details,
            Self::Evidence(_) => ModalKind::Evidence,
            Self::Timeline(_) => ModalKind::Timeline,
            Self::LastHour(_) => ModalKind::LastHour,
            Self::SimSettings(panel) if panel.search().is_typing() => ModalKind::ListSearch,
            Self::SimSettings(_) => ModalKind::SimSettings,
        })
    }

    /// Returns whether letters are text here rather than commands.
    #[must_use]
    pub const fn is_typed_in(&self) -> bool {
        matches!(self.kind(), Some(kind) if kind.is_typed())
    }

    /// Returns how far the open overlay is scrolled; `None` for one that does not scroll.
    pub(in crate::desk) fn offset(&self) -> Option<&ScrollOffset> {
        match self {
            Self::Help(help) => Some(help.offset()),
            Self::Details(details) => Some(details.offset()),
            Self::Evidence(evidence) => Some(evidence.offset()),
            Self::Confirm(confirm) => Some(confirm.offset()),
            Self::None
            | Self::Filter(_)
            | Self::Palette(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_)
            | Self::Question(_) => None,
        }
    }

    pub(in crate::desk) fn offset_mut(&mut self) -> Option<&mut ScrollOffset> {
        match self {
            Self::Help(help) => Some(help.offset_mut()),
            Self::Details(details) => Some(details.offset_mut()),
            Self::Evidence(evidence) => Some(evidence.offset_mut()),
            Self::Confirm(confirm) => Some(confirm.offset_mut()),
            Self::None
            | Self::Filter(_)
            | Self::Palette(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_)
            | Self::Question(_) => None,
        }
    }

    /// Returns the details that are open, also while the help covers them.
    pub(in crate::desk) fn details_mut(&mut self) -> Option<&mut DetailsView> {
        match self {
            Self::Details(details) => Some(details),
            Self::Help(help) => help.covered_mut(),
            Self::None
            | Self::Confirm(_)
            | Self::Filter(_)
            | Self::Palette(_)
            | Self::Evidence(_)
            | Self::Timeline(_)
            | Self::LastHour(_)
            | Self::SimSettings(_)
            | Self::Question(_) => None,
        }
    }
}

/// What happens to an overlay after a key.
#[derive(Debug)]
pub(super) enum ModalOutcome {
    /// It stays open, and these effects follow.
    Stay(Vec<Effect>),
    /// It closes, and these effects follow.
    Close(Vec<Effect>),
    /// Another one opens in its place.
    Replace(Box<Modal>),
    /// It closes, and the command runs as if its key were pressed in a pane.
    Run(&'static KeyBinding),
}

impl ModalOutcome {
    pub(super) const STAY: Self = Self::Stay(Vec::new());
    pub(super) const CLOSE: Self = Self::Close(Vec::new());
}
