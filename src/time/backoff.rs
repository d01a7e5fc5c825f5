//! Exponential back-off with jitter. Pure: the random number and the elapsed time are arguments.

use std::time::Duration;

/// Waits that double from 250 ms to 15 s, with jitter; a connection of a minute resets them.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The longest first wait.
    pub const FIRST: Duration = Duration::from_millis(250);
    /// The longest wait.
    pub const LONGEST: Duration = Duration::from_secs(15);
    /// How long a connection must last to reset the waits.
    pub const STABLE: Duration = Duration::from_mins(1);

    /// Returns the wait after another failure; `dice`, from 0 to 1, chooses within the upper half of the wait.
    pub fn next_wait(&mut self, dice: f64) -> Duration {
        let full = Self::FIRST.saturating_mul(1 << self.failures.min(10)).min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        full.mul_f64(0.5 + dice.clamp(0.0, 1.0) / 2.0)
    }

    /// Records how long a connection lasted; resets the waits after [`Self::STABLE`].
    pub fn note_connected_for(&mut self, up: Duration) {
        if up >= Self::STABLE {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_limit_and_reset_after_a_stable_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..9).map(|_| backoff.next_wait(1.0).as_millis()).collect();
        assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
        backoff.note_connected_for(Duration::from_secs(59));
        assert_eq!(backoff.next_wait(1.0), Backoff::LONGEST);
        backoff.note_connected_for(Backoff::STABLE);
        assert_eq!(backoff.next_wait(0.0), Duration::from_millis(125));
        for _ in 0..100 {
            assert!(backoff.next_wait(0.5) <= Backoff::LONGEST);
        }
    }
}
