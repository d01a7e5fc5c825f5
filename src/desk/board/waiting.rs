//! A person who waits, and how many of them the pane Waiting shows. `queries/waiting` finds them and puts them in order.

use crate::floor::{FloorCall, Person, StartTime};
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// A person who waits.
#[derive(Debug, Clone, Copy)]
pub struct WaitingPerson<'a> {
    /// The call in which the person waits.
    pub call: &'a FloorCall,
    /// The person who waits.
    pub person: &'a Person,
    /// When the wait began.
    pub since: StartTime,
    /// How late the person is against the limits of this kind of wait,
    /// in millionths; see [`AlertLimits::lateness`](crate::floor::AlertLimits::lateness).
    pub lateness: u32,
    /// The release that ended the wait; `None` while the person waits.
    pub back: Option<ProvedRelease>,
}

/// A release that is proved: the person waits no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvedRelease {
    at: Timestamp,
    after: Millis,
}

impl ProvedRelease {
    /// How long a released person keeps the row.
    pub(in crate::desk) const STAYS: Millis = Millis::seconds(3);

    /// Makes a release whose proof came at `at`, `after` the key press.
    pub(in crate::desk) const fn new(at: Timestamp, after: Millis) -> Self {
        Self { at, after }
    }

    /// Returns the time from the key press to the proof.
    #[must_use]
    pub const fn after(&self) -> Millis {
        self.after
    }
}

impl WaitingPerson<'_> {
    /// The identity of the person and the call.
    #[must_use]
    pub fn id(&self) -> (CallId, ParticipantId) {
        (self.call.id.clone(), self.person.id.clone())
    }

    /// The time until which the wait is counted: the proof of the release, or `now`.
    #[must_use]
    pub fn until(&self, now: Timestamp) -> Timestamp {
        self.back.map_or(now, |it| it.at)
    }
}

/// Whether the Waiting pane has its larger height: it grows at once when more people wait than the usual rows show, and
/// shrinks once the usual rows have been enough for a minute and no key was pressed lately.
#[derive(Debug, Default)]
pub(in crate::desk) struct Crowding {
    crowded: bool,
    /// Since when the usual rows have been enough, in wall time.
    room_since: Option<Timestamp>,
}

impl Crowding {
    /// How long the larger height stays once the usual rows are enough.
    const STAYS: Millis = Millis::seconds(60);
    /// It also stays this long after a key, so that nothing moves while keys are being pressed.
    const AFTER_KEY: Millis = Millis::seconds(5);

    pub(in crate::desk) const fn is_crowded(&self) -> bool {
        self.crowded
    }

    /// Updates the height from the number of people who wait and the rows of the usual height.
    pub(in crate::desk) fn settle(
        &mut self,
        (waiting, rows): (usize, usize),
        wall: Timestamp,
        last_key: Option<Timestamp>,
    ) {
        if waiting > rows {
            (self.crowded, self.room_since) = (true, None);
            return;
        }
        let since = *self.room_since.get_or_insert(wall);
        let still = last_key.is_none_or(|it| wall.since(it) >= Self::AFTER_KEY);
        if still && wall.since(since) >= Self::STAYS {
            self.crowded = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_at_once_and_shrinks_after_a_minute_without_a_key() {
        let mut crowding = Crowding::default();
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        crowding.settle((4, 4), at(0), None);
        assert!(!crowding.is_crowded());
        crowding.settle((5, 4), at(1), None);
        assert!(crowding.is_crowded());
        crowding.settle((4, 4), at(2), None);
        crowding.settle((4, 4), at(61), None);
        assert!(crowding.is_crowded(), "a minute of room is wanted");
        crowding.settle((4, 4), at(62), Some(at(60)));
        assert!(crowding.is_crowded(), "nothing moves under a hand");
        crowding.settle((4, 4), at(65), Some(at(60)));
        assert!(!crowding.is_crowded());
    }
}
