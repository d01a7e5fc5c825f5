//! The command palette: every command of the key table by its name, some with words after it.

use crossterm::event::KeyEvent;

use crate::desk::command::Command;
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::input::text_input::TextInput;
use crate::desk::search_text::search_text;

/// A command that is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    line: TextInput,
    /// The index of the selected command among those that match.
    chosen: usize,
    error: Option<String>,
}

/// How well a command matches the typed name, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MatchRank {
    Name,
    Beginning,
    Part,
    /// A match only in its help sentence, which may say the opposite of what was meant.
    Sentence,
}

impl Palette {
    /// Makes a palette with the beginning of a command typed.
    pub(in crate::desk) fn begun(text: &str) -> Self {
        Self { line: TextInput::of(text), ..Self::default() }
    }

    /// Returns the typed text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// Returns the index of the selected command among those that match.
    #[must_use]
    pub fn chosen(&self, fitting: &[&'static KeyBinding]) -> usize {
        self.chosen.min(fitting.len().saturating_sub(1))
    }

    /// Returns why the last attempt to run a command failed.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    pub(in crate::desk) fn choose_before(&mut self, fitting: &[&'static KeyBinding]) {
        self.chosen = self.chosen(fitting).saturating_sub(1);
    }

    pub(in crate::desk) fn choose_after(&mut self, fitting: &[&'static KeyBinding]) {
        self.chosen = (self.chosen(fitting) + 1).min(fitting.len().saturating_sub(1));
    }

    /// Handles a key of the text; the first match is selected again.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) {
        self.line.press(key);
        (self.chosen, self.error) = (0, None);
    }

    /// Replaces the typed name with that of a command.
    pub(in crate::desk) fn complete(&mut self, key: &KeyBinding) {
        self.line = TextInput::of(&format!("{} {}", key.name, self.rest()));
        self.chosen = 0;
    }

    /// Shows why a command did not run.
    pub(in crate::desk) fn refuse(&mut self, why: String) {
        self.error = Some(why);
    }

    /// Returns whether a command matches only by its help sentence and was not selected by hand: the sentence
    /// may say the opposite.
    pub(in crate::desk) fn is_guess(&self, key: &KeyBinding) -> bool {
        self.chosen == 0 && self.fit(key) == Some(MatchRank::Sentence)
    }

    /// Returns the commands that match the typed name: first those that begin with it, then those that contain it in
    /// their name or their help sentence.
    #[must_use]
    pub fn fitting(&self) -> Vec<&'static KeyBinding> {
        let mut fitting: Vec<_> =
            KEYS.iter().filter(|it| !it.is_of_modal()).filter_map(|key| Some((self.fit(key)?, key))).collect();
        fitting.sort_by_key(|(fit, _)| *fit);
        fitting.into_iter().map(|(_, key)| key).collect()
    }

    /// Returns how well a command matches the typed name; `None` if it does not.
    fn fit(&self, key: &KeyBinding) -> Option<MatchRank> {
        let typed = search_text(self.name());
        if self.is_number() {
            return (key.command == Command::GoToCall).then_some(MatchRank::Name);
        }
        match () {
            () if key.name == typed => Some(MatchRank::Name),
            () if key.name.starts_with(&*typed) => Some(MatchRank::Beginning),
            () if key.name.contains(&*typed) => Some(MatchRank::Part),
            () if search_text(key.help).contains(&*typed) => Some(MatchRank::Sentence),
            () => None,
        }
    }

    /// Returns the first word.
    pub(in crate::desk) fn name(&self) -> &str {
        self.line.text().split_whitespace().next().unwrap_or_default()
    }

    /// Returns whether the number of a call is typed instead of a command.
    fn is_number(&self) -> bool {
        !self.name().is_empty() && self.name().chars().all(|it| it.is_ascii_digit())
    }

    /// Returns the text after the first word; the whole text, if it is the number of a call.
    pub(in crate::desk) fn rest(&self) -> &str {
        if self.is_number() {
            return self.line.text().trim();
        }
        self.line.text().trim_start().split_once(' ').map_or("", |(_, rest)| rest.trim())
    }
}
