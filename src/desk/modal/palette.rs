//! The command palette: every command of the key table by its name, some with words after it.

use crossterm::event::KeyEvent;

use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::input::text_input::TextInput;

/// A command in the making.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    line: TextInput,
    /// Which of the commands that fit is chosen.
    chosen: usize,
    error: Option<String>,
}

/// What of a command was typed, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MatchRank {
    Name,
    Beginning,
    Part,
    /// Words that only its sentence has: it may say the opposite.
    Sentence,
}

impl Palette {
    /// A palette in which the beginning of a command is typed already.
    pub(in crate::desk) fn begun(text: &str) -> Self {
        Self { line: TextInput::of(text), ..Self::default() }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// Which of the commands that fit is chosen.
    #[must_use]
    pub fn chosen(&self, fitting: &[&'static KeyBinding]) -> usize {
        self.chosen.min(fitting.len().saturating_sub(1))
    }

    /// Why the last Enter did nothing.
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

    /// Takes a key of the text: what fits is looked for anew.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) {
        self.line.press(key);
        (self.chosen, self.error) = (0, None);
    }

    /// Puts a command in place of the first word.
    pub(in crate::desk) fn complete(&mut self, key: &KeyBinding) {
        self.line = TextInput::of(&format!("{} {}", key.name, self.rest()));
        self.chosen = 0;
    }

    /// Says why Enter did nothing.
    pub(in crate::desk) fn refuse(&mut self, why: String) {
        self.error = Some(why);
    }

    /// Whether a command was found by its sentence alone, and not chosen by hand: the sentence may say the opposite.
    pub(in crate::desk) fn is_guess(&self, key: &KeyBinding) -> bool {
        self.chosen == 0 && self.fit(key) == Some(MatchRank::Sentence)
    }

    /// The commands that what was typed may mean: those that begin so, then those that have it in them or in their
    /// sentence.
    #[must_use]
    pub fn fitting(&self) -> Vec<&'static KeyBinding> {
        let mut fitting: Vec<_> =
            KEYS.iter().filter(|it| !it.is_of_modal()).filter_map(|key| Some((self.fit(key)?, key))).collect();
        fitting.sort_by_key(|(fit, _)| *fit);
        fitting.into_iter().map(|(_, key)| key).collect()
    }

    /// How well a command fits what was typed, if it does.
    fn fit(&self, key: &KeyBinding) -> Option<MatchRank> {
        let typed = self.name().to_lowercase();
        match () {
            () if key.name == typed => Some(MatchRank::Name),
            () if key.name.starts_with(&typed) => Some(MatchRank::Beginning),
            () if key.name.contains(&typed) => Some(MatchRank::Part),
            () if key.help.to_lowercase().contains(&typed) => Some(MatchRank::Sentence),
            () => None,
        }
    }

    /// The first word.
    pub(in crate::desk) fn name(&self) -> &str {
        self.line.text().split_whitespace().next().unwrap_or_default()
    }

    /// What stands after the first word.
    pub(in crate::desk) fn rest(&self) -> &str {
        self.line.text().trim_start().split_once(' ').map_or("", |(_, rest)| rest.trim())
    }
}
