//! Event lines: what happened on the floor, one line a change, in an operator's words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::call::CallNumber;
use super::entry::Cursor;
use super::operation::OperationNumber;
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// One event line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedEvent {
    /// The entry that caused it.
    pub cursor: Cursor,
    /// When.
    pub at: Timestamp,
    /// The call, where it is about one.
    pub call: Option<(CallId, CallNumber)>,
    /// The call's subject, or what the call is called without one; untrusted text.
    pub place: Box<str>,
    /// The person, where it is about one.
    pub participant: Option<ParticipantId>,
    /// What the person is called; untrusted text, empty where it is about nobody.
    pub name: Box<str>,
    /// What happened.
    pub what: LoggedEventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LoggedEventKind {
    /// A call was first seen.
    CallSeen,
    /// A call is connected.
    CallEstablished,
    /// A call ended; with Graph's code and words.
    CallEnded(Box<str>),
    /// A call that a 404 had ended is there after all.
    CallFoundAgain,
    /// Somebody joined.
    Joined,
    /// Somebody waits in the lobby.
    Waits,
    /// Somebody was let in from the lobby.
    Admitted,
    /// Somebody left.
    Left,
    /// Somebody is muted; whether the server did it.
    Muted {
        /// Whether the stream says that the server muted.
        server: bool,
    },
    /// Somebody is unmuted; and how long after a mute of ours, if one came before.
    Unmuted {
        /// Since our mute was asked.
        after: Option<Millis>,
        /// Who had muted.
        by: Option<Box<str>>,
    },
    /// Somebody is on hold.
    Held,
    /// Somebody is back from hold.
    Resumed,
    /// Another program's hold operation ended; it names nobody.
    ForeignHold {
        /// Whether it was a start.
        start: bool,
    },
    /// An operator's act moved on: its number, who, what, and the word for where it is.
    Operation {
        /// Its number.
        number: OperationNumber,
        /// Who asked.
        by: Box<str>,
        /// What was asked.
        act: Act,
        /// `asked`, `accepted`, `CONFIRMED`, ….
        word: Box<str>,
        /// Why, where there is a reason.
        why: Box<str>,
    },
    /// The relay noted something: refused webhooks, a gap, a call that could not be read.
    Noted(Box<str>),
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
