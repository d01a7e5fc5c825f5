//! The lives of calls and of the people in them.

pub(super) mod call;
pub(super) mod create;
pub(super) mod invite;
pub(super) mod recorder;
pub(super) mod ring;
pub(super) mod spawn;
pub(super) mod traffic;
pub(super) mod transfer;
