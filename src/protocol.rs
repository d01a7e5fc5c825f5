//! The relay's feed as text: frames, the pieces of a snapshot, and close codes.
//!
//! Pure: it knows the floor, and nothing of sockets, journals or desks.

mod close;
mod event;
mod frame;
mod limits;
mod relay_stamp;
mod snapshot;

pub use close::CloseCode;
pub use event::FeedEvent;
pub use frame::{
    ConnectedOperator, ConsoleFrame, FeedFrame, FrameError, HelloFrame, ResetReason, Role, encode_entry,
    encode_history_entry,
};
pub use limits::{LimitExceeded, MAX_MESSAGE};
pub use relay_stamp::{PRESSED_HEADER, RelayStamp, StampError, TIME_PATH, TURN_HEADER};
pub use snapshot::{PieceError, SnapshotPiece, SnapshotPieces};

/// The version of the protocol, as in `hello`.
pub const PROTOCOL: u32 = 1;
/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "callboard.v1";
/// The longest silence of a relay between two frames, in seconds of wall time.
pub const HEARTBEAT_SECONDS: u32 = 2;
