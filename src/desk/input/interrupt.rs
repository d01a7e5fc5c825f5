//! The interrupt key: two presses in a row quit, whatever overlay is open.

use crate::time::{Millis, Timestamp};

/// The wall time within which a second press quits.
const TWICE: Millis = Millis::seconds(2);

/// The last press of the interrupt key.
#[derive(Debug, Default)]
pub(in crate::desk) struct InterruptKey {
    /// In wall time.
    pressed: Option<Timestamp>,
}

impl InterruptKey {
    /// Handles a press at `wall`, and returns whether it quits.
    pub(in crate::desk) fn press(&mut self, wall: Timestamp) -> bool {
        let before = self.pressed.replace(wall);
        before.is_some_and(|at| wall.since(at) <= TWICE)
    }
}
