//! The acts of a scenario's supervisors. Pure data: the simulator does not perform them.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

use super::offset;

/// An act of a supervisor, which the demo performs through a relay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScenarioAct {
    /// The time, from the scenario's start.
    #[serde(deserialize_with = "offset::span")]
    pub at: Millis,
    /// The supervisor; the presenter's own desk where `story` is set.
    pub by: String,
    /// The supervisor's action.
    pub act: ActKind,
    /// The call, by its subject.
    pub call: String,
    /// The participant, by name; absent for acts on the application itself.
    #[serde(default)]
    pub participant: Option<String>,
    /// Whether the presenter's desk performs the act when the demo runs without a terminal.
    #[serde(default)]
    pub story: bool,
    /// Its expected outcome.
    #[serde(default)]
    pub expect: Option<ExpectedOutcome>,
}

/// An action of a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActKind {
    /// Mute a participant.
    Mute,
    /// Mute the application.
    MuteSelf,
    /// Unmute the application.
    UnmuteSelf,
    /// Put a participant on hold.
    Hold,
    /// Release a participant from hold.
    Release,
    /// Remove a participant.
    Remove,
    /// End the application's leg.
    HangUp,
}

impl ActKind {
    /// Returns whether the act is on a participant, rather than on the application itself.
    #[must_use]
    pub const fn names_participant(self) -> bool {
        matches!(self, Self::Mute | Self::Hold | Self::Release | Self::Remove)
    }
}

/// The expected outcome of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpectedOutcome {
    /// A notification of the call proves it.
    Confirmed,
    /// It is refused before Graph accepts it.
    Refused,
    /// The person leaves before there is proof.
    Left,
    /// No proof arrives in time.
    Unconfirmed,
    /// Graph's operation fails.
    Failed,
}
