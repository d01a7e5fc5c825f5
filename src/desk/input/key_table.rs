//! The one key table, which dispatch, footer, help, palette, settings and the guide read.

mod bindings;
mod rows;

use std::fmt::Write as _;

pub use crate::desk::input::key_binding::{KeyBinding, KeyContext, KeyGroup, ModalKind, Risk};
pub use bindings::KEYS;

impl KeyBinding {
    /// Returns the row of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|it| it.name == name)
    }

    /// Returns the keys of an overlay, each with its word for the footer: its own keys first, then those of the panes
    /// that work there too. The word is empty where the footer does not show the key.
    pub fn of_modal(kind: ModalKind) -> impl Iterator<Item = (&'static Self, &'static str)> {
        let own = KEYS.iter().filter(move |it| it.on == KeyContext::Modal(kind)).map(|it| (it, it.hint));
        let taken = kind.taken().filter_map(|(command, hint)| {
            KEYS.iter().find(|it| it.command == command && !it.is_of_modal()).map(|it| (it, hint))
        });
        own.chain(taken)
    }
}

/// Returns the table as the guide prints it.
#[must_use]
pub fn keys_markdown() -> String {
    let mut text = "| group | key | where | what it does |\n| --- | --- | --- | --- |\n".to_owned();
    let groups = KeyGroup::ALL.into_iter();
    for key in groups.flat_map(|group| KEYS.iter().filter(move |it| it.group == group)) {
        let on = key.on.name();
        let mut presses: Vec<String> = key.press.iter().map(|it| format!("`{it}`")).collect();
        if presses.is_empty() {
            presses.push(format!("`:{}`", key.name));
        }
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| {} | {} | {on} | {} |", key.group.name(), presses.join(" "), key.help);
    }
    text
}
