//! Which webhooks came twice: a bounded memory of the newest ones. Pure.

use std::collections::{BTreeSet, VecDeque};

use aws_lc_rs::digest::{SHA256, digest};

/// The items that came lately; the oldest are forgotten when there are too many.
#[derive(Debug, Default)]
pub(in crate::relay) struct RecentItems {
    order: VecDeque<DeliveredItem>,
    known: BTreeSet<DeliveredItem>,
    dropped: u64,
}

/// One item: it is a repeat only when all three are equal, because a call may well return to an earlier state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::relay) struct DeliveredItem {
    message: Box<str>,
    index: u32,
    body: Box<[u8]>,
}

const MOST: usize = 20_000;

impl DeliveredItem {
    /// An item of a POST that the platform gave an id.
    pub(in crate::relay) fn new(message: &str, index: u32, body: &str) -> Self {
        let body = digest(&SHA256, body.as_bytes());
        Self { message: message.into(), index, body: body.as_ref().into() }
    }
}

impl RecentItems {
    /// Whether an item has been kept before; counted when it has.
    pub(in crate::relay) fn is_known(&mut self, item: &DeliveredItem) -> bool {
        let known = self.known.contains(item);
        self.dropped += u64::from(known);
        known
    }

    /// An item has been kept.
    pub(in crate::relay) fn keep(&mut self, item: DeliveredItem) {
        if self.known.insert(item.clone()) {
            self.order.push_back(item);
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// How many were dropped.
    pub(in crate::relay) const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_message_index_and_body_is_a_repeat() {
        let mut repeats = RecentItems::default();
        repeats.keep(DeliveredItem::new("m", 0, "body"));
        for (message, index, body, known) in
            [("m", 0, "body", true), ("n", 0, "body", false), ("m", 1, "body", false), ("m", 0, "other", false)]
        {
            assert_eq!(repeats.is_known(&DeliveredItem::new(message, index, body)), known, "{message} {index} {body}");
        }
        assert_eq!(repeats.dropped(), 1);
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut repeats = RecentItems::default();
        for index in 0..20_001 {
            repeats.keep(DeliveredItem::new("m", index, ""));
        }
        assert_eq!(repeats.order.len(), MOST);
        assert!(!repeats.is_known(&DeliveredItem::new("m", 0, "")));
        assert!(repeats.is_known(&DeliveredItem::new("m", 1, "")));
    }
}
