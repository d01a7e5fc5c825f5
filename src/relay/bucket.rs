//! One bucket of tokens for everything that goes to Graph: so many requests a second, with a reserve that only
//! operators' own acts may use. Pure; it is told the time.

use std::time::{Duration, Instant};

use super::breaker::Urgency;

/// The bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: f64,
    tokens: f64,
    at: Instant,
}

/// How many seconds' worth may go at once after a pause.
const BURST: f64 = 1.0;
/// The part of the bucket that is kept for operators.
const RESERVE: f64 = 0.25;

impl Bucket {
    /// A full bucket of so many requests a second.
    pub(super) fn new(rate: u32, now: Instant) -> Self {
        let rate = f64::from(rate.max(1));
        Self { rate, tokens: (rate * BURST).max(2.0), at: now }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// When there is none: how long until there may be one.
    pub(super) fn take(&mut self, now: Instant, urgency: Urgency) -> Result<(), Duration> {
        let most = (self.rate * BURST).max(2.0);
        let gone = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = gone.mul_add(self.rate, self.tokens).min(most);
        self.at = self.at.max(now);
        let least = match urgency {
            Urgency::Operator => 1.0,
            Urgency::Background => 1.0 + most * RESERVE,
        };
        if self.tokens >= least {
            self.tokens -= 1.0;
            return Ok(());
        }
        // Rounded up, so that whoever has waited finds it.
        Err(Duration::from_secs_f64((least - self.tokens) / self.rate) + Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Urgency::{Background, Operator};

    #[test]
    fn the_rate_is_kept_and_operators_have_a_reserve() {
        let now = crate::clock::instant();
        let mut bucket = Bucket::new(100, now);
        let background = (0..200).filter(|_| bucket.take(now, Background).is_ok()).count();
        let operators = (0..200).filter(|_| bucket.take(now, Operator).is_ok()).count();
        assert_eq!((background, operators), (75, 25));
        let wait = bucket.take(now, Background).unwrap_err();
        assert!(Duration::from_millis(255) < wait && wait < Duration::from_millis(265), "{wait:?}");
        assert!(bucket.take(now, Operator).unwrap_err() < Duration::from_millis(12));
        // Over three seconds no more than the rate.
        let mut taken = 0;
        for tick in 0..3_000 {
            taken += i32::from(bucket.take(now + Duration::from_millis(tick), Background).is_ok());
        }
        assert!((270..=300).contains(&taken), "{taken}");
    }

    #[test]
    fn the_slowest_rate_still_moves() {
        let now = crate::clock::instant();
        let mut bucket = Bucket::new(0, now);
        let taken = (0..60).filter(|it| bucket.take(now + Duration::from_secs(*it), Background).is_ok()).count();
        assert!((59..=60).contains(&taken), "{taken}");
    }
}
