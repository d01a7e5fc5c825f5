//! Start times, which may be known only approximately.

use serde::{Deserialize, Serialize};

use crate::time::{Millis, Timestamp};

/// The start of a hold, a wait or a call: exact, or an upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StartTime {
    /// The start, or when it was first seen.
    pub at: Timestamp,
    /// Whether the start was observed; if not, ages show `>=`.
    pub exact: bool,
}

impl StartTime {
    /// Creates an exact start.
    #[must_use]
    pub const fn exactly(at: Timestamp) -> Self {
        Self { at, exact: true }
    }

    /// Creates a start that is not later than `at`.
    #[must_use]
    pub const fn by(at: Timestamp) -> Self {
        Self { at, exact: false }
    }

    /// Returns the age at `now` as the board shows it: `04:12`, or `>=04:12` if the start was not observed.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> String {
        let span = now.since(self.at);
        if self.exact { span.to_string() } else { format!(">={span}") }
    }

    /// Returns the time from the start until `now`.
    #[must_use]
    pub fn span(&self, now: Timestamp) -> Millis {
        now.since(self.at)
    }
}
