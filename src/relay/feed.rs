//! The feed's server. Each console has a task, which reads from the console's cursor at the console's pace.

mod connection;
mod history;
mod quotas;
mod server;
mod slots;
mod socket;
pub(super) mod websocket;

pub(super) use connection::FeedState;
pub(super) use server::upgrade;
pub(super) use slots::ConsoleSlots;
