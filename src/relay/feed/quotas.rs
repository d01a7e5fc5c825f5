//! What one operator's consoles may ask of the relay together: frames, pages of history, past floors and snapshots. A
//! console that asks for more waits, and so do the others of its operator, but nobody else's.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use crate::relay::edge::limits::{RateLimit, RelayLimits};
use crate::relay::edge::rate_limiter::KeyedLimiter;
use crate::time::clock;

/// Something that a console asks for and that costs the relay time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::relay) enum FeedWork {
    /// A frame of any kind.
    Frame,
    /// A page of past entries.
    HistoryPage,
    /// The floor at an earlier entry.
    PastFloor,
    /// The present floor.
    Snapshot,
}

/// The rates of all operators, and whose turn it is to read the journal.
pub(in crate::relay) struct FeedQuotas {
    frames: KeyedLimiter<Arc<str>>,
    history: KeyedLimiter<Arc<str>>,
    past_floors: KeyedLimiter<Arc<str>>,
    snapshots: KeyedLimiter<Arc<str>>,
    /// The turn of each operator that reads from the journal or waits for it.
    turns: Mutex<BTreeMap<Arc<str>, Weak<tokio::sync::Mutex<()>>>>,
}

/// An operator's turn to read the journal; it ends when it is dropped.
pub(in crate::relay) struct ReadingTurn {
    _guard: OwnedMutexGuard<()>,
}

/// The maximum number of operators with rates of their own; further ones share them.
const MAX_OPERATORS: usize = 4_096;

impl FeedQuotas {
    pub(in crate::relay) fn new(limits: &RelayLimits) -> Self {
        let limiter = |rate: RateLimit| KeyedLimiter::new(rate, MAX_OPERATORS);
        Self {
            frames: limiter(limits.console_frames()),
            history: limiter(limits.history()),
            past_floors: limiter(limits.past_floors()),
            snapshots: limiter(limits.snapshots()),
            turns: Mutex::default(),
        }
    }

    /// Waits until an operator's consoles may ask for this work.
    pub(in crate::relay) async fn wait(&self, operator: &Arc<str>, work: FeedWork) {
        let limiter = match work {
            FeedWork::Frame => &self.frames,
            FeedWork::HistoryPage => &self.history,
            FeedWork::PastFloor => &self.past_floors,
            FeedWork::Snapshot => &self.snapshots,
        };
        while let Err(wait) = limiter.take(Arc::clone(operator), clock::instant()) {
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits until no other console of the operator reads the journal. So an operator with many consoles has one reading
    /// among those of all operators.
    pub(in crate::relay) async fn turn(&self, operator: &Arc<str>) -> ReadingTurn {
        let turn = {
            let mut turns = self.turns.lock();
            turns.retain(|_, it| it.strong_count() > 0);
            let known = turns.get(operator).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let turn = Arc::default();
                turns.insert(Arc::clone(operator), Arc::downgrade(&turn));
                turn
            })
        };
        ReadingTurn { _guard: turn.lock_owned().await }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_operator_has_one_turn_at_a_time_and_others_do_not_wait() {
        let quotas = FeedQuotas::new(&RelayLimits::default());
        let (ada, bob) = (Arc::from("ada"), Arc::from("bob"));
        let first = quotas.turn(&ada).await;
        assert!(quotas.turn(&ada).now_or_never().is_none());
        drop(quotas.turn(&bob).now_or_never().expect("bob does not wait"));
        drop(first);
        drop(quotas.turn(&ada).now_or_never().expect("ada's first reading has ended"));
        drop(quotas.turn(&bob).await);
        assert!(quotas.turns.lock().len() <= 1, "ended turns are forgotten");
    }

    #[tokio::test]
    async fn only_the_operator_who_asks_for_too_much_waits() {
        let limits = RelayLimits { past_floors_per_second: 1, past_floors_burst: 2, ..RelayLimits::default() };
        let quotas = FeedQuotas::new(&limits);
        let (ada, bob) = (Arc::from("ada"), Arc::from("bob"));
        let asks = |whose: &Arc<str>, work| quotas.wait(whose, work).now_or_never().is_some();
        assert!(asks(&ada, FeedWork::PastFloor) && asks(&ada, FeedWork::PastFloor));
        assert!(!asks(&ada, FeedWork::PastFloor));
        assert!(asks(&bob, FeedWork::PastFloor) && asks(&ada, FeedWork::HistoryPage));
        assert!(asks(&ada, FeedWork::Frame) && asks(&ada, FeedWork::Snapshot));
    }
}
