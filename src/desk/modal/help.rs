//! The help: the rows of the key table, and a search in them.

use crate::desk::input::text_input::TextInput;
use crate::desk::modal::details::DetailsView;

/// The help, and the search in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelpView {
    /// How many lines are above the first shown.
    pub scroll: usize,
    /// The searched words; empty to list everything.
    pub line: TextInput,
    /// Whether the search is being typed.
    pub typing: bool,
    /// The details that the help was opened from; closing it shows them again.
    pub(in crate::desk) covered: Option<Box<DetailsView>>,
}

impl HelpView {
    /// Returns whether a text contains every searched word, in any case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.line.text().split_whitespace().all(|it| text.contains(&it.to_lowercase()))
    }
}
