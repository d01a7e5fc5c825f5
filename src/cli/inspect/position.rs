//! Places in a text, by line and column.

/// A place in the whole text, where something begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextPosition {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column, in characters from 1.
    pub(super) column: usize,
}

impl TextPosition {
    /// Returns the position of a part of a text that begins here.
    pub(super) fn after(self, text: &str, part: &str) -> Self {
        let offset = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        self.plus(text, offset)
    }

    /// Returns the position of a byte of a text that begins here.
    pub(super) fn plus(self, text: &str, offset: usize) -> Self {
        let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
        let lines = before.matches('\n').count();
        let last = before.rsplit('\n').next().unwrap_or(before).chars().count();
        Self { line: self.line + lines, column: if lines == 0 { self.column + last } else { last + 1 } }
    }
}
