//! Ctrl-c twice in a row quits, whatever lies over the panes.

use crate::time::{Millis, Timestamp};

/// A second press this soon after the first quits.
const TWICE: Millis = Millis::seconds(2);

/// When the last ctrl-c came.
#[derive(Debug, Default)]
pub(in crate::desk) struct InterruptKey {
    /// In wall time.
    pressed: Option<Timestamp>,
}

impl InterruptKey {
    /// Takes a press at `wall`; returns whether it quits.
    pub(in crate::desk) fn press(&mut self, wall: Timestamp) -> bool {
        let before = self.pressed.replace(wall);
        before.is_some_and(|at| wall.since(at) <= TWICE)
    }
}
