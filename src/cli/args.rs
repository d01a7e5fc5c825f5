//! The groups of options that several commands share.

pub(super) mod console;
pub(super) mod graph;
pub(super) mod network;
pub(super) mod scenario;
