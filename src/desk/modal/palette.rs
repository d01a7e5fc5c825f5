//! The command palette: every command of the key table by its name, some with words after it.

use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::input::text_input::TextInput;

/// A command in the making.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What was typed.
    pub line: TextInput,
    /// Which of the commands that fit is chosen.
    pub chosen: usize,
    /// Why the last Enter did nothing.
    pub error: Option<String>,
}

/// What of a command was typed, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::desk) enum MatchRank {
    Name,
    Beginning,
    Part,
    /// Words that only its sentence has: it may say the opposite.
    Sentence,
}

impl Palette {
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

    /// The first word.
    pub(in crate::desk) fn name(&self) -> &str {
        self.line.text().split_whitespace().next().unwrap_or_default()
    }

    /// What stands after the first word.
    pub(in crate::desk) fn rest(&self) -> &str {
        self.line.text().trim_start().split_once(' ').map_or("", |(_, rest)| rest.trim())
    }
}
