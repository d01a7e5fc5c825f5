//! The queue of feed events to the owner. The channel bounds their number, and this file how much of them waits: an event
//! of many bytes is sent only when the owner has taken every event before it.

use tokio::sync::mpsc;

use crate::protocol::FeedEvent;

/// The sender's end of the queue.
///
/// Invariant: it is the only sender, so a queue that it has seen empty stays empty until it sends.
#[derive(Debug)]
pub(in crate::feed) struct FeedQueue(mpsc::Sender<FeedEvent>);

/// The error when the owner has dropped its end of the queue.
#[derive(Debug)]
pub(in crate::feed) struct OwnerGone;

/// An event of more bytes than this waits for an empty queue. A batch of entries ends when it has reached this size.
pub(in crate::feed) const LARGEST_LIGHT: usize = 1_024 * 1_024;

impl FeedQueue {
    pub(in crate::feed) const fn new(events: mpsc::Sender<FeedEvent>) -> Self {
        Self(events)
    }

    /// Sends an event; waits while the queue is full.
    pub(in crate::feed) async fn send(&self, event: FeedEvent) -> Result<(), OwnerGone> {
        self.0.send(event).await.map_err(|_dropped| OwnerGone)
    }

    /// Sends an event that was made from this many bytes; waits for an empty queue if they are many.
    pub(in crate::feed) async fn send_sized(&self, event: FeedEvent, bytes: usize) -> Result<(), OwnerGone> {
        self.wait_for_room(bytes).await?;
        self.send(event).await
    }

    /// Waits until the queue has room for an event that is made from this many bytes.
    pub(in crate::feed) async fn wait_for_room(&self, bytes: usize) -> Result<(), OwnerGone> {
        if bytes > LARGEST_LIGHT {
            let all = self.0.reserve_many(self.0.max_capacity()).await;
            all.map(drop).map_err(|_closed| OwnerGone)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn only_one_event_of_many_bytes_waits_in_the_queue() {
        let (sender, mut events) = mpsc::channel(16);
        let queue = FeedQueue::new(sender);
        let heavy = || queue.send_sized(FeedEvent::Entries(Vec::new()), LARGEST_LIGHT + 1);
        assert!(heavy().now_or_never().is_some());
        assert!(heavy().now_or_never().is_none(), "the first one was not taken yet");
        assert!(queue.send_sized(FeedEvent::CaughtUp, LARGEST_LIGHT).now_or_never().is_some(), "a small one has room");
        events.recv().await.unwrap();
        assert!(heavy().now_or_never().is_none());
        events.recv().await.unwrap();
        assert!(heavy().now_or_never().is_some());
        drop(events);
        assert!(heavy().await.is_err());
    }
}
