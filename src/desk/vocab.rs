//! Types that the whole desk shares: panes, rows, targets, motions. Knows the floor and Graph, and nothing of the desk.

use crossterm::event::{KeyCode, KeyEvent};
use serde_json::{Value, json};

use crate::floor::{Operation, OperationNumber, Party, Person};
use crate::graph::{CallId, Method, ParticipantId};
use crate::time::Millis;

/// A pane that can be focused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Pane {
    /// Everyone who waits, in all calls.
    Waiting,
    /// The calls of the floor.
    #[default]
    Calls,
    /// The people of the selected call.
    Participants,
    /// The acts that were asked for, with their outcomes.
    Operations,
    /// The floor's event log.
    Events,
}

impl Pane {
    /// The panes, in the order in which the focus moves through them.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Calls, Self::Participants, Self::Operations, Self::Events];

    /// The panes that are tables: they have columns, a sort and a filter.
    pub const TABLES: [Self; 3] = [Self::Calls, Self::Participants, Self::Operations];

    /// Returns the pane's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Calls => "Calls",
            Self::Participants => "People",
            Self::Operations => "Operations",
            Self::Events => "Floor",
        }
    }

    pub(in crate::desk) const fn next(self) -> Self {
        match self {
            Self::Waiting => Self::Calls,
            Self::Calls => Self::Participants,
            Self::Participants => Self::Operations,
            Self::Operations => Self::Events,
            Self::Events => Self::Waiting,
        }
    }

    pub(in crate::desk) const fn previous(self) -> Self {
        match self {
            Self::Waiting => Self::Events,
            Self::Calls => Self::Waiting,
            Self::Participants => Self::Calls,
            Self::Operations => Self::Participants,
            Self::Events => Self::Operations,
        }
    }

    /// Whether the pane is a table: it has columns, a sort and a filter.
    pub(in crate::desk) const fn is_table(self) -> bool {
        match self {
            Self::Calls | Self::Participants | Self::Operations => true,
            Self::Waiting | Self::Events => false,
        }
    }
}

/// A person of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantRef {
    /// A participant of the roster.
    Person(ParticipantId),
    /// The n-th party of a call without a roster, so without participant ids: a 1:1 call, or one whose
    /// roster has not arrived.
    Party(usize),
}

/// One row of the participants pane.
#[derive(Debug, Clone, Copy)]
pub enum ParticipantRow<'a> {
    /// A participant of the roster.
    Person(&'a Person),
    /// The n-th party of a call without a roster.
    Party(usize, &'a Party),
}

impl ParticipantRow<'_> {
    /// Returns the identity of the row.
    #[must_use]
    pub fn id(&self) -> ParticipantRef {
        match self {
            Self::Person(person) => ParticipantRef::Person(person.id.clone()),
            Self::Party(at, _) => ParticipantRef::Party(*at),
        }
    }

    /// Returns the person's name; untrusted text, perhaps empty.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Party(_, party) => &party.name,
        }
    }
}

/// A motion of the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Motion {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
}

/// The identity of a row of the operations pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowId {
    /// An operation of the journal.
    Operation(OperationNumber),
    /// A pending act, by its serial number.
    Pending(u64),
    /// A bulk act, by its serial number.
    Bulk(u64),
}

/// The target of an act, bound when the key is pressed and not looked up by row again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct ActTarget {
    pub(super) call: CallId,
    /// `None` for the call, or for the application in it.
    pub(super) who: Option<ParticipantRef>,
}

impl ActTarget {
    /// Returns the target of an operation.
    pub(in crate::desk) fn of(operation: &Operation) -> Self {
        Self { call: operation.call.clone(), who: operation.participant.clone().map(ParticipantRef::Person) }
    }

    pub(in crate::desk) const fn person_in(call: CallId, person: ParticipantId) -> Self {
        Self { call, who: Some(ParticipantRef::Person(person)) }
    }

    pub(in crate::desk) const fn person(&self) -> Option<&ParticipantId> {
        match &self.who {
            Some(ParticipantRef::Person(id)) => Some(id),
            Some(ParticipantRef::Party(_)) | None => None,
        }
    }
}

/// Why a command is off, as a sentence, which may hold untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No call is selected.
    #[error("no call is selected")]
    NoCall,
    /// Nobody is selected.
    #[error("nobody is selected")]
    NobodySelected,
    /// No person has a mark.
    #[error("nobody is marked")]
    NobodyMarked,
    /// The act needs a person, and the target has none.
    #[error("nobody is named")]
    NobodyNamed,
    /// Hold is for one person, and several are marked.
    #[error("one at a time, and several are marked")]
    SeveralMarked,
    /// The floor no longer has the call.
    #[error("the call has left the floor")]
    CallGone,
    /// The call has ended.
    #[error("the call has ended")]
    CallEnded,
    /// Graph mutes only in group calls.
    #[error("group calls only: Graph offers no mute in a 1:1 call")]
    GroupCallsOnly,
    /// The call's roster has not arrived; with the key that reads the call.
    #[error("the roster of this call has not arrived, so nobody in it can be selected for an act: {0} reads the call")]
    RosterMissing(String),
    /// A 1:1 call has no participants to name.
    #[error("a 1:1 call has no roster, so nobody in it can be selected for an act")]
    NoRoster,
    /// The roster no longer has the person.
    #[error("they are no longer in the roster")]
    NotInRoster,
    /// The application's own participant is not known.
    #[error("the application's own participant is not known yet: read the call again ({0})")]
    OwnParticipantUnknown(String),
    /// The person has left.
    #[error("{0} has left")]
    HasLeft(String),
    /// The person is in the lobby.
    #[error("{0} is in the lobby: somebody in the meeting has to let them in first, which Graph cannot do")]
    InLobby(String),
    /// The person is the application itself.
    #[error("this is the application itself: {0} mutes and unmutes it")]
    IsApplication(String),
    /// The person is on hold already.
    #[error("{0} is on hold already")]
    HeldAlready(String),
    /// Another person of the call is on hold.
    #[error("one at a time: {0} is on hold in this call; release them first")]
    AnotherHeld(String),
    /// A hold was sent, and its outcome is unknown.
    #[error(
        "it is unknown whether {0} is on hold, because the hold has no outcome yet; read the call again ({1}), \
         or :force release asks anyway"
    )]
    HoldUnknown(String, String),
    /// The person is not on hold.
    #[error("{0} is not on hold")]
    NotHeld(String),
    /// Acts are off, by key or by the settings.
    #[error("read only: {0} turns acts on")]
    ReadOnly(String),
    /// Acts went off after this many minutes without a key.
    #[error("read only after {0} min without a key: {1} turns acts on")]
    IdleLocked(i64, String),
    /// The first board is not complete.
    #[error("the board is not complete yet")]
    BoardIncomplete,
    /// The relay refuses this desk.
    #[error("the relay refuses this desk, so acts cannot be sent")]
    NotLetIn,
    /// The line to the relay has been down this long.
    #[error("the line has been down for {0}: the board may be wrong; :force asks anyway")]
    LineDown(Millis),
    /// A viewer may not act.
    #[error("your role is viewer: ask for the operator role")]
    IsViewer,
    /// The operation of this number is putting somebody else of the call on hold.
    #[error("one at a time: op {0} is putting {1} on hold")]
    HoldUnderWay(u32, String),
    /// The operation of this number asks for the same, and has no proof yet.
    #[error("already asked: op {0} waits for its proof")]
    AlreadyAsked(u32),
    /// The same act is on its way to the gate.
    #[error("already asked: it is being sent")]
    BeingSent,
    /// There is no simulator behind the board.
    #[error("only with a simulator, which this board does not have (--control)")]
    NoSimulator,
    /// Privacy mode is on, and the journal has the true names.
    #[error("privacy mode: the record holds the true names; {0} shows them")]
    PrivacyModeOn(String),
}

/// The row that was clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClickedRow {
    /// Somebody who waits.
    Waiting(CallId, ParticipantId),
    /// A row of the calls pane.
    Call(CallId),
    /// Somebody in a call.
    Who(CallId, ParticipantRef),
    /// A row of the operations pane.
    Row(RowId),
}

/// The direction of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepDirection {
    /// To the next step.
    Next,
    /// To the previous step.
    Previous,
}

impl StepDirection {
    /// Returns what a clicker's key means while an audience sees the screen.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a presenter's clicker has two keys")]
    pub(in crate::desk) fn clicked(key: KeyEvent) -> Option<Self> {
        match key.code {
            KeyCode::PageDown => Some(Self::Next),
            KeyCode::PageUp => Some(Self::Previous),
            _ => None,
        }
    }
}

/// A request to the simulator's control API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlRequest {
    /// Read the presentation.
    Stage,
    /// Go one step forward or back.
    Step(StepDirection),
    /// Restart the scenario.
    Restart,
    /// Read the settings and their allowed values.
    Settings,
    /// Change a setting.
    Set {
        /// The setting's name.
        name: String,
        /// The new value.
        value: Value,
    },
    /// Run an action.
    Do {
        /// The path, below the control's address.
        path: String,
    },
}

impl ControlRequest {
    /// Returns the method, the path below the control's address, and the body.
    #[must_use]
    pub fn request(&self) -> (Method, &str, Option<String>) {
        let post = |path: &'static str, body: Value| (Method::Post, path, Some(body.to_string()));
        match self {
            Self::Stage => (Method::Get, "stage", None),
            Self::Settings => (Method::Get, "settings", None),
            Self::Step(StepDirection::Next) => post("stage", json!({ "step": "next" })),
            Self::Step(StepDirection::Previous) => post("stage", json!({ "step": "previous" })),
            Self::Restart => post("stage", json!({ "restart": true })),
            Self::Set { name, value } => post("faults", json!({ name: value })),
            Self::Do { path } => (Method::Post, path, None),
        }
    }
}

/// Returns a participant's name, or the start of the id if it has none; untrusted text.
#[must_use]
pub fn called(person: &Person) -> String {
    if person.name.trim().is_empty() { format!("id {}", person.id.0.short()) } else { person.name.to_string() }
}
