//! The current floor, encoded once for all consoles.

pub(super) mod projection;
pub(super) mod shared_snapshot;
pub(super) mod tail;
