//! The steps of a presentation: what to say and press, what then happens on the floor, and what to see.

use std::fmt;

use serde::Deserialize;

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
    /// The actions of people when the step begins for the first time.
    #[serde(default)]
    pub events: Vec<StepCue>,
    /// The states that the audience should see while it lasts.
    #[serde(default)]
    pub expects: Vec<ExpectedSight>,
}

/// Something that a person does at a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepCue {
    /// The call, by its subject.
    pub call: String,
    /// The person, by name.
    pub participant: String,
    /// The action of the person.
    pub does: PersonAction,
    /// How long after the step began.
    #[serde(default, deserialize_with = "offset::span")]
    pub after: Millis,
}

/// A state that a step expects to see in the simulator's world.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedSight {
    /// The call, by its subject.
    pub call: String,
    /// The person, by name; the application or the whole call when absent.
    #[serde(default)]
    pub participant: Option<String>,
    /// The expected state.
    pub is: Sight,
}

/// A state that can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sight {
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

impl ExpectedSight {
    /// Returns why the expectation makes no sense; `None` when it does.
    pub(super) fn nonsense(&self) -> Option<&'static str> {
        match (self.is, &self.participant) {
            (Sight::Ended, Some(_)) => Some("a call ends, a person does not: leave the participant out, or write gone"),
            (Sight::Here | Sight::Lobby | Sight::Gone, None) => Some("it needs a participant"),
            (Sight::Muted | Sight::Unmuted | Sight::Held | Sight::Free, _)
            | (Sight::Here | Sight::Lobby | Sight::Gone, Some(_))
            | (Sight::Ended, None) => None,
        }
    }
}

impl fmt::Display for ExpectedSight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = &self.call;
        match (&self.participant, self.is) {
            (Some(name), is) => write!(out, "{name} {}", is.of_person()),
            (None, Sight::Ended) => write!(out, "{call} has ended"),
            (None, Sight::Held) => write!(out, "somebody is on hold in {call}"),
            (None, Sight::Free) => write!(out, "nobody is on hold in {call}"),
            (None, is) => write!(out, "the application {} in {call}", is.of_person()),
        }
    }
}

impl Sight {
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
