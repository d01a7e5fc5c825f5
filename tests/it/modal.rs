//! What opens over the board.

pub(crate) mod evidence;
pub(crate) mod last_hour;
pub(crate) mod operation_trace;
pub(crate) mod timeline;
