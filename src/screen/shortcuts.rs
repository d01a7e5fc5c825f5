//! The keys that questions and hints name, as this desk's key map has them.

use crate::desk::{Command, Keymap, ModalCommand, ModalKind};

/// The key of an overlay's own command.
pub(in crate::screen) fn modal_key(keymap: &Keymap, kind: ModalKind, command: ModalCommand) -> String {
    keymap.shortcut_in(kind, Command::InModal(command))
}

/// The key that says yes to a question.
pub(in crate::screen) fn yes_key(keymap: &Keymap) -> String {
    modal_key(keymap, ModalKind::Question, ModalCommand::Yes)
}

/// The key that sends an act whose word was typed.
pub(in crate::screen) fn send_key(keymap: &Keymap) -> String {
    modal_key(keymap, ModalKind::TypedQuestion, ModalCommand::Accept)
}

/// The key that cancels a typed confirmation.
pub(in crate::screen) fn cancel_key(keymap: &Keymap) -> String {
    keymap.shortcut_in(ModalKind::TypedQuestion, Command::Back)
}
