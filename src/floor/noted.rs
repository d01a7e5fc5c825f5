//! The notes that a relay writes into its journal about itself.

use serde::{Deserialize, Serialize};

use super::ticket::Ticket;
use crate::graph::CallId;
use crate::time::{ClockMove, Timestamp};

/// A note of the relay about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Noted {
    /// The relay opened its journal. Notifications since the entry before may be missing.
    #[serde(rename = "opened")]
    RelayStarted,
    /// An attempt to send an act to Graph began.
    #[serde(rename = "sent")]
    AttemptStarted {
        /// The idempotency key of the act.
        ticket: Ticket,
        /// The number of the attempt, from 1.
        attempt: u8,
    },
    /// Webhooks were refused.
    Refused {
        /// Why, for counting: `wrong audience`, `expired`, ….
        reason: Box<str>,
        /// How many since the last such note.
        count: u64,
    },
    /// The feed or the gate refused callers without an operator's token.
    #[serde(rename = "turnedAway")]
    CallersRefused {
        /// Why, for counting.
        reason: Box<str>,
        /// How many since the last such note.
        count: u64,
    },
    /// Notifications may be missing because of the relay's own failure.
    Gap {
        /// Why, as a phrase.
        reason: Box<str>,
        /// When the first of them may have been missed, in floor time. `None` means the time of the entry before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Timestamp>,
    },
    /// The relay journalled webhooks but could not forward them to the bot.
    #[serde(rename = "unforwarded")]
    ForwardFailed {
        /// Why, for counting.
        reason: Box<str>,
        /// How many since the last such note.
        count: u64,
    },
    /// The relay has stopped its requests to Graph, or sends them again.
    Graph {
        /// The state of the connection to Graph, as a sentence.
        words: Box<str>,
    },
    /// A call could not be read from Graph; it stays doubtful.
    #[serde(rename = "unread")]
    ReadFailed {
        /// The call that could not be read.
        call: CallId,
        /// The error, in a sentence.
        error: Box<str>,
    },
    /// Floor time moved against the machine's monotonic clock. Its entry also has a [`Noted::Graph`] with the same move
    /// in words, for earlier versions.
    #[serde(skip)]
    ClockMoved(ClockMove),
}
