//! The floor as it is now, encoded once for every console.

pub(super) mod projection;
pub(super) mod tail;
