//! The calls of a scenario and the people in them: who comes when, and what they do. Pure data, which the control API
//! reads too.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

use super::offset;

/// One call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CallPlan {
    /// What it is about; no two calls of a scenario share it.
    pub subject: String,
    /// What kind of call it is.
    pub kind: PlannedCallKind,
    /// Who called whom, seen from the application.
    #[serde(default)]
    pub direction: PlannedDirection,
    /// When it arrives or is placed, from the scenario's start.
    #[serde(default, deserialize_with = "offset::span")]
    pub at: Millis,
    /// How long after that it is established.
    #[serde(default = "two_seconds", deserialize_with = "offset::span")]
    pub answered: Millis,
    /// Who answers an incoming call: a client has 15 seconds.
    #[serde(default)]
    pub answered_by: Answerer,
    /// When it ends, from the scenario's start.
    #[serde(default, deserialize_with = "offset::maybe")]
    pub ends: Option<Millis>,
    /// How long it then stays `terminating`.
    #[serde(default = "third_of_a_second", deserialize_with = "offset::span")]
    pub clears: Millis,
    /// The subcode of its end (graph-contract.md, "How a call ends"); the code is 200.
    #[serde(default = "other_party_ended")]
    pub end_subcode: i64,
    /// The people.
    #[serde(default)]
    pub people: Vec<PersonPlan>,
}

/// What kind of call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlannedCallKind {
    /// A call with a roster, not tied to a meeting.
    Group,
    /// A meeting.
    Meeting,
    /// The application and one peer: no roster, no mute.
    OneToOne,
}

/// Who called whom, seen from the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlannedDirection {
    /// The application was called.
    #[default]
    Incoming,
    /// The application called.
    Outgoing,
}

/// Who answers an incoming call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Answerer {
    /// The bot that the call belongs to; it also keeps the call alive.
    #[default]
    Bot,
    /// A client of the simulator.
    Client,
}

/// One person of a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PersonPlan {
    /// The name that others see; for a phone its number in E.164.
    pub name: String,
    /// What kind of identity it is.
    #[serde(default)]
    pub kind: PersonKind,
    /// When the person joins, from the scenario's start; as soon as the call is established when absent.
    #[serde(default, deserialize_with = "offset::maybe")]
    pub joins: Option<Millis>,
    /// Whether the person waits in the lobby until admitted.
    #[serde(default)]
    pub lobby: bool,
    /// Whether a recording policy applies to the person, which makes the call one of a recorder.
    #[serde(default)]
    pub recorded: bool,
    /// What the person does, and when.
    #[serde(default)]
    pub events: Vec<PersonEvent>,
    /// What the person does when something is done to them.
    #[serde(default)]
    pub reactions: Vec<PersonReaction>,
}

/// What kind of identity a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonKind {
    /// A user of the directory.
    #[default]
    User,
    /// A guest.
    Guest,
    /// A telephone.
    Phone,
    /// Another application.
    Application,
}

/// Something that a person does at a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonEvent {
    /// When, from the scenario's start.
    #[serde(deserialize_with = "offset::span")]
    pub at: Millis,
    /// What.
    pub does: PersonAction,
}

/// What a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonAction {
    /// Comes into the call.
    Join,
    /// Comes as far as the lobby.
    Lobby,
    /// Is let in from the lobby.
    Admit,
    /// Leaves.
    Leave,
    /// Mutes their own microphone.
    Mute,
    /// Unmutes their own microphone, which ends a server mute too.
    Unmute,
    /// Holds the call on their own phone.
    Hold,
    /// Comes back to it.
    Resume,
}

/// What a person does when something is done to them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonReaction {
    /// To what.
    pub on: ReactionTrigger,
    /// What they do.
    pub does: PersonAction,
    /// How long after it was asked.
    #[serde(deserialize_with = "offset::span")]
    pub after: Millis,
}

/// What can be done to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReactionTrigger {
    /// The service muted them.
    Muted,
    /// They were put on hold.
    Held,
    /// They were brought back from hold.
    Released,
}

/// Calls that come and go by themselves.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RandomTraffic {
    /// The mean time between two new calls.
    #[serde(deserialize_with = "offset::span")]
    pub every: Millis,
    /// The mean length of a call.
    #[serde(deserialize_with = "offset::span")]
    pub lasts: Millis,
    /// The mean time between two things that people of one such call do.
    #[serde(deserialize_with = "offset::span")]
    pub stirs: Millis,
    /// The most calls of this kind at a time.
    pub most: usize,
}

fn two_seconds() -> Millis {
    Millis::seconds(2)
}

fn third_of_a_second() -> Millis {
    Millis(330)
}

fn other_party_ended() -> i64 {
    4097
}
