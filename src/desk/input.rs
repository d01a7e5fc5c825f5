//! Keys, clicks and typed text, and the table that maps keys to commands.

pub(super) mod interrupt;
pub(super) mod key_binding;
pub(super) mod key_press;
pub(super) mod key_table;
pub(super) mod keymap;
pub(super) mod paste_guard;
pub(super) mod suggest;
pub(super) mod text_input;
pub(super) mod typing;

use crate::desk::input::interrupt::InterruptKey;
use crate::desk::input::keymap::Keymap;
use crate::desk::input::paste_guard::PasteGuard;
use crate::desk::input::typing::TypingWatch;

/// The key map, and the state that earlier presses left.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) keymap: Keymap,
    pub(super) paste_guard: PasteGuard,
    pub(super) typing: TypingWatch,
    pub(super) interrupt: InterruptKey,
}

impl Input {
    pub(super) fn new(keymap: Keymap) -> Self {
        Self {
            keymap,
            paste_guard: PasteGuard::default(),
            typing: TypingWatch::default(),
            interrupt: InterruptKey::default(),
        }
    }
}
