//! The script of a presentation: the current step, what to say and press, and what has been seen.

use serde::Deserialize;

use crate::graph::{CallId, ParticipantId};

/// A presentation, as the simulator's control API reports it. All of its texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Presentation {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's title.
    #[serde(default)]
    pub title: String,
    /// The seed of its ids and choices; a restart changes it.
    #[serde(default)]
    pub seed: Option<u64>,
    /// The number of the current step, from 1; 0 without steps.
    pub step: usize,
    /// The steps, in their order.
    pub steps: Vec<PresentationStep>,
    /// What the last step failed to do.
    #[serde(default)]
    pub note: Option<String>,
}

/// One step of a presentation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PresentationStep {
    /// The step's title.
    pub title: String,
    /// What the presenter says.
    pub notes: String,
    /// What the presenter presses.
    #[serde(default)]
    pub press: String,
    /// What the console selects when it goes to the step.
    #[serde(default)]
    pub select: Option<StepFocus>,
    /// What should be visible then.
    #[serde(default)]
    pub expects: Vec<StepExpectation>,
}

/// The call and the person that a step is about, by the ids of the board.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepFocus {
    /// The id of the call.
    pub call_id: CallId,
    /// The person, if the step is about one.
    #[serde(default)]
    pub participant_id: Option<ParticipantId>,
}

/// An effect that should be visible.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StepExpectation {
    /// The effect, in words.
    pub what: String,
    /// Whether it has been seen since the step began.
    pub seen: bool,
}

/// Whether the presenter's notes, or the caption for an audience, are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::desk) enum NotesDisplay {
    /// Only where there is room for them.
    #[default]
    WhereRoomy,
    /// Notes are always shown.
    Shown,
    /// Notes are never shown.
    Hidden,
}

/// The first word of a simulator's label; the scenario's name may follow.
pub(in crate::desk) const SIMULATOR: &str = "SIMULATOR";

impl Presentation {
    /// Parses an answer of the control API; the error says what is wrong with it.
    pub(in crate::desk) fn read(body: &str) -> Result<Self, String> {
        serde_json::from_str(body)
            .map_err(|error| format!("cannot read the presentation from the control API: {error}"))
    }

    /// Returns the current step.
    #[must_use]
    pub fn current(&self) -> Option<&PresentationStep> {
        self.steps.get(self.step.checked_sub(1)?)
    }

    /// Returns the step after it.
    #[must_use]
    pub fn next(&self) -> Option<&PresentationStep> {
        self.steps.get(self.step)
    }

    /// Returns the position in words: `step 4 of 9: Back from hold`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.current() {
            Some(step) => format!("step {} of {}: {}", self.step, self.steps.len(), step.title),
            None => format!("{} has no steps", self.scenario),
        }
    }
}
