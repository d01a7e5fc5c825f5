//! The console's line to a relay (`callboard.v1` over WebSocket), and to plain sources that have no relay.
//!
//! The frames are in `protocol`, and the relay's side of the line is in `relay`. This room knows the floor, and
//! nothing of journals or boards.

mod ca_trust;
pub mod client;
pub mod plain;

pub use ca_trust::{CaTrust, CaTrustError};
pub use client::{FeedCommand, FeedConfig, ResumePoint};
