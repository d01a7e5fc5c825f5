//! Liveness, readiness and metrics, for the people who run the relay.

pub(super) mod endpoints;
pub(super) mod metrics;
