//! From asking for an act to the request that leaves, and what holds it back.

pub(in crate::desk) mod ask;
pub(in crate::desk) mod ask_bulk;
pub(in crate::desk) mod conflicts;
pub(in crate::desk) mod force;
pub(in crate::desk) mod marks;
pub(in crate::desk) mod send;
pub(in crate::desk) mod undo;
