//! The live floor, the shown floor, and the times of the last event.

use crate::floor::Floor;
use crate::time::Timestamp;

/// The live floor, and the copy that is shown while the display is paused.
#[derive(Debug, Default)]
pub(super) struct Floors {
    pub(super) live: Floor,
    pub(super) paused: Option<PausedBoard>,
}

/// A copy of the floor that does not change.
#[derive(Debug)]
pub(super) struct PausedBoard {
    pub(super) floor: Floor,
    pub(super) at: Timestamp,
    /// How many changes the live floor had since.
    pub(super) behind: usize,
}

/// The times of the last event.
#[derive(Debug, Default)]
pub(super) struct DeskClock {
    /// The floor time of the last event.
    pub(super) now: Timestamp,
    /// The wall time of the last event.
    pub(super) wall: Timestamp,
}

impl Floors {
    /// Returns the floor that is shown.
    pub(super) fn shown(&self) -> &Floor {
        self.paused.as_ref().map_or(&self.live, |it| &it.floor)
    }
}
