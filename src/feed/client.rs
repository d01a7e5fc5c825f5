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
use crate::floor::{Cursor, Sum};
use crate::graph::CallId;
use crate::protocol::FeedEvent;
use crate::time::{Backoff, Millis, Timestamp};

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
        if events.send(FeedEvent::Down { reason, retry_at: wall_after(retry_in) }).await.is_err() {
            return;
        }
        if !pause(retry_in, &mut line, &mut orders).await {
            return;
        }
    }
}

/// The wall time at which `wait` is over.
pub(super) fn wall_after(wait: Duration) -> Timestamp {
    crate::clock::wall() + Millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
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
