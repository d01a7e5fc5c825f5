//! The simulator, judged by clients that know only Graph.

pub(crate) mod bot;
pub(crate) mod conformance;
pub(crate) mod documented_bodies;
pub(crate) mod explain;
pub(crate) mod network_faults;
