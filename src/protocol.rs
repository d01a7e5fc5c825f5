//! The relay's feed as text: frames, the pieces of a snapshot, and close codes.
//!
//! Pure: it knows the floor, and nothing of sockets, journals or desks.

mod close;
mod event;
mod frame;
mod snapshot;

pub use close::CloseCode;
pub use event::FeedEvent;
pub use frame::{
    ConnectedOperator, ConsoleFrame, FeedFrame, FrameError, HelloFrame, ResetReason, Role, encode_entry,
    encode_history_entry,
};
pub use snapshot::{PieceError, SnapshotPiece, SnapshotPieces};

/// The protocol's number, as `hello` says it.
pub const PROTOCOL: u32 = 1;
/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "callboard.v1";
/// How often a relay is heard at least, in seconds of wall time.
pub const HEARTBEAT_SECONDS: u32 = 5;
