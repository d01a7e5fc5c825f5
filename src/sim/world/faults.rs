//! The faults that a world injects on purpose.

pub(super) mod fault_rng;
pub(super) mod request_outcome;
pub(super) mod throttle;
