//! The one key table: dispatch, footer, help, read-only mode and the README's table all read it.

mod table;

use std::fmt::Write as _;

use crate::desk::command::Command;
use crate::desk::input::key_press::KeyPress;
use crate::desk::vocab::Pane;

pub use table::KEYS;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct KeyBinding {
    /// The command's name: in the palette, in the settings that give it other presses, and in the README.
    pub name: &'static str,
    /// Where it works.
    pub on: KeyContext,
    /// The presses that mean it unless the settings say otherwise; the first is the one that the footer shows. None
    /// for a command that only the palette has.
    pub press: &'static [KeyPress],
    /// What it means.
    pub command: Command,
    /// What it can do to people on a call.
    pub risk: Risk,
    /// A word for the footer; empty for keys that everybody knows.
    pub hint: &'static str,
    /// A sentence for the help.
    pub help: &'static str,
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyContext {
    /// In every pane.
    Everywhere,
    /// In this pane.
    Pane(Pane),
}

/// What a key can do to people on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// It changes nothing for them.
    Safe,
    /// It changes what they hear or how they are heard.
    Live,
    /// It cannot be taken back.
    Destructive,
}

impl KeyBinding {
    /// The row of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|it| it.name == name)
    }

    /// Whether it works in a pane.
    #[must_use]
    pub fn works_in(&self, pane: Pane) -> bool {
        match self.on {
            KeyContext::Everywhere => true,
            KeyContext::Pane(on) => on == pane,
        }
    }
}

/// The table as the README prints it.
#[must_use]
pub fn keys_markdown() -> String {
    let mut text = "| key | where | what it does |\n| --- | --- | --- |\n".to_owned();
    for key in KEYS {
        let on = match key.on {
            KeyContext::Everywhere => "everywhere",
            KeyContext::Pane(pane) => pane.name(),
        };
        let mut presses: Vec<String> = key.press.iter().map(|it| format!("`{it}`")).collect();
        if presses.is_empty() {
            presses.push(format!("`:{}`", key.name));
        }
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| {} | {on} | {} |", presses.join(" "), key.help);
    }
    text
}
