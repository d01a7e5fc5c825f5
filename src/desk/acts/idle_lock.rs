//! The idle lock: a desk that nobody has touched for a while only looks, until `W`.

use crate::desk::{Desk, Modal};
use crate::time::{Millis, Timestamp};

/// When the desk was last touched, and how long it may lie untouched.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::desk) struct IdleLock {
    /// None where it is never locked.
    limit: Option<Millis>,
    touched: Option<Timestamp>,
    locked: bool,
}

impl IdleLock {
    pub(in crate::desk) const fn new(limit: Option<Millis>) -> Self {
        Self { limit, touched: None, locked: false }
    }
}

impl Desk {
    /// A hand is at the desk.
    pub(in crate::desk) const fn touch_idle(&mut self) {
        self.idle.touched = Some(self.wall);
    }

    /// Another limit from now on; who is locked out stays so until `W`.
    pub(in crate::desk) const fn set_idle(&mut self, limit: Option<Millis>) {
        self.idle.limit = limit;
        self.idle.touched = Some(self.wall);
    }

    /// The lock is lifted, or was never there.
    pub(in crate::desk) const fn unlock(&mut self) {
        self.idle.locked = false;
    }

    /// After how long without a key acts went off; none when that is not why.
    #[must_use]
    pub fn idle_lock(&self) -> Option<Millis> {
        self.idle.limit.filter(|_| self.idle.locked && self.read_only)
    }

    /// Turns acts off where nobody has touched the desk for long; not while an act on many is being sent.
    pub(in crate::desk) fn watch_idle(&mut self) {
        // What nobody has touched yet is idle from its first moment on.
        let touched = *self.idle.touched.get_or_insert(self.wall);
        let Some(limit) = self.idle.limit.filter(|it| self.wall.since(touched) >= *it) else { return };
        if self.read_only || self.bulk.is_under_way() {
            return;
        }
        (self.read_only, self.idle.locked) = (true, true);
        if matches!(self.modal, Modal::Confirm(_)) {
            self.modal = Modal::None;
            self.thaw();
        }
        self.warn(format!("no key for {} min: acts are off, read only; W turns them on", minutes(limit)));
    }
}

/// Whole minutes.
pub(in crate::desk) const fn minutes(span: Millis) -> i64 {
    span.0.div_euclid(60_000)
}
