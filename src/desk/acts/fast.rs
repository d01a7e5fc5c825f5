//! FAST: an act on one person whose target and effect are visible in the selected row is sent without a confirmation.
//!
//! Acts that cannot be undone, bulk acts, and acts with something to warn about still ask.

use crate::desk::Confirm;

/// Whether acts on one person ask for a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfirmMode {
    /// Every act asks.
    #[default]
    Confirming,
    /// Only acts that deserve a second look ask.
    Fast,
}

/// The confirm mode, and how the current command was given.
#[derive(Debug, Default)]
pub(in crate::desk) struct FastMode {
    pub(in crate::desk) pace: ConfirmMode,
    /// Whether a key press gave the command.
    pub(in crate::desk) by_key: bool,
}

impl FastMode {
    pub(in crate::desk) const fn new(pace: ConfirmMode) -> Self {
        Self { pace, by_key: false }
    }
}

impl Confirm {
    /// Makes the confirm answer itself, unless another key follows as fast as a paste.
    pub(in crate::desk) fn pass(&mut self) {
        self.early = Some(self.opened);
        self.fast = true;
    }

    /// Returns whether the confirm is about to answer itself, so that there is nothing to read in it.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.fast && self.early.is_some()
    }
}
