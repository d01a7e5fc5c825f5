//! What a console and its connection to a relay say to each other. Knows no socket.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::CaTrust;
use crate::floor::{Cursor, Entry, Floor, Sum};
use crate::graph::CallId;
use crate::protocol::{ConnectedOperator, HelloFrame, ResetReason};
use crate::time::Timestamp;

/// Where the relay is and who asks.
#[derive(Debug, Clone)]
pub struct FeedConfig {
    /// The feed: `ws://…/feed` or `wss://…/feed`.
    pub url: Url,
    /// The operator's token.
    pub token: SecretString,
    /// Who may vouch for the relay; whom the system believes if none.
    pub trust: Option<CaTrust>,
}

/// What is known already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumePoint {
    /// The journal.
    pub epoch: String,
    /// The last entry that was applied.
    pub after: Cursor,
    /// That entry's checksum.
    pub sum: Sum,
}

/// What happens on the line.
#[derive(Debug)]
pub enum FeedEvent {
    /// A try begins.
    Connecting,
    /// The relay has introduced itself.
    Hello(HelloFrame),
    /// A snapshot follows; what is shown is stale until it is here.
    Reset(ResetReason),
    /// The floor, whole: it takes the place of the old one.
    Snapshot(Box<Floor>),
    /// The next entries, without gap.
    Entries(Vec<Entry>),
    /// Entries that were asked for.
    History(Vec<Entry>),
    /// Everything up to here is known: the board is live.
    CaughtUp(Cursor),
    /// The relay is there.
    Heartbeat {
        /// The journal's head.
        cursor: Cursor,
        /// The relay's floor time.
        now: Timestamp,
    },
    /// The floor as it was, because it was asked for.
    Past(Box<Floor>),
    /// Since when the relay's journal takes nothing; none when it does again.
    Refusing(Option<Timestamp>),
    /// Who is connected.
    Presence(Vec<ConnectedOperator>),
    /// The line is down; it is tried again.
    Down {
        /// Why, as a sentence for the operator.
        reason: String,
        /// When.
        retry_in: Duration,
    },
    /// The relay refuses this console; it is not tried again. The sentence says why.
    Refused(String),
}

/// What the owner asks of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedCommand {
    /// Tell the others which call is looked at.
    Looking(Option<CallId>),
    /// Ask for history.
    Read {
        /// The cursor before the first entry wanted.
        after: Cursor,
        /// How many at most.
        count: u32,
    },
    /// Ask for the floor as it was at a cursor, or before.
    FloorAt(Cursor),
    /// Do not wait any longer: try again now.
    Retry,
}
