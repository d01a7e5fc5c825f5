//! DOC

pub(super) mod endpoints;
pub(super) mod metrics;
