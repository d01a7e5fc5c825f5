//! Keys, clicks and typed text, and the one table that says which key means which command.

pub(super) mod key_press;
pub(super) mod key_table;
pub(super) mod keymap;
pub(super) mod mouse;
pub(super) mod paste_guard;
pub(super) mod text_input;
