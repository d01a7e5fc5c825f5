//! For whoever runs the relay: liveness, readiness and metrics.

pub(super) mod endpoints;
pub(super) mod metrics;
