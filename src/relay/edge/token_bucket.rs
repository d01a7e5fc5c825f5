//! A token bucket: a rate, and a burst above it. Pure: the caller passes the time. `rate_limiter` has a bucket for each
//! caller, and `graph::client` has one for all requests to Graph.
//!
//! Why not a library: neither governor nor leaky-bucket can keep a reserve in the bucket, which requests to
//! Graph need for operators.

use std::time::{Duration, Instant};

use super::limits::RateLimit;

/// Tokens that refill at a rate, up to a burst.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct TokenBucket {
    rate: RateLimit,
    tokens: f64,
    filled_at: Instant,
}

/// The longest reported wait. A bucket with a rate of 0 never refills.
const MAX_WAIT: Duration = Duration::from_hours(1);

impl TokenBucket {
    /// Creates a full bucket.
    pub(in crate::relay) const fn full(rate: RateLimit, now: Instant) -> Self {
        Self { rate, tokens: rate.burst, filled_at: now }
    }

    /// Takes a token, and leaves at least `reserve` others in the bucket.
    ///
    /// Fails if there are too few, with the time until there are enough.
    pub(in crate::relay) fn take(&mut self, now: Instant, reserve: f64) -> Result<(), Duration> {
        if let Some(wait) = self.wait(now, reserve) {
            return Err(wait);
        }
        self.tokens -= 1.0;
        Ok(())
    }

    /// Returns the time until there is a token in addition to `reserve` others, or `None` if there is one now. Rounded up,
    /// so that a retry after this time succeeds.
    pub(in crate::relay) fn wait(&mut self, now: Instant, reserve: f64) -> Option<Duration> {
        self.fill(now);
        let missing = 1.0 + reserve - self.tokens;
        if missing <= 0.0 {
            return None;
        }
        let wait = Duration::try_from_secs_f64(missing / self.rate.per_second).unwrap_or(MAX_WAIT);
        Some(wait.saturating_add(Duration::from_nanos(1)).min(MAX_WAIT))
    }

    /// Returns whether the bucket is full.
    pub(in crate::relay) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= self.rate.burst
    }

    /// Adds the tokens since the last call.
    fn fill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = since.mul_add(self.rate.per_second, self.tokens).min(self.rate.burst);
        self.filled_at = self.filled_at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: RateLimit = RateLimit { per_second: 100.0, burst: 100.0 };

    #[test]
    fn the_rate_is_kept_and_the_reserve_stays() {
        let now = crate::time::clock::instant();
        let mut bucket = TokenBucket::full(RATE, now);
        let polite = (0..200).filter(|_| bucket.take(now, 25.0).is_ok()).count();
        let others = (0..200).filter(|_| bucket.take(now, 0.0).is_ok()).count();
        assert_eq!((polite, others), (75, 25));
        let wait = bucket.take(now, 25.0).unwrap_err();
        assert!(Duration::from_millis(255) < wait && wait < Duration::from_millis(265), "{wait:?}");
        assert!(bucket.take(now, 0.0).unwrap_err() < Duration::from_millis(12));
        // Over three seconds no more than the rate.
        let taken = (0..3_000).filter(|it| bucket.take(now + Duration::from_millis(*it), 25.0).is_ok()).count();
        assert!((270..=300).contains(&taken), "{taken}");
    }

    #[test]
    fn a_retry_after_the_reported_wait_succeeds() {
        let now = crate::time::clock::instant();
        for per_second in [0.3, 1.0, 3.0, 7.0, 99.0] {
            let mut bucket = TokenBucket::full(RateLimit { per_second, burst: 1.0 }, now);
            bucket.take(now, 0.0).unwrap();
            let wait = bucket.take(now, 0.0).unwrap_err();
            assert_eq!(bucket.take(now + wait, 0.0), Ok(()), "{per_second}");
        }
    }

    #[test]
    fn a_rate_of_zero_never_refills() {
        let now = crate::time::clock::instant();
        let mut bucket = TokenBucket::full(RateLimit { per_second: 0.0, burst: 1.0 }, now);
        assert!(bucket.is_full(now));
        assert_eq!(bucket.take(now, 0.0), Ok(()));
        assert_eq!(bucket.take(now, 0.0), Err(MAX_WAIT));
        assert!(!bucket.is_full(now + MAX_WAIT));
    }
}
