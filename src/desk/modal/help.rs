//! The help: the key table, searched by words. What it says is the table's.

use crossterm::event::{KeyCode, KeyEvent};

use super::scrolled;
use crate::desk::input::key_table::{KEYS, KeyBinding, KeyContext};
use crate::desk::input::text_input::TextInput;
use crate::desk::{Desk, Modal};

/// The help, and what is searched in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelpView {
    /// How many lines are above the first shown.
    pub scroll: usize,
    /// What is searched; empty for everything.
    pub line: TextInput,
    /// Whether letters are text now.
    pub typing: bool,
}

impl HelpView {
    /// Whether a text fits what is searched: every word stands in it, whatever its case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.line.text().split_whitespace().all(|it| text.contains(&it.to_lowercase()))
    }
}

impl Desk {
    /// The keys that the search finds, by key, name, sentence, pane and what they need.
    pub fn help_keys<'a>(&'a self, help: &'a HelpView) -> impl Iterator<Item = &'static KeyBinding> + 'a {
        KEYS.iter().filter(move |key| {
            let pane = match key.on {
                KeyContext::Everywhere => "everywhere",
                KeyContext::Pane(pane) => pane.name(),
            };
            help.matches(&format!("{} {} {} {pane}", self.keymap.shown(key), key.name, key.help))
        })
    }

    /// Takes a key that was pressed in the help: `/` begins to search, motions scroll, every other closes it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is the search's, or closes the help")]
    pub(in crate::desk) fn pressed_help(&mut self, mut help: HelpView, key: KeyEvent) {
        match key.code {
            KeyCode::Esc if help.typing => (help.typing, help.line) = (false, TextInput::default()),
            KeyCode::Enter if help.typing => help.typing = false,
            // The arrows and pages scroll, also while letters are text.
            KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown => {
                help.scroll = scrolled(&self.keymap, key, help.scroll).unwrap_or(help.scroll);
            }
            KeyCode::Char('/') if !help.typing => (help.typing, help.scroll) = (true, 0),
            _ if help.typing => {
                help.line.press(key);
                help.scroll = 0;
            }
            _ => match scrolled(&self.keymap, key, help.scroll) {
                Some(scroll) => help.scroll = scroll,
                None => return,
            },
        }
        self.modal = Modal::Help(help);
    }
}
