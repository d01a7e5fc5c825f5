//! What a console and its connection to a relay say to each other. Knows no socket.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::CaTrust;
use crate::floor::{Cursor, Entry, Floor, Sum};
use crate::graph::CallId;
use crate::protocol::{ConnectedOperator, HelloFrame, ResetReason};
use crate::time::Timestamp;

/// The address of a relay, and the token to present.
#[derive(Debug, Clone)]
pub struct FeedConfig {
    /// The feed: `ws://…/feed` or `wss://…/feed`.
    pub url: Url,
    /// The operator's token.
    pub token: SecretString,
    /// The trusted certificate authorities; the system's if `None`.
    pub trust: Option<CaTrust>,
}

/// Where a feed resumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumePoint {
    /// The identity of the journal's history.
    pub epoch: String,
    /// The last entry that was applied.
    pub after: Cursor,
    /// That entry's checksum.
    pub sum: Sum,
}

/// An event of the connection to a relay.
#[derive(Debug)]
pub enum FeedEvent {
    /// A connection attempt starts.
    Connecting,
    /// The relay has introduced itself.
    Hello(HelloFrame),
    /// A snapshot follows; the board is stale until it arrives.
    Reset(ResetReason),
    /// The whole floor, which replaces the old one.
    Snapshot(Box<Floor>),
    /// The next entries, without a gap.
    Entries(Vec<Entry>),
    /// Entries that were requested with [`FeedCommand::Read`].
    History(Vec<Entry>),
    /// All entries up to this cursor have arrived: the board is live.
    CaughtUp(Cursor),
    /// The relay is alive.
    Heartbeat {
        /// The journal's head.
        cursor: Cursor,
        /// The relay's floor time.
        now: Timestamp,
    },
    /// A floor of the past, requested with [`FeedCommand::FloorAt`].
    Past(Box<Floor>),
    /// Since when the relay cannot write its journal; `None` when it can again.
    Refusing(Option<Timestamp>),
    /// The operators who are connected.
    Presence(Vec<ConnectedOperator>),
    /// The connection is down, and will be retried.
    Down {
        /// Why, as a sentence for the operator.
        reason: String,
        /// The wait before the next attempt.
        retry_in: Duration,
    },
    /// The relay refuses this console, and the client stops; a sentence says why.
    Refused(String),
}

/// A command to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedCommand {
    /// Report the selected call to the other operators.
    Looking(Option<CallId>),
    /// Request earlier entries.
    Read {
        /// The cursor before the first entry wanted.
        after: Cursor,
        /// The most entries to send.
        count: u32,
    },
    /// Request the floor as of a cursor, or of the snapshot before it.
    FloorAt(Cursor),
    /// Retry now instead of waiting.
    Retry,
}
