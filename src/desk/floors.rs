//! The live floor, the shown floor, and the times of the last event.

use crate::desk::acts::arming::KeyTimes;
use crate::desk::event::InputTime;
use crate::floor::{ChangedCalls, Floor, Gap};
use crate::time::{Millis, Timestamp};

/// The live floor, and the copy that is shown while the display is paused.
#[derive(Debug, Default)]
pub(super) struct Floors {
    live: Floor,
    paused: Option<PausedBoard>,
    /// The time of the gap that counts as seen: a key was pressed after every call had been read again.
    gap_read: Option<Timestamp>,
}

/// A copy of the floor that does not change.
#[derive(Debug)]
struct PausedBoard {
    floor: Floor,
    at: Timestamp,
    /// How many changes the live floor had since.
    behind: usize,
}

/// The times of the last event.
#[derive(Debug, Default)]
pub(super) struct DeskClock {
    now: Timestamp,
    wall: Timestamp,
    /// When the input was read; for every other event, the times of the event.
    input: InputTime,
    /// When the wake-up for a running operation is due, in wall time.
    wake: Option<Timestamp>,
}

impl Floors {
    /// Whether this gap counts as seen.
    pub(super) fn has_read_gap(&self, gap: &Gap) -> bool {
        self.gap_read == Some(gap.at)
    }

    /// Counts the last gap as seen, if every call has been read again since.
    pub(super) fn read_gap(&mut self) {
        if let Some(gap) = self.shown().gap().filter(|it| it.resynced.is_some()) {
            self.gap_read = Some(gap.at);
        }
    }

    /// Returns the floor as the feed gives it, also while the display is paused.
    pub(super) const fn live(&self) -> &Floor {
        &self.live
    }

    /// Returns the floor that is shown.
    pub(super) fn shown(&self) -> &Floor {
        self.paused.as_ref().map_or(&self.live, |it| &it.floor)
    }

    /// Returns the time of the paused display; `None` while the display follows the live floor.
    pub(super) fn paused_at(&self) -> Option<Timestamp> {
        self.paused.as_ref().map(|it| it.at)
    }

    /// Returns how many changes the paused display is behind; `None` while the display follows the live floor.
    pub(super) fn behind(&self) -> Option<usize> {
        self.paused.as_ref().map(|it| it.behind)
    }

    /// Takes the calls of the live floor that have changed since this was last asked.
    pub(super) fn take_changed_calls(&mut self) -> ChangedCalls {
        self.live.take_changed_calls()
    }

    /// Changes the live floor.
    pub(super) fn change_live<R>(&mut self, change: impl FnOnce(&mut Floor) -> R) -> R {
        change(&mut self.live)
    }

    /// Counts changes of the live floor that a paused display does not show.
    pub(super) const fn count_behind(&mut self, changed: usize) {
        if let Some(paused) = &mut self.paused {
            paused.behind += changed;
        }
    }

    /// Stops the display at this time, or lets it follow the live floor again.
    pub(super) fn toggle_pause(&mut self, at: Timestamp) {
        self.paused = match self.paused.take() {
            Some(_) => None,
            None => Some(PausedBoard { floor: self.live.clone(), at, behind: 0 }),
        };
    }

    /// Replaces the live floor and, while the display is paused, the paused floor; returns the replaced ones.
    pub(super) fn replace(&mut self, by: impl Fn(&Floor) -> Floor) -> (Floor, Option<Floor>) {
        let replace = |floor: &mut Floor| {
            let other = by(floor);
            std::mem::replace(floor, other)
        };
        (replace(&mut self.live), self.paused.as_mut().map(|it| replace(&mut it.floor)))
    }

    /// Restores the floors that [`Floors::replace`] returned; the live one has changed since.
    pub(super) fn restore(&mut self, (live, paused): (Floor, Option<Floor>)) {
        self.live = live;
        if let (Some(shown), Some(floor)) = (&mut self.paused, paused) {
            shown.floor = floor;
        }
    }
}

/// The longest time between two events of a console that has not stalled: it ticks every second.
const STANDSTILL: Millis = Millis::seconds(2);

impl DeskClock {
    /// Returns the floor time of the last event.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the wall time of the last event.
    pub(super) const fn wall(&self) -> Timestamp {
        self.wall
    }

    /// Returns the floor time at which the present key was read.
    pub(super) const fn input_at(&self) -> Timestamp {
        self.input.at
    }

    /// Returns when the present key was read and when it is handled.
    pub(super) const fn key_times(&self) -> KeyTimes {
        KeyTimes::new(self.input.wall, self.wall)
    }

    /// Sets the clock to the times of an event, which was read earlier if it is an input that waited. Returns whether
    /// the console had stalled before it, or the machine's clock was set back: the screen may show an old state then.
    pub(super) fn set(&mut self, now: Timestamp, wall: Timestamp, read: Option<InputTime>) -> bool {
        let stood_still = wall < self.wall || wall.since(self.wall) > STANDSTILL;
        self.now = now;
        self.wall = wall;
        // Nothing is read after it is handled.
        self.input =
            read.map_or(InputTime { at: now, wall }, |it| InputTime { at: it.at.min(now), wall: it.wall.min(wall) });
        stood_still
    }

    /// Records that a wake-up in `after` is requested; false if one is under way.
    pub(super) fn begin_wake(&mut self, after: Millis) -> bool {
        // A wall clock that was set back leaves the time of a wake-up far ahead.
        let under_way = self.wake.is_some_and(|it| it > self.wall && it.since(self.wall) <= after);
        if !under_way {
            self.wake = Some(self.wall + after);
        }
        !under_way
    }

    /// Corrects the floor time after the relay has sent how far it is ahead.
    pub(super) const fn correct(&mut self, now: Timestamp) {
        self.now = now;
    }
}
