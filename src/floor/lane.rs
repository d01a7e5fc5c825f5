//! A person's lane in the timeline of a call: the changes of microphone and hold over time.
//!
//! Only changes are stored, a few bytes each. After every change of a call the fold compares each person with the last
//! entry of the lane, so that no kind of change can be missed.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::operation::OperationNumber;
use super::start_time::StartTime;
use crate::time::{Millis, Timestamp};

/// The maximum number of changes of one person; the oldest are evicted.
pub const MOST_LANE_CHANGES: usize = 32;

/// A state and its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneChange {
    /// When the state began.
    pub at: Timestamp,
    /// The state from then on.
    pub state: LaneState,
}

/// The state of a person that a lane records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneState {
    /// The microphone, or that the person is in the lobby or has left.
    pub mic: MicState,
    /// The evidence that the person is on hold; `None` when not on hold.
    pub hold: Option<HoldKind>,
    /// The number of the operation that caused the state; 0 without one.
    operation: u32,
}

/// The state of a person's microphone, as the board names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MicState {
    /// Heard by the others.
    Live,
    /// Muted, and not by the server as far as is known.
    MutedSelf,
    /// Muted by the server.
    MutedServer,
    /// Not admitted yet.
    Lobby,
    /// The person has left the call.
    Left,
}

/// The evidence that a person is on hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldKind {
    /// An operation of this journal.
    Ours,
    /// The main audio is inactive.
    Inferred,
    /// A hold was sent and its outcome is unknown.
    Unknown,
}

/// The states of one person: an opening, which applies from the person's joining, and the later changes.
///
/// Invariant: times never go back; two states in a row differ; at most [`MOST_LANE_CHANGES`] changes are kept. Without
/// an opening the beginning is unknown: it was evicted, or it was never recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "Vec<i64>", try_from = "Vec<i64>")]
pub struct Lane {
    opening: Option<LaneState>,
    changes: Option<Box<StoredLane>>,
}

/// The changes after the opening. Boxed, because most people of a large floor have no change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct StoredLane {
    changes: VecDeque<LaneChange>,
}

/// The states of a person over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LaneHistory {
    /// Whether it begins with the joining; if not, states before the first change were not seen or were evicted.
    pub is_complete: bool,
    /// The states, oldest first.
    pub changes: Vec<LaneChange>,
}

impl LaneState {
    pub(super) fn new(mic: MicState, hold: Option<HoldKind>, operation: Option<OperationNumber>) -> Self {
        Self { mic, hold, operation: operation.map_or(0, |it| it.0) }
    }

    /// Returns the operation that caused the state.
    #[must_use]
    pub fn operation(&self) -> Option<OperationNumber> {
        Some(OperationNumber(self.operation)).filter(|it| it.0 > 0)
    }
}

impl Lane {
    /// Returns the states of a person who joined at `joined`, the opening included.
    pub(super) fn history(&self, joined: StartTime) -> LaneHistory {
        let later = self.changes.iter().flat_map(|it| it.changes.iter().copied());
        match self.opening {
            None => LaneHistory { is_complete: false, changes: later.collect() },
            // The person joined again, and was not in the call before the first change.
            Some(LaneState { mic: MicState::Left, .. }) if self.changes.is_some() => {
                LaneHistory { is_complete: true, changes: later.collect() }
            }
            Some(state) => {
                let first = LaneChange { at: joined.at, state };
                LaneHistory { is_complete: joined.exact, changes: std::iter::once(first).chain(later).collect() }
            }
        }
    }

    pub(super) const fn is_blank(&self) -> bool {
        self.opening.is_none() && self.changes.is_none()
    }

    pub(super) fn last(&self) -> Option<LaneState> {
        self.changes.as_ref().and_then(|it| it.changes.back()).map(|it| it.state).or(self.opening)
    }

    /// Records a state, if it differs from the last one.
    pub(super) fn note_change(&mut self, joined: StartTime, at: Timestamp, state: LaneState) {
        if self.last() == Some(state) {
            return;
        }
        if self.is_blank() && joined.at >= at {
            self.opening = Some(state);
            return;
        }
        let last = self.changes.as_ref().and_then(|it| it.changes.back()).map(|it| it.at);
        let at = last.unwrap_or(joined.at).max(at);
        match (last, self.opening) {
            // Of several changes at the same time only the last is kept.
            (Some(last), _) if last == at => self.replace_last(state),
            (None, Some(_)) if joined.at == at => self.opening = Some(state),
            _ => self.push(LaneChange { at, state }),
        }
    }

    /// Moves the times of all changes by `by`, after the clock was set back.
    pub(super) fn move_times(&mut self, by: Millis) {
        for change in self.changes.iter_mut().flat_map(|it| &mut it.changes) {
            change.at = change.at + by;
        }
    }

    fn replace_last(&mut self, state: LaneState) {
        let Some(changes) = &mut self.changes else { return };
        let removed = changes.changes.pop_back();
        // An empty list of changes is always `None`, or a restored snapshot would differ from its floor.
        self.changes = self.changes.take().filter(|it| !it.changes.is_empty());
        if self.last() != Some(state) {
            self.push(LaneChange { at: removed.map(|it| it.at).unwrap_or_default(), state });
        }
    }

    fn push(&mut self, change: LaneChange) {
        let changes = self.changes.get_or_insert_default();
        if changes.changes.len() >= MOST_LANE_CHANGES {
            changes.changes.pop_front();
            self.opening = None;
        }
        changes.changes.push_back(change);
    }

    /// Returns the lane of a person who had left and joins again: the changes before stay.
    pub(super) fn reopened(mut self, joined: StartTime) -> Self {
        if let Some(opening) = self.opening.filter(|it| it.mic != MicState::Left) {
            self.opening = None;
            let changes = self.changes.get_or_insert_default();
            changes.changes.push_front(LaneChange { at: joined.at, state: opening });
            if changes.changes.len() > MOST_LANE_CHANGES {
                changes.changes.pop_front();
            } else if joined.exact {
                self.opening = Some(LaneState { mic: MicState::Left, hold: None, operation: 0 });
            }
        }
        self
    }
}

/// The microphone states by their number in the encoded lane.
const MICS: [MicState; 5] =
    [MicState::Live, MicState::MutedSelf, MicState::MutedServer, MicState::Lobby, MicState::Left];
/// The holds by their number in the encoded lane.
const HOLDS: [Option<HoldKind>; 4] = [None, Some(HoldKind::Ours), Some(HoldKind::Inferred), Some(HoldKind::Unknown)];

/// In the encoded lane a state is the number of the hold, times this, plus the number of the microphone state.
const HOLD_FACTOR: i64 = 8;

/// Three numbers for each state: time, state, operation. The opening has the time -1, because it began with the joining.
impl From<Lane> for Vec<i64> {
    fn from(lane: Lane) -> Self {
        let index = |at: Option<usize>| at.and_then(|it| i64::try_from(it).ok()).unwrap_or_default();
        let numbers = |at: i64, state: LaneState| {
            let mic = index(MICS.iter().position(|it| *it == state.mic));
            let hold = index(HOLDS.iter().position(|it| *it == state.hold));
            [at, hold * HOLD_FACTOR + mic, i64::from(state.operation)]
        };
        let opening = lane.opening.into_iter().map(|it| (-1, it));
        let later = lane.changes.into_iter().flat_map(|it| it.changes).map(|it| (it.at.0, it.state));
        opening.chain(later).flat_map(|(at, state)| numbers(at, state)).collect()
    }
}

impl TryFrom<Vec<i64>> for Lane {
    type Error = &'static str;

    fn try_from(numbers: Vec<i64>) -> Result<Self, Self::Error> {
        const WRONG: &str = "the numbers of a lane are not valid";
        let mut lane = Self::default();
        for (index, change) in numbers.chunks(3).enumerate() {
            let [at, what, operation] = *change else { return Err(WRONG) };
            let number = |it: i64| usize::try_from(it).map_err(|_negative| WRONG);
            let mic = MICS.get(number(what % HOLD_FACTOR)?).ok_or(WRONG)?;
            let hold = HOLDS.get(number(what / HOLD_FACTOR)?).ok_or(WRONG)?;
            let operation = u32::try_from(operation).map_err(|_out_of_range| WRONG)?;
            let state = LaneState { mic: *mic, hold: *hold, operation };
            if index == 0 && at == -1 {
                lane.opening = Some(state);
            } else {
                lane.changes.get_or_insert_default().changes.push_back(LaneChange { at: Timestamp(at), state });
            }
        }
        Ok(lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unheld(mic: MicState, operation: u32) -> LaneState {
        LaneState { mic, hold: None, operation }
    }

    type Changes = [(i64, MicState)];

    fn noted(changes: &Changes) -> Lane {
        let mut lane = Lane::default();
        for (at, mic) in changes {
            lane.note_change(StartTime::exactly(Timestamp(10)), Timestamp(*at), unheld(*mic, 0));
        }
        lane
    }

    fn later(lane: &Lane) -> Vec<(i64, MicState)> {
        lane.changes.iter().flat_map(|it| &it.changes).map(|it| (it.at.0, it.state.mic)).collect()
    }

    #[test]
    fn only_changes_are_kept_and_times_never_go_back() {
        use MicState::{Left, Live, MutedSelf, MutedServer};
        let cases: [(&Changes, Option<MicState>, &Changes); 6] = [
            (&[(10, Live), (20, Live)], Some(Live), &[]),
            (&[(10, Live), (20, MutedSelf), (30, Live)], Some(Live), &[(20, MutedSelf), (30, Live)]),
            // Of several changes at the same time the last counts, and a change back to the previous state is removed.
            (&[(10, Live), (20, MutedSelf), (20, MutedServer)], Some(Live), &[(20, MutedServer)]),
            (&[(10, Live), (20, MutedSelf), (20, Live)], Some(Live), &[]),
            (&[(10, Live), (30, MutedSelf), (20, Left)], Some(Live), &[(30, Left)]),
            // A person from a snapshot without lanes: the beginning is unknown.
            (&[(20, Live), (20, MutedSelf), (30, Live)], None, &[(20, MutedSelf), (30, Live)]),
        ];
        for (changes, opening, kept) in cases {
            let lane = noted(changes);
            assert_eq!(lane.opening.map(|it| it.mic), opening, "{changes:?}");
            assert_eq!(later(&lane), kept, "{changes:?}");
            assert_eq!(Lane::try_from(Vec::from(lane.clone())), Ok(lane), "{changes:?}");
        }
    }

    #[test]
    fn the_oldest_changes_are_evicted_and_the_lane_shows_it() {
        let mut lane = noted(&[(10, MicState::Live)]);
        for at in 0..1_000_i64 {
            let mic = if at % 2 == 0 { MicState::MutedSelf } else { MicState::Live };
            lane.note_change(StartTime::exactly(Timestamp(10)), Timestamp(20 + at), unheld(mic, 0));
        }
        assert_eq!(later(&lane).len(), MOST_LANE_CHANGES);
        assert_eq!(later(&lane).last(), Some(&(1_019, MicState::Live)));
        assert_eq!(lane.opening, None);
    }

    #[test]
    fn a_person_who_rejoins_keeps_earlier_changes() {
        let before = noted(&[(10, MicState::Live), (20, MicState::Left)]);
        let mut lane = before.clone().reopened(StartTime::exactly(Timestamp(10)));
        lane.note_change(StartTime::exactly(Timestamp(30)), Timestamp(30), unheld(MicState::Live, 0));
        assert_eq!(later(&lane), [(10, MicState::Live), (20, MicState::Left), (30, MicState::Live)]);
        assert_eq!(lane.opening.map(|it| it.mic), Some(MicState::Left), "the person was not in the call before");
        assert_eq!(before.reopened(StartTime::by(Timestamp(10))).opening, None, "the state before is unknown");
        for (at, number) in (0..99_i64).zip(1..) {
            lane = lane.reopened(StartTime::exactly(Timestamp(30 + at)));
            lane.note_change(
                StartTime::exactly(Timestamp(40 + at)),
                Timestamp(40 + at),
                unheld(MicState::Live, number),
            );
            assert!(later(&lane).len() <= MOST_LANE_CHANGES);
        }
    }

    #[test]
    fn a_person_without_changes_takes_a_few_bytes() {
        assert_eq!((size_of::<Lane>(), size_of::<LaneChange>()), (16, 16));
        assert!(noted(&[(10, MicState::Live), (20, MicState::Live)]).changes.is_none());
    }

    #[test]
    fn a_lane_round_trips_and_invalid_numbers_are_refused() {
        let mut lane = noted(&[(10, MicState::Live), (20, MicState::Lobby)]);
        lane.push(LaneChange {
            at: Timestamp(30),
            state: LaneState { hold: Some(HoldKind::Inferred), ..unheld(MicState::MutedServer, 7) },
        });
        let text = serde_json::to_string(&lane).unwrap();
        assert_eq!(text, "[-1,0,0,20,3,0,30,18,7]");
        assert_eq!(serde_json::from_str::<Lane>(&text).unwrap(), lane);
        for wrong in ["[1]", "[1,2]", "[1,5,0]", "[1,32,0]", "[1,-1,0]", "[1,0,-1]", "{}"] {
            assert!(serde_json::from_str::<Lane>(wrong).is_err(), "{wrong}");
        }
    }
}
