//! The feed: how a relay tells consoles what is in its journal (`callboard.v1` over WebSocket).
//!
//! `frame`, `snapshot`, `close` and `backoff` are pure; `client` is the shell that holds a line to a relay. The
//! server's side is in `relay`. This room knows the floor, and nothing of the journal.

mod ca_trust;
pub mod client;
mod event;
pub mod plain;

pub use ca_trust::{CaTrust, CaTrustError};
pub use event::{FeedCommand, FeedConfig, FeedEvent, ResumePoint};
