//! What opens over the board.

pub(crate) mod evidence;
pub(crate) mod last_hour;
pub(crate) mod operation_trace;
mod scroll;
pub(crate) mod timeline;
