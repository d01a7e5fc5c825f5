//! A rate limiter with a token bucket for each key. Bounded: when all buckets are in use, further keys share one, so
//! that a caller with many addresses uses a limited amount of memory.
//!
//! Why not a library: governor's keyed store grows without bound until it is swept, and leaky-bucket has no keys.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::limits::RateLimit;
use super::token_bucket::TokenBucket;

/// A rate limit for each key.
pub(in crate::relay) struct KeyedLimiter<K> {
    rate: RateLimit,
    max_keys: usize,
    buckets: Mutex<KeptBuckets<K>>,
}

struct KeptBuckets<K> {
    by_key: BTreeMap<K, TokenBucket>,
    /// The bucket that is shared by all keys without a separate one.
    shared: Option<TokenBucket>,
    last_sweep: Option<Instant>,
}

/// The shortest time between two sweeps of full buckets, because a sweep visits all buckets.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

impl<K: Ord> KeyedLimiter<K> {
    /// Creates a limiter for at most `max_keys` separate keys; all further keys share a bucket.
    pub(in crate::relay) const fn new(rate: RateLimit, max_keys: usize) -> Self {
        Self {
            rate,
            max_keys,
            buckets: Mutex::new(KeptBuckets { by_key: BTreeMap::new(), shared: None, last_sweep: None }),
        }
    }

    /// Takes a token at `now`.
    ///
    /// Fails if no token is left, with the time until the next one.
    pub(in crate::relay) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock();
        if !buckets.by_key.contains_key(&key) && buckets.by_key.len() >= self.max_keys {
            buckets.sweep(now);
        }
        let full = TokenBucket::full(self.rate, now);
        let bucket = if buckets.by_key.contains_key(&key) || buckets.by_key.len() < self.max_keys {
            buckets.by_key.entry(key).or_insert(full)
        } else {
            buckets.shared.get_or_insert(full)
        };
        bucket.take(now, 0.0)
    }

    /// Returns the time until a key has a token, or `None` if it has one now.
    pub(in crate::relay) fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let mut buckets = self.buckets.lock();
        let is_full = buckets.by_key.len() >= self.max_keys;
        let buckets = &mut *buckets;
        let bucket = buckets.by_key.get_mut(key).or(if is_full { buckets.shared.as_mut() } else { None })?;
        bucket.wait(now, 0.0)
    }
}

impl<K: Ord> KeptBuckets<K> {
    fn sweep(&mut self, now: Instant) {
        if self.last_sweep.is_some_and(|it| now.saturating_duration_since(it) < BETWEEN_SWEEPS) {
            return;
        }
        self.last_sweep = Some(now);
        self.by_key.retain(|_, bucket| !bucket.is_full(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second, rounded up so that a retry after it succeeds.
    const HALF: Duration = Duration::from_nanos(500_000_001);

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let limiter = KeyedLimiter::new(RateLimit { per_second: 2.0, burst: 3.0 }, 10);
        let start = crate::time::clock::instant();
        for _ in 0..3 {
            assert_eq!((limiter.wait(&"a", start), limiter.take("a", start)), (None, Ok(())));
        }
        assert_eq!(limiter.take("a", start), Err(HALF));
        assert_eq!(limiter.wait(&"a", start), Some(HALF));
        assert_eq!(limiter.take("b", start), Ok(()), "another key does not wait");
        let later = start + HALF;
        assert_eq!((limiter.take("a", later), limiter.take("a", later).is_err()), (Ok(()), true));
        assert_eq!(limiter.take("a", later + Duration::from_hours(9)), Ok(()));
    }

    #[test]
    fn keys_beyond_the_maximum_share_one_bucket() {
        let limiter = KeyedLimiter::new(RateLimit { per_second: 1.0, burst: 2.0 }, 3);
        let start = crate::time::clock::instant();
        let let_in = (0..100).filter(|it| limiter.take(*it, start).is_ok()).count();
        assert_eq!((let_in, limiter.buckets.lock().by_key.len()), (5, 3));
        assert_eq!(limiter.take(0, start), Ok(()), "a known key keeps its bucket");
        // Full buckets are dropped, which makes room.
        let later = start + Duration::from_secs(5);
        assert_eq!((limiter.take(101, later), limiter.take(101, later)), (Ok(()), Ok(())));
        assert_eq!(limiter.buckets.lock().by_key.len(), 1);
    }
}
