//! Moves of floor time against the machine's monotonic clock: sleep, and steps of wall time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Millis;

/// A move of floor time that the monotonic clock of the relay's machine did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockMove {
    /// How far floor time moved; negative when wall time was set back.
    pub by: Millis,
    /// The clock that showed the move.
    pub cause: ClockMoveCause,
}

/// The clock that showed a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClockMoveCause {
    /// Boot time ran on while monotonic time stood still: the machine slept.
    Sleep,
    /// Wall time moved alone: somebody set it, or the machine was paused from outside. The two look the same.
    WallTime,
}

impl ClockMove {
    /// Whether what is open keeps its age: time was set back, so its beginnings move with it.
    #[must_use]
    pub const fn is_back(self) -> bool {
        self.by.0 < 0
    }
}

impl fmt::Display for ClockMove {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // To the nearest second: two clocks are never read at quite the same instant.
        let span = Millis(self.by.0.saturating_abs().saturating_add(500));
        match (self.cause, self.is_back()) {
            (_, true) => write!(out, "the relay's clock was set back by {span}; ages stay as they were"),
            (ClockMoveCause::Sleep, false) => write!(out, "the relay's machine slept for {span}; ages include it"),
            (ClockMoveCause::WallTime, false) => {
                write!(out, "the relay's clock moved ahead by {span}, as after a pause of its machine; ages include it")
            }
        }
    }
}
