//! Recognises webhook items that the platform delivers again, in a bounded memory of the newest items.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;

use crate::bounded::Ring;

/// The newest items, at most [`MAX_ITEMS`].
#[derive(Debug, Default)]
pub(in crate::relay) struct RecentItems(Mutex<RecentState>);

#[derive(Debug, Default)]
struct RecentState {
    order: Ring<DeliveredItem, MAX_ITEMS>,
    /// The items of `order`, for lookup.
    known: BTreeSet<DeliveredItem>,
    dropped: u64,
}

/// One item. Only an item with three equal parts is a repeat, because a call may return to an earlier state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::relay) struct DeliveredItem {
    message: Box<str>,
    index: u32,
    body: Box<[u8]>,
}

/// The maximum number of remembered items.
const MAX_ITEMS: usize = 20_000;

impl DeliveredItem {
    /// Creates an item of a POST whose message id the platform gave.
    pub(in crate::relay) fn new(message: &str, index: u32, body: &str) -> Self {
        let body = digest(&SHA256, body.as_bytes());
        Self { message: message.into(), index, body: body.as_ref().into() }
    }
}

impl RecentItems {
    /// Counts an item if it is a repeat, and returns whether it is.
    pub(in crate::relay) fn count_repeat(&self, item: &DeliveredItem) -> bool {
        let mut recent = self.0.lock();
        let is_repeat = recent.known.contains(item);
        recent.dropped += u64::from(is_repeat);
        is_repeat
    }

    /// Remembers journalled items.
    pub(in crate::relay) fn keep(&self, items: impl IntoIterator<Item = DeliveredItem>) {
        let mut recent = self.0.lock();
        for item in items {
            if recent.known.insert(item.clone())
                && let Some(oldest) = recent.order.push(item)
            {
                recent.known.remove(&oldest);
            }
        }
    }

    /// Returns how many repeats were dropped since the start.
    pub(in crate::relay) fn dropped(&self) -> u64 {
        self.0.lock().dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_message_index_and_body_is_a_repeat() {
        let repeats = RecentItems::default();
        repeats.keep([DeliveredItem::new("m", 0, "body")]);
        for (message, index, body, known) in
            [("m", 0, "body", true), ("n", 0, "body", false), ("m", 1, "body", false), ("m", 0, "other", false)]
        {
            assert_eq!(
                repeats.count_repeat(&DeliveredItem::new(message, index, body)),
                known,
                "{message} {index} {body}"
            );
        }
        assert_eq!(repeats.dropped(), 1);
    }

    #[test]
    fn the_memory_is_bounded() {
        let repeats = RecentItems::default();
        repeats.keep((0..20_001).map(|index| DeliveredItem::new("m", index, "")));
        let kept = |recent: &RecentState| (recent.order.len(), recent.known.len());
        assert_eq!(kept(&repeats.0.lock()), (MAX_ITEMS, MAX_ITEMS));
        assert!(!repeats.count_repeat(&DeliveredItem::new("m", 0, "")));
        assert!(repeats.count_repeat(&DeliveredItem::new("m", 1, "")));
    }
}
