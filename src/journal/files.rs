//! The files in a journal's folder: their layout, owner and identity, and the signs by which a lost journal is recognised.

pub(super) mod aside;
pub(super) mod emptied;
pub(super) mod identity;
pub(super) mod kept_head;
pub(super) mod layout;
pub(super) mod leftover;
pub(super) mod opening;
pub(super) mod owner;
