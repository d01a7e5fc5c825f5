//! What lies over the panes, and what a key means while it does.

pub(super) mod details;
pub(super) mod evidence;
pub(super) mod filter_prompt;
pub(super) mod help;
pub(super) mod last_hour;
pub(super) mod operation_trace;
pub(super) mod palette;
pub(super) mod timeline;

use crossterm::event::{KeyCode, KeyEvent};

use super::acts::confirm::Confirm;
use super::board::waiting::WaitingList;
use super::command::{Command, Motion};
use super::presenter::sim_settings::SimSettingsPanel;
use super::{Desk, Effect, KeyBinding, Keymap};
use details::{DetailsSubject, DetailsView};
use evidence::EvidenceView;
use filter_prompt::FilterPrompt;
use help::HelpView;
use last_hour::LastHour;
use palette::Palette;
use timeline::TimelineView;

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

impl Desk {
    /// Takes a key that was pressed while `over` lay over the panes; it lies there again unless the key ended it. With
    /// nothing there the key is a command.
    pub(super) fn pressed_over(&mut self, over: Modal, key: KeyEvent) -> Vec<Effect> {
        match over {
            Modal::None => return self.command(key),
            Modal::Confirm(mut confirm) => {
                let decision = confirm.press(key, self.wall);
                let early = confirm.early.is_some();
                let mut effects = self.decide(*confirm, decision);
                effects.extend(early.then_some(Effect::Wake));
                return effects;
            }
            Modal::Help(help) => self.pressed_help(help, key),
            Modal::Details(mut details) => {
                let meant = self.keymap.find_any(key);
                let about = meant.filter(|it| is_about_an_operation(it.command));
                if meant.is_some_and(|it| it.command == Command::Help) {
                    self.modal = Modal::Help(HelpView::default());
                } else if let (Some(key), DetailsSubject::Row(row)) = (about, &details.of) {
                    self.go_to_row(row);
                    return self.press_key(key);
                } else if let Some(scroll) = scrolled(&self.keymap, key, details.scroll) {
                    details.scroll = scroll;
                    self.modal = Modal::Details(details);
                }
            }
            Modal::Evidence(mut exhibit) => {
                if let Some(scroll) = scrolled(&self.keymap, key, exhibit.scroll) {
                    exhibit.scroll = scroll;
                    self.modal = Modal::Evidence(exhibit);
                }
            }
            Modal::Filter(prompt) => self.typed_filter(prompt, key),
            Modal::Palette(palette) => return self.pressed_palette(palette, key),
            Modal::Waiting(list) => self.pressed_waiting(list, key),
            Modal::Timeline(telling) => self.pressed_story(telling, key),
            Modal::LastHour(last) => self.pressed_hour(last, key),
            Modal::SimSettings(panel) => return self.press_in_panel(panel, key),
            Modal::Restart if key.code == KeyCode::Char('y') => return self.restart(),
            Modal::Quit if key.code == KeyCode::Char('y') => return vec![Effect::Quit],
            Modal::Restart | Modal::Quit => {}
        }
        Vec::new()
    }
}

impl Modal {
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
const fn is_about_an_operation(command: Command) -> bool {
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
