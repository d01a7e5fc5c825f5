//! Calls and the people in them: their data, and how they begin, change and end.

pub(super) mod call;
pub(super) mod call_body;
pub(super) mod create;
pub(super) mod invite;
pub(super) mod lifecycle;
pub(super) mod member;
pub(super) mod operation;
pub(super) mod reactions;
pub(super) mod recorder;
pub(super) mod recording_policy;
pub(super) mod ring;
pub(super) mod roster;
pub(super) mod spawn;
pub(super) mod table;
pub(super) mod traffic;
pub(super) mod transfer;
