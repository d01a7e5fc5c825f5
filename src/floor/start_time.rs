//! When something began, as far as that is known.

use serde::{Deserialize, Serialize};

use crate::time::{Millis, Timestamp};

/// The start of a hold, a wait or a call: exact, or known only to be no later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StartTime {
    /// The start, or when it was first seen.
    pub at: Timestamp,
    /// Whether the start itself was seen; ages show `>` if not.
    pub exact: bool,
}

impl StartTime {
    /// Returns a start that was seen.
    #[must_use]
    pub const fn exactly(at: Timestamp) -> Self {
        Self { at, exact: true }
    }

    /// Returns a start that is no later than `at`.
    #[must_use]
    pub const fn by(at: Timestamp) -> Self {
        Self { at, exact: false }
    }

    /// Returns the age at `now` as the board shows it: `4:12`, or `>4:12` when the start was not seen.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> String {
        let span = now.since(self.at);
        if self.exact { span.to_string() } else { format!(">{span}") }
    }

    /// Returns the time from the start until `now`.
    #[must_use]
    pub fn span(&self, now: Timestamp) -> Millis {
        now.since(self.at)
    }
}
