//! The small words that all of the desk shares: panes, rows, targets, motions. Knows the floor and Graph, and nothing of the desk.

use crossterm::event::{KeyCode, KeyEvent};
use serde_json::{Value, json};

use crate::floor::{OperationNumber, Party, Person};
use crate::graph::{CallId, Method, ParticipantId};
use crate::time::Millis;

/// A pane that can have the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Pane {
    /// The calls of the floor.
    #[default]
    Calls,
    /// The people of the selected call.
    Participants,
    /// What was asked, and what became of it.
    Operations,
}

impl Pane {
    /// The panes, in the order of their numbers from 1.
    pub const ALL: [Self; 3] = [Self::Calls, Self::Participants, Self::Operations];

    /// The pane's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calls => "Calls",
            Self::Participants => "Participants",
            Self::Operations => "Operations",
        }
    }

    pub(in crate::desk) const fn next(self) -> Self {
        match self {
            Self::Calls => Self::Participants,
            Self::Participants => Self::Operations,
            Self::Operations => Self::Calls,
        }
    }
}

/// Somebody of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParticipantRef {
    /// A participant of the roster.
    Person(ParticipantId),
    /// The n-th party of a 1:1 call, which has no roster and no participant ids.
    Party(usize),
}

/// One row of the participants pane.
#[derive(Debug, Clone, Copy)]
pub enum ParticipantRow<'a> {
    /// A participant of the roster.
    Person(&'a Person),
    /// The n-th party of a 1:1 call.
    Party(usize, &'a Party),
}

impl ParticipantRow<'_> {
    /// Who sits here.
    #[must_use]
    pub fn id(&self) -> ParticipantRef {
        match self {
            Self::Person(person) => ParticipantRef::Person(person.id.clone()),
            Self::Party(at, _) => ParticipantRef::Party(*at),
        }
    }

    /// What the person is called; untrusted text, perhaps empty.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Party(_, party) => &party.name,
        }
    }
}

/// A way to move the selection.
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

/// Which row of the operations pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowId {
    /// An operation of the journal.
    Operation(OperationNumber),
    /// A slip of the desk.
    Pending(u64),
    /// An act on many people.
    Bulk(u64),
}

/// Whom an act is about: bound when the key is pressed, and not looked up again by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct ActTarget {
    pub(super) call: CallId,
    /// `None` for the call, or for the application in it.
    pub(super) who: Option<ParticipantRef>,
}

impl ActTarget {
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

/// Why something is off. As text it is a sentence, which may hold untrusted text.
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
    /// A 1:1 call has no participants to name.
    #[error("a 1:1 call has no roster, so nobody in it can be named")]
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
    /// The person waits in the lobby.
    #[error("{0} waits in the lobby: Graph has no call to let anyone in")]
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
    /// A hold was sent, and its outcome is open.
    #[error(
        "whether {0} is on hold is not known: the outcome of the hold is open; read the call again ({1}), \
         or :force release asks anyway"
    )]
    HoldUnknown(String, String),
    /// The person is not on hold.
    #[error("{0} is not on hold")]
    NotHeld(String),
    /// Acts are off, by hand or by the settings.
    #[error("read only: {0} turns acts on")]
    ReadOnly(String),
    /// Acts went off after this many minutes without a key.
    #[error("read only after {0} min without a key: {1} turns acts on")]
    IdleLocked(i64, String),
    /// The first board is not complete.
    #[error("the board is not complete yet")]
    BoardIncomplete,
    /// The relay refuses this desk.
    #[error("the relay does not let this desk in, and so its gate does not either")]
    NotLetIn,
    /// The line to the relay has been down this long.
    #[error("the line is down for {0}: the board may be wrong; :force asks anyway")]
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
    #[error("only with a simulator, which this board has not (--control)")]
    NoSimulator,
    /// An audience sees the screen.
    #[error("an audience sees this screen (--audience), so it shows no notes")]
    AudienceWatches,
    /// Privacy mode is on, and the journal has the true names.
    #[error("private: the record holds the true names; {0} shows them")]
    PrivacyModeOn(String),
}

/// The row that was clicked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClickedRow {
    /// A row of the calls pane.
    Call(CallId),
    /// Somebody in the selected call.
    Who(ParticipantRef),
    /// A row of the operations pane.
    Row(RowId),
}

/// One step on, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepDirection {
    /// To the step after.
    Next,
    /// To the step before.
    Previous,
}

impl StepDirection {
    /// What a clicker's keys mean, where an audience sees the screen.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a clicker has two keys")]
    pub(in crate::desk) fn clicked(key: KeyEvent) -> Option<Self> {
        match key.code {
            KeyCode::PageDown => Some(Self::Next),
            KeyCode::PageUp => Some(Self::Previous),
            _ => None,
        }
    }
}

/// Something that is asked of the control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlRequest {
    /// Where the presentation is.
    Stage,
    /// One step on, or back.
    Step(StepDirection),
    /// Everything from the beginning.
    Restart,
    /// The settings and what they can be.
    Settings,
    /// Another value of a setting.
    Set {
        /// The setting's name.
        name: String,
        /// The value that it gets.
        value: Value,
    },
    /// What is done rather than set.
    Do {
        /// Where it is asked for, below the control's address.
        path: String,
    },
}

impl ControlRequest {
    /// Where it goes, below the control's address, and with what body.
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

/// What to call a participant: the name, else the start of the id; untrusted text.
#[must_use]
pub fn called(person: &Person) -> String {
    if person.name.trim().is_empty() { format!("id {}", person.id.0.short()) } else { person.name.to_string() }
}
