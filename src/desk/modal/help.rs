//! The help: the rows of the key table, and a search in them.

use crossterm::event::KeyEvent;

use crate::desk::modal::details::DetailsView;
use crate::desk::modal::list_search::ListSearch;
use crate::desk::modal::scroll::ScrollOffset;

/// The help, and the search in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelpView {
    scroll: ScrollOffset,
    search: ListSearch,
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

    /// Returns the search in it.
    #[must_use]
    pub const fn search(&self) -> &ListSearch {
        &self.search
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
        self.search.begin();
        self.scroll = ScrollOffset::default();
    }

    /// Handles a key of the search.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) {
        self.search.press(key);
        self.scroll = ScrollOffset::default();
    }

    /// Stops typing, and keeps the search.
    pub(in crate::desk) const fn keep_search(&mut self) {
        self.search.keep();
    }

    /// Stops typing, and clears the search.
    pub(in crate::desk) fn drop_search(&mut self) {
        self.search.clear();
    }
}
