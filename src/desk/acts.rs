//! What an operator asks for, from the key press to the request that leaves, and what holds it back.

pub(super) mod bulk;
pub(super) mod bulk_confirm;
pub(super) mod confirm;
pub(super) mod conflicts;
pub(super) mod fast;
pub(super) mod force;
pub(super) mod idle_lock;
pub(super) mod marks;
pub(super) mod pending;
pub(super) mod request;
pub(super) mod rules;
pub(super) mod ticket;
pub(super) mod undo;
