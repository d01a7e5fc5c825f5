//! The two clocks. *Floor time* stamps entries, ages and budgets, and can be scaled or stepped; a process shares one
//! clock. *Wall time* serves token expiry, back-off and rate limits.
//!
//! `machine` reads the machine's clocks, and nothing else does.

#[cfg(test)]
mod fake_machine;
mod machine;
mod run_time;

#[cfg(test)]
pub(crate) use fake_machine::FakeMachine;
pub use machine::{MachineClock, MachineTime, instant, wall};
pub use run_time::RunTime;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use crate::time::{ClockMove, ClockMoveCause, Millis, Timestamp};
use machine::SystemMachine;

/// A clock of floor time; clones share it.
#[derive(Debug, Clone)]
pub struct Clock {
    machine: Arc<dyn MachineClock>,
    pace: Arc<Mutex<ClockPace>>,
    /// The moves of the machine's other clocks that it has followed so far; `None` for a clock that runs on its own.
    followed: Option<Arc<Mutex<FollowedMoves>>>,
    changed: Arc<watch::Sender<()>>,
}

#[derive(Debug)]
struct ClockPace {
    floor: Timestamp,
    /// The machine's time awake at `floor`.
    since: Duration,
    speed: f64,
}

/// The moves of a machine's clocks that a clock has followed.
#[derive(Debug)]
struct FollowedMoves {
    began: MachineTime,
    sleep: Millis,
    wall: Millis,
    /// Whether moves of wall time alone are followed too.
    follows_wall: bool,
}

/// The smallest move that is followed, so ages are right within this.
const LEAST_MOVE: Millis = Millis::seconds(1);

impl Clock {
    /// The fastest that a clock runs, as a multiple of real time.
    pub const FASTEST: f64 = 1_000.0;

    /// Returns a clock whose floor time is wall time. Its owner follows the machine's sleep and the steps of
    /// wall time, see [`Self::parted`].
    #[must_use]
    pub fn system() -> Self {
        Self::of_machine(Arc::new(SystemMachine::new()))
    }

    /// Returns a clock that starts at wall time. Its owner follows the machine's sleep only: steps of this machine's
    /// wall time do not affect a floor that another machine keeps.
    #[must_use]
    pub fn of_a_guest() -> Self {
        let clock = Self::system();
        if let Some(followed) = &clock.followed {
            followed.lock().follows_wall = false;
        }
        clock
    }

    /// As [`Self::system`], by the clocks of this machine.
    #[must_use]
    pub fn of_machine(machine: Arc<dyn MachineClock>) -> Self {
        let began = machine.read();
        let followed = FollowedMoves { began, sleep: Millis(0), wall: Millis(0), follows_wall: true };
        let clock = Self::paced(machine, ClockPace { floor: began.wall, since: began.awake, speed: 1.0 });
        Self { followed: Some(Arc::new(Mutex::new(followed))), ..clock }
    }

    /// Returns a clock that starts at `floor` and runs `speed` times as fast as real time; at 0 only steps move it.
    #[must_use]
    pub fn starting_at(floor: Timestamp, speed: f64) -> Self {
        let machine = Arc::new(SystemMachine::new());
        let pace = ClockPace { floor, since: machine.awake(), speed: bounded(speed) };
        Self::paced(machine, pace)
    }

    fn paced(machine: Arc<dyn MachineClock>, pace: ClockPace) -> Self {
        let changed = Arc::new(watch::Sender::new(()));
        Self { machine, pace: Arc::new(Mutex::new(pace)), followed: None, changed }
    }

    /// Returns the present floor time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.pace().at(self.machine.awake())
    }

    /// Returns the machine's time awake, since an arbitrary start; no speed, step or sleep affects it.
    #[must_use]
    pub fn awake(&self) -> Duration {
        self.machine.awake()
    }

    /// Returns the real time from now on, by the machine of this clock.
    #[must_use]
    pub fn run_time(&self) -> RunTime {
        RunTime::start(Arc::clone(&self.machine))
    }

    /// Returns the speed, as a multiple of real time.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.pace().speed
    }

    /// Returns the floor time that passes in a span of real time at the present speed.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "milliseconds of a session fit")]
    pub fn floor_span(&self, real: Millis) -> Millis {
        Millis((real.0 as f64 * self.speed()) as i64)
    }

    /// Sets the speed, between 0 (stopped) and [`Self::FASTEST`].
    pub fn set_speed(&self, speed: f64) {
        self.set_pace(Millis(0), Some(bounded(speed)));
    }

    /// Moves the clock forward; a negative span does nothing.
    pub fn step(&self, span: Millis) {
        self.set_pace(Millis(span.0.max(0)), None);
    }

    /// Returns the moves of the machine's clocks, each of a second or more, that this clock has not
    /// followed; sleep comes first.
    #[must_use]
    pub fn parted(&self) -> Vec<ClockMove> {
        let Some(followed) = &self.followed else { return Vec::new() };
        let now = self.machine.read();
        followed.lock().until(now)
    }

    /// Follows a move: floor time moves by it, and sleepers wake.
    pub fn follow(&self, moved: ClockMove) {
        let Some(followed) = &self.followed else { return };
        followed.lock().note(moved);
        self.set_pace(moved.by, None);
    }

    /// Follows all moves of the machine's clocks.
    pub fn catch_up(&self) {
        for moved in self.parted() {
            self.follow(moved);
        }
    }

    /// Returns a channel that wakes when the clock has moved, or has another speed.
    #[must_use]
    pub fn watch_changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Waits until floor time has reached `at`, through changes of speed and steps.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut changed = self.changed.subscribe();
        loop {
            let wait = {
                let pace = self.pace();
                let left = at.0.saturating_sub(pace.at(self.machine.awake()).0);
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

    fn set_pace(&self, by: Millis, speed: Option<f64>) {
        let mut pace = self.pace();
        let since = self.machine.awake();
        *pace = ClockPace { floor: pace.at(since) + by, since, speed: speed.unwrap_or(pace.speed) };
        drop(pace);
        self.changed.send_replace(());
    }

    fn pace(&self) -> MutexGuard<'_, ClockPace> {
        self.pace.lock()
    }
}

impl FollowedMoves {
    fn until(&self, now: MachineTime) -> Vec<ClockMove> {
        let began = self.began;
        let (awake, boot) = (span(began.awake, now.awake), span(began.boot, now.boot));
        let wall = now.wall.0.saturating_sub(began.wall.0);
        let sleep = Millis(boot.saturating_sub(awake).max(0).saturating_sub(self.sleep.0));
        let alone = Millis(wall.saturating_sub(boot).saturating_sub(self.wall.0));
        let mut moves = Vec::new();
        if sleep >= LEAST_MOVE {
            moves.push(ClockMove { by: sleep, cause: ClockMoveCause::Sleep });
        }
        if self.follows_wall && (alone >= LEAST_MOVE || alone.0 <= -LEAST_MOVE.0) {
            moves.push(ClockMove { by: alone, cause: ClockMoveCause::WallTime });
        }
        moves
    }

    fn note(&mut self, moved: ClockMove) {
        let followed = match moved.cause {
            ClockMoveCause::Sleep => &mut self.sleep,
            ClockMoveCause::WallTime => &mut self.wall,
        };
        *followed = Millis(followed.0.saturating_add(moved.by.0));
    }
}

/// Returns the milliseconds between two readings of one clock.
fn span(from: Duration, to: Duration) -> i64 {
    i64::try_from(to.saturating_sub(from).as_millis()).unwrap_or(i64::MAX)
}

impl ClockPace {
    /// Returns the floor time once the machine has been awake for this long.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "milliseconds of a session fit")]
    fn at(&self, awake: Duration) -> Timestamp {
        let real = awake.saturating_sub(self.since).as_millis() as f64;
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

    #[test]
    fn a_followed_machines_sleep_and_steps_are_moves_and_small_ones_add_up() {
        let machine = FakeMachine::at(Timestamp(0));
        let clock = machine.clock();
        let moved = |by: i64, cause| ClockMove { by: Millis(by), cause };
        machine.pass(Millis(5_000), Millis(0), Millis(0));
        assert_eq!((clock.now(), clock.parted()), (Timestamp(5_000), vec![]));
        machine.pass(Millis(0), Millis(3_600_000), Millis(0));
        assert_eq!(clock.parted(), [moved(3_600_000, ClockMoveCause::Sleep)]);
        assert_eq!(clock.now(), Timestamp(5_000), "its owner follows");
        machine.pass(Millis(0), Millis(0), Millis(-600_000));
        assert_eq!(clock.parted().len(), 2);
        clock.catch_up();
        assert_eq!((clock.now(), clock.parted()), (Timestamp(3_005_000), vec![]));
        machine.pass(Millis(0), Millis(0), Millis(600));
        assert_eq!(clock.parted(), []);
        machine.pass(Millis(0), Millis(0), Millis(600));
        assert_eq!(clock.parted(), [moved(1_200, ClockMoveCause::WallTime)]);
        clock.catch_up();
        machine.pass(Millis(250), Millis(0), Millis(0));
        assert_eq!(clock.now(), machine.read().wall);
    }

    #[test]
    fn another_machines_guest_follows_sleep_only() {
        let machine = FakeMachine::at(Timestamp(0));
        let clock = machine.clock();
        clock.followed.as_ref().unwrap().lock().follows_wall = false;
        machine.pass(Millis(0), Millis(10_000), Millis(3_600_000));
        clock.catch_up();
        assert_eq!(clock.now(), Timestamp(10_000));
    }

    #[test]
    fn this_machines_clocks_are_read_together() {
        let clock = Clock::system();
        assert_eq!(clock.parted(), []);
        assert!((clock.now().0 - wall().0).abs() < 1_000);
    }
}
