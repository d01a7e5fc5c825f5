//! The line that a filter is typed in: it filters with every letter, Enter keeps it, Esc clears it.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::board::filter::{Filter, FilterError, FilterVocabulary};
use crate::desk::input::text_input::TextInput;
use crate::desk::{Desk, Modal, Pane};

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

impl Desk {
    /// Opens the line for the filter of the pane that has the keys.
    pub(in crate::desk) fn ask_filter(&mut self) {
        let pane = self.pane;
        let line = TextInput::of(self.filter(pane).map_or("", Filter::text));
        self.modal = Modal::Filter(FilterPrompt { pane, line, error: None });
    }

    /// Takes a key that was pressed in the line of a filter.
    pub(in crate::desk) fn typed_filter(&mut self, mut prompt: FilterPrompt, key: KeyEvent) {
        if key.code == KeyCode::Esc {
            self.filter_by(prompt.pane, None);
            return self.say("filter cleared");
        }
        if key.code != KeyCode::Enter {
            prompt.line.press(key);
            return self.filter_typed(prompt);
        }
        match (&prompt.error, prompt.line.text().trim()) {
            (Some(_), _) => self.modal = Modal::Filter(prompt),
            (None, "") => self.say("no filter"),
            (None, text) => self.say(format!("filter: {text}; / changes it, / and Esc clear it")),
        }
    }

    /// Filters by what the line holds now, if it can be understood.
    pub(in crate::desk) fn filter_typed(&mut self, mut prompt: FilterPrompt) {
        let read = Filter::parse(prompt.pane, prompt.line.text());
        prompt.error = read.as_ref().err().cloned();
        if let Ok(filter) = read {
            self.filter_by(prompt.pane, filter);
        }
        self.modal = Modal::Filter(prompt);
    }
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
