//! The floor as the feed gives it, the one that is shown, and the times that go with them.

use crate::floor::Floor;
use crate::time::Timestamp;

/// The live floor, and the one that stands still while the display is paused.
#[derive(Debug, Default)]
pub(super) struct Floors {
    pub(super) live: Floor,
    pub(super) paused: Option<PausedBoard>,
}

/// A board that stands still while the floor goes on.
#[derive(Debug)]
pub(super) struct PausedBoard {
    pub(super) floor: Floor,
    pub(super) at: Timestamp,
    /// Changes of the live floor since.
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
    /// The floor that is shown.
    pub(super) fn shown(&self) -> &Floor {
        self.paused.as_ref().map_or(&self.live, |it| &it.floor)
    }
}
