//! The current state of all calls: a pure fold over the journal.
//!
//! `Floor::apply` folds one entry after another, and all views are made from the result. The floor stores only facts and
//! deadlines; ages, alerts and *unconfirmed* are computed from the time that a view passes in. It does no I/O, reads no
//! clock and cannot fail.
//!
//! Invariant: the same entries in the same order give the same floor, byte for byte; an entry applied twice changes
//! nothing; a floor restored from a snapshot plus the entries after it equals the floor folded from the start.

mod act;
mod call;
mod changed_calls;
mod entry;
mod event_log;
mod fold;
mod hour;
mod lane;
mod noted;
mod operation;
mod operation_table;
mod pseudonyms;
mod snapshot;
mod start_time;
mod statistics;
mod ticket;

pub use act::Act;
use call::CallTable;
pub use call::{CallKind, CallNumber, EndedBy404, FloorCall, Hold, HoldSource, Party, People, Person, Uncertainty};
pub use changed_calls::ChangedCalls;
pub use entry::{Answered, Asked, Cursor, Entry, Fact, GraphReading, Observed, Outcome, ReceivedItem, Rejected, Sum};
pub use event_log::{LoggedEvent, LoggedEventKind};
pub use hour::{MINUTES, MinuteSample};
pub use lane::{HoldKind, Lane, LaneChange, LaneHistory, LaneState, MOST_LANE_CHANGES, MicState};
pub use noted::Noted;
pub use operation::{Operation, OperationNumber, OperationOutcome, OperationStatus, Proof, ProofSource};
pub use pseudonyms::Pseudonyms;
pub(crate) use pseudonyms::replace_names;
pub use snapshot::{FloorSnapshot, LARGEST_PIECE, SNAPSHOT_VERSION, SNAPSHOTS_READ};
pub use start_time::StartTime;
pub use statistics::{AlertLevel, AlertLimits, Statistics};
pub use ticket::Ticket;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::bounded::Ring;
use crate::graph::{CallId, ParticipantId, RejectReason};
use crate::time::{Millis, Timestamp};
use operation_table::OperationTable;
use statistics::FloorTally;

/// The maximum number of event lines. The journal keeps all entries.
const MOST_LINES: usize = 500;
/// The maximum number of notices that wait for the answer with the operation's id.
const MOST_EARLY: usize = 256;
/// The maximum number of proof latencies.
const MOST_LATENCIES: usize = 256;
/// The operations among which those are searched for that are under way or have just happened.
const RECENT_OPERATIONS: usize = 200;

/// The projection of the journal, or its read model: everything that the entries up to `head` say about the calls, the
/// people in them and the operations on them. Bounded: ended calls leave it after ten minutes, operations after 10,000.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Floor {
    head: Cursor,
    sum: Sum,
    at: Timestamp,
    calls: CallTable,
    order: BTreeSet<BoardRank>,
    tally: FloorTally,
    /// The ended calls, by the time of their end, oldest first: each is dropped some time later.
    #[serde(rename = "endings")]
    calls_to_drop: VecDeque<(Timestamp, CallId)>,
    /// The people who left a live call, by the time at which they left, oldest first: each is dropped some time later.
    #[serde(rename = "leavings")]
    people_to_drop: VecDeque<(Timestamp, CallId, ParticipantId)>,
    operations: OperationTable,
    tickets: BTreeMap<Ticket, OperationNumber>,
    /// The operations of each call that are not settled.
    #[serde(rename = "open")]
    open_operations: BTreeMap<CallId, BTreeSet<OperationNumber>>,
    early: Ring<operation::EarlyNotice, MOST_EARLY>,
    latencies: Ring<Millis, MOST_LATENCIES>,
    #[serde(default)]
    hour: hour::HourHistory,
    lines: Ring<LoggedEvent, MOST_LINES>,
    counts: JournalCounts,
    gap: Option<Gap>,
    /// The moves of wall time alone, each with the entry that records it. Retention does not count them as age.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    wall_moves: Vec<(Cursor, Millis)>,
    last_call: CallNumber,
    last_operation: OperationNumber,
    /// For views alone: it belongs to no snapshot.
    #[serde(skip)]
    changed: ChangedCalls,
}

/// The effect of an entry on the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The entry was new, and is folded in.
    Changed,
    /// The entry is at or before the head: the floor has not changed.
    Repeated,
}

/// The rank of a call in which nobody waits, among the live ones.
const NOBODY_WAITS: Timestamp = Timestamp(i64::MAX);

/// A call's place on the floor: live ones first, then the longest wait, then the oldest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct BoardRank {
    ended: bool,
    waiting_since: Timestamp,
    began: Timestamp,
    number: CallNumber,
    call: CallId,
}

/// Counts since the journal began.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JournalCounts {
    /// Notifications that could be read.
    pub notifications: u64,
    /// Notifications that could not be read, by the kind of fault.
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Webhooks that the relay refused, by reason.
    pub refused: BTreeMap<Box<str>, u64>,
    /// Journalled notifications that were not forwarded to the bot, by reason.
    #[serde(default)]
    pub unforwarded: BTreeMap<Box<str>, u64>,
    /// Members of notifications and readings that could not be read and were left out.
    #[serde(default)]
    pub unreadable: u64,
    /// Gaps: times when notifications may have been missed.
    pub gaps: u64,
}

/// A gap: a time in which notifications may have been missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// When the first of them may have been missed. `None` in a floor that an earlier version folded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The end of the gap: the time of the entry that reports it.
    pub at: Timestamp,
    /// The reason, as a phrase.
    pub reason: Box<str>,
    /// When the last live call was re-read from Graph; `None` while some have not been re-read.
    pub resynced: Option<Timestamp>,
}

impl Floor {
    /// Returns the cursor of the last entry that was applied; 0 before the first.
    #[must_use]
    pub const fn head(&self) -> Cursor {
        self.head
    }

    /// Returns the chain checksum of the last entry that was applied.
    #[must_use]
    pub const fn sum(&self) -> Sum {
        self.sum
    }

    /// Returns the time of the last entry that was applied.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the call of this id, live or ended in the last ten minutes.
    #[must_use]
    pub fn call(&self, id: &CallId) -> Option<&FloorCall> {
        self.calls.get(id)
    }

    /// Returns the calls: live ones by the longest wait, then by age; ended ones last. How late a wait is depends on
    /// limits and on the clock, so a view sorts them anew.
    #[must_use]
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &FloorCall> {
        self.order.iter().filter_map(|rank| self.calls.get(&rank.call))
    }

    /// Returns the live calls in which somebody waits on hold or in the lobby, the longest wait first.
    pub fn waiting_calls(&self) -> impl Iterator<Item = &FloorCall> {
        let waits = |rank: &&BoardRank| !rank.ended && rank.waiting_since != NOBODY_WAITS;
        self.order.iter().take_while(waits).filter_map(|rank| self.calls.get(&rank.call))
    }

    /// Takes the calls that have changed since this was last asked.
    pub fn take_changed_calls(&mut self) -> ChangedCalls {
        std::mem::take(&mut self.changed)
    }

    /// Returns the number of calls on the floor, including ended ones.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.order.len()
    }

    /// Returns the operation of this number, unless 10,000 newer ones have evicted it.
    #[must_use]
    pub fn operation(&self, number: OperationNumber) -> Option<&Operation> {
        self.operations.get(number)
    }

    /// Returns the operation that was requested with this ticket.
    #[must_use]
    pub fn operation_by_ticket(&self, ticket: &Ticket) -> Option<&Operation> {
        self.operations.get(*self.tickets.get(ticket)?)
    }

    /// Returns the operations, oldest first; at most 10,000.
    #[must_use]
    pub fn operations(&self) -> impl DoubleEndedIterator<Item = &Operation> + ExactSizeIterator {
        self.operations.values()
    }

    /// Returns the newest 200 operations, newest first: what is under way or has just happened is among them.
    pub fn recent_operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values().rev().take(RECENT_OPERATIONS)
    }

    /// Returns the newest open operation on a person in a call, of one act or of any.
    #[must_use]
    pub fn newest_open_on(&self, call: &CallId, person: &ParticipantId, act: Option<Act>) -> Option<&Operation> {
        let mut on_person = self.open_operations_on(call).filter(|it| it.participant.as_ref() == Some(person));
        on_person.rfind(|it| act.is_none_or(|act| it.act == act))
    }

    /// Returns the event that ended the last wait, and how long the person had waited. The time is `None` if the event
    /// log no longer has the beginning of the wait.
    #[must_use]
    pub fn last_wait(&self) -> Option<(&LoggedEvent, Option<Millis>)> {
        let ends_wait = |it: &&LoggedEvent| {
            matches!(it.what, LoggedEventKind::Resumed | LoggedEventKind::Admitted) || it.what.is_proof_of(Act::Release)
        };
        let end = self.lines.iter().rev().find(ends_wait)?;
        let begins_wait = |it: &&LoggedEvent| {
            it.cursor < end.cursor
                && it.participant == end.participant
                && (matches!(it.what, LoggedEventKind::Held | LoggedEventKind::Waits) || it.what.is_proof_of(Act::Hold))
        };
        let begin = self.lines.iter().rev().find(begins_wait);
        Some((end, begin.map(|it| end.at.since(it.at))))
    }

    /// Returns the number of the newest call so far; zero before the first.
    #[must_use]
    pub const fn newest_call(&self) -> CallNumber {
        self.last_call
    }

    /// Returns the event log, oldest line first; at most 500 lines.
    #[must_use]
    pub fn event_log(&self) -> impl DoubleEndedIterator<Item = &LoggedEvent> + ExactSizeIterator {
        self.lines.iter()
    }

    /// Returns the counts since the journal began.
    #[must_use]
    pub const fn counts(&self) -> &JournalCounts {
        &self.counts
    }

    /// Returns the last gap, if there was one.
    #[must_use]
    pub const fn gap(&self) -> Option<&Gap> {
        self.gap.as_ref()
    }

    /// Returns the moves of wall time alone, oldest first, each with the entry that records it. There are at most 64:
    /// if there are more, the oldest are added up.
    #[must_use]
    pub fn wall_moves(&self) -> &[(Cursor, Millis)] {
        &self.wall_moves
    }

    /// Returns the numbers of the board's header.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.tally.statistics(self.latencies.iter().copied())
    }

    /// Returns the times from key press to proof of the last 256 confirmed operations, the newest last.
    #[must_use]
    pub fn proof_latencies(&self) -> impl DoubleEndedIterator<Item = Millis> + ExactSizeIterator {
        self.latencies.iter().copied()
    }

    /// Returns the last hour until `now`: always [`MINUTES`] minutes, oldest first. A minute before the floor's first
    /// entry is `None`; the minutes since the last entry repeat the present counts.
    #[must_use]
    pub fn hour(&self, now: Timestamp) -> Vec<Option<MinuteSample>> {
        self.hour.until(now, self.tally.counts())
    }

    /// Returns the live calls that must be read again from Graph, each with the reason.
    pub fn doubtful(&self) -> impl Iterator<Item = (&CallId, Uncertainty)> {
        self.calls.iter().filter_map(|call| Some((&call.id, call.doubt_to_read()?)))
    }

    /// Returns the operations of one live call that are not settled and whose proof may still come, oldest first.
    #[must_use]
    pub fn open_operations_on(&self, call: &CallId) -> impl DoubleEndedIterator<Item = &Operation> {
        let numbers = self.open_operations.get(call).into_iter().flatten();
        numbers.filter_map(|it| self.operations.get(*it)).filter(|it| it.may_still_be_proved())
    }
}
