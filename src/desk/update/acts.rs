//! The path of an act: asked, confirmed, sent, answered, undone.

pub(in crate::desk) mod ask;
pub(in crate::desk) mod ask_bulk;
pub(in crate::desk) mod confirm;
pub(in crate::desk) mod conflicts;
pub(in crate::desk) mod force;
pub(in crate::desk) mod go_ahead;
pub(in crate::desk) mod marks;
pub(in crate::desk) mod questions;
pub(in crate::desk) mod send;
pub(in crate::desk) mod undo;
