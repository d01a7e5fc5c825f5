//! The relay's own entries, and the maintenance of the journal.

pub(super) mod journal_writer;
pub(super) mod log_throttle;
pub(super) mod maintenance;
mod timed_journal;
