//! FAST: an act on one person whose target and effect are visible in the selected row is sent without a confirmation.
//!
//! It waits a moment first. It asks if another key follows, or if the key seems to be part of a text. Hold, acts that
//! cannot be undone, bulk acts, and acts with something to warn about always ask.

/// Whether acts on one person ask for a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfirmMode {
    /// Every act asks.
    #[default]
    Confirming,
    /// Only acts with a reason for caution ask.
    Fast,
}

/// The confirm mode, and how the current command was given.
#[derive(Debug, Default)]
pub(in crate::desk) struct FastMode {
    pace: ConfirmMode,
    /// Whether a key press gave the command.
    by_key: bool,
}

impl FastMode {
    pub(in crate::desk) const fn new(pace: ConfirmMode) -> Self {
        Self { pace, by_key: false }
    }

    /// Returns whether acts on one person are sent without a confirmation.
    pub(in crate::desk) fn is_on(&self) -> bool {
        self.pace == ConfirmMode::Fast
    }

    /// Returns whether a key press gave the current command.
    pub(in crate::desk) const fn is_by_key(&self) -> bool {
        self.by_key
    }

    /// Returns whether the current command may be sent without a confirmation: only a key press is.
    pub(in crate::desk) fn applies(&self) -> bool {
        self.is_on() && self.by_key
    }

    /// Turns FAST on or off, and returns the new mode.
    pub(in crate::desk) const fn toggle(&mut self) -> ConfirmMode {
        self.pace = match self.pace {
            ConfirmMode::Confirming => ConfirmMode::Fast,
            ConfirmMode::Fast => ConfirmMode::Confirming,
        };
        self.pace
    }

    /// Follows a change of the settings, unless the operator has changed the mode.
    pub(in crate::desk) fn follow_settings(&mut self, before: ConfirmMode, now: ConfirmMode) {
        if self.pace == before {
            self.pace = now;
        }
    }

    /// Records that a key press gave the current command.
    pub(in crate::desk) const fn begin_key(&mut self) {
        self.by_key = true;
    }

    /// Records that the command of a key press is done.
    pub(in crate::desk) const fn end_key(&mut self) {
        self.by_key = false;
    }
}
