//! The consoles' places: how many there may be, who has which, and what one that is wrong may cost the others.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::Shared;
use crate::relay::edge::limits::RelayLimits;

/// How many consoles there are.
pub(in super::super) struct ConsoleSlots {
    most: usize,
    /// Each hears something at least this often.
    pub(super) heartbeat: Duration,
    /// How long one that stalled can still hear why it is sent away.
    pub(super) goodbye: Duration,
    open: AtomicUsize,
    numbers: AtomicU64,
    /// When a console's knowledge of another history was last believed.
    epoch_renewed: Mutex<Option<Instant>>,
}

/// A console's place among all; given back when it is dropped.
pub(super) struct ConsoleSlot {
    pub(super) shared: Arc<Shared>,
    pub(super) number: u64,
}

/// A new epoch costs every console a snapshot: one console that is wrong may cause that at most this often.
const BELIEVED: Duration = Duration::from_mins(1);

impl ConsoleSlots {
    /// None yet.
    pub(in super::super) fn of(limits: &RelayLimits, heartbeat: Duration) -> Self {
        Self {
            most: limits.consoles,
            heartbeat,
            goodbye: Duration::from_secs(limits.goodbye_seconds),
            open: AtomicUsize::default(),
            numbers: AtomicU64::default(),
            epoch_renewed: Mutex::default(),
        }
    }

    /// How many are connected.
    pub(in super::super) fn count(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// One more, and its number; none when there are as many as may be.
    fn enter(&self) -> Option<u64> {
        let more = |open: usize| (open < self.most).then_some(open + 1);
        self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(self.numbers.fetch_add(1, Ordering::AcqRel))
    }

    /// Whether a console that knows another history is believed; the next ones get a snapshot and no more.
    pub(super) fn may_renew_epoch(&self) -> bool {
        let mut believed = self.epoch_renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if believed.is_some_and(|it| it.elapsed() < BELIEVED) {
            return false;
        }
        *believed = Some(crate::clock::instant());
        true
    }
}

impl ConsoleSlot {
    /// A place, while there is one.
    pub(super) fn take(shared: &Arc<Shared>) -> Option<Self> {
        let number = shared.consoles.enter()?;
        Some(Self { shared: Arc::clone(shared), number })
    }
}

impl Drop for ConsoleSlot {
    fn drop(&mut self) {
        self.shared.hub.absent(self.number);
        self.shared.consoles.open.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_more_consoles_than_may_be() {
        let consoles = ConsoleSlots::of(&RelayLimits::default(), Duration::from_secs(5));
        let entered = (0..2_010).filter_map(|_| consoles.enter()).count();
        assert_eq!((entered, consoles.count()), (2_000, 2_000));
    }
}
