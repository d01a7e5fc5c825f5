//! FAST: single acts that can be taken for what they are by a look at the selected row are sent without a confirm.
//!
//! What cannot be taken back, what is about many, and what is worth knowing before it is sent is confirmed all the same.

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
    pace: ConfirmMode,
    /// Whether it was pressed as a key.
    by_key: bool,
}

impl FastMode {
    pub(in crate::desk) const fn new(pace: ConfirmMode) -> Self {
        Self { pace, by_key: false }
    }

    /// Whether single acts go without a confirm.
    pub(in crate::desk) fn is_on(&self) -> bool {
        self.pace == ConfirmMode::Fast
    }

    /// Whether the command that is being done may go without a confirm: only what is pressed as a key does.
    pub(in crate::desk) fn applies(&self) -> bool {
        self.is_on() && self.by_key
    }

    /// Turns it on, or off; returns what holds now.
    pub(in crate::desk) const fn toggle(&mut self) -> ConfirmMode {
        self.pace = match self.pace {
            ConfirmMode::Confirming => ConfirmMode::Fast,
            ConfirmMode::Fast => ConfirmMode::Confirming,
        };
        self.pace
    }

    /// Takes what the settings say now, unless the operator has changed what they said before.
    pub(in crate::desk) fn follow_settings(&mut self, before: ConfirmMode, now: ConfirmMode) {
        if self.pace == before {
            self.pace = now;
        }
    }

    /// Records that a command is being done because its key was pressed.
    pub(in crate::desk) const fn begin_key(&mut self) {
        self.by_key = true;
    }

    /// Records that the command of a key is done.
    pub(in crate::desk) const fn end_key(&mut self) {
        self.by_key = false;
    }
}
