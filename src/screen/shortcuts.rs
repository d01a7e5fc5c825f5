//! The keys that questions and hints name, as this desk's key map has them.

use crate::desk::{Command, Keymap, ModalCommand, ModalKind};

/// The key of an overlay's own command.
pub(in crate::screen) fn modal_key(keymap: &Keymap, kind: ModalKind, command: ModalCommand) -> String {
    keymap.shortcut_in(kind, Command::InModal(command))
}

/// The keys that answer a question, and what yes does.
pub(in crate::screen) fn answer_keys(keymap: &Keymap, yes_does: &str) -> String {
    let no = modal_key(keymap, ModalKind::Question, ModalCommand::No);
    let no = if no.is_empty() { no } else { format!(" or {no}") };
    let leave = keymap.shortcut_in(ModalKind::Question, Command::Back);
    format!("{} {yes_does}, {leave}{no} cancels", yes_key(keymap))
}

/// The key that answers a question with yes.
pub(in crate::screen) fn yes_key(keymap: &Keymap) -> String {
    modal_key(keymap, ModalKind::Question, ModalCommand::Yes)
}

/// What to type to confirm an act, the key that sends it, and the text typed so far.
pub(in crate::screen) fn typed_prompt(keymap: &Keymap, words: &str, typed: &str) -> String {
    let send = modal_key(keymap, ModalKind::TypedQuestion, ModalCommand::Accept);
    format!("Type {words}, then {send}: {typed}_")
}

/// The key that cancels a typed confirmation.
pub(in crate::screen) fn cancel_hint(keymap: &Keymap) -> String {
    format!("{} cancels", keymap.shortcut_in(ModalKind::TypedQuestion, Command::Back))
}
