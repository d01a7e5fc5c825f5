//! The consoles' slots, and the limit on new epochs, each of which costs every console a snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::relay::edge::limits::RelayLimits;
use crate::relay::live::projection::LiveFloor;

/// The slots of all consoles.
pub(in crate::relay) struct ConsoleSlots {
    max_consoles: usize,
    /// The longest time between two frames to a console.
    pub(super) heartbeat: Duration,
    /// The time in which a stalled console can still read why it is disconnected.
    pub(super) goodbye: Duration,
    /// The time from a key press until its act expires at the gate.
    pub(super) act_lifetime: Duration,
    open: AtomicUsize,
    next_number: AtomicU64,
    /// The time at which a console last caused a new epoch of the journal.
    epoch_renewed: Mutex<Option<Instant>>,
}

/// A console's slot; dropping it frees the slot.
pub(super) struct ConsoleSlot {
    consoles: Arc<ConsoleSlots>,
    live: Arc<LiveFloor>,
    pub(super) number: u64,
}

/// The shortest time between two new epochs. Each costs every console a snapshot.
const BETWEEN_EPOCHS: Duration = Duration::from_mins(1);

impl ConsoleSlots {
    /// Creates slots that are all free.
    pub(in crate::relay) fn of(limits: &RelayLimits, heartbeat: Duration) -> Self {
        Self {
            max_consoles: limits.consoles,
            heartbeat,
            goodbye: Duration::from_secs(limits.goodbye_seconds),
            act_lifetime: limits.act_lifetime(),
            open: AtomicUsize::default(),
            next_number: AtomicU64::default(),
            epoch_renewed: Mutex::default(),
        }
    }

    /// Returns how many consoles are connected.
    pub(in crate::relay) fn count(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// Takes a slot and returns its number, or `None` if no slot is free.
    fn enter(&self) -> Option<u64> {
        let more = |open: usize| (open < self.max_consoles).then_some(open + 1);
        self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(self.next_number.fetch_add(1, Ordering::AcqRel))
    }

    /// Claims the next renewal of the epoch, and returns whether it is allowed now. Within the next minute, further
    /// consoles with another history receive only a snapshot.
    pub(super) fn claim_epoch_renewal(&self) -> bool {
        let mut renewed = self.epoch_renewed.lock();
        if renewed.is_some_and(|it| it.elapsed() < BETWEEN_EPOCHS) {
            return false;
        }
        *renewed = Some(crate::time::clock::instant());
        true
    }
}

impl ConsoleSlot {
    /// Takes a slot if one is free.
    pub(super) fn take(consoles: &Arc<ConsoleSlots>, live: &Arc<LiveFloor>) -> Option<Self> {
        let number = consoles.enter()?;
        Some(Self { consoles: Arc::clone(consoles), live: Arc::clone(live), number })
    }
}

impl Drop for ConsoleSlot {
    fn drop(&mut self) {
        self.live.remove_operator(self.number);
        self.consoles.open.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_consoles_is_limited() {
        let consoles = ConsoleSlots::of(&RelayLimits::default(), Duration::from_secs(5));
        let entered = (0..2_010).filter_map(|_| consoles.enter()).count();
        assert_eq!((entered, consoles.count()), (2_000, 2_000));
    }
}
