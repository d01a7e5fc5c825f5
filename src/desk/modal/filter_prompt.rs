//! The line in which a filter is typed; it filters with every letter.

use crossterm::event::KeyEvent;

use crate::desk::board::filter::{Filter, FilterError, FilterVocabulary};
use crate::desk::input::text_input::TextInput;
use crate::desk::vocab::Pane;

/// A filter that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPrompt {
    pane: Pane,
    line: TextInput,
    error: Option<FilterError>,
    /// Whether the text was to be kept although it is no valid filter.
    refused: bool,
    /// The previous filter, which leaving the prompt restores.
    before: Option<Filter>,
}

impl FilterPrompt {
    /// Makes the prompt for the filter of a pane; the filter that it has is selected, to be replaced or edited.
    pub(in crate::desk) fn of(pane: Pane, before: Option<Filter>) -> Self {
        let line = TextInput::selected(before.as_ref().map_or("", Filter::text));
        Self { pane, line, error: None, refused: false, before }
    }

    /// Returns the previous filter.
    pub(in crate::desk) const fn before(&self) -> Option<&Filter> {
        self.before.as_ref()
    }

    /// Returns the pane that it filters.
    #[must_use]
    pub const fn pane(&self) -> Pane {
        self.pane
    }

    /// Returns the typed text.
    #[must_use]
    pub const fn line(&self) -> &TextInput {
        &self.line
    }

    /// Returns why the text is not a valid filter; the last valid filter stays in force.
    #[must_use]
    pub const fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }

    /// Handles a key of the text, and parses the filter.
    ///
    /// The error is why the text is not a valid filter; the prompt shows it too.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) -> Result<Option<Filter>, FilterError> {
        self.line.press(key);
        self.read()
    }

    /// Inserts pasted text, and parses the filter.
    ///
    /// The error is why the text is not a valid filter; the prompt shows it too.
    pub(in crate::desk) fn paste(&mut self, text: &str) -> Result<Option<Filter>, FilterError> {
        self.line.paste(text);
        self.read()
    }

    fn read(&mut self) -> Result<Option<Filter>, FilterError> {
        let read = Filter::parse(self.pane, self.line.text());
        self.error = read.as_ref().err().cloned();
        self.refused = false;
        read
    }

    /// Records that the text was to be kept although it is no valid filter: the advice says so until the next key.
    pub(in crate::desk) const fn refuse(&mut self) {
        self.refused = true;
    }

    /// Returns the words that the pane understands, or those that complete the last one; otherwise the error,
    /// with the nearest word.
    #[must_use]
    pub fn advice(&self) -> String {
        let text = self.line.text();
        let vocabulary = FilterVocabulary::of(self.pane);
        if text.trim().is_empty() {
            return vocabulary.words();
        }
        let last = text.rsplit(' ').next().unwrap_or_default();
        let begun = last.strip_prefix('!').unwrap_or(last);
        let on = if begun.is_empty() { Vec::new() } else { vocabulary.completions(begun) };
        match &self.error {
            Some(error) if self.refused => format!("not a filter yet, so nothing changed: {}", error.short()),
            Some(_) if !on.is_empty() => format!("{begun} completes to: {}", on.join(" ")),
            Some(error) => format!("{}; an empty line lists all words", error.short()),
            None => on.join(" "),
        }
    }
}
