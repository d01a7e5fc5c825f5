//! Scenario files: what happens on the simulated floor, and when, as TOML.
//!
//! Pure: text in, data out. It says what a world should play; it performs nothing, least of all the acts of the
//! other supervisors, which go through a relay like anybody's.

mod check;
mod offset;
mod progress;
mod steps;

use serde::{Deserialize, Serialize};

use crate::time::Millis;

pub use progress::{ProgressSheet, StepError, StepProgress, StepTarget, StepWay};
pub use steps::{ExpectedSight, ScenarioStep, Sight, StepCue};

/// A scenario: the calls of a floor, what happens in them, and the story told with them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// A title for people; its name when absent.
    #[serde(default)]
    title: Option<String>,
    /// What it shows, in a sentence or two.
    pub description: String,
    /// How long before its start the first things happen.
    #[serde(default, deserialize_with = "offset::span")]
    pub prelude: Millis,
    /// Whether calls that clients create are joined by seeded people who then do things now and then.
    #[serde(default)]
    pub company: bool,
    /// Calls that come and go by themselves, so that the floor stays alive.
    #[serde(default)]
    pub traffic: Option<RandomTraffic>,
    /// The calls that are told.
    #[serde(default)]
    pub calls: Vec<CallPlan>,
    /// What supervisors do; never performed by the simulator.
    #[serde(default)]
    pub acts: Vec<ScenarioAct>,
    /// What a presenter says and does; the first is where a presentation begins.
    #[serde(default)]
    pub steps: Vec<ScenarioStep>,
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

/// Something that a supervisor does, for whoever drives the demo to perform through a relay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScenarioAct {
    /// When, from the scenario's start.
    #[serde(deserialize_with = "offset::span")]
    pub at: Millis,
    /// Which supervisor; the presenter's own desk where `story` is set.
    pub by: String,
    /// What.
    pub act: ActKind,
    /// In which call, by its subject.
    pub call: String,
    /// Whom, by name; nobody for acts on the application itself.
    #[serde(default)]
    pub participant: Option<String>,
    /// Whether the presenter's own desk performs it, when the story is told without a terminal.
    #[serde(default)]
    pub story: bool,
    /// How it should come out.
    #[serde(default)]
    pub expect: Option<ExpectedOutcome>,
}

/// What a supervisor can do.
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
    /// Bring a participant back from hold.
    Release,
    /// Remove a participant.
    Remove,
    /// End the application's leg.
    HangUp,
}

impl ActKind {
    /// Whether the act is on a participant, rather than on the application itself.
    #[must_use]
    pub const fn names_participant(self) -> bool {
        matches!(self, Self::Mute | Self::Hold | Self::Release | Self::Remove)
    }
}

/// How an act should come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpectedOutcome {
    /// Proved by the call.
    Confirmed,
    /// Refused before Graph accepted it.
    Refused,
    /// The person left first.
    Left,
    /// No proof in time.
    Unconfirmed,
    /// Graph's operation failed.
    Failed,
}

/// What is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// It is not TOML, or a member is unknown, missing or of the wrong kind; the text shows the line.
    #[error("the scenario cannot be read: {0}")]
    Text(String),
    /// It reads, but makes no sense.
    #[error("the scenario makes no sense at {place}: {what}")]
    Sense {
        /// The member, for example `calls[2] "Support / Acme", people[0] "Ada Byrne"`.
        place: String,
        /// What is wrong there, and what is wanted.
        what: String,
    },
}

const EMBEDDED: [(&str, &str); 2] = [
    ("reopening-day", include_str!("../../assets/scenarios/reopening-day.toml")),
    ("empty", include_str!("../../assets/scenarios/empty.toml")),
];

impl Scenario {
    /// The name of the scenario that plays when none is asked for.
    pub const DEFAULT: &'static str = "reopening-day";

    /// A scenario that is part of the program; `None` when there is none of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Result<Self, ScenarioError>> {
        EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, text)| Self::parse(text))
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// Where the text is wrong, and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::Text(error.to_string()))?;
        check::scenario(&scenario)?;
        Ok(scenario)
    }

    /// Its title for people.
    #[must_use]
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// The names of the scenarios that are part of the program; the default comes first.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        &["reopening-day", "empty"]
    }
}

impl CallPlan {
    /// Checks one call by itself, as it comes over the control API.
    ///
    /// # Errors
    /// Where the call is wrong, and what is wrong there.
    pub fn check(&self) -> Result<(), ScenarioError> {
        check::call(self, &format!("call {:?}", self.subject))
    }
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
