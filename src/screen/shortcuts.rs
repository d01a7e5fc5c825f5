//! The keys that a modal's title and hints name, as this desk's key map has them.

use crate::desk::{Command, Keymap, ModalCommand, ModalKind, Motion};

/// The keys of a row down and a row up: `j k`.
pub(in crate::screen) fn row_keys(keymap: &Keymap) -> String {
    let [down, up] = [Motion::Down, Motion::Up].map(|it| keymap.shortcut_for(Command::Move(it)));
    format!("{down} {up}")
}

/// The keys that scroll: `j k scroll`.
pub(in crate::screen) fn scroll_hint(keymap: &Keymap) -> String {
    format!("{} scroll", row_keys(keymap))
}

/// The key of a modal's own command.
pub(in crate::screen) fn modal_key(keymap: &Keymap, kind: ModalKind, command: ModalCommand) -> String {
    keymap.shortcut_in(kind, Command::InModal(command))
}

/// The keys of the moment, minute or value before and after: `Left Right`.
pub(in crate::screen) fn step_keys(keymap: &Keymap, kind: ModalKind) -> String {
    let [before, after] = [ModalCommand::Previous, ModalCommand::Next].map(|it| modal_key(keymap, kind, it));
    format!("{before} {after}")
}

/// The key that says yes to a question.
pub(in crate::screen) fn yes_key(keymap: &Keymap) -> String {
    modal_key(keymap, ModalKind::Question, ModalCommand::Yes)
}
