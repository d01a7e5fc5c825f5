//! The place and time of the entry that is applied.

use crate::floor::Cursor;
use crate::time::Timestamp;

/// Where and when a fact is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactStamp {
    pub(super) cursor: Cursor,
    pub(super) at: Timestamp,
}
