//! Keys, clicks and pastes: what each means, and which never act.

mod clicks;
mod keys;
mod paste_guard;
mod remapped;
mod terminal_keys;
mod typed_letters;
