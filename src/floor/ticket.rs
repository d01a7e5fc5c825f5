//! The idempotency key that ties a key press to its answer and its proof.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::graph::ClientContext;

/// The idempotency key of one act: a `UUIDv7` that the console mints at the key press. It travels to Graph as
/// `clientContext` and comes back in the answer and in the notification, so it ties them to the key press.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub Box<str>);

impl Ticket {
    /// Returns the ticket as Graph's `clientContext`; `None` if it has more than 256 characters.
    #[must_use]
    pub fn context(&self) -> Option<ClientContext> {
        ClientContext::new(&self.0).ok()
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
