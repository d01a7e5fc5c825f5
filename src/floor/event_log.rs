//! The event log: one line for each change on the floor, in an operator's words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::call::CallNumber;
use super::entry::Cursor;
use super::operation::OperationNumber;
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// One line of the event log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedEvent {
    /// The entry that caused it.
    pub cursor: Cursor,
    /// The time of that entry.
    pub at: Timestamp,
    /// When a gap began; `at` is its end. `None` for all other events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The call that the event is about, with its short number.
    pub call: Option<(CallId, CallNumber)>,
    /// The call's title; untrusted text, empty without a call.
    pub place: Box<str>,
    /// The participant that the event is about.
    pub participant: Option<ParticipantId>,
    /// The participant's display name; untrusted text, empty without a participant.
    pub name: Box<str>,
    /// The kind of event, with its details.
    pub what: LoggedEventKind,
}

/// The kind of an event, with its details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LoggedEventKind {
    /// A call was first seen.
    CallSeen,
    /// A call is connected.
    CallEstablished,
    /// A call ended, with Graph's code and message; empty without a reason.
    CallEnded(Box<str>),
    /// A call that only a 404 had ended is live: the 404 was wrong.
    CallFoundAgain,
    /// A participant joined the call.
    Joined,
    /// A participant waits in the lobby.
    Waits,
    /// A participant was admitted from the lobby.
    Admitted,
    /// A participant left the call.
    Left,
    /// A participant was muted.
    Muted {
        /// Whether the stream shows that the server muted.
        server: bool,
    },
    /// A participant was unmuted.
    Unmuted {
        /// The time since our mute was proved, if we had muted.
        after: Option<Millis>,
        /// The operator who had muted.
        by: Option<Box<str>>,
    },
    /// A participant was put on hold.
    Held,
    /// A participant came back from hold.
    Resumed,
    /// Another program started or ended a hold; Graph does not name the participant.
    ForeignHold {
        /// Whether the hold started.
        start: bool,
    },
    /// The outcome of an operator's act changed.
    Operation {
        /// The operation's short number.
        number: OperationNumber,
        /// The operator who requested the act.
        by: Box<str>,
        /// The requested act.
        act: Act,
        /// [`LoggedEventKind::ASKED`], [`LoggedEventKind::ACCEPTED`], [`LoggedEventKind::CONFIRMED`], or another word.
        word: Box<str>,
        /// The reason; empty without one.
        why: Box<str>,
    },
    /// The relay noted something: refused webhooks, a gap, a call that could not be read.
    Noted(Box<str>),
}

// Snapshots contain these words, so they keep their spelling.
impl LoggedEventKind {
    /// The word of an operation that was asked.
    pub const ASKED: &'static str = "asked";
    /// The word of an operation that Graph accepted.
    pub const ACCEPTED: &'static str = "accepted";
    /// The word of an operation that was proved.
    pub const CONFIRMED: &'static str = "CONFIRMED";

    /// Returns whether it is the proof of an act of this kind.
    pub(in crate::floor) fn is_proof_of(&self, wanted: Act) -> bool {
        matches!(self, Self::Operation { act, word, .. } if *act == wanted && **word == *Self::CONFIRMED)
    }
}

impl fmt::Display for LoggedEventKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallSeen => out.write_str("call seen"),
            Self::CallEstablished => out.write_str("call established"),
            Self::CallEnded(why) if why.is_empty() => out.write_str("call ended"),
            Self::CallEnded(why) => write!(out, "call ended ({why})"),
            Self::CallFoundAgain => out.write_str("the call is there after all: Graph's 404 was wrong"),
            Self::Joined => out.write_str("joined"),
            Self::Waits => out.write_str("waits in the lobby"),
            Self::Admitted => out.write_str("was let in"),
            Self::Left => out.write_str("left"),
            Self::Muted { server: true } => out.write_str("is muted by the service"),
            Self::Muted { server: false } => out.write_str("is muted"),
            Self::Unmuted { after: None, .. } => out.write_str("is unmuted"),
            Self::Unmuted { after: Some(after), by } => {
                write!(out, "unmuted {after} after {}'s mute", by.as_deref().unwrap_or("an operator"))
            }
            Self::Held => out.write_str("is on hold"),
            Self::Resumed => out.write_str("is back from hold"),
            Self::ForeignHold { start: true } => out.write_str("another program put somebody on hold"),
            Self::ForeignHold { start: false } => out.write_str("another program ended a hold"),
            Self::Operation { number, by, act, word, why } => {
                write!(out, "op {} {by} {act}: {word}", number.0)?;
                if why.is_empty() { Ok(()) } else { write!(out, " ({why})") }
            }
            Self::Noted(text) => out.write_str(text),
        }
    }
}
