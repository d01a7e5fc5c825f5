//! Limits the log lines of a continuing failure to one at its beginning, one a minute, and one at its end. Does not
//! know what fails, and does not log by itself.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Counts failures between log lines.
#[derive(Debug, Default)]
pub(in crate::relay) struct LogThrottle(Mutex<ThrottleState>);

#[derive(Debug, Default)]
struct ThrottleState {
    /// When the last line was logged.
    reported_at: Option<Instant>,
    /// Whether a failure was logged whose end was not logged yet.
    ongoing: bool,
    /// Failures since the last line.
    unreported: u64,
}

/// The time between two lines of a failure that continues.
const WHILE_FAILING: Duration = Duration::from_mins(1);
/// The shortest time between the lines of two failures, because successes and failures may alternate.
const BETWEEN_FAILURES: Duration = Duration::from_secs(10);

impl LogThrottle {
    /// Records a failure. If a log line is due, returns the number of failures to log.
    pub(in crate::relay) fn failed(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock();
        state.unreported += 1;
        let pause = if state.ongoing { WHILE_FAILING } else { BETWEEN_FAILURES };
        if state.reported_at.is_some_and(|it| now.saturating_duration_since(it) < pause) {
            return None;
        }
        state.reported_at = Some(now);
        state.ongoing = true;
        Some(std::mem::take(&mut state.unreported))
    }

    /// Records a success. If it ends a logged failure, returns the number of failures since the last line.
    pub(in crate::relay) fn recovered(&self) -> Option<u64> {
        let mut state = self.0.lock();
        std::mem::take(&mut state.ongoing).then(|| std::mem::take(&mut state.unreported))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_logged_at_its_start_every_minute_and_at_its_end() {
        let (outage, start) = (LogThrottle::default(), crate::time::clock::instant());
        let after = |seconds: u64| start + Duration::from_secs(seconds);
        assert_eq!(outage.recovered(), None, "there was no failure");
        let logged: Vec<_> = (0..130).filter_map(|it| Some((it, outage.failed(after(it))?))).collect();
        assert_eq!(logged, [(0, 1), (60, 60), (120, 60)]);
        assert_eq!((outage.recovered(), outage.recovered()), (Some(9), None));
        // Successes and failures alternate.
        let flapping: Vec<_> =
            (130..300).flat_map(|it| [outage.failed(after(it)), outage.recovered()]).flatten().collect();
        assert_eq!(flapping, [vec![1, 0], [10, 0].repeat(16)].concat());
    }
}
