//! The help: the key table, searched by words. What it says is the table's.

use crate::desk::input::text_input::TextInput;

/// The help, and what is searched in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelpView {
    /// How many lines are above the first shown.
    pub scroll: usize,
    /// What is searched; empty for everything.
    pub line: TextInput,
    /// Whether letters are text now.
    pub typing: bool,
}

impl HelpView {
    /// Whether a text fits what is searched: every word stands in it, whatever its case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.line.text().split_whitespace().all(|it| text.contains(&it.to_lowercase()))
    }
}
