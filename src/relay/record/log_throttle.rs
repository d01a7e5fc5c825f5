//! What the log is told of something that is away, a bot, a disk or the signing keys: once when that begins, once a minute while it
//! lasts, and once when it is over, however much gets lost. Knows neither what is lost nor the log.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whether something gets lost, and what is to be told of it.
#[derive(Debug, Default)]
pub(in crate::relay) struct LogThrottle(Mutex<ThrottleState>);

#[derive(Debug, Default)]
struct ThrottleState {
    /// When a loss was told last.
    reported_at: Option<Instant>,
    /// Whether one was told, and not yet that it is over.
    ongoing: bool,
    /// Losses that were not told.
    unreported: u64,
}

/// While it lasts, losses are told this often.
const RARELY: Duration = Duration::from_mins(1);
/// One that begins again is told at once, unless the last one was told within this: every other may be taken.
const SOON: Duration = Duration::from_secs(10);

impl LogThrottle {
    /// One more was lost at `now`: how many to tell of, if it is time to.
    pub(in crate::relay) fn failed(&self, now: Instant) -> Option<u64> {
        let mut told = self.state();
        told.unreported += 1;
        let pause = if told.ongoing { RARELY } else { SOON };
        if told.reported_at.is_some_and(|it| now.saturating_duration_since(it) < pause) {
            return None;
        }
        told.reported_at = Some(now);
        told.ongoing = true;
        Some(std::mem::take(&mut told.unreported))
    }

    /// One was taken: when that is news, how many were lost since it was told last.
    pub(in crate::relay) fn recovered(&self) -> Option<u64> {
        let mut told = self.state();
        std::mem::take(&mut told.ongoing).then(|| std::mem::take(&mut told.unreported))
    }

    fn state(&self) -> MutexGuard<'_, ThrottleState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_when_it_begins_once_a_minute_and_when_it_is_over() {
        let (outage, start) = (LogThrottle::default(), crate::clock::instant());
        let after = |seconds: u64| start + Duration::from_secs(seconds);
        assert_eq!(outage.recovered(), None, "nothing was lost");
        let told: Vec<_> = (0..130).filter_map(|it| Some((it, outage.failed(after(it))?))).collect();
        assert_eq!(told, [(0, 1), (60, 60), (120, 60)]);
        assert_eq!((outage.recovered(), outage.recovered()), (Some(9), None));
        // Where every other is taken.
        let flapping: Vec<_> =
            (130..300).flat_map(|it| [outage.failed(after(it)), outage.recovered()]).flatten().collect();
        assert_eq!(flapping, [vec![1, 0], [10, 0].repeat(16)].concat());
    }
}
