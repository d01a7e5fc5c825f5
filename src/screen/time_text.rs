//! Times and durations as the board writes them.

use crate::time::{Millis, Timestamp};

/// The time of day in UTC: `14:32:07`.
pub(super) fn time_of_day(at: Timestamp) -> String {
    let seconds = at.0.div_euclid(1_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// A duration in few columns: `310ms`, `1.4s`, `12s`, `04:12`.
pub(super) fn short_span(span: Millis) -> String {
    match span.0.max(0) {
        millis @ ..1_000 => format!("{millis}ms"),
        millis @ ..10_000 => format!("{}.{}s", millis / 1_000, millis % 1_000 / 100),
        millis @ ..60_000 => format!("{}s", millis / 1_000),
        _ => span.to_string(),
    }
}
