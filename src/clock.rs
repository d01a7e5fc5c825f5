//! The two clocks. *Floor time* stamps entries, ages and budgets, and can be scaled or stepped; a process shares one
//! clock. *Wall time* serves token expiry, back-off and rate limits.
//!
//! Only this module reads the machine's clocks.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use crate::time::{Millis, Timestamp};

/// A clock of floor time; clones share it.
#[derive(Debug, Clone)]
pub struct Clock {
    pace: Arc<Mutex<ClockPace>>,
    changed: Arc<watch::Sender<()>>,
}

#[derive(Debug)]
struct ClockPace {
    floor: Timestamp,
    since: Instant,
    speed: f64,
}

impl Clock {
    /// The fastest that a clock runs, as a multiple of real time.
    pub const FASTEST: f64 = 1_000.0;

    /// Returns a clock whose floor time is wall time.
    #[must_use]
    pub fn system() -> Self {
        Self::starting_at(wall(), 1.0)
    }

    /// Returns a clock that starts at `floor` and runs `speed` times as fast as real time; at 0 only steps move it.
    #[must_use]
    pub fn starting_at(floor: Timestamp, speed: f64) -> Self {
        let pace = ClockPace { floor, since: instant(), speed: bounded(speed) };
        Self { pace: Arc::new(Mutex::new(pace)), changed: Arc::new(watch::Sender::new(())) }
    }

    /// Returns the present floor time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.pace().now()
    }

    /// Returns the speed, as a multiple of real time.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.pace().speed
    }

    /// Sets the speed, between 0 (stopped) and [`Self::FASTEST`].
    pub fn set_speed(&self, speed: f64) {
        let mut pace = self.pace();
        *pace = ClockPace { floor: pace.now(), since: instant(), speed: bounded(speed) };
        drop(pace);
        self.changed.send_replace(());
    }

    /// Moves the clock forward; a negative span does nothing.
    pub fn step(&self, span: Millis) {
        let mut pace = self.pace();
        *pace = ClockPace { floor: pace.now() + Millis(span.0.max(0)), since: instant(), speed: pace.speed };
        drop(pace);
        self.changed.send_replace(());
    }

    /// Waits until floor time has reached `at`, through changes of speed and steps.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut changed = self.changed.subscribe();
        loop {
            let wait = {
                let pace = self.pace();
                let left = at.0.saturating_sub(pace.now().0);
                if left <= 0 {
                    return;
                }
                pace.real(left)
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = changed.changed() => {}
            }
        }
    }

    /// Waits for a span of floor time from now.
    pub async fn sleep(&self, span: Millis) {
        self.sleep_until(self.now() + span).await;
    }

    fn pace(&self) -> MutexGuard<'_, ClockPace> {
        self.pace.lock()
    }
}

impl ClockPace {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "milliseconds of a session fit")]
    fn now(&self) -> Timestamp {
        let real = self.since.elapsed().as_millis() as f64;
        self.floor + Millis((real * self.speed) as i64)
    }

    /// Returns the real time that `floor` milliseconds take; an hour when the clock is stopped.
    #[expect(clippy::cast_precision_loss, reason = "a rounding of less than a millisecond")]
    fn real(&self, floor: i64) -> Duration {
        const LONGEST: Duration = Duration::from_hours(1);
        if self.speed <= 0.0 {
            return LONGEST;
        }
        Duration::from_secs_f64((floor as f64 / self.speed / 1_000.0).clamp(0.001, LONGEST.as_secs_f64()))
    }
}

fn bounded(speed: f64) -> f64 {
    if speed.is_finite() { speed.clamp(0.0, Clock::FASTEST) } else { 1.0 }
}

/// Returns the wall time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Returns an instant of the monotonic clock, to measure real time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn instant() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_speed_keeps_the_time() {
        let clock = Clock::starting_at(Timestamp(0), Clock::FASTEST);
        while clock.now() < Timestamp(60_000) {
            std::thread::yield_now();
        }
        clock.set_speed(0.0);
        let stopped = clock.now();
        assert!(stopped >= Timestamp(60_000), "{stopped:?}");
        clock.set_speed(f64::NAN);
        assert!(clock.now() >= stopped && clock.speed() > 0.9, "NaN means normal speed");
    }

    #[tokio::test]
    async fn a_stepped_clock_wakes_its_sleepers_only_when_stepped() {
        let clock = Clock::starting_at(Timestamp(1_000), 0.0);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Timestamp(61_000)).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(clock.now(), Timestamp(1_000));
        clock.step(Millis::seconds(59));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.step(Millis::seconds(1));
        sleeper.await.unwrap();
        assert_eq!(clock.now(), Timestamp(61_000));
    }
}
