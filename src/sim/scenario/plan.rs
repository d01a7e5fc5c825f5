//! The calls of a scenario, their people, and the timed actions of the people. Pure data; the control API
//! accepts the same format.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

use super::offset;

/// A planned call, with its people.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CallPlan {
    /// Its subject; unique in the scenario.
    pub subject: String,
    /// The kind of the call.
    pub kind: PlannedCallKind,
    /// The direction: the application calls, or is called.
    #[serde(default)]
    pub direction: PlannedDirection,
    /// When it arrives or is placed, relative to the scenario's start.
    #[serde(default, deserialize_with = "offset::span")]
    pub at: Millis,
    /// The time from then until it is established.
    #[serde(default = "two_seconds", deserialize_with = "offset::span")]
    pub answered: Millis,
    /// Which side answers an incoming call: a client has 15 seconds.
    #[serde(default)]
    pub answered_by: Answerer,
    /// When it ends, relative to the scenario's start.
    #[serde(default, deserialize_with = "offset::maybe")]
    pub ends: Option<Millis>,
    /// The time between `terminating` and `terminated`.
    #[serde(default = "third_of_a_second", deserialize_with = "offset::span")]
    pub clears: Millis,
    /// The subcode of its end (graph-contract.md, "How a call ends"); the code is 200.
    #[serde(default = "other_party_ended")]
    pub end_subcode: i64,
    /// The people of the call, without the application.
    #[serde(default)]
    pub people: Vec<PersonPlan>,
}

/// The kind of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlannedCallKind {
    /// A call with a roster, not tied to a meeting.
    Group,
    /// A meeting of an organizer, with a roster.
    Meeting,
    /// The application and one peer: no roster, no mute.
    OneToOne,
}

/// The direction of a call: the application calls, or is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlannedDirection {
    /// The application was called.
    #[default]
    Incoming,
    /// The application placed the call.
    Outgoing,
}

/// Which side answers an incoming call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Answerer {
    /// The simulator's own bot, which also keeps the call alive.
    #[default]
    Bot,
    /// A client of the simulator.
    Client,
}

/// A person of a planned call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PersonPlan {
    /// The name that others see; for a phone its number in E.164.
    pub name: String,
    /// The kind of the person's identity.
    #[serde(default)]
    pub kind: PersonKind,
    /// When the person joins, relative to the scenario's start; `None` means when the call is established.
    #[serde(default, deserialize_with = "offset::maybe")]
    pub joins: Option<Millis>,
    /// Whether the person waits in the lobby until admitted.
    #[serde(default)]
    pub lobby: bool,
    /// Whether a recording policy applies to the person. The call then goes to a recorder.
    #[serde(default)]
    pub recorded: bool,
    /// The person's actions, each with its time.
    #[serde(default)]
    pub events: Vec<PersonEvent>,
    /// The person's reactions to acts on them.
    #[serde(default)]
    pub reactions: Vec<PersonReaction>,
}

/// The kind of a person's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonKind {
    /// A user of the directory.
    #[default]
    User,
    /// A guest of the tenant.
    Guest,
    /// A telephone, identified by its number.
    Phone,
    /// An application other than the simulator's.
    Application,
}

/// A timed action of a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonEvent {
    /// The time, from the scenario's start.
    #[serde(deserialize_with = "offset::span")]
    pub at: Millis,
    /// The person's action.
    pub does: PersonAction,
}

/// An action of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonAction {
    /// Joins the call.
    Join,
    /// Joins the lobby.
    Lobby,
    /// Is admitted from the lobby.
    Admit,
    /// Leaves the call or its lobby.
    Leave,
    /// Mutes their own microphone.
    Mute,
    /// Unmutes their own microphone, which ends a server mute too.
    Unmute,
    /// Puts the call on hold on their own phone.
    Hold,
    /// Resumes the call that they put on hold.
    Resume,
}

/// A person's reaction to an act on them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonReaction {
    /// The act that triggers the reaction.
    pub on: ReactionTrigger,
    /// The person's action.
    pub does: PersonAction,
    /// The delay after the act.
    #[serde(deserialize_with = "offset::span")]
    pub after: Millis,
}

/// An act on a person that can trigger a reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReactionTrigger {
    /// The service muted them.
    Muted,
    /// They were put on hold.
    Held,
    /// They were released from hold.
    Released,
}

/// Random calls in the background.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RandomTraffic {
    /// The mean time between two new calls.
    #[serde(deserialize_with = "offset::span")]
    pub every: Millis,
    /// The mean length of a call.
    #[serde(deserialize_with = "offset::span")]
    pub lasts: Millis,
    /// The mean time between two actions of the people of one such call.
    #[serde(deserialize_with = "offset::span")]
    pub stirs: Millis,
    /// The maximum number of such calls at a time.
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
