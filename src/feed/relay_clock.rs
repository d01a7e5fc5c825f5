//! A console's estimate of a relay's own time, from the stamps in its heartbeats.
//!
//! A console receives a heartbeat some time after the relay has sent it, and never before. So the relay's time is at
//! least what the least delayed heartbeat says. The estimate follows the least delayed heartbeat of the last minute.
//!
//! That holds while both clocks run. A machine that is paused or asleep may stop one of them, and then they
//! are another time apart:
//!
//! * **The relay's clock stood still.** Every earlier stamp now says too much, and by such an estimate an old key press
//!   counts as fresh or lies ahead of the relay's time. One stamp cannot tell this from its own delay. But no line is
//!   live with a delay above [`LARGEST_DELAY_MS`], nor is it silent for that long, so a stamp that is further behind
//!   replaces the estimate at once. A smaller difference replaces it if it lasts. If it was a delay after all, the
//!   estimate is too low until the next heartbeat: a key press counts as older, and its act is refused rather than late.
//! * **This machine's clock stood still**, or the relay's leapt. The next stamp says more than every earlier one, so it
//!   replaces them anyway. But a key press from before it may be older than our clock says: it keeps the old estimate.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::protocol::RelayStamp;
use crate::time::clock;

/// The estimate of a relay's own time. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct RelayClock {
    estimate: Arc<Mutex<Option<RelayEstimate>>>,
}

/// The stamps of one start of the relay.
#[derive(Debug)]
struct RelayEstimate {
    /// The id of the start.
    start: Box<str>,
    /// The instant of the first receipt, from which the others are counted.
    origin: Instant,
    /// The stamps of the last minute that may still be the least delayed, oldest first.
    ///
    /// Invariant: `ahead` falls from each sample to the next. There are at most `MAX_SAMPLES`.
    samples: VecDeque<StampSample>,
    /// How many stamps in a row were behind the estimate by more than the gate tolerates.
    behind: u8,
    /// The last leap of the relay's time against ours.
    leap: Option<TimeLeap>,
}

/// A leap of the relay's time against ours, which no delay explains.
#[derive(Debug, Clone, Copy)]
struct TimeLeap {
    noticed: Instant,
    /// The relay's time at the origin according to the estimate before it, in milliseconds.
    ahead_before: i64,
}

/// A stamp and its receipt.
#[derive(Debug)]
struct StampSample {
    received: Instant,
    /// The relay's time at the origin according to this stamp, in milliseconds.
    ahead: i64,
}

/// The maximum age of a sample. Clocks drift apart, so an older one is dropped.
const MAX_SAMPLE_AGE: Duration = Duration::from_mins(1);
/// The maximum number of samples.
const MAX_SAMPLES: usize = 128;
/// The largest delay of a heartbeat on a live line, in milliseconds: the feed gives up a line that is silent for longer.
const LARGEST_DELAY_MS: i64 = 5_000;
/// The largest error that the gate tolerates, in milliseconds.
const TOLERATED_MS: i64 = 1_000;
/// The number of stamps in a row that show a lasting difference.
const LASTING: u8 = 3;

impl RelayClock {
    /// Adds a stamp that was received at the instant `received`. A stamp of another start replaces all earlier ones.
    ///
    /// Returns whether the relay's time leapt against ours by more than a delay explains: our clock stood still, or the
    /// relay's was moved.
    #[expect(clippy::must_use_candidate, reason = "for an answer to a question only the estimate matters")]
    pub fn add_stamp(&self, stamp: &RelayStamp, received: Instant) -> bool {
        let mut estimate = self.estimate.lock();
        let known = estimate.take().filter(|it| it.start == stamp.start);
        let mut known = known.unwrap_or_else(|| RelayEstimate {
            start: stamp.start.clone(),
            origin: received,
            samples: VecDeque::new(),
            behind: 0,
            leap: None,
        });
        let leapt = known.add(stamp.ms, received);
        *estimate = Some(known);
        leapt
    }

    /// Forgets all stamps, because the clocks may be another time apart by now: the relay refused a stamp, or a new
    /// connection began and nothing is known of the time without one.
    pub fn clear(&self) {
        *self.estimate.lock() = None;
    }

    /// Returns the relay's time at an instant, which may lie before the stamps. It is `None` if no stamp was received
    /// in the minute before `now`.
    #[must_use]
    pub fn at(&self, instant: Instant, now: Instant) -> Option<RelayStamp> {
        let mut estimate = self.estimate.lock();
        let known = estimate.as_mut()?;
        known.drop_old(now);
        let best = known.samples.front()?.ahead;
        let before = known.leap.filter(|it| instant < it.noticed).map_or(best, |it| it.ahead_before);
        let ms = best.min(before).saturating_add(span(known.origin, instant));
        Some(RelayStamp { ms, start: known.start.clone() })
    }

    /// Returns the relay's time now, or `None` if no stamp was received in the last minute.
    #[must_use]
    pub fn now(&self) -> Option<RelayStamp> {
        let now = clock::instant();
        self.at(now, now)
    }
}

impl RelayEstimate {
    /// Adds a stamp: the relay's time `sent`, in milliseconds, and the instant of its receipt. Returns whether the
    /// relay's time leapt.
    fn add(&mut self, sent: i64, received: Instant) -> bool {
        let ahead = sent.saturating_sub(span(self.origin, received));
        self.drop_old(received);
        let before = self.samples.front().map_or(ahead, |it| it.ahead);
        let leapt = ahead.saturating_sub(before) > LARGEST_DELAY_MS;
        if leapt {
            self.leap = Some(TimeLeap { noticed: received, ahead_before: before });
        }
        let is_behind = before.saturating_sub(ahead) > TOLERATED_MS;
        self.behind = if is_behind { self.behind.saturating_add(1) } else { 0 };
        let plausible = if self.behind >= LASTING { TOLERATED_MS } else { LARGEST_DELAY_MS };
        while self.samples.front().is_some_and(|it| it.ahead.saturating_sub(ahead) > plausible) {
            self.samples.pop_front();
        }
        // This stamp is newer than all others, so those that are more delayed never count again.
        while self.samples.back().is_some_and(|it| it.ahead <= ahead) {
            self.samples.pop_back();
        }
        if self.samples.len() >= MAX_SAMPLES {
            self.samples.pop_back();
        }
        self.samples.push_back(StampSample { received, ahead });
        leapt
    }

    /// Drops the samples that are too old at `now`.
    fn drop_old(&mut self, now: Instant) {
        while self.samples.front().is_some_and(|it| now.saturating_duration_since(it.received) > MAX_SAMPLE_AGE) {
            self.samples.pop_front();
        }
    }
}

/// Returns the milliseconds from one instant to another. They are negative if the second is earlier.
fn span(from: Instant, to: Instant) -> i64 {
    let millis = |it: Duration| i64::try_from(it.as_millis()).unwrap_or(i64::MAX);
    millis(to.saturating_duration_since(from)).saturating_sub(millis(from.saturating_duration_since(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A relay whose clock shows `AT` at the beginning of a test.
    const AT: i64 = 500_000;

    struct Bench {
        clock: RelayClock,
        began: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self { clock: RelayClock::default(), began: clock::instant() }
        }

        fn instant(&self, ms: u64) -> Instant {
            self.began + Duration::from_millis(ms)
        }

        /// A heartbeat that was sent at a time and received after a delay.
        fn beat(&self, start: &str, sent: u64, delay: u64) {
            let stamp = RelayStamp { ms: AT + i64::try_from(sent).unwrap(), start: start.into() };
            self.clock.add_stamp(&stamp, self.instant(sent + delay));
        }

        /// A heartbeat without a delay, by a relay whose clock runs this far apart from before; whether it leapt.
        fn apart(&self, at: u64, apart: i64) -> bool {
            let stamp = RelayStamp { ms: AT + i64::try_from(at).unwrap() + apart, start: "a".into() };
            self.clock.add_stamp(&stamp, self.instant(at))
        }

        /// How far the estimate is behind the relay's true time at an instant.
        fn error(&self, at: u64, now: u64) -> Option<i64> {
            let stamp = self.clock.at(self.instant(at), self.instant(now))?;
            Some(AT + i64::try_from(at).unwrap() - stamp.ms)
        }
    }

    #[test]
    fn the_least_delayed_heartbeat_of_the_last_minute_counts() {
        let bench = Bench::new();
        assert_eq!(bench.error(0, 0), None);
        for (sent, delay) in [(0, 300), (2_000, 40), (4_000, 4_000), (6_000, 90)] {
            bench.beat("a", sent, delay);
        }
        assert_eq!(bench.error(7_000, 8_000), Some(40));
        assert_eq!(bench.error(1_000, 8_000), Some(40), "a press from before the stamp");
        for beat in 4..=31 {
            bench.beat("a", beat * 2_000, 120);
        }
        assert_eq!(bench.error(64_500, 65_000), Some(90), "the best has become too old; the next best counts");
        assert_eq!(bench.error(71_000, 71_000), Some(120));
        assert!(bench.clock.estimate.lock().as_ref().unwrap().samples.len() <= MAX_SAMPLES);
    }

    #[test]
    fn a_stamp_is_never_from_the_future_whatever_the_delays() {
        let bench = Bench::new();
        let mut delay = 7;
        for beat in 0..400 {
            delay = (delay * 31 + 11) % 1_900;
            bench.beat("a", beat * 2_000, delay);
            let now = beat * 2_000 + delay;
            let error = bench.error(now, now).unwrap();
            assert!((0..1_900).contains(&error), "{error} ms at beat {beat}");
        }
    }

    #[test]
    fn another_start_replaces_what_is_known_and_missing_heartbeats_end_it() {
        let bench = Bench::new();
        bench.beat("a", 0, 10);
        bench.beat("b", 5_000, 700);
        assert_eq!(bench.clock.at(bench.instant(6_000), bench.instant(6_000)).unwrap().start, "b".into());
        assert_eq!(bench.error(6_000, 6_000), Some(700), "the delay of the other start says nothing");
        assert_eq!(bench.error(65_000, 65_000), Some(700));
        assert_eq!(bench.error(66_000, 66_000), None, "a minute without a heartbeat");
        bench.beat("b", 70_000, 20);
        assert_eq!(bench.error(71_000, 71_000), Some(20));
    }

    #[test]
    fn a_relay_whose_clock_stood_still_for_long_is_followed_at_once() {
        let bench = Bench::new();
        bench.beat("a", 0, 10);
        bench.beat("a", 2_000, 30);
        assert!(!bench.apart(24_000, -20_000));
        assert_eq!(bench.error(24_100, 24_100), Some(20_000), "its time is 20 s behind what it would have been");
        assert!(!bench.apart(26_000, -20_000));
        assert_eq!(bench.error(26_000, 26_000), Some(20_000));
        // A delay that looked like it ends with the next heartbeat.
        bench.beat("a", 20_000, 8_000);
        bench.beat("a", 28_100, 40);
        assert_eq!(bench.error(28_200, 28_200), Some(40));
    }

    #[test]
    fn a_relay_whose_clock_stood_still_for_a_moment_is_followed_once_it_lasts() {
        let bench = Bench::new();
        bench.beat("a", 0, 10);
        for (at, error) in [(5_000, 10), (7_000, 10), (9_000, 3_000), (11_000, 3_000)] {
            bench.apart(at, -3_000);
            assert_eq!(bench.error(at, at), Some(error), "at {at}");
        }
        // Single heartbeats that are late change nothing.
        let bench = Bench::new();
        bench.beat("a", 0, 10);
        for beat in 1..20 {
            bench.beat("a", beat * 2_000, if beat % 3 == 0 { 15 } else { 1_800 });
            assert_eq!(bench.error(beat * 2_000, beat * 2_000), Some(10));
        }
    }

    #[test]
    fn a_key_press_from_before_our_own_clock_stood_still_counts_as_old() {
        let bench = Bench::new();
        bench.beat("a", 0, 10);
        bench.beat("a", 2_000, 400);
        // Our machine was paused at 3000 for 30 s, which no clock of ours shows.
        assert!(bench.apart(4_000, 30_000), "the relay's time leapt");
        let age = |pressed: u64, now: u64| {
            let stamp = bench.clock.at(bench.instant(pressed), bench.instant(now)).unwrap();
            AT + i64::try_from(now).unwrap() + 30_000 - stamp.ms
        };
        assert_eq!(age(2_900, 4_100), 31_210, "pressed before the pause");
        assert_eq!(age(4_050, 4_100), 50, "pressed after it");
        assert!(!bench.apart(6_000, 30_000));
        bench.clock.clear();
        assert_eq!(bench.error(6_000, 6_000), None);
        assert!(!bench.apart(8_000, 0), "nothing is known to compare it with");
    }
}
