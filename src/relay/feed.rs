//! The feed's server: one task for each console, which reads from its own cursor at its own pace.

mod connection;
mod server;
mod slots;
mod socket;
pub(super) mod websocket;

pub(super) use connection::FeedState;
pub(super) use server::upgrade;
pub(super) use slots::ConsoleSlots;
