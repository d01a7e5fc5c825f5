//! The machine's clocks, read together: how they move against each other shows sleep, and steps of wall time.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::time::Timestamp;

/// The clocks of a machine.
pub trait MachineClock: fmt::Debug + Send + Sync {
    /// Returns the time since an arbitrary start, without sleep.
    fn awake(&self) -> Duration;

    /// Reads all clocks at one instant.
    fn read(&self) -> MachineTime;

    /// Returns the time since an arbitrary start, with sleep.
    fn boot(&self) -> Duration {
        self.read().boot
    }
}

/// One reading of a machine's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MachineTime {
    /// The time since an arbitrary start, without sleep.
    pub awake: Duration,
    /// The time since an arbitrary start, with sleep.
    pub boot: Duration,
    /// The wall time, which somebody may set.
    pub wall: Timestamp,
}

/// The clocks of this machine.
#[derive(Debug)]
pub(super) struct SystemMachine {
    began: Instant,
}

/// Readings that take longer than this do not belong together: the process stalled between them.
const TOGETHER: Duration = Duration::from_millis(50);
/// The maximum number of attempts to read all clocks together.
const ATTEMPTS: usize = 32;

impl SystemMachine {
    pub(super) fn new() -> Self {
        Self { began: instant() }
    }
}

impl MachineClock for SystemMachine {
    fn awake(&self) -> Duration {
        self.began.elapsed()
    }

    fn read(&self) -> MachineTime {
        let mut time = MachineTime::default();
        for _ in 0..ATTEMPTS {
            let before = self.awake();
            let wall = wall();
            let boot = boot_time().unwrap_or(before);
            time = MachineTime { awake: before, boot, wall };
            if self.awake().saturating_sub(before) <= TOGETHER {
                break;
            }
        }
        time
    }

    fn boot(&self) -> Duration {
        boot_time().unwrap_or_else(|| self.awake())
    }
}

/// Returns the time since the machine started, sleep included; `None` where the system has no such clock.
#[cfg(target_os = "linux")]
fn boot_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

/// Without a boot clock, sleep shows as a move of wall time alone, which counts as well.
#[cfg(not(target_os = "linux"))]
fn boot_time() -> Option<Duration> {
    None
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
