//! The idle lock: a desk that nobody has used for a while becomes read-only until its operator turns acts on.

use crate::time::{Millis, Timestamp};

/// When the desk was last used, and after how long it locks.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::desk) struct IdleLock {
    /// The limit in wall time; `None` if the desk never locks.
    pub(in crate::desk) limit: Option<Millis>,
    pub(in crate::desk) touched: Option<Timestamp>,
    pub(in crate::desk) locked: bool,
}

impl IdleLock {
    /// Records that somebody used the desk at `wall`.
    pub(in crate::desk) const fn touch(&mut self, wall: Timestamp) {
        self.touched = Some(wall);
    }

    /// Sets another limit, counted from `wall`. A locked desk stays locked until acts are turned on.
    pub(in crate::desk) const fn set_limit(&mut self, limit: Option<Millis>, wall: Timestamp) {
        self.limit = limit;
        self.touched = Some(wall);
    }

    /// Lifts the lock.
    pub(in crate::desk) const fn unlock(&mut self) {
        self.locked = false;
    }

    pub(in crate::desk) const fn new(limit: Option<Millis>) -> Self {
        Self { limit, touched: None, locked: false }
    }
}

/// Returns a span in whole minutes.
pub(in crate::desk) const fn minutes(span: Millis) -> i64 {
    span.0.div_euclid(60_000)
}
