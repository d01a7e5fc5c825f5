//! The idle lock: a desk that nobody has touched for a while only looks, until `W`.

use crate::time::{Millis, Timestamp};

/// When the desk was last touched, and how long it may lie untouched.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::desk) struct IdleLock {
    /// None where it is never locked.
    pub(in crate::desk) limit: Option<Millis>,
    pub(in crate::desk) touched: Option<Timestamp>,
    pub(in crate::desk) locked: bool,
}

impl IdleLock {
    pub(in crate::desk) const fn new(limit: Option<Millis>) -> Self {
        Self { limit, touched: None, locked: false }
    }
}

/// Whole minutes.
pub(in crate::desk) const fn minutes(span: Millis) -> i64 {
    span.0.div_euclid(60_000)
}
