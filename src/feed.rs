//! The feed: how a relay tells consoles what is in its journal (`callboard.v1` over WebSocket).
//!
//! `frame`, `snapshot`, `close` and `backoff` are pure; `client` is the shell that holds a line to a relay. The
//! server's side is in `relay`. This room knows the floor, and nothing of the journal.

mod backoff;
pub mod client;
mod close;
mod frame;
pub mod plain;
mod snapshot;
mod trust;

pub use backoff::ReconnectBackoff;
pub use client::{FeedCommand, FeedConfig, FeedEvent, ResumePoint};
pub use close::CloseCode;
pub use frame::{
    ConnectedOperator, ConsoleFrame, FeedFrame, FrameError, HelloFrame, ResetReason, Role, encode_entry,
    encode_history_entry,
};
pub use snapshot::{PieceError, SnapshotPiece, SnapshotPieces};
pub use trust::{CaTrust, CaTrustError};

/// The protocol's number, as `hello` says it.
pub const PROTOCOL: u32 = 1;
/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "callboard.v1";
/// How often a relay is heard at least, in seconds of wall time.
pub const HEARTBEAT_SECONDS: u32 = 5;
