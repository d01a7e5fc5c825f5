//! The line that a filter is typed in: it filters with every letter, Enter keeps it, Esc clears it.

use crate::desk::board::filter::{FilterError, FilterVocabulary};
use crate::desk::input::text_input::TextInput;
use crate::desk::vocab::Pane;

/// A filter in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPrompt {
    /// The pane that it is for.
    pub pane: Pane,
    /// What was typed.
    pub line: TextInput,
    /// What is not understood; the filter before it holds on meanwhile.
    pub error: Option<FilterError>,
}

impl FilterPrompt {
    /// What helps to go on: the words that can be used here, or those that the last one may become; else what is not
    /// understood, the nearest word, and how to see all.
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
            Some(_) if !on.is_empty() => format!("{begun} goes on: {}", on.join(" ")),
            Some(error) => format!("{}; ctrl-u lists all words", error.short()),
            None => on.join(" "),
        }
    }
}
