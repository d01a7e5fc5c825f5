//! The feed: how a relay tells consoles what is in its journal (`callboard.v1` over WebSocket).
//!
//! `client` connects to a relay and `plain` to a source of bare webhook bodies; the frames are in `protocol`, and the
//! server is in `relay`. This room knows the floor and no journal.

mod ca_trust;
pub mod client;
mod event;
pub mod plain;

pub use ca_trust::{CaTrust, CaTrustError};
pub use event::{FeedCommand, FeedConfig, FeedEvent, ResumePoint};
