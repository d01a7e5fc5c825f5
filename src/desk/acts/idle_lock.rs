//! The idle lock: a desk that nobody has used for a while becomes read-only until its operator turns acts on. The
//! settings or the operator make it read-only too.

use crate::time::{Millis, Timestamp};

/// Whether acts are off and why, when the desk was last used, and after how long it locks.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk) struct IdleLock {
    state: LockState,
    /// The limit in wall time; `None` if the desk never locks.
    limit: Option<Millis>,
    /// In wall time.
    touched: Option<Timestamp>,
}

/// Whether acts are off, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LockState {
    ActsOn,
    OffByHand,
    OffByIdleness,
}

impl IdleLock {
    pub(in crate::desk) const fn new(read_only: bool, limit: Option<Millis>) -> Self {
        let state = if read_only { LockState::OffByHand } else { LockState::ActsOn };
        Self { state, limit, touched: None }
    }

    /// Returns whether acts are off.
    pub(in crate::desk) const fn is_read_only(&self) -> bool {
        matches!(self.state, LockState::OffByHand | LockState::OffByIdleness)
    }

    /// Returns the limit after which the desk locked itself; `None` if it did not lock itself.
    pub(in crate::desk) fn locked_after(&self) -> Option<Millis> {
        self.limit.filter(|_| self.state == LockState::OffByIdleness)
    }

    /// Turns acts off by hand, or on again, whatever turned them off; returns whether they are off.
    pub(in crate::desk) const fn toggle(&mut self) -> bool {
        self.state = if self.is_read_only() { LockState::ActsOn } else { LockState::OffByHand };
        self.is_read_only()
    }

    /// Records that somebody used the desk at `wall`.
    pub(in crate::desk) const fn touch(&mut self, wall: Timestamp) {
        self.touched = Some(wall);
    }

    /// Sets another limit, counted from `wall`. A locked desk stays locked until acts are turned on.
    pub(in crate::desk) const fn set_limit(&mut self, limit: Option<Millis>, wall: Timestamp) {
        self.limit = limit;
        self.touched = Some(wall);
    }

    /// Turns acts off if nobody has used the desk for the limit, and returns the limit. A busy desk does not lock.
    pub(in crate::desk) fn lock_if_idle(&mut self, wall: Timestamp, is_busy: bool) -> Option<Millis> {
        // A desk that nobody has used yet is idle from its first event on.
        let touched = *self.touched.get_or_insert(wall);
        let limit = self.limit.filter(|it| wall.since(touched) >= *it)?;
        if self.is_read_only() || is_busy {
            return None;
        }
        self.state = LockState::OffByIdleness;
        Some(limit)
    }
}

/// Returns a span in whole minutes.
pub(in crate::desk) const fn minutes(span: Millis) -> i64 {
    span.0.div_euclid(60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_that_locked_itself_says_so_until_acts_are_turned_on_or_off_by_hand() {
        let limit = Millis::minutes(10);
        let mut lock = IdleLock::new(false, Some(limit));
        assert_eq!(lock.lock_if_idle(Timestamp(0), false), None, "its first moment");
        lock.touch(Timestamp(5));
        assert_eq!(lock.lock_if_idle(Timestamp(limit.0), false), None, "somebody touched it since");
        assert_eq!(lock.lock_if_idle(Timestamp(5 + limit.0), true), None, "it is busy");
        assert_eq!(lock.lock_if_idle(Timestamp(5 + limit.0), false), Some(limit));
        assert_eq!((lock.is_read_only(), lock.locked_after()), (true, Some(limit)));
        assert_eq!(lock.lock_if_idle(Timestamp(3 * limit.0), false), None, "it is locked already");
        assert!(!lock.toggle());
        assert_eq!((lock.is_read_only(), lock.locked_after()), (false, None));
        assert!(lock.toggle());
        assert_eq!((lock.is_read_only(), lock.locked_after()), (true, None), "by hand");
    }
}
