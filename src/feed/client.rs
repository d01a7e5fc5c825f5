//! The client of a relay's feed: connects, resumes after the last entry, detects silence and gaps, and retries.
//!
//! It sends events to its owner in batches, and does not know the board. While the owner is slow, the socket is not
//! read, so that the relay slows down; nothing is dropped.

mod connection_end;
mod dial;
mod line;
mod requested;
#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::sync::mpsc;

use self::connection_end::ConnectionEnd;
pub(super) use self::dial::dial;
use self::line::FeedConnection;
use super::queue::FeedQueue;
use super::{FeedCommand, FeedConfig, RelayClock, ResumePoint};
use crate::protocol::FeedEvent;
use crate::time::{Backoff, Millis, Timestamp};

/// Runs until the owner drops its end of a channel, or the relay refuses the console.
///
/// The owner bounds both channels: while `events` is full, the client does not read the socket.
pub async fn run(
    config: FeedConfig,
    from: Option<ResumePoint>,
    events: mpsc::Sender<FeedEvent>,
    commands: mpsc::Receiver<FeedCommand>,
) {
    run_timed(config, from, (events, commands), RelayClock::default()).await;
}

/// Does what [`run`] does, and keeps `relay_clock`, the estimate of the relay's own time that stamps key presses.
pub async fn run_timed(
    config: FeedConfig,
    from: Option<ResumePoint>,
    (events, mut commands): (mpsc::Sender<FeedEvent>, mpsc::Receiver<FeedCommand>),
    relay_clock: RelayClock,
) {
    let mut backoff = Backoff::default();
    let mut connection = FeedConnection::new(&config.url, from, FeedQueue::new(events), relay_clock);
    loop {
        if connection.emit(FeedEvent::Connecting).await.is_err() {
            return;
        }
        let began = crate::time::clock::instant();
        let (reason, relay_wait) = match connection.run_connection(&config, &mut commands).await {
            ConnectionEnd::Owner => return,
            ConnectionEnd::Refused(reason) => {
                // The owner may be gone; then nobody needs the event.
                drop(connection.emit(FeedEvent::Refused(reason)).await);
                return;
            }
            ConnectionEnd::Lost(reason) => (reason, Duration::ZERO),
            ConnectionEnd::Asked(reason, wait) => (reason, wait),
        };
        backoff.note_connected_for(began.elapsed());
        // The back-off is added to the wait that the relay asks for, so that not all consoles reconnect together.
        let retry_in = relay_wait + backoff.next_wait(rand::random());
        tracing::info!(%reason, ?retry_in, "the feed is down");
        if connection.emit(FeedEvent::Down { reason, retry_at: wall_after(retry_in) }).await.is_err() {
            return;
        }
        if !pause(retry_in, &mut connection, &mut commands).await {
            return;
        }
    }
}

/// Returns the wall time at which `wait` is over.
pub(super) fn wall_after(wait: Duration) -> Timestamp {
    crate::time::clock::wall() + Millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

/// Waits for `wait` or until the owner asks for a retry. Returns whether the owner still listens.
async fn pause(wait: Duration, connection: &mut FeedConnection, commands: &mut mpsc::Receiver<FeedCommand>) -> bool {
    let until = tokio::time::sleep(wait);
    tokio::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => return true,
            command = commands.recv() => match command {
                None => return false,
                Some(FeedCommand::Retry) => return true,
                Some(FeedCommand::Looking(call)) => connection.set_looked_at_call(call),
                Some(FeedCommand::Read { .. } | FeedCommand::FloorAt(_)) => {}
            },
        }
    }
}
