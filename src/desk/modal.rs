//! What lies over the panes, and what a key means while it does.

pub(super) mod details;
pub(super) mod evidence;
pub(super) mod filter_prompt;
pub(super) mod help;
pub(super) mod last_hour;
pub(super) mod operation_trace;
pub(super) mod palette;
pub(super) mod timeline;

use crossterm::event::KeyEvent;

use crate::desk::acts::confirm::{Confirm, FrozenOrder};
use crate::desk::board::waiting::WaitingList;
use crate::desk::command::Command;
use crate::desk::modal::details::DetailsView;
use crate::desk::modal::evidence::EvidenceView;
use crate::desk::modal::filter_prompt::FilterPrompt;
use crate::desk::modal::help::HelpView;
use crate::desk::modal::last_hour::LastHour;
use crate::desk::modal::palette::Palette;
use crate::desk::modal::timeline::TimelineView;
use crate::desk::presenter::sim_settings::SimSettingsPanel;
use crate::desk::vocab::Motion;
use crate::desk::{KeyBinding, Keymap};

/// What lies over the panes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Modal {
    /// Nothing.
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
            Self::Confirm(confirm) => Some(&confirm.order),
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

    /// Whether letters are text here, and not commands.
    #[must_use]
    pub const fn is_typed_in(&self) -> bool {
        match self {
            Self::Filter(_) | Self::Palette(_) => true,
            Self::Confirm(confirm) => confirm.typed.is_some(),
            Self::Help(help) => help.typing,
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

/// Whether a key that closes an operation's details also does what it means: it is about the operation that they show.
pub(in crate::desk) const fn is_about_an_operation(command: Command) -> bool {
    matches!(command, Command::Retry | Command::Undo | Command::Evidence | Command::Copy | Command::CopyRequest)
}

/// Where an overlay is scrolled to after a key; `None` when the key closes it.
pub(super) fn scrolled(keymap: &Keymap, key: KeyEvent, scroll: usize) -> Option<usize> {
    let Some(KeyBinding { command: Command::Move(motion), .. }) = keymap.find_any(key) else { return None };
    Some(match motion {
        Motion::Down => scroll.saturating_add(1),
        Motion::Up => scroll.saturating_sub(1),
        Motion::First => 0,
        Motion::Last => usize::from(u16::MAX),
        Motion::PageDown | Motion::HalfDown => scroll.saturating_add(10),
        Motion::PageUp | Motion::HalfUp => scroll.saturating_sub(10),
    })
}
