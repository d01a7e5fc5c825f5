//! A search in the list of an overlay.

use crossterm::event::KeyEvent;

use crate::desk::input::text_input::TextInput;
use crate::desk::search_text::search_text;

/// The searched words, and whether they are being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListSearch {
    line: TextInput,
    typing: bool,
}

impl ListSearch {
    /// Returns the searched words; empty to list everything.
    #[must_use]
    pub fn words(&self) -> &str {
        self.line.text()
    }

    /// Returns whether the words are being typed.
    #[must_use]
    pub const fn is_typing(&self) -> bool {
        self.typing
    }

    /// Returns whether a text contains every searched word; case and accents do not count.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = search_text(text);
        self.line.text().split_whitespace().all(|it| text.contains(&*search_text(it)))
    }

    /// Starts typing the words.
    pub(in crate::desk) const fn begin(&mut self) {
        self.typing = true;
    }

    /// Handles a key of the words.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) {
        self.line.press(key);
    }

    /// Stops typing, and keeps the words.
    pub(in crate::desk) const fn keep(&mut self) {
        self.typing = false;
    }

    /// Stops typing, and clears the words.
    pub(in crate::desk) fn clear(&mut self) {
        *self = Self::default();
    }
}
