//! The help: the key table, searched by words. What it says is the table's.

use crossterm::event::KeyEvent;

use crate::desk::input::text_input::TextInput;
use crate::desk::modal::scroll::ScrollOffset;
use crate::desk::vocab::Motion;

/// The help, and what is searched in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelpView {
    scroll: ScrollOffset,
    line: TextInput,
    typing: bool,
}

impl HelpView {
    /// What is searched; empty for everything.
    #[must_use]
    pub fn searched(&self) -> &str {
        self.line.text()
    }

    /// Whether letters are text now.
    #[must_use]
    pub const fn is_typing(&self) -> bool {
        self.typing
    }

    /// How many lines are above the first shown.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll.lines()
    }

    pub(in crate::desk) fn travel(&mut self, motion: Motion) {
        self.scroll.travel(motion);
    }

    /// Lets letters be text, and shows what they find from its first line on.
    pub(in crate::desk) fn begin_search(&mut self) {
        self.typing = true;
        self.scroll = ScrollOffset::default();
    }

    /// Takes a key of the search.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) {
        self.line.press(key);
        self.scroll = ScrollOffset::default();
    }

    /// Leaves what was found, and lets letters be commands again.
    pub(in crate::desk) const fn keep_search(&mut self) {
        self.typing = false;
    }

    /// Shows everything again, and lets letters be commands.
    pub(in crate::desk) fn drop_search(&mut self) {
        self.typing = false;
        self.line = TextInput::default();
    }

    /// Whether a text fits what is searched: every word stands in it, whatever its case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.line.text().split_whitespace().all(|it| text.contains(&it.to_lowercase()))
    }
}
