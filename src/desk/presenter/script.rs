//! The presenter's side of a desk: which step of the presentation it is, what to say and press, what has been seen.

use serde::Deserialize;

/// A presentation, as the simulator's control tells it. All of its texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Presentation {
    /// The scenario's name.
    pub scenario: String,
    /// Its title for people.
    #[serde(default)]
    pub title: String,
    /// What its ids and choices are made from; another one since a restart.
    #[serde(default)]
    pub seed: Option<u64>,
    /// The current step, from 1; 0 when there are none.
    pub step: usize,
    /// The steps.
    pub steps: Vec<PresentationStep>,
    /// What the last step could not do.
    #[serde(default)]
    pub note: Option<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PresentationStep {
    /// What it is about.
    pub title: String,
    /// What to say.
    pub notes: String,
    /// What to press.
    #[serde(default)]
    pub press: String,
    /// What is to be seen.
    #[serde(default)]
    pub expects: Vec<StepExpectation>,
}

/// Something that is to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StepExpectation {
    /// What, in words.
    pub what: String,
    /// Whether it has been seen since the step began.
    pub seen: bool,
}

/// Whether the presenter's notes are on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::desk) enum NotesDisplay {
    /// Where there is room for them.
    #[default]
    WhereRoomy,
    /// Yes.
    Shown,
    /// No.
    Hidden,
}

/// The first word of a simulator's label; what it plays may follow.
pub(in crate::desk) const SIMULATOR: &str = "SIMULATOR";

impl Presentation {
    /// Reads an answer of the control; what is wrong with it, in words.
    pub(in crate::desk) fn read(body: &str) -> Result<Self, String> {
        serde_json::from_str(body).map_err(|error| format!("the control's stage does not read: {error}"))
    }

    /// The current step.
    #[must_use]
    pub fn current(&self) -> Option<&PresentationStep> {
        self.steps.get(self.step.checked_sub(1)?)
    }

    /// The step after it.
    #[must_use]
    pub fn next(&self) -> Option<&PresentationStep> {
        self.steps.get(self.step)
    }

    /// `step 4 of 9: Back from hold`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.current() {
            Some(step) => format!("step {} of {}: {}", self.step, self.steps.len(), step.title),
            None => format!("{} has no steps", self.scenario),
        }
    }
}
