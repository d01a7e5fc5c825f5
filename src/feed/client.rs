//! Holds a line to a relay: connects, resumes where it stopped, notices silence and gaps, waits and tries again.
//!
//! It hands what it hears to its owner in batches and knows nothing of boards. When the owner is slow the socket is
//! not read, so that the relay feels it; nothing is dropped.

mod dial;
mod line;
#[cfg(test)]
mod tests;

use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc;
use url::Url;

pub(super) use self::dial::dial;
use self::line::{ConnectionEnd, FeedConnection};
use super::CaTrust;
use crate::floor::{Cursor, Entry, Floor, Sum};
use crate::graph::CallId;
use crate::protocol::{ConnectedOperator, HelloFrame, ResetReason};
use crate::time::Backoff;
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

/// Holds the line until the owner drops its end of a channel, or the relay refuses.
///
/// Both channels are bounded by their owner: when `events` is full the line waits for it, and reads nothing.
pub async fn run(
    config: FeedConfig,
    from: Option<ResumePoint>,
    events: mpsc::Sender<FeedEvent>,
    mut orders: mpsc::Receiver<FeedCommand>,
) {
    let mut backoff = Backoff::default();
    let mut line = FeedConnection::new(from, events.clone());
    loop {
        if events.send(FeedEvent::Connecting).await.is_err() {
            return;
        }
        let began = crate::clock::instant();
        let (reason, asked) = match line.run_connection(&config, &mut orders).await {
            ConnectionEnd::Owner => return,
            ConnectionEnd::Refused(reason) => {
                // The owner may have gone meanwhile; then nobody needs to know.
                drop(events.send(FeedEvent::Refused(reason)).await);
                return;
            }
            ConnectionEnd::Lost(reason) => (reason, Duration::ZERO),
            ConnectionEnd::Asked(reason, wait) => (reason, wait),
        };
        backoff.note_connected_for(began.elapsed());
        // Added, so that not all consoles come back in the same moment.
        let retry_in = asked + backoff.next_wait(rand::random());
        tracing::info!(%reason, ?retry_in, "the feed is down");
        if events.send(FeedEvent::Down { reason, retry_in }).await.is_err() {
            return;
        }
        if !pause(retry_in, &mut line, &mut orders).await {
            return;
        }
    }
}

/// Waits, or until the owner wants a try; false when the owner has gone.
async fn pause(wait: Duration, line: &mut FeedConnection, orders: &mut mpsc::Receiver<FeedCommand>) -> bool {
    let until = tokio::time::sleep(wait);
    tokio::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => return true,
            order = orders.recv() => match order {
                None => return false,
                Some(FeedCommand::Retry) => return true,
                Some(FeedCommand::Looking(call)) => line.set_looked_at_call(call),
                Some(FeedCommand::Read { .. } | FeedCommand::FloorAt(_)) => {}
            },
        }
    }
}
