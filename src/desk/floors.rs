//! The floor as the feed gives it, the one that is shown, and the times that go with them.

use crate::floor::Floor;
use crate::time::Timestamp;

/// The live floor, and the one that stands still while the display is paused.
#[derive(Debug, Default)]
pub(super) struct Floors {
    pub(super) live: Floor,
    pub(super) paused: Option<PausedBoard>,
    /// The time of the gap that was read: a key was pressed after everything had been read again.
    pub(super) gap_read: Option<Timestamp>,
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
    /// Takes the last gap as read, if everything has been read again since.
    pub(super) fn read_gap(&mut self) {
        if let Some(gap) = self.shown().gap().filter(|it| it.resynced.is_some()) {
            self.gap_read = Some(gap.at);
        }
    }

    /// The floor that is shown.
    pub(super) fn shown(&self) -> &Floor {
        self.paused.as_ref().map_or(&self.live, |it| &it.floor)
    }
}
