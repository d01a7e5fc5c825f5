//! The time since a process started, in real time: sleep counts, and neither the speed of floor time nor a step of wall
//! time moves it.

use std::time::{Duration, Instant};

use super::machine::{instant, since_boot};

/// The real time since its creation; clones share the start.
#[derive(Debug, Clone, Copy)]
pub struct RunTime {
    began: Instant,
    boot: Duration,
}

impl RunTime {
    /// Starts at zero.
    #[must_use]
    pub fn start() -> Self {
        let began = instant();
        Self { began, boot: since_boot(began) }
    }

    /// Returns the time since the start, in milliseconds.
    #[must_use]
    pub fn millis(&self) -> i64 {
        let passed = since_boot(self.began).saturating_sub(self.boot);
        i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
    }
}
