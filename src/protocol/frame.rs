//! The frames of protocol 1 in both directions, as JSON text. Pure; does not know sockets.
//!
//! Unknown members are ignored and unknown frames read as `Unknown`, so that either side can be newer.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use super::limits::{LimitExceeded, MAX_OPERATORS, MAX_PIECE, check_name};
use super::relay_stamp::RelayStamp;
use super::snapshot::SnapshotPiece;
use crate::floor::{Cursor, Entry, Fact, Sum};
use crate::graph::CallId;
use crate::time::Timestamp;

/// A frame from a relay to a console.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FeedFrame {
    /// The first frame of every connection.
    Hello(HelloFrame),
    /// A snapshot follows; the console replaces its floor after the last piece.
    Reset {
        /// The reason why the console gets a snapshot.
        reason: ResetReason,
        /// The cursor that the snapshot is at.
        cursor: Cursor,
    },
    /// A piece of the floor.
    Snapshot(SnapshotPiece),
    /// One entry. [`encode_entry`] writes it, because its body is encoded already.
    #[serde(skip)]
    Entry {
        /// The journal's entry.
        entry: Entry,
        /// Whether it answers `read`, out of the feed's order.
        history: bool,
    },
    /// All entries up to here have been sent: the board is live.
    CaughtUp {
        /// The cursor of the last entry.
        cursor: Cursor,
    },
    /// The connection is alive.
    Heartbeat {
        /// The journal's head.
        cursor: Cursor,
        /// The relay's floor time.
        now: Timestamp,
        /// The time since which the relay cannot write its journal. Notifications are lost and acts are refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refusing_since: Option<Timestamp>,
        /// The relay's own time when it sent this, by which acts expire; an earlier relay has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sent: Option<RelayStamp>,
    },
    /// The operators who are connected.
    Presence {
        /// Everyone, this console included.
        operators: Vec<ConnectedOperator>,
    },
    /// The relay is about to close.
    Bye {
        /// The close code.
        code: u16,
        /// Whether the console may resume after its cursor.
        resumable: bool,
        /// The time that the console should wait before it reconnects, in milliseconds.
        #[serde(default)]
        retry_after_ms: u64,
    },
    /// A frame of a newer protocol: counted and skipped.
    #[serde(other)]
    Unknown,
}

/// The relay introduces itself. Label and operator are untrusted text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HelloFrame {
    /// The version of the protocol.
    pub protocol: u32,
    /// The source of the calls: `SIMULATOR`, or the label of the tenant.
    pub label: String,
    /// The name of the operator whose token this is.
    pub operator: String,
    /// That operator's role.
    pub role: Role,
    /// The identity of the journal.
    pub epoch: String,
    /// The first cursor that is still kept.
    pub oldest: Cursor,
    /// The cursor of the last entry.
    pub head: Cursor,
    /// The longest silence of the relay between two frames, in seconds.
    pub heartbeat_seconds: u32,
    /// The relay's floor time.
    pub now: Timestamp,
    /// The real time from a key press until its act expires, in seconds. An older relay does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_expires_seconds: Option<u32>,
}

/// An operator's role: the acts that it permits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// May only view the board.
    #[default]
    Viewer,
    /// May view the board and act.
    Operator,
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        })
    }
}

/// The reason why a snapshot comes instead of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResetReason {
    /// The console asked to start.
    New,
    /// The console knows another history.
    Epoch,
    /// The cursor is no longer kept.
    TooOld,
    /// The console was too far behind.
    Lagged,
}

impl fmt::Display for ResetReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::New => "the console is new",
            Self::Epoch => "the relay has a different journal",
            Self::TooOld => "the missed entries are no longer kept",
            Self::Lagged => "this console was too far behind",
        })
    }
}

/// An operator who is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedOperator {
    /// The operator's name; untrusted text.
    pub operator: String,
    /// The operator's role.
    pub role: Role,
    /// The call that the operator has selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looking: Option<CallId>,
}

/// A frame of a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConsoleFrame {
    /// The console has no entries yet.
    Start,
    /// It continues after a cursor.
    Resume {
        /// The journal that it knows.
        epoch: String,
        /// The last entry that it has.
        after: Cursor,
        /// The checksum that came with that entry.
        sum: Sum,
    },
    /// It requests earlier entries.
    Read {
        /// The cursor before the first requested entry.
        after: Cursor,
        /// The maximum number of entries.
        count: u32,
    },
    /// It requests a past floor.
    FloorAt {
        /// The cursor of the floor; the answer may be an earlier one.
        cursor: Cursor,
    },
    /// It has applied everything up to here.
    Ack {
        /// The cursor of the request.
        cursor: Cursor,
    },
    /// It has selected a call.
    Looking {
        /// The call; absent if no call is selected.
        #[serde(default)]
        call: Option<CallId>,
    },
    /// A frame of a newer protocol: counted and skipped.
    #[serde(other)]
    Unknown,
}

/// A text that is not a frame, or a frame that a console does not accept.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is not JSON, has no `type`, or lacks what its type needs.
    #[error("a frame of the feed could not be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It holds more than a console accepts.
    #[error(transparent)]
    TooLarge(#[from] LimitExceeded),
}

impl FeedFrame {
    /// Returns the frame's text. For an entry it is empty; [`encode_entry`] encodes entries.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// Fails if the text is not JSON, has no `type`, or lacks what its type needs, and if a console does not accept so
    /// much in one frame.
    pub fn decode(text: &str) -> Result<Self, FrameError> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(rename = "type", borrow)]
            kind: Cow<'a, str>,
            #[serde(default)]
            cursor: Cursor,
            #[serde(default)]
            after: Cursor,
            #[serde(default)]
            sum: Sum,
            #[serde(default)]
            history: bool,
        }
        let is_entry = text.starts_with(ENTRY);
        if !is_entry && !text.contains("\"entry\"") {
            return Ok(serde_json::from_str::<Self>(text)?.within_limits()?);
        }
        let head: Head<'_> = serde_json::from_str(text)?;
        if head.kind != "entry" {
            return Ok(serde_json::from_str::<Self>(text)?.within_limits()?);
        }
        let (at, fact) = Fact::decode(text)?;
        let entry = Entry { cursor: head.cursor, after: head.after, sum: head.sum, at, fact };
        Ok(Self::Entry { entry, history: head.history })
    }

    /// Returns the frame, if a console can keep what is in it.
    fn within_limits(self) -> Result<Self, LimitExceeded> {
        match &self {
            Self::Hello(HelloFrame { label, operator, epoch, .. }) => {
                check_name("a label", label)?;
                check_name("an operator's name", operator)?;
                check_name("an epoch", epoch)?;
            }
            Self::Snapshot(piece) if piece.piece.len() > MAX_PIECE => {
                let what = format!("a piece of a snapshot of {} bytes", piece.piece.len());
                return Err(LimitExceeded::new(what, format!("{MAX_PIECE}")));
            }
            Self::Heartbeat { sent: Some(RelayStamp { start, .. }), .. } => check_name("the id of its start", start)?,
            Self::Presence { operators } => check_operators(operators)?,
            Self::Snapshot(_)
            | Self::Reset { .. }
            | Self::Entry { .. }
            | Self::CaughtUp { .. }
            | Self::Heartbeat { sent: None, .. }
            | Self::Bye { .. }
            | Self::Unknown => {}
        }
        Ok(self)
    }
}

impl ConsoleFrame {
    /// Returns the frame's text.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// Fails if the text is not JSON, has no `type`, or lacks what its type needs.
    pub fn decode(text: &str) -> Result<Self, FrameError> {
        Ok(serde_json::from_str(text)?)
    }
}

fn check_operators(operators: &[ConnectedOperator]) -> Result<(), LimitExceeded> {
    if operators.len() > MAX_OPERATORS {
        let what = format!("the names of {} operators at once", operators.len());
        return Err(LimitExceeded::new(what, format!("{MAX_OPERATORS}")));
    }
    operators.iter().try_for_each(|it| check_name("an operator's name", &it.operator))
}

/// The beginning of an entry's frame.
const ENTRY: &str = r#"{"type":"entry","#;

/// Returns the frame of an entry, made once for all consoles around the `body` that the journal keeps.
#[must_use]
pub fn encode_entry(cursor: Cursor, after: Cursor, sum: Sum, body: &str) -> String {
    let rest = body.strip_prefix('{').unwrap_or(body);
    // The body is much longer than the text before it.
    let mut text = String::with_capacity(body.len() + 128);
    // Writing to a `String` cannot fail.
    let _ = write!(text, r#"{ENTRY}"cursor":{cursor},"after":{after},"sum":"{sum}",{rest}"#);
    text
}

/// Returns the frame of an entry that was asked for with `read`.
#[must_use]
pub fn encode_history_entry(cursor: Cursor, after: Cursor, sum: Sum, body: &str) -> String {
    let rest = body.strip_prefix('{').unwrap_or(body);
    format!(r#"{ENTRY}"history":true,"cursor":{cursor},"after":{after},"sum":"{sum}",{rest}"#)
}

#[cfg(test)]
mod tests;
