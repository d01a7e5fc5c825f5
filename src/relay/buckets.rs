//! Token buckets: how often somebody may do something. Bounded: who comes when all buckets are taken shares one
//! with the others who do, so that a caller with many addresses costs memory only up to a limit.
//!
//! Our own, because the bound and what lies past it are the point here, and the arithmetic is five lines.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::limits::Rate;

/// The buckets of many.
pub(super) struct Buckets<K> {
    rate: Rate,
    most: usize,
    kept: Mutex<Kept<K>>,
}

struct Kept<K> {
    one: BTreeMap<K, Bucket>,
    /// Shared by all who find no bucket of their own.
    others: Option<Bucket>,
    swept: Option<Instant>,
}

/// What is left, as of a moment.
#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// Full buckets are thrown away at most this often: it looks at all of them.
const SWEPT: Duration = Duration::from_secs(1);

impl<K: Ord> Buckets<K> {
    pub(super) const fn new(rate: Rate, most: usize) -> Self {
        Self { rate, most, kept: Mutex::new(Kept { one: BTreeMap::new(), others: None, swept: None }) }
    }

    /// Takes one at `now`; when there is none left, says after how long there will be.
    pub(super) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let rate = self.rate;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.one.contains_key(&key) && kept.one.len() >= self.most {
            kept.sweep(rate, now);
        }
        let full = Bucket { left: rate.burst, at: now };
        let bucket = if kept.one.contains_key(&key) || kept.one.len() < self.most {
            kept.one.entry(key).or_insert(full)
        } else {
            kept.others.get_or_insert(full)
        };
        bucket.fill(rate, now);
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err(bucket.wait(rate))
    }

    /// How long until there is one; `None` when there is.
    pub(super) fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = kept.one.len() >= self.most;
        let kept = &mut *kept;
        let bucket = kept.one.get_mut(key).or(if is_full { kept.others.as_mut() } else { None })?;
        bucket.fill(self.rate, now);
        (bucket.left < 1.0).then(|| bucket.wait(self.rate))
    }
}

impl<K: Ord> Kept<K> {
    fn sweep(&mut self, rate: Rate, now: Instant) {
        if self.swept.is_some_and(|it| now.saturating_duration_since(it) < SWEPT) {
            return;
        }
        self.swept = Some(now);
        self.one.retain(|_, bucket| {
            bucket.fill(rate, now);
            bucket.left < rate.burst
        });
    }
}

impl Bucket {
    fn fill(&mut self, rate: Rate, now: Instant) {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        *self = Self { left: (self.left + since * rate.per_second).min(rate.burst), at: now.max(self.at) };
    }

    fn wait(self, rate: Rate) -> Duration {
        let seconds = (1.0 - self.left) / rate.per_second;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_hours(1)).min(Duration::from_hours(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_in_and_then_one_at_a_time() {
        let buckets = Buckets::new(Rate { per_second: 2.0, burst: 3.0 }, 10);
        let start = crate::clock::instant();
        for _ in 0..3 {
            assert_eq!((buckets.wait(&"a", start), buckets.take("a", start)), (None, Ok(())));
        }
        assert_eq!(buckets.take("a", start), Err(Duration::from_millis(500)));
        assert_eq!(buckets.wait(&"a", start), Some(Duration::from_millis(500)));
        assert_eq!(buckets.take("b", start), Ok(()), "another is not asked to wait");
        let later = start + Duration::from_millis(500);
        assert_eq!((buckets.take("a", later), buckets.take("a", later).is_err()), (Ok(()), true));
        assert_eq!(buckets.take("a", later + Duration::from_hours(9)), Ok(()));
    }

    #[test]
    fn more_than_may_be_told_apart_share_one_allowance_and_cost_no_memory() {
        let buckets = Buckets::new(Rate { per_second: 1.0, burst: 2.0 }, 3);
        let start = crate::clock::instant();
        let let_in = (0..100).filter(|it| buckets.take(*it, start).is_ok()).count();
        assert_eq!((let_in, buckets.kept.lock().unwrap().one.len()), (5, 3));
        assert_eq!(buckets.take(0, start), Ok(()), "who has a bucket keeps it");
        // Once those are full again there is room.
        let later = start + Duration::from_secs(5);
        assert_eq!((buckets.take(101, later), buckets.take(101, later)), (Ok(()), Ok(())));
        assert_eq!(buckets.kept.lock().unwrap().one.len(), 1);
    }

    #[test]
    fn a_rate_of_nothing_never_fills() {
        let buckets = Buckets::new(Rate { per_second: 0.0, burst: 1.0 }, 3);
        let start = crate::clock::instant();
        assert_eq!(buckets.take("a", start), Ok(()));
        assert_eq!(buckets.take("a", start), Err(Duration::from_hours(1)));
    }
}
