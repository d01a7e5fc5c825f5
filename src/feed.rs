//! The console's side of the feed: `client` connects to a relay (`callboard.v1` over WebSocket), `plain` to a source of
//! bare webhook bodies that has no relay. The frames are in `protocol`, and the server is in `relay`.
//!
//! This module depends on the floor, but not on the journal.

mod ca_trust;
pub mod client;
mod command;
pub mod plain;
mod queue;
mod relay_clock;

pub use ca_trust::{CaTrust, CaTrustError};
pub use command::{FeedCommand, FeedConfig, ResumePoint};
pub use relay_clock::RelayClock;
