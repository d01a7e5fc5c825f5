//! The steps of a presentation: the presenter's notes and keys, the events on the floor, and the states to observe.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::time::Millis;

use super::offset;
use super::plan::PersonAction;

/// One step of a presentation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioStep {
    /// The step's subject, in a few words.
    pub title: String,
    /// The presenter's notes.
    pub say: String,
    /// The keys to press.
    #[serde(rename = "do")]
    pub press: String,
    /// The events that happen when the step begins for the first time.
    #[serde(default)]
    pub events: Vec<StepCue>,
    /// The call and the person that the presenter's console selects when the step begins.
    #[serde(default)]
    pub select: Option<StepSelection>,
    /// The settings of the simulator during the step, by name; when it is left, they are put back.
    #[serde(default)]
    pub faults: Map<String, Value>,
    /// The states that the audience should see during the step.
    #[serde(default)]
    pub expects: Vec<ExpectedObservation>,
}

/// What a step selects on the presenter's console.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSelection {
    /// The call, by its subject.
    pub call: String,
    /// The person, by name. If absent, only the call is selected.
    #[serde(default)]
    pub participant: Option<String>,
}

/// A person's action at a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepCue {
    /// The call, by its subject.
    pub call: String,
    /// The person, by name.
    pub participant: String,
    /// The person's action.
    pub does: PersonAction,
    /// The delay after the step began.
    #[serde(default, deserialize_with = "offset::span")]
    pub after: Millis,
}

/// A state that a step expects to see in the simulator's world.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedObservation {
    /// The call, by its subject.
    pub call: String,
    /// The person, by name. If absent, the state is that of the application or of the whole call.
    #[serde(default)]
    pub participant: Option<String>,
    /// The expected state.
    pub is: Observation,
}

/// A state of a person, the application or a call that can be observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Observation {
    /// The person, or the application, is muted.
    Muted,
    /// The person, or the application, is not muted.
    Unmuted,
    /// The person, or anybody of the call, is on hold.
    Held,
    /// The person, or everybody of the call, is off hold.
    Free,
    /// The person is in the call.
    Here,
    /// The person waits in the lobby.
    Lobby,
    /// The person has left.
    Gone,
    /// The call has ended.
    Ended,
}

impl ExpectedObservation {
    /// Returns why the expectation is invalid, or `None` if it is valid.
    pub(super) fn mistake(&self) -> Option<&'static str> {
        match (self.is, &self.participant) {
            (Observation::Ended, Some(_)) => {
                Some("ended applies to a call: leave the participant out, or write gone for a person")
            }
            (Observation::Here | Observation::Lobby | Observation::Gone, None) => Some("it needs a participant"),
            (Observation::Muted | Observation::Unmuted | Observation::Held | Observation::Free, _)
            | (Observation::Here | Observation::Lobby | Observation::Gone, Some(_))
            | (Observation::Ended, None) => None,
        }
    }
}

impl fmt::Display for ExpectedObservation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = &self.call;
        match (&self.participant, self.is) {
            (Some(name), is) => write!(out, "{name} {}", is.of_person()),
            (None, Observation::Ended) => write!(out, "{call} has ended"),
            (None, Observation::Held) => write!(out, "somebody is on hold in {call}"),
            (None, Observation::Free) => write!(out, "nobody is on hold in {call}"),
            (None, is) => write!(out, "the application {} in {call}", is.of_person()),
        }
    }
}

impl Observation {
    const fn of_person(self) -> &'static str {
        match self {
            Self::Muted => "is muted",
            Self::Unmuted => "is not muted",
            Self::Held => "is on hold",
            Self::Free => "is off hold",
            Self::Here => "is in the call",
            Self::Lobby => "waits in the lobby",
            Self::Gone => "has left",
            Self::Ended => "has ended",
        }
    }
}
