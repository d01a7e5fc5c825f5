//! A bulk act: one act on many people, sent a few at a time, which can be stopped. It is one row of the ledger, which
//! expands into a row per person.
//!
//! The floor decides the outcome of each member; the bulk act knows only which members were sent.

use std::collections::VecDeque;
use std::fmt;

use crate::desk::acts::bulk_confirm::BulkItem;
use crate::desk::acts::pending::{PendingAct, PendingState};
use crate::desk::vocab::{ActTarget, RowId};
use crate::floor::{Act, Operation, OperationStatus, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// The bulk acts, oldest first, and the one that the message line follows.
///
/// Bounded: past [`BulkActs::MOST`] the oldest is dropped, and its operations become rows of their own. Only the newest
/// can still be sending.
#[derive(Debug, Default)]
pub(in crate::desk) struct BulkActs {
    rows: VecDeque<BulkAct>,
    last: u64,
    followed: Option<u64>,
}

/// An act on many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAct {
    /// Its serial number on this desk.
    pub serial: u64,
    /// When its key was pressed, in floor time.
    pub at: Timestamp,
    /// The act that was asked for.
    pub act: Act,
    /// The people it is about, in the order of sending.
    pub members: Vec<BulkMember>,
    /// Whether its member rows are shown.
    pub open: bool,
    /// When it began or a member was last answered, in wall time.
    progressed: Timestamp,
    dropped: Option<BulkDrop>,
}

/// Why the desk itself dropped the members of a bulk act that were not sent yet.
///
/// Each member's time until it expires begins with its own turn, because a long bulk act is right as long as it makes
/// progress and can be stopped. So nothing else ends one that stood still: its rest would be sent long after the key
/// press, to people whose state has changed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkDrop {
    /// No member was answered for this long, in wall time.
    NoProgress(Millis),
    /// The line to the relay was lost.
    LineLost,
    /// The relay refused a member, because its key press was too old or its time was wrong.
    Expired,
    /// A member got no answer.
    Unanswered,
    /// The clocks of relay and console moved apart, so this machine may have stood still.
    TimeLeapt,
}

impl fmt::Display for BulkDrop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProgress(limit) => write!(out, "no answer for {} s", limit.0.div_euclid(1_000)),
            Self::LineLost => out.write_str("the line was lost"),
            Self::Expired => out.write_str("one came too late"),
            Self::Unanswered => out.write_str("one got no answer"),
            Self::TimeLeapt => out.write_str("a clock stood still"),
        }
    }
}

/// One person of a bulk act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkMember {
    /// The person's name when the act was asked for; untrusted text.
    pub name: String,
    /// The ticket of this person's act.
    pub ticket: Ticket,
    item: BulkItem,
    state: SendState,
}

/// How far the sending of a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SendState {
    Queued,
    Sent,
    Over,
    /// The operator stopped it before it was sent.
    Stopped,
    /// The desk dropped it before it was sent.
    Dropped,
}

/// The outcome of one member.
#[derive(Debug, Clone, Copy)]
pub enum BulkOutcome<'a> {
    /// It waits to be sent.
    Waiting,
    /// The operator stopped it before it was sent.
    Stopped,
    /// The desk dropped it before it was sent.
    Dropped,
    /// It was sent, and is not in the journal yet.
    Pending(&'a PendingAct),
    /// It is an operation of the journal.
    Operation(&'a Operation),
}

/// A row of the operations pane.
#[derive(Debug, Clone, Copy)]
pub enum LedgerRow<'a> {
    /// An operation of the journal.
    Operation(&'a Operation),
    /// An act that the journal does not have, or not yet.
    Pending(&'a PendingAct),
    /// A bulk act; its member rows follow while it is expanded.
    Bulk(&'a BulkAct),
}

impl LedgerRow<'_> {
    /// Returns the identity of the row.
    #[must_use]
    pub const fn id(&self) -> RowId {
        match self {
            Self::Operation(operation) => RowId::Operation(operation.number),
            Self::Pending(pending) => RowId::Pending(pending.serial),
            Self::Bulk(bulk) => RowId::Bulk(bulk.serial),
        }
    }
}

impl BulkActs {
    /// Returns whether some member is not sent or not answered yet.
    pub(in crate::desk) fn is_under_way(&self) -> bool {
        self.rows.iter().flat_map(|it| &it.members).any(|it| matches!(it.state, SendState::Queued | SendState::Sent))
    }

    const MOST: usize = 50;
    /// The maximum number of members that are sent and not answered at a time.
    const ABREAST: usize = 4;

    /// Returns the newest bulk act, while some of its members wait to be sent.
    pub(in crate::desk) fn under_way(&self) -> Option<&BulkAct> {
        self.rows.back().filter(|it| it.waiting() > 0)
    }

    pub(in crate::desk) const fn latest(&self) -> u64 {
        self.last
    }

    pub(in crate::desk) fn newest_first(&self) -> impl Iterator<Item = &BulkAct> {
        self.rows.iter().rev()
    }

    /// Returns whether a ticket belongs to a bulk act.
    pub(in crate::desk) fn has(&self, ticket: &Ticket) -> bool {
        self.rows.iter().any(|act| act.members.iter().any(|it| it.ticket == *ticket))
    }

    /// Starts an act on all these people that was asked for at `at`, at this wall time, and lets the
    /// message line follow it.
    pub(in crate::desk) fn begin(&mut self, (at, wall): (Timestamp, Timestamp), act: Act, items: Vec<BulkItem>) {
        self.last += 1;
        let members = items.into_iter().map(BulkMember::queued).collect();
        let (serial, open, progressed, dropped) = (self.last, false, wall, None);
        self.rows.push_back(BulkAct { serial, at, act, members, open, progressed, dropped });
        self.followed = Some(self.last);
        if self.rows.len() > Self::MOST {
            self.rows.pop_front();
        }
    }

    /// Stops the members of the newest act that are not sent yet, and returns the act with their targets; `None` if no
    /// member waits to be sent.
    pub(in crate::desk) fn stop(&mut self) -> Option<(&BulkAct, Vec<ActTarget>)> {
        let bulk = self.rows.back_mut().filter(|it| it.waiting() > 0)?;
        let mut stopped = Vec::new();
        for member in bulk.members.iter_mut().filter(|it| it.state == SendState::Queued) {
            member.state = SendState::Stopped;
            stopped.push(member.target().clone());
        }
        Some((bulk, stopped))
    }

    /// Drops the members of the newest act that are not sent yet, and returns the act with their number; `None` if no
    /// member waits to be sent.
    pub(in crate::desk) fn drop_rest(&mut self, why: BulkDrop) -> Option<(&BulkAct, usize)> {
        let bulk = self.rows.back_mut().filter(|it| it.waiting() > 0)?;
        let dropped = bulk.waiting();
        for member in bulk.members.iter_mut().filter(|it| it.state == SendState::Queued) {
            member.state = SendState::Dropped;
        }
        bulk.dropped = Some(why);
        Some((bulk, dropped))
    }

    /// Returns whether members of the newest act wait to be sent and none was answered for this time, up to the wall time.
    pub(in crate::desk) fn stands_still(&mut self, wall: Timestamp, limit: Millis) -> bool {
        let Some(bulk) = self.rows.back_mut().filter(|it| it.waiting() > 0) else { return false };
        // A step back of wall time must not give it more time.
        bulk.progressed = bulk.progressed.min(wall);
        wall.since(bulk.progressed) >= limit
    }

    /// Returns whether a ticket belongs to the newest bulk act.
    pub(in crate::desk) fn newest_has(&self, ticket: &Ticket) -> bool {
        self.rows.back().is_some_and(|bulk| bulk.members.iter().any(|it| it.ticket == *ticket))
    }

    /// Expands or collapses a bulk act.
    pub(in crate::desk) fn toggle_rows(&mut self, serial: u64) {
        if let Some(bulk) = self.rows.iter_mut().find(|it| it.serial == serial) {
            bulk.open = !bulk.open;
        }
    }

    pub(in crate::desk) fn by_serial(&self, serial: u64) -> Option<&BulkAct> {
        self.rows.iter().find(|it| it.serial == serial)
    }

    /// Returns the bulk act that the message line follows.
    pub(in crate::desk) fn followed(&self) -> Option<&BulkAct> {
        self.by_serial(self.followed?)
    }

    pub(in crate::desk) const fn unfollow(&mut self) {
        self.followed = None;
    }

    /// Replaces the ids of calls and people. The names stay, until [`BulkActs::relabel`] replaces them.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        for member in self.rows.iter_mut().flat_map(|it| &mut it.members) {
            member.item.rename(call, person);
        }
    }

    /// Replaces the name of each member.
    pub(in crate::desk) fn relabel(&mut self, name: impl Fn(&BulkMember) -> String) {
        for member in self.rows.iter_mut().flat_map(|it| &mut it.members) {
            member.name = name(member);
            member.item.relabel(&member.name);
        }
    }

    /// Returns the next member to send, with the act and its time; the member counts as sent from then on.
    pub(in crate::desk) fn send_next(&mut self) -> Option<(Act, Timestamp, BulkItem)> {
        let bulk = self.rows.back_mut()?;
        if bulk.members.iter().filter(|it| it.state == SendState::Sent).count() >= Self::ABREAST {
            return None;
        }
        let (act, at) = (bulk.act, bulk.at);
        let member = bulk.members.iter_mut().find(|it| it.state == SendState::Queued)?;
        member.state = SendState::Sent;
        Some((act, at, member.item.clone()))
    }

    /// Records that a member was answered at a wall time, so that the next can be sent; true if the ticket belongs
    /// to a bulk act.
    pub(in crate::desk) fn answered(&mut self, ticket: &Ticket, wall: Timestamp) -> bool {
        for bulk in self.rows.iter_mut().rev() {
            if let Some(member) = bulk.members.iter_mut().find(|it| it.ticket == *ticket) {
                member.state = SendState::Over;
                bulk.progressed = wall;
                return true;
            }
        }
        false
    }
}

impl BulkMember {
    fn queued(item: BulkItem) -> Self {
        Self { name: item.called().to_owned(), ticket: item.ticket().clone(), item, state: SendState::Queued }
    }

    pub(in crate::desk) const fn target(&self) -> &ActTarget {
        self.item.target()
    }

    /// Returns its outcome as long as it was not sent.
    pub(in crate::desk) const fn unsent(&self) -> BulkOutcome<'static> {
        match self.state {
            SendState::Stopped => BulkOutcome::Stopped,
            SendState::Dropped => BulkOutcome::Dropped,
            SendState::Queued | SendState::Sent | SendState::Over => BulkOutcome::Waiting,
        }
    }
}

impl BulkAct {
    /// Returns the act and the number of people: `mute, 4 people`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}, {} people", self.act, self.members.len())
    }

    /// Returns why the desk itself dropped the members that were not sent; `None` if it dropped no member.
    #[must_use]
    pub const fn dropped(&self) -> Option<BulkDrop> {
        self.dropped
    }

    /// Returns how many members wait to be sent.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.members.iter().filter(|it| it.state == SendState::Queued).count()
    }
}

impl BulkOutcome<'_> {
    /// Returns the outcome in a word.
    #[must_use]
    pub fn word(&self, now: Timestamp) -> &'static str {
        match self {
            Self::Waiting => "to go",
            Self::Stopped | Self::Dropped => "not sent",
            Self::Operation(operation) => operation.standing(now).word(),
            Self::Pending(pending) => match pending.state {
                PendingState::Sending | PendingState::Accepted => "sent",
                PendingState::Refused(_) => "REFUSED",
                PendingState::Unknown(_) => "OUTCOME UNKNOWN",
            },
        }
    }

    /// Returns whether the act failed for this member.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> bool {
        match self {
            Self::Waiting | Self::Stopped => false,
            Self::Dropped => true,
            Self::Operation(operation) => matches!(
                operation.standing(now),
                OperationStatus::Failed
                    | OperationStatus::Refused
                    | OperationStatus::Expired
                    | OperationStatus::Unconfirmed
                    | OperationStatus::OutcomeUnknown
            ),
            Self::Pending(pending) => matches!(pending.state, PendingState::Refused(_) | PendingState::Unknown(_)),
        }
    }

    /// Returns whether the outcome can still change.
    #[must_use]
    pub fn goes_on(&self, now: Timestamp) -> bool {
        match self {
            Self::Waiting => true,
            Self::Stopped | Self::Dropped => false,
            Self::Operation(operation) => operation.standing(now).is_in_progress(),
            Self::Pending(pending) => matches!(pending.state, PendingState::Sending | PendingState::Accepted),
        }
    }
}
