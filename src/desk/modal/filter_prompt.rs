//! The line that a filter is typed in: it filters with every letter, Enter keeps it, Esc clears it.

use crossterm::event::KeyEvent;

use crate::desk::board::filter::{Filter, FilterError, FilterVocabulary};
use crate::desk::input::text_input::TextInput;
use crate::desk::vocab::Pane;

/// A filter in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPrompt {
    pane: Pane,
    line: TextInput,
    error: Option<FilterError>,
}

impl FilterPrompt {
    /// The line for the filter of a pane, with a text that can be changed.
    pub(in crate::desk) fn of(pane: Pane, text: &str) -> Self {
        Self { pane, line: TextInput::of(text), error: None }
    }

    /// The pane that it is for.
    #[must_use]
    pub const fn pane(&self) -> Pane {
        self.pane
    }

    /// What was typed.
    #[must_use]
    pub const fn line(&self) -> &TextInput {
        &self.line
    }

    /// What is not understood; the filter before it holds on meanwhile.
    #[must_use]
    pub const fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }

    /// Takes a key of the text, and reads the filter that the line holds now.
    ///
    /// # Errors
    /// What is not understood, which the prompt shows too.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) -> Result<Option<Filter>, FilterError> {
        self.line.press(key);
        self.read()
    }

    /// Takes pasted text, and reads the filter that the line holds now.
    ///
    /// # Errors
    /// What is not understood, which the prompt shows too.
    pub(in crate::desk) fn paste(&mut self, text: &str) -> Result<Option<Filter>, FilterError> {
        self.line.paste(text);
        self.read()
    }

    fn read(&mut self) -> Result<Option<Filter>, FilterError> {
        let read = Filter::parse(self.pane, self.line.text());
        self.error = read.as_ref().err().cloned();
        read
    }

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
