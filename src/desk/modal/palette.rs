//! The command palette: every command of the key table by its name, some with words after it.

use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::input::text_input::TextInput;

/// A command that is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// The typed text.
    pub line: TextInput,
    /// The index of the selected command among those that match.
    pub chosen: usize,
    /// Why the last attempt to run a command failed.
    pub error: Option<String>,
}

/// How well a command matches the typed name, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::desk) enum MatchRank {
    Name,
    Beginning,
    Part,
    /// A match only in its help sentence, which may say the opposite of what was meant.
    Sentence,
}

impl Palette {
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
    pub(in crate::desk) fn fit(&self, key: &KeyBinding) -> Option<MatchRank> {
        let typed = self.name().to_lowercase();
        match () {
            () if key.name == typed => Some(MatchRank::Name),
            () if key.name.starts_with(&typed) => Some(MatchRank::Beginning),
            () if key.name.contains(&typed) => Some(MatchRank::Part),
            () if key.help.to_lowercase().contains(&typed) => Some(MatchRank::Sentence),
            () => None,
        }
    }

    /// Returns the first word.
    pub(in crate::desk) fn name(&self) -> &str {
        self.line.text().split_whitespace().next().unwrap_or_default()
    }

    /// Returns the text after the first word.
    pub(in crate::desk) fn rest(&self) -> &str {
        self.line.text().trim_start().split_once(' ').map_or("", |(_, rest)| rest.trim())
    }
}
