//! The help: the rows of the key table, and a search in them.

use crossterm::event::KeyEvent;

use crate::desk::input::text_input::TextInput;
use crate::desk::modal::details::DetailsView;
use crate::desk::modal::scroll::ScrollOffset;
use crate::desk::search_text::search_text;

/// The help, and the search in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelpView {
    scroll: ScrollOffset,
    line: TextInput,
    typing: bool,
    /// The details that the help was opened from; closing it shows them again.
    covered: Option<Box<DetailsView>>,
}

impl HelpView {
    /// Makes the help that covers these details.
    pub(in crate::desk) fn over(details: DetailsView) -> Self {
        Self { covered: Some(Box::new(details)), ..Self::default() }
    }

    /// Returns the details that the help covers.
    pub(in crate::desk) fn covered_mut(&mut self) -> Option<&mut DetailsView> {
        self.covered.as_deref_mut()
    }

    /// Returns the covered details to show them again; the help covers nothing from then on.
    pub(in crate::desk) fn uncover(&mut self) -> Option<DetailsView> {
        self.covered.take().map(|it| *it)
    }

    /// Returns the searched words; empty to list everything.
    #[must_use]
    pub fn searched(&self) -> &str {
        self.line.text()
    }

    /// Returns whether the search is being typed.
    #[must_use]
    pub const fn is_typing(&self) -> bool {
        self.typing
    }

    /// Returns how many lines are scrolled out above.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll.lines()
    }

    pub(in crate::desk) const fn offset(&self) -> &ScrollOffset {
        &self.scroll
    }

    pub(in crate::desk) const fn offset_mut(&mut self) -> &mut ScrollOffset {
        &mut self.scroll
    }

    /// Starts typing a search; the list starts at its first line.
    pub(in crate::desk) fn begin_search(&mut self) {
        self.typing = true;
        self.scroll = ScrollOffset::default();
    }

    /// Handles a key of the search.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) {
        self.line.press(key);
        self.scroll = ScrollOffset::default();
    }

    /// Stops typing, and keeps the search.
    pub(in crate::desk) const fn keep_search(&mut self) {
        self.typing = false;
    }

    /// Stops typing, and clears the search.
    pub(in crate::desk) fn drop_search(&mut self) {
        self.typing = false;
        self.line = TextInput::default();
    }

    /// Returns whether a text contains every searched word, in any spelling.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = search_text(text);
        self.line.text().split_whitespace().all(|it| text.contains(&*search_text(it)))
    }
}
