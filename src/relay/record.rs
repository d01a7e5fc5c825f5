//! What the relay itself writes, and the upkeep of the journal.

pub(super) mod journal_writer;
pub(super) mod log_throttle;
pub(super) mod maintenance;
