//! The journal's entries and their JSON form. Each entry records one fact.
//!
//! The same text is the journal's row and the feed's `entry` frame: a body `{"at": …, "<fact>": …}`, to which the
//! frame adds `type`, `cursor`, `after` and `sum`.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::act::Act;
use super::noted::Noted;
use super::ticket::Ticket;
use crate::graph::{
    self, CallId, GeneralReader, ItemRejection, JsonReader, Notification, OperationId, ParticipantId, RejectReason,
};
use crate::time::{ClockMove, Millis, Timestamp};

/// One record of the journal.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The entry's offset in the journal.
    pub cursor: Cursor,
    /// The cursor of the entry before it. If that is not the last cursor applied, entries are missing.
    pub after: Cursor,
    /// The chain checksum, over the checksum before, the cursor and the body.
    pub sum: Sum,
    /// When it arrived, in floor time.
    pub at: Timestamp,
    /// The fact that it records.
    pub fact: Fact,
}

/// The offset of an entry in a journal: 1 for the first, without gaps; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub u64);

/// An entry's chain checksum: 64 bits over the checksum before, the cursor and the body; 0 before the first entry.
/// Written as sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sum(pub u64);

/// The fact that an entry records.
#[derive(Debug, Clone)]
pub enum Fact {
    /// A notification of Graph, as received.
    Notification(ReceivedItem),
    /// An operator requested an act; journalled before it is sent.
    Asked(Box<Asked>),
    /// The outcome of the request.
    Answered(Box<Answered>),
    /// A reading of the relay from Graph.
    Observed(Box<Observed>),
    /// A notification that could not be read.
    Rejected(Box<Rejected>),
    /// A note of the relay about itself.
    Noted(Noted),
}

impl Fact {
    /// Returns the size of the JSON text that it carries, in bytes; 0 for a fact without one.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::Notification(received) => received.item.get().len(),
            Self::Answered(answered) => match &answered.outcome {
                Outcome::Replied { body, .. } => body.as_ref().map_or(0, |it| it.get().len()),
                Outcome::Refused { .. } | Outcome::Lost { .. } => 0,
            },
            Self::Observed(observed) => match &observed.read {
                GraphReading::Call(text) | GraphReading::Participants(text) | GraphReading::Operation(_, text) => {
                    text.get().len()
                }
                GraphReading::Gone => 0,
            },
            Self::Rejected(rejected) => rejected.text.len(),
            Self::Asked(_) | Self::Noted(_) => 0,
        }
    }
}

/// A notification as received. It is parsed once, at the first call of `ReceivedItem::notification`.
#[derive(Debug, Clone)]
pub struct ReceivedItem {
    /// The JSON text of the item.
    item: Box<RawValue>,
    /// The platform's id of the POST that carried it.
    pub message: Option<Box<str>>,
    /// Its index in that POST, from 0.
    pub index: u32,
    notification: OnceLock<Result<Notification, ItemRejection>>,
}

/// An act that an operator asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The idempotency key of the act.
    pub ticket: Ticket,
    /// The operator's name.
    pub by: Box<str>,
    /// The requested act.
    pub act: Act,
    /// The call that the act is about.
    pub call: CallId,
    /// The participant, for an act on a participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<ParticipantId>,
    /// The time from the key press to the entry.
    #[serde(default)]
    pub pressed_ago: Millis,
    /// The exact request: `POST /communications/…` and its body.
    pub request: Box<str>,
}

/// The outcome of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// The idempotency key of the act.
    pub ticket: Ticket,
    /// The answer, or the reason for a missing one.
    pub outcome: Outcome,
    /// How long the last attempt took.
    #[serde(default)]
    pub took: Millis,
}

/// The answer to a request, or the reason for a missing one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// Graph answered, with any status.
    Replied {
        /// The HTTP status.
        status: u16,
        /// The `Location` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        location: Option<Box<str>>,
        /// The body, where it is JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Box<RawValue>>,
    },
    /// The gate refused to send it, with the reason for the operator.
    Refused {
        /// The reason, as a sentence for the operator.
        reason: Box<str>,
        /// Whether it arrived too late after its key press. Nothing was sent to Graph.
        #[serde(default, skip_serializing_if = "is_false")]
        expired: bool,
    },
    /// No answer arrived.
    Lost {
        /// Whether the request was sent, in which case it may have taken effect.
        sent: bool,
        /// The error, in a sentence.
        error: Box<str>,
    },
}

/// A reading of the relay from Graph.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The call that was read.
    pub call: CallId,
    /// The answer to the read.
    pub read: GraphReading,
    /// The journal's head when the read began. Notifications after it may be newer than the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Cursor>,
}

/// An answer to a read, as received.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GraphReading {
    /// The call resource.
    Call(Box<RawValue>),
    /// The `value` array of its participants; a read always names all of them.
    Participants(Box<RawValue>),
    /// An operation resource, with its id.
    Operation(OperationId, Box<RawValue>),
    /// Graph does not know the call (404): it has ended.
    Gone,
}

/// A notification, or a whole webhook body, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// The kind of fault.
    pub reason: RejectReason,
    /// The fault, and its place in the text.
    pub detail: Box<str>,
    /// The text as received, so that a corrected reader can read it later.
    pub text: Box<str>,
    /// The platform's id of the POST that carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<str>>,
    /// Its index in that POST, from 0; `None` for a whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "record")]
struct EntryBody<'a> {
    at: Timestamp,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    notification: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<Box<Asked>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered: Option<Box<Answered>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    observed: Option<Box<Observed>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rejected: Option<Box<Rejected>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noted: Option<Noted>,
    /// A move of the clock. `noted` has the same move in words for earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock: Option<ClockMove>,
}

impl ReceivedItem {
    /// Creates an item from its text, the id of its POST, and its index in the POST.
    #[must_use]
    pub const fn new(item: Box<RawValue>, message: Option<Box<str>>, index: u32) -> Self {
        Self { item, message, index, notification: OnceLock::new() }
    }

    /// Returns the item's JSON text.
    #[must_use]
    pub fn item(&self) -> &RawValue {
        &self.item
    }

    /// Returns the parsed notification.
    ///
    /// The error is the rejection of [`graph::read`].
    pub(crate) fn notification(&self) -> Result<&Notification, &ItemRejection> {
        self.notification.get_or_init(|| graph::read(self.item.get())).as_ref()
    }
}

/// Returns whether `value` is false, so that serde leaves its member out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}

/// About how many bytes an entry's body adds to a notification.
const BODY_BYTES: usize = 256;

impl Fact {
    /// Writes the body of an entry that records this fact at `at`.
    #[must_use]
    pub fn encode(&self, at: Timestamp) -> String {
        let mut body = EntryBody {
            at,
            notification: None,
            message: None,
            index: None,
            asked: None,
            answered: None,
            observed: None,
            rejected: None,
            noted: None,
            clock: None,
        };
        match self {
            Self::Notification(received) => {
                body.notification = Some(&received.item);
                body.message.clone_from(&received.message);
                body.index = Some(received.index);
            }
            Self::Asked(asked) => body.asked = Some(asked.clone()),
            Self::Answered(answered) => body.answered = Some(answered.clone()),
            Self::Observed(observed) => body.observed = Some(observed.clone()),
            Self::Rejected(rejected) => body.rejected = Some(rejected.clone()),
            Self::Noted(Noted::ClockMoved(moved)) => {
                body.noted = Some(Noted::Graph { words: moved.to_string().into() });
                body.clock = Some(*moved);
            }
            Self::Noted(noted) => body.noted = Some(noted.clone()),
        }
        let mut text = Vec::with_capacity(body.notification.map_or(0, |it| it.get().len()) + BODY_BYTES);
        // Writing cannot fail: a body contains only text, numbers and JSON that was parsed before.
        match serde_json::to_writer(&mut text, &body) {
            Ok(()) => String::from_utf8(text).unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Reads the body of an entry: its time and its fact.
    ///
    /// # Errors
    /// Fails if the text is not a body, or contains a fact that this version does not know.
    pub fn decode(text: &str) -> Result<(Timestamp, Self), serde_json::Error> {
        Self::decode_by(&GeneralReader, text)
    }

    /// Reads the body of an entry like [`Fact::decode`], with another JSON reader.
    ///
    /// Fails if [`Fact::decode`] fails.
    pub(crate) fn decode_by(reader: &impl JsonReader, text: &str) -> Result<(Timestamp, Self), serde_json::Error> {
        let body: EntryBody<'_> = reader.read(text)?;
        let fact = if let Some(item) = body.notification {
            let item = item.to_owned();
            Self::Notification(ReceivedItem::new(item, body.message, body.index.unwrap_or_default()))
        } else if let Some(asked) = body.asked {
            Self::Asked(asked)
        } else if let Some(answered) = body.answered {
            Self::Answered(answered)
        } else if let Some(observed) = body.observed {
            Self::Observed(observed)
        } else if let Some(rejected) = body.rejected {
            Self::Rejected(rejected)
        } else if let Some(moved) = body.clock {
            Self::Noted(Noted::ClockMoved(moved))
        } else if let Some(noted) = body.noted {
            Self::Noted(noted)
        } else {
            return Err(serde::de::Error::custom("an entry without a fact that this version knows"));
        };
        Ok((body.at, fact))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl Serialize for Sum {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(Self).map_err(serde::de::Error::custom)
    }
}
