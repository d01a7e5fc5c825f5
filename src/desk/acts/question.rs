//! Questions that are not about an act: whether to quit, to restart the scenario, or to end privacy mode.

use crate::desk::acts::arming::Arming;

/// A question that one key answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    kind: QuestionKind,
    arming: Arming,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    /// Whether to end the console.
    Quit,
    /// Whether to restart the scenario.
    Restart,
    /// Whether to show true names again.
    EndPrivacy,
}

impl Question {
    pub(in crate::desk) const fn new(kind: QuestionKind, arming: Arming) -> Self {
        Self { kind, arming }
    }

    /// Returns what is asked.
    #[must_use]
    pub const fn kind(&self) -> QuestionKind {
        self.kind
    }

    /// Returns whether it accepts its answer yet.
    #[must_use]
    pub const fn arming(&self) -> &Arming {
        &self.arming
    }

    pub(in crate::desk) const fn arming_mut(&mut self) -> &mut Arming {
        &mut self.arming
    }
}

impl QuestionKind {
    /// Returns the question in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Quit => "Quit?",
            Self::Restart => "Restart the scenario?",
            Self::EndPrivacy => "Show true names again?",
        }
    }

    /// Returns what a yes does.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Restart => "restart",
            Self::EndPrivacy => "show true names",
        }
    }
}
