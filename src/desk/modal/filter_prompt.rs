//! The line in which a filter is typed; it filters with every letter.

use crate::desk::board::filter::{FilterError, FilterVocabulary};
use crate::desk::input::text_input::TextInput;
use crate::desk::vocab::Pane;

/// A filter that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPrompt {
    /// The pane that it filters.
    pub pane: Pane,
    /// The typed text.
    pub line: TextInput,
    /// Why the text is no filter; the last valid filter stays in force.
    pub error: Option<FilterError>,
}

impl FilterPrompt {
    /// Returns the words that the pane understands, or those that complete the last one; otherwise the error, with the
    /// nearest word.
    #[must_use]
    pub fn advice(&self) -> String {
        let text = self.line.text();
        let vocabulary = FilterVocabulary::of(self.pane);
        if text.trim().is_empty() {
            return vocabulary.words();
        }
        let last = text.rsplit(' ').next().unwrap_or_default();
        let begun = last.strip_prefix('!').unwrap_or(last);
        let on = if begun.is_empty() { Vec::new() } else { vocabulary.going_on(begun) };
        match &self.error {
            Some(_) if !on.is_empty() => format!("{begun} completes to: {}", on.join(" ")),
            Some(error) => format!("{}; an empty line lists all words", error.short()),
            None => on.join(" "),
        }
    }
}
