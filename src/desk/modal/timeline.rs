//! The timeline of a call: the selected lane and moment, and how far back it goes. The floor supplies the lanes.

use crate::desk::board::selection::moved;
use crate::desk::vocab::Motion;
use crate::floor::{Act, FloorCall, LaneHistory, Operation, OperationNumber, Person};
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// The open timeline.
///
/// Invariant: the call, the lane and the moment are identities; no new entry changes which one is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineView {
    call: CallId,
    lane: Option<ParticipantId>,
    mark: Option<TimelineMark>,
    range: TimeRange,
}

/// A moment of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimelineMark {
    /// The state of the person or the call changed.
    Turned(Timestamp),
    /// An act was asked for.
    Asked(OperationNumber),
}

/// How far back a timeline goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeRange {
    /// To the start of the call.
    #[default]
    Whole,
    /// To this long before now.
    Last(Millis),
}

/// One lane: a person's, or the call's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineLane<'a> {
    /// The person; `None` for the call's own lane.
    pub person: Option<&'a Person>,
    /// The person's changes; empty for the call's own lane.
    pub story: LaneHistory,
    /// The operations on the person or the call, oldest first.
    pub operations: Vec<&'a Operation>,
}

/// The ranges that zooming goes through, in this order.
const REACHES: [TimeRange; 4] = [
    TimeRange::Whole,
    TimeRange::Last(Millis::minutes(60)),
    TimeRange::Last(Millis::minutes(15)),
    TimeRange::Last(Millis::minutes(5)),
];

impl TimeRange {
    /// Returns the range in words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Whole => "whole call".to_owned(),
            Self::Last(span) => format!("last {} min", span.0.div_euclid(60_000)),
        }
    }

    fn next(self) -> Self {
        let at = REACHES.iter().position(|it| *it == self).unwrap_or_default();
        REACHES.get(at + 1).copied().unwrap_or_default()
    }
}

impl TimelineView {
    /// Makes the timeline of a call, at the newest moment of a person's lane or of the call's own.
    pub(in crate::desk) fn at(call: CallId, lane: Option<ParticipantId>) -> Self {
        Self { call, lane, mark: None, range: TimeRange::default() }
    }

    /// Returns the same timeline, as far back as another one goes.
    pub(in crate::desk) fn with_range_of(self, other: &Self) -> Self {
        Self { range: other.range, ..self }
    }

    /// Returns the call that it shows.
    #[must_use]
    pub const fn call(&self) -> &CallId {
        &self.call
    }

    /// Returns the person of the selected lane; `None` for the call's own.
    #[must_use]
    pub const fn lane(&self) -> Option<&ParticipantId> {
        self.lane.as_ref()
    }

    /// Returns the selected moment of the lane; `None` for the newest, also when a newer one comes.
    #[must_use]
    pub const fn mark(&self) -> Option<TimelineMark> {
        self.mark
    }

    /// Returns how far back it goes.
    #[must_use]
    pub const fn range(&self) -> TimeRange {
        self.range
    }

    /// Selects the next range; after the last one, the first.
    pub(in crate::desk) fn zoom(&mut self) {
        self.range = self.range.next();
    }

    /// Moves among these lanes; each starts at its newest moment.
    pub(in crate::desk) fn move_lane(&mut self, lanes: &[Option<ParticipantId>], motion: Motion, page: usize) {
        let lane = moved(lanes.iter(), Some(&self.lane), motion, page).or(lanes.first());
        self.lane = lane.cloned().flatten();
        self.mark = None;
    }

    /// Selects the next or the previous moment of the selected lane.
    pub(in crate::desk) fn move_mark(&mut self, lane: &TimelineLane<'_>, call: &FloorCall, on: bool) {
        let marks = lane.marks(call);
        let selected = lane.selected(self, call);
        let at = marks.iter().position(|it| Some(*it) == selected).unwrap_or_default();
        let next = if on { at.saturating_add(1) } else { at.saturating_sub(1) };
        // `None` means the newest mark, so that a newer one takes its place.
        self.mark = if next + 1 >= marks.len() { None } else { marks.get(next).map(|(_, mark)| *mark) };
    }

    /// Returns the first and the last time that is shown.
    #[must_use]
    pub fn times(&self, call: &FloorCall, now: Timestamp) -> (Timestamp, Timestamp) {
        let end = call.ended.unwrap_or(now);
        let people = call.people.iter().filter_map(|it| it.lane_history().changes.first().map(|turn| turn.at));
        let begin = people.chain([call.began.at]).min().unwrap_or(end);
        let begin = match self.range {
            TimeRange::Whole => begin,
            TimeRange::Last(span) => begin.max(end - span),
        };
        (begin, end)
    }
}

impl<'a> TimelineLane<'a> {
    /// Returns the lane of a person, or the call's own; `asked` are the operations of the call.
    #[must_use]
    pub fn of(call: &'a FloorCall, person: Option<&'a Person>, asked: &[&'a Operation]) -> Self {
        let of_this = |operation: &&&Operation| about(call, operation) == person.map(|it| &it.id);
        let operations = asked.iter().filter(of_this).copied().collect();
        Self { person, story: person.map(Person::lane_history).unwrap_or_default(), operations }
    }

    /// Returns the moments that can be selected, oldest first.
    #[must_use]
    pub fn marks(&self, call: &FloorCall) -> Vec<(Timestamp, TimelineMark)> {
        let turned = |at: Timestamp| (at, TimelineMark::Turned(at));
        let own = [Some(call.began.at), call.connected, call.ended];
        let own = own.into_iter().flatten().filter(|_| self.person.is_none()).map(turned);
        let turns = self.story.changes.iter().map(|it| turned(it.at));
        let asked = self.operations.iter().map(|it| (it.pressed, TimelineMark::Asked(it.number)));
        let mut marks: Vec<(Timestamp, TimelineMark)> = own.chain(turns).chain(asked).collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    }

    /// Returns the selected moment: the newest, unless another one is selected and still exists.
    #[must_use]
    pub fn selected(&self, timeline: &TimelineView, call: &FloorCall) -> Option<(Timestamp, TimelineMark)> {
        let marks = self.marks(call);
        let chosen = timeline.mark.and_then(|mark| marks.iter().find(|(_, it)| *it == mark));
        chosen.or(marks.last()).copied()
    }

    /// Returns the operation of this number, if it belongs to the lane.
    #[must_use]
    pub fn operation(&self, number: OperationNumber) -> Option<&'a Operation> {
        self.operations.iter().find(|it| it.number == number).copied()
    }
}

/// Returns the person whom an operation is about, if that person has a lane.
fn about<'a>(call: &'a FloorCall, operation: &Operation) -> Option<&'a ParticipantId> {
    let id = match operation.act {
        Act::MuteSelf | Act::UnmuteSelf => call.my_participant.as_ref(),
        Act::Mute | Act::Hold | Act::Release | Act::Remove | Act::HangUp => operation.participant.as_ref(),
    };
    call.people.get(id?).map(|it| &it.id)
}
