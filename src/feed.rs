//! The console's line to a relay (`callboard.v1` over WebSocket), and to plain sources that have no relay.
//!
//! `client` connects to a relay and `plain` to a source of bare webhook bodies; the frames are in `protocol`, and the
//! server is in `relay`. This module knows the floor and no journal.

mod ca_trust;
pub mod client;
mod command;
pub mod plain;

pub use ca_trust::{CaTrust, CaTrustError};
pub use command::{FeedCommand, FeedConfig, ResumePoint};
