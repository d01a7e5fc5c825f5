//! Limits the rate of each of many callers: a token bucket for each key. Bounded: keys that find no free bucket share
//! one, so that a caller with many addresses costs a limited amount of memory.
//!
//! Our own: governor and leaky-bucket were weighed. Governor's keyed store grows without bound until it is swept, and
//! leaky-bucket has no keys.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::limits::RateLimit;
use super::token_bucket::TokenBucket;

/// A rate limit for each key.
pub(in crate::relay) struct KeyedLimiter<K> {
    rate: RateLimit,
    most: usize,
    kept: Mutex<KeptBuckets<K>>,
}

struct KeptBuckets<K> {
    one: BTreeMap<K, TokenBucket>,
    /// The bucket that all keys without their own share.
    others: Option<TokenBucket>,
    swept: Option<Instant>,
}

/// The shortest time between two sweeps of full buckets: a sweep visits all of them.
const SWEPT: Duration = Duration::from_secs(1);

impl<K: Ord> KeyedLimiter<K> {
    /// Limits at most `most` keys one by one; all further ones share a bucket.
    pub(in crate::relay) const fn new(rate: RateLimit, most: usize) -> Self {
        Self { rate, most, kept: Mutex::new(KeptBuckets { one: BTreeMap::new(), others: None, swept: None }) }
    }

    /// Takes a token at `now`.
    ///
    /// Fails when no token is left, with the time until the next one.
    pub(in crate::relay) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut kept = self.kept.lock();
        if !kept.one.contains_key(&key) && kept.one.len() >= self.most {
            kept.sweep(now);
        }
        let full = TokenBucket::full(self.rate, now);
        let bucket = if kept.one.contains_key(&key) || kept.one.len() < self.most {
            kept.one.entry(key).or_insert(full)
        } else {
            kept.others.get_or_insert(full)
        };
        bucket.take(now, 0.0)
    }

    /// The time until a key has a token; `None` when it has one now.
    pub(in crate::relay) fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let mut kept = self.kept.lock();
        let is_full = kept.one.len() >= self.most;
        let kept = &mut *kept;
        let bucket = kept.one.get_mut(key).or(if is_full { kept.others.as_mut() } else { None })?;
        bucket.wait(now, 0.0)
    }
}

impl<K: Ord> KeptBuckets<K> {
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|it| now.saturating_duration_since(it) < SWEPT) {
            return;
        }
        self.swept = Some(now);
        self.one.retain(|_, bucket| !bucket.is_full(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second, rounded up so that a retry after it succeeds.
    const HALF: Duration = Duration::from_nanos(500_000_001);

    #[test]
    fn a_burst_is_let_in_and_then_one_at_a_time() {
        let allowances = KeyedLimiter::new(RateLimit { per_second: 2.0, burst: 3.0 }, 10);
        let start = crate::clock::instant();
        for _ in 0..3 {
            assert_eq!((allowances.wait(&"a", start), allowances.take("a", start)), (None, Ok(())));
        }
        assert_eq!(allowances.take("a", start), Err(HALF));
        assert_eq!(allowances.wait(&"a", start), Some(HALF));
        assert_eq!(allowances.take("b", start), Ok(()), "another is not asked to wait");
        let later = start + HALF;
        assert_eq!((allowances.take("a", later), allowances.take("a", later).is_err()), (Ok(()), true));
        assert_eq!(allowances.take("a", later + Duration::from_hours(9)), Ok(()));
    }

    #[test]
    fn more_than_may_be_told_apart_share_one_allowance_and_cost_no_memory() {
        let allowances = KeyedLimiter::new(RateLimit { per_second: 1.0, burst: 2.0 }, 3);
        let start = crate::clock::instant();
        let let_in = (0..100).filter(|it| allowances.take(*it, start).is_ok()).count();
        assert_eq!((let_in, allowances.kept.lock().one.len()), (5, 3));
        assert_eq!(allowances.take(0, start), Ok(()), "who has a bucket keeps it");
        // Once those are full again there is room.
        let later = start + Duration::from_secs(5);
        assert_eq!((allowances.take(101, later), allowances.take(101, later)), (Ok(()), Ok(())));
        assert_eq!(allowances.kept.lock().one.len(), 1);
    }
}
