//! The operator's changes to the sizes of the panes.

/// The differences from the default sizes, and the terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaneSizes {
    /// Hundredths of the width that the calls gain from the participants beside them.
    pub across: i16,
    /// Rows that the calls gain from the participants below them.
    pub calls: i16,
    /// Rows that the operations gain.
    pub operations: i16,
    pub(in crate::desk) terminal: (u16, u16),
}

/// The least rows of a pane, with its borders.
pub(in crate::desk) const ROWS: i16 = 4;
/// The least width of each of two panes side by side, in hundredths.
pub(in crate::desk) const SHARE: i16 = 32;
/// Hundredths of the width per key press.
pub(in crate::desk) const STEP: i16 = 4;
