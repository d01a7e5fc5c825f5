//! A request to Graph, its reply, and the error without a reply. Plain data.

use std::time::Duration;

use crate::graph::Method;
use crate::relay::gate::relay_time::BeginBy;

/// A request: its method, its path from `/communications` on, and its body if it has one.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct GraphRequest<'a> {
    pub(in crate::relay) method: Method,
    pub(in crate::relay) path: &'a str,
    pub(in crate::relay) body: Option<&'a str>,
    /// The latest time at which the request may begin; later, it is not sent. `None` for no limit.
    pub(in crate::relay) begin_by: Option<&'a BeginBy>,
}

/// The reason of an act that arrived too late after its key press.
pub(in crate::relay) const EXPIRED: &str =
    "it came too late after its key press, so nothing was sent; press again if it is still wanted";
/// A complete reply of Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::relay) struct GraphReply {
    pub(in crate::relay) status: u16,
    pub(in crate::relay) location: Option<String>,
    pub(in crate::relay) retry_after: Option<Duration>,
    pub(in crate::relay) body: String,
}

/// The reason why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::relay) enum NoResponse {
    /// The connection failed before the request was sent.
    #[error("Graph could not be reached: {0}")]
    NotSent(String),
    /// It was sent, or may have been.
    #[error("Graph did not answer: {0}")]
    Sent(String),
    /// There is no token, and another attempt will fail too.
    #[error("{0}")]
    NoToken(String),
    /// There is no token now. Nothing was sent, and another attempt may succeed.
    #[error("{0}")]
    TokenAway(String),
    /// Nothing was sent, because the act arrived too late after its key press.
    #[error("EXPIRED: {EXPIRED}")]
    Expired,
    /// Nothing was sent because the circuit is open or no permit was free.
    #[error("{why}")]
    Shut {
        /// The cause, as a sentence for operators.
        why: String,
        /// The time until a request may be sent.
        wait: Duration,
    },
}
