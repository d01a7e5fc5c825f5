//! How the room is shared between the panes: the usual way, and what the operator has made of it.

/// How far the panes are from their usual sizes, and the terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaneSizes {
    /// Hundredths of the width that the calls have more beside the participants.
    pub across: i16,
    /// Rows that the calls have more above the participants.
    pub calls: i16,
    /// Rows that the operations have more.
    pub operations: i16,
    pub(in crate::desk) terminal: (u16, u16),
}

/// The least rows of a pane, its borders too.
pub(in crate::desk) const ROWS: i16 = 4;
/// The hundredths of the width that one of two panes has at least.
pub(in crate::desk) const SHARE: i16 = 32;
/// A press changes the width by as many hundredths.
pub(in crate::desk) const STEP: i16 = 4;
