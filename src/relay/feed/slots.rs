//! The consoles' slots, by operator and by token, and the limit on new epochs, each of which costs every console a
//! snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::quotas::FeedQuotas;
use crate::protocol::CloseCode;
use crate::relay::edge::limits::RelayLimits;
use crate::relay::live::projection::LiveFloor;
use crate::relay::operators::OperatorToken;

/// The slots of all consoles.
pub(in crate::relay) struct ConsoleSlots {
    limits: SlotLimits,
    /// The longest time between two frames to a console.
    pub(super) heartbeat: Duration,
    /// The time in which a stalled console can still read why it is disconnected.
    pub(super) goodbye: Duration,
    /// The time in which a console must take [`TIMED_FRAMES`] frames of a whole floor.
    snapshot_time: Duration,
    /// The time from a key press until its act expires at the gate.
    pub(super) act_lifetime: Duration,
    /// What each operator's consoles may ask for.
    pub(super) quotas: FeedQuotas,
    open: Mutex<OpenConsoles>,
    /// The time at which a console last caused a new epoch of the journal.
    epoch_renewed: Mutex<Option<Instant>>,
}

/// The maximum numbers of consoles.
#[derive(Debug, Clone, Copy)]
struct SlotLimits {
    all: usize,
    per_operator: usize,
    per_token: usize,
}

/// The open consoles.
#[derive(Debug, Default)]
struct OpenConsoles {
    all: usize,
    by_operator: BTreeMap<Arc<str>, usize>,
    /// By the token's digest.
    by_token: BTreeMap<Arc<str>, usize>,
    next_number: u64,
}

/// The reason why a console gets no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoFreeSlot {
    #[error("{}", CloseCode::TooMany.sentence())]
    Relay,
    #[error("this operator has {0} consoles open already; close one of them")]
    Operator(usize),
    #[error("{0} consoles are open with this token already; close one of them, or use the operator's other token")]
    Token(usize),
}

/// A console's slot; dropping it frees the slot.
pub(super) struct ConsoleSlot {
    consoles: Arc<ConsoleSlots>,
    live: Arc<LiveFloor>,
    pub(super) number: u64,
    pub(super) operator: Arc<str>,
    token: Arc<str>,
}

/// The number of frames that a console must take within the limit: about 16 MiB.
const TIMED_FRAMES: usize = 1_365;
/// The shortest time between two new epochs. Each costs every console a snapshot.
const BETWEEN_EPOCHS: Duration = Duration::from_mins(1);

impl ConsoleSlots {
    /// Creates slots that are all free.
    pub(in crate::relay) fn of(limits: &RelayLimits, heartbeat: Duration) -> Self {
        Self {
            limits: SlotLimits {
                all: limits.consoles,
                per_operator: limits.consoles_per_operator,
                per_token: limits.consoles_per_token,
            },
            heartbeat,
            goodbye: Duration::from_secs(limits.goodbye_seconds),
            snapshot_time: Duration::from_secs(limits.snapshot_seconds),
            act_lifetime: limits.act_lifetime(),
            quotas: FeedQuotas::new(limits),
            open: Mutex::default(),
            epoch_renewed: Mutex::default(),
        }
    }

    /// Returns how many consoles are connected.
    pub(in crate::relay) fn count(&self) -> usize {
        self.open.lock().all
    }

    /// Returns the time in which a console must take a whole floor of so many frames.
    pub(super) fn snapshot_time(&self, frames: usize) -> Duration {
        self.snapshot_time.saturating_mul(u32::try_from(frames.div_ceil(TIMED_FRAMES)).unwrap_or(u32::MAX).max(1))
    }

    /// Takes a slot for an operator and a token's digest, and returns its number.
    fn enter(&self, operator: &Arc<str>, token: &Arc<str>) -> Result<u64, NoFreeSlot> {
        let mut open = self.open.lock();
        let count = |all: &BTreeMap<Arc<str>, usize>, whose| all.get(whose).copied().unwrap_or_default();
        if count(&open.by_token, token) >= self.limits.per_token {
            return Err(NoFreeSlot::Token(self.limits.per_token));
        }
        if count(&open.by_operator, operator) >= self.limits.per_operator {
            return Err(NoFreeSlot::Operator(self.limits.per_operator));
        }
        if open.all >= self.limits.all {
            return Err(NoFreeSlot::Relay);
        }
        open.all += 1;
        *open.by_operator.entry(Arc::clone(operator)).or_default() += 1;
        *open.by_token.entry(Arc::clone(token)).or_default() += 1;
        open.next_number += 1;
        Ok(open.next_number)
    }

    fn leave(&self, operator: &Arc<str>, token: &Arc<str>) {
        let mut open = self.open.lock();
        open.all -= 1;
        let OpenConsoles { by_operator, by_token, .. } = &mut *open;
        for (all, whose) in [(by_operator, operator), (by_token, token)] {
            match all.get_mut(whose) {
                Some(count) if *count > 1 => *count -= 1,
                Some(_) | None => drop(all.remove(whose)),
            }
        }
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
    pub(super) fn take(
        consoles: &Arc<ConsoleSlots>,
        live: &Arc<LiveFloor>,
        operator: &OperatorToken,
    ) -> Result<Self, NoFreeSlot> {
        let (name, token) = (Arc::from(operator.name.as_str()), Arc::from(operator.digest()));
        let number = consoles.enter(&name, &token)?;
        Ok(Self { consoles: Arc::clone(consoles), live: Arc::clone(live), number, operator: name, token })
    }
}

impl Drop for ConsoleSlot {
    fn drop(&mut self) {
        self.live.remove_operator(self.number);
        self.consoles.leave(&self.operator, &self.token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_consoles_is_limited_for_all_for_an_operator_and_for_a_token() {
        let limits =
            RelayLimits { consoles: 5, consoles_per_operator: 3, consoles_per_token: 2, ..RelayLimits::default() };
        let consoles = ConsoleSlots::of(&limits, Duration::from_secs(5));
        let name = |it: &str| Arc::<str>::from(it);
        let enter = |operator: &str, token: &str| consoles.enter(&name(operator), &name(token));
        assert_eq!((enter("ada", "a1"), enter("ada", "a1")), (Ok(1), Ok(2)));
        assert_eq!(enter("ada", "a1"), Err(NoFreeSlot::Token(2)));
        assert_eq!((enter("ada", "a2"), enter("ada", "a2")), (Ok(3), Err(NoFreeSlot::Operator(3))));
        assert_eq!((enter("bob", "b"), enter("cid", "c"), enter("dan", "d")), (Ok(4), Ok(5), Err(NoFreeSlot::Relay)));
        consoles.leave(&name("ada"), &name("a1"));
        assert_eq!((consoles.count(), enter("dan", "d"), consoles.count()), (4, Ok(6), 5));
        consoles.leave(&name("bob"), &name("b"));
        assert!(!consoles.open.lock().by_operator.contains_key("bob"), "who has none is forgotten");
    }
}
