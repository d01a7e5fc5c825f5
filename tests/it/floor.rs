//! Tests of the floor: the fold, its laws, and the interpretation of Graph's messages.

pub(crate) mod attribution;
pub(crate) mod clock_moves;
pub(crate) mod forms;
pub(crate) mod laws;
pub(crate) mod proof;
pub(crate) mod quiet_calls;
pub(crate) mod traps;
mod unreadable;
pub(crate) mod wire;
pub(crate) mod written;
pub(crate) mod wrong_404;
