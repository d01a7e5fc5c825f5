//! Calls that Graph answered 404 for: when each is asked for again, before and after it has ended. Graph's 404 has been
//! wrong for a while, and right afterwards. Knows no requests.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::floor::{Cursor, Floor, FloorCall};
use crate::graph::CallId;
use crate::time::{Millis, Timestamp};

/// A call that was not found has ended when it is not found again after this, in wall time.
const SECOND_LOOK: Duration = Duration::from_secs(6);
/// A call that a 404 ended is looked for once more after this, in floor time.
const LAST_LOOK: Millis = Millis::minutes(1);

/// Bounded by the calls of the floor.
#[derive(Debug, Default)]
pub(crate) struct MissingCalls {
    /// Live calls that were not found the last time, and when they are asked for again.
    missed: BTreeMap<CallId, Instant>,
    /// Calls that a 404 ended: which, and when they are looked for once more; none when they were.
    ended: BTreeMap<CallId, (Cursor, Option<Timestamp>)>,
}

impl MissingCalls {
    /// Takes note of the calls that a 404 ended, and forgets the others.
    pub(crate) fn scan(&mut self, floor: &Floor) {
        self.missed.retain(|id, _| floor.call(id).is_some_and(FloorCall::is_live));
        let ended_by = |id: &CallId| floor.call(id)?.ended_unfound().map(|it| it.cursor);
        self.ended.retain(|id, (cursor, _)| ended_by(id) == Some(*cursor));
        for call in floor.calls().rev().take_while(|it| !it.is_live()) {
            if let Some(unfound) = call.ended_unfound().filter(|_| !self.ended.contains_key(&call.id)) {
                self.ended.insert(call.id.clone(), (unfound.cursor, Some(unfound.at + LAST_LOOK)));
            }
        }
    }

    /// Graph answered 404 for a live call.
    pub(crate) fn record(&mut self, id: CallId, now: Instant) {
        self.missed.insert(id, now + SECOND_LOOK);
    }

    /// Graph answered something else: only two 404s with nothing between them end a call.
    pub(crate) fn clear(&mut self, id: &CallId) {
        self.missed.remove(id);
    }

    /// Whether the last answer for a live call was 404.
    pub(crate) fn contains(&self, id: &CallId) -> bool {
        self.missed.contains_key(id)
    }

    /// Whether a live call may be read: it was found, or its time has come.
    pub(crate) fn is_ready(&self, id: &CallId, now: Instant) -> bool {
        self.missed.get(id).is_none_or(|again| *again <= now)
    }

    /// The next ended call to be looked for.
    pub(crate) fn next_due(&self, now: Timestamp, idle: impl Fn(&CallId) -> bool) -> Option<&CallId> {
        let mut due = self.ended.iter().filter(|(_, (_, again))| again.is_some_and(|it| it <= now));
        due.find(|(id, _)| idle(id)).map(|(id, _)| id)
    }

    /// An ended call was looked for.
    pub(crate) fn checked(&mut self, id: &CallId) {
        if let Some((_, again)) = self.ended.get_mut(id) {
            *again = None;
        }
    }

    /// An ended call could not be looked for: Graph said neither that it knows it nor that it does not.
    pub(crate) fn defer(&mut self, id: &CallId, now: Timestamp) {
        if let Some((_, again)) = self.ended.get_mut(id) {
            *again = Some(now + LAST_LOOK);
        }
    }

    /// When a live call is to be asked for again, of those that nothing else is asked about.
    pub(crate) fn next_retry(&self, waits: impl Fn(&CallId) -> bool) -> Option<Instant> {
        self.missed.iter().filter(|(id, _)| waits(id)).map(|(_, again)| *again).min()
    }

    /// When an ended call is to be looked for, of those that nothing else is asked about.
    pub(crate) fn next_check(&self, waits: impl Fn(&CallId) -> bool) -> Option<Timestamp> {
        self.ended.iter().filter(|(id, _)| waits(id)).filter_map(|(_, (_, again))| *again).min()
    }
}
