//! Graph's notifications: verify, store, acknowledge, forward to the bot.

pub(super) mod dedup;
pub(super) mod forward;
pub(super) mod intake;
pub(super) mod misdirected;
pub(super) mod signing_keys;
pub(super) mod verified_tokens;
pub(super) mod verify;
