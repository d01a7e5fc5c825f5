//! FAST: single acts that can be taken for what they are by a look at the selected row are sent without a confirm.
//!
//! What cannot be taken back, what is about many, and what is worth knowing before it is sent is confirmed all the same.

use crate::desk::Confirm;

/// Whether single acts are confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfirmMode {
    /// Each one.
    #[default]
    Confirming,
    /// Only those that are worth a second look.
    Fast,
}

/// The pace, and how the command that is being done was given.
#[derive(Debug, Default)]
pub(in crate::desk) struct FastMode {
    pub(in crate::desk) pace: ConfirmMode,
    /// Whether it was pressed as a key.
    pub(in crate::desk) by_key: bool,
}

impl FastMode {
    pub(in crate::desk) const fn new(pace: ConfirmMode) -> Self {
        Self { pace, by_key: false }
    }
}

impl Confirm {
    /// Makes it one that is answered by itself when no other key follows as fast as a paste.
    pub(in crate::desk) fn pass(&mut self) {
        self.early = Some(self.opened);
        self.fast = true;
    }

    /// Whether it is answered by itself in a moment: there is nothing to read in it.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.fast && self.early.is_some()
    }
}
