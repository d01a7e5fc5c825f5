//! The time since an instant, in real time: sleep counts, and neither the speed of floor time nor a step of
//! wall time moves it.

use std::sync::Arc;
use std::time::Duration;

use super::machine::MachineClock;

/// The real time since its creation, by the clocks of one machine; clones share the start.
#[derive(Debug, Clone)]
pub struct RunTime {
    machine: Arc<dyn MachineClock>,
    began: Duration,
}

impl RunTime {
    /// Starts at zero.
    pub(super) fn start(machine: Arc<dyn MachineClock>) -> Self {
        let began = machine.boot();
        Self { machine, began }
    }

    /// Returns the time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.machine.boot().saturating_sub(self.began)
    }

    /// Returns the time since the start, in milliseconds.
    #[must_use]
    pub fn millis(&self) -> i64 {
        i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}
