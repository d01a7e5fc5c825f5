//! The cursor and time of the entry that is applied.

use crate::floor::Cursor;
use crate::time::Timestamp;

/// The cursor and the time of the entry whose fact is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactStamp {
    pub(super) cursor: Cursor,
    pub(super) at: Timestamp,
}
