//! Calls for which Graph answered 404, and the times of their next reads, before and after they count as ended. Graph
//! has been observed to answer 404 for live calls temporarily. Sends no requests.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::floor::{Cursor, Floor, FloorCall};
use crate::graph::CallId;
use crate::time::{Millis, Timestamp};

/// The time from the first 404 to the second read, in wall time. A second 404 ends the call.
const SECOND_LOOK: Duration = Duration::from_secs(6);
/// The time from the end of a call by 404 to its last check, in floor time.
const LAST_LOOK: Millis = Millis::minutes(1);

/// The calls with a 404. Bounded by the floor's calls.
#[derive(Debug, Default)]
pub(crate) struct MissingCalls {
    /// Live calls whose last read got a 404, and the time of the next read.
    missed: BTreeMap<CallId, Instant>,
    /// Calls ended by a 404: the entry that ended each, and the time of its last check, or `None` after the check.
    ended: BTreeMap<CallId, (Cursor, Option<Timestamp>)>,
}

impl MissingCalls {
    /// Adds the calls ended by a 404, and removes those that ended otherwise.
    pub(crate) fn scan(&mut self, floor: &Floor) {
        self.missed.retain(|id, _| floor.call(id).is_some_and(FloorCall::is_live));
        let ended_by = |id: &CallId| floor.call(id)?.ended_only_by_404().map(|it| it.cursor);
        self.ended.retain(|id, (cursor, _)| ended_by(id) == Some(*cursor));
        for call in floor.calls().rev().take_while(|it| !it.is_live()) {
            if let Some(unfound) = call.ended_only_by_404().filter(|_| !self.ended.contains_key(&call.id)) {
                self.ended.insert(call.id.clone(), (unfound.cursor, Some(unfound.at + LAST_LOOK)));
            }
        }
    }

    /// Records Graph's first 404 for a live call, and plans the second read.
    pub(crate) fn record(&mut self, id: CallId, now: Instant) {
        self.missed.insert(id, now + SECOND_LOOK);
    }

    /// Forgets a 404 after any other answer, because only two consecutive 404s end a call.
    pub(crate) fn clear(&mut self, id: &CallId) {
        self.missed.remove(id);
    }

    /// Returns whether the last answer for a live call was a 404.
    pub(crate) fn contains(&self, id: &CallId) -> bool {
        self.missed.contains_key(id)
    }

    /// Returns whether a live call may be read: no 404 is recorded, or its second read is due.
    pub(crate) fn is_ready(&self, id: &CallId, now: Instant) -> bool {
        self.missed.get(id).is_none_or(|again| *again <= now)
    }

    /// Returns an ended call whose check is due and that has no running task.
    pub(crate) fn next_due(&self, now: Timestamp, idle: impl Fn(&CallId) -> bool) -> Option<&CallId> {
        let mut due = self.ended.iter().filter(|(_, (_, again))| again.is_some_and(|it| it <= now));
        due.find(|(id, _)| idle(id)).map(|(id, _)| id)
    }

    /// Records the last check of an ended call.
    pub(crate) fn checked(&mut self, id: &CallId) {
        if let Some((_, again)) = self.ended.get_mut(id) {
            *again = None;
        }
    }

    /// Postpones the check of an ended call after an answer that is neither a 404 nor the call.
    pub(crate) fn defer(&mut self, id: &CallId, now: Timestamp) {
        if let Some((_, again)) = self.ended.get_mut(id) {
            *again = Some(now + LAST_LOOK);
        }
    }

    /// Returns when the next second read of a live call is due, among the calls without a running task.
    pub(crate) fn next_retry(&self, waits: impl Fn(&CallId) -> bool) -> Option<Instant> {
        self.missed.iter().filter(|(id, _)| waits(id)).map(|(_, again)| *again).min()
    }

    /// Returns when the next check of an ended call is due, among the calls without a running task.
    pub(crate) fn next_check(&self, waits: impl Fn(&CallId) -> bool) -> Option<Timestamp> {
        self.ended.iter().filter(|(id, _)| waits(id)).filter_map(|(_, (_, again))| *again).min()
    }
}
