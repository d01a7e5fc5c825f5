//! The current floor, encoded once for every console.

pub(super) mod projection;
pub(super) mod tail;
