//! The events of a connection to a relay, in the order in which a board applies them.
//!
//! The feed's client assembles these from frames: a snapshot is whole here, and entries come in batches.

use super::frame::{ConnectedOperator, HelloFrame, ResetReason};
use crate::floor::{Entry, Floor};
use crate::time::Timestamp;

/// An event of the connection to a relay.
#[derive(Debug)]
pub enum FeedEvent {
    /// A connection attempt begins.
    Connecting,
    /// The relay introduced itself.
    Hello(HelloFrame),
    /// A snapshot follows; the old board is stale until it is complete.
    Reset(ResetReason),
    /// A complete floor, which replaces the old one.
    Snapshot(Box<Floor>),
    /// The next entries in the journal's order, without a gap.
    Entries(Vec<Entry>),
    /// Entries that a `read` asked for, in order; one `read` may bring several of these.
    History(Vec<Entry>),
    /// All entries up to the relay's head have been delivered: the board is live.
    CaughtUp,
    /// The relay's floor time, at least once per heartbeat interval.
    Heartbeat(Timestamp),
    /// The relay's time leapt against this machine's: this machine stood still, or the relay's clock was moved. What was
    /// asked before is older than it seems.
    TimeLeapt,
    /// A past floor that a `floorAt` asked for.
    Past(Box<Floor>),
    /// When the relay's journal began to refuse entries; `None` when it accepts them again.
    Refusing(Option<Timestamp>),
    /// The connected operators, including this console's.
    Presence(Vec<ConnectedOperator>),
    /// The connection is down, and the client will connect again.
    Down {
        /// The cause, as a sentence for the operator.
        reason: String,
        /// When the next attempt begins, in wall time.
        retry_at: Timestamp,
    },
    /// The relay refuses this console for this reason, and the client does not reconnect.
    Refused(String),
}
