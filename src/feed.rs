//! The console's connection to a relay (`callboard.v1` over WebSocket), and to plain sources that have no relay.
//!
//! `client` connects to a relay and `plain` to a source of bare webhook bodies; the frames are in `protocol`, and the
//! server is in `relay`. It depends on the floor and not on the journal.

mod ca_trust;
pub mod client;
mod command;
pub mod plain;
mod relay_clock;

pub use ca_trust::{CaTrust, CaTrustError};
pub use command::{FeedCommand, FeedConfig, ResumePoint};
pub use relay_clock::RelayClock;
