//! The configuration of a feed, the resume point, and the commands to a connection. Does not know sockets.

use secrecy::SecretString;
use url::Url;

use super::CaTrust;
use crate::floor::{Cursor, Sum};
use crate::graph::CallId;

/// The address of a relay, and the token to present.
#[derive(Debug, Clone)]
pub struct FeedConfig {
    /// The feed: `ws://…/feed` or `wss://…/feed`.
    pub url: Url,
    /// The operator's token.
    pub token: SecretString,
    /// The trusted certificate authorities; the system's if `None`.
    pub trust: Option<CaTrust>,
}

/// Where a feed resumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumePoint {
    /// The identity of the journal's history.
    pub epoch: String,
    /// The last entry that was applied.
    pub after: Cursor,
    /// That entry's checksum.
    pub sum: Sum,
}

/// A command to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedCommand {
    /// Report the selected call to the other operators.
    Looking(Option<CallId>),
    /// Request earlier entries.
    Read {
        /// The cursor before the first entry wanted.
        after: Cursor,
        /// The maximum number of entries to send.
        count: u32,
    },
    /// Request the floor as of a cursor, or of the snapshot before it.
    FloorAt(Cursor),
    /// Retry now instead of waiting.
    Retry,
}
