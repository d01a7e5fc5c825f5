//! When something began, as far as that is known.

use serde::{Deserialize, Serialize};

use crate::time::{Millis, Timestamp};

/// The begin of something: exact, or only known to be no later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StartTime {
    /// When it began, or when it was first seen.
    pub at: Timestamp,
    /// Whether the begin itself was seen; if not, ages show `>=`.
    pub exact: bool,
}

impl StartTime {
    /// A begin that was seen.
    #[must_use]
    pub const fn exactly(at: Timestamp) -> Self {
        Self { at, exact: true }
    }

    /// A begin that is no later than `at`.
    #[must_use]
    pub const fn by(at: Timestamp) -> Self {
        Self { at, exact: false }
    }

    /// The age at `now`, as the board shows it: `04:12`, or `>=04:12` when the begin was not seen.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> String {
        let span = now.since(self.at);
        if self.exact { span.to_string() } else { format!(">={span}") }
    }

    /// The length until `now`.
    #[must_use]
    pub fn span(&self, now: Timestamp) -> Millis {
        now.since(self.at)
    }
}
