//! The relay's own time: real time since its start, with the time that the machine slept. It determines whether an act
//! has expired, at any speed of floor time.

use std::time::Duration;

use crate::protocol::RelayStamp;
use crate::time::clock::{Clock, RunTime};

/// The times of a relay.
#[derive(Debug, Clone)]
pub(in crate::relay) struct RelayTime {
    /// The floor time that entries are stamped with.
    pub(in crate::relay) clock: Clock,
    /// Real time since the start.
    pub(in crate::relay) start: RelayStart,
}

/// One start of a relay, and the real time since then.
#[derive(Debug, Clone)]
pub(in crate::relay) struct RelayStart {
    /// A UUID; stamps carry it.
    id: Box<str>,
    time: RunTime,
}

/// Why a stamp is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::relay) enum StampRejection {
    /// It is of another start of the relay, so it cannot be compared with this one's time.
    #[error(
        "the time of the key press is of another start of the relay; nothing was sent, so ask the relay \
         for its time and press again"
    )]
    OtherStart,
    /// It is further ahead than the error of a console's estimate, by this many milliseconds.
    #[error(
        "the time of the key press is {0} ms ahead of the relay's; nothing was sent, so ask the relay for its time"
    )]
    Ahead(i64),
}

/// When the first request of an act may begin at the latest.
#[derive(Debug, Clone)]
pub(in crate::relay) struct BeginBy {
    time: RunTime,
    /// The relay's own time in milliseconds.
    ms: i64,
}

/// The maximum that a stamp may be ahead, in milliseconds. A console's estimate is never exact.
const MAX_AHEAD_MS: i64 = 1_000;

impl RelayStart {
    /// Begins a new start, at zero, by the machine of this clock.
    pub(in crate::relay) fn new(clock: &Clock) -> Self {
        Self { id: uuid::Uuid::now_v7().to_string().into(), time: clock.run_time() }
    }

    /// Returns the stamp of the present instant.
    pub(in crate::relay) fn stamp(&self) -> RelayStamp {
        RelayStamp { ms: self.time.millis(), start: self.id.clone() }
    }

    /// Checks that a stamp is of this start and not from the future.
    pub(in crate::relay) fn check(&self, stamp: &RelayStamp) -> Result<(), StampRejection> {
        if stamp.start != self.id {
            return Err(StampRejection::OtherStart);
        }
        match stamp.ms.saturating_sub(self.time.millis()) {
            ahead if ahead > MAX_AHEAD_MS => Err(StampRejection::Ahead(ahead)),
            _ => Ok(()),
        }
    }

    /// Returns how long ago a stamp of this start was, in milliseconds; zero for one that is slightly ahead.
    pub(in crate::relay) fn ago(&self, stamp: &RelayStamp) -> i64 {
        self.time.millis().saturating_sub(stamp.ms).max(0)
    }

    /// Returns the end of the time `after` a stamp.
    pub(in crate::relay) fn begin_by(&self, stamp: &RelayStamp, after: Duration) -> BeginBy {
        let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
        BeginBy { time: self.time.clone(), ms: stamp.ms.saturating_add(after) }
    }
}

impl BeginBy {
    /// Returns whether it is too late to begin.
    pub(in crate::relay) fn is_over(&self) -> bool {
        self.time.millis() > self.ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_of_another_start_or_of_the_future_is_not_trusted() {
        let (start, other) = (RelayStart::new(&Clock::system()), RelayStart::new(&Clock::system()));
        let now = start.stamp();
        assert_eq!(start.check(&now), Ok(()));
        assert_eq!(other.check(&now), Err(StampRejection::OtherStart));
        let ahead = |by: i64| start.check(&RelayStamp { ms: start.stamp().ms + by, ..now.clone() });
        assert_eq!(ahead(900), Ok(()));
        assert!(matches!(ahead(5_000), Err(StampRejection::Ahead(4_000..))));
        let before = RelayStamp { ms: i64::MIN, ..now.clone() };
        assert_eq!((start.check(&before), start.ago(&before)), (Ok(()), i64::MAX));
        assert!(start.begin_by(&before, Duration::from_secs(5)).is_over());
        assert!(!start.begin_by(&now, Duration::from_mins(5)).is_over());
        assert!(start.ago(&RelayStamp { ms: now.ms + 600, ..now }) <= 600);
    }
}
