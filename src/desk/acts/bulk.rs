//! An act on many people under way: sent one by one, a few at a time, with a stop. One row of the ledger, which opens
//! into a row for each.
//!
//! What becomes of each is the floor's to say; a batch only knows whose turn it is.

use std::collections::VecDeque;

use super::bulk_confirm::{BulkConfirm, BulkItem};
use super::pending::{PendingAct, PendingState};
use super::rules::{ActTarget, Denied};
use crate::desk::{ActToSend, Desk, Effect, LedgerRow};
use crate::floor::{Act, Operation, OperationStatus, Ticket};
use crate::time::Timestamp;

/// The acts on many people, oldest first, and which of them the message line follows.
///
/// Bounded: past [`BulkActs::MOST`] the oldest is dropped, and its operations stand for themselves. Only the newest is
/// ever being sent.
#[derive(Debug, Default)]
pub(in crate::desk) struct BulkActs {
    rows: VecDeque<BulkAct>,
    last: u64,
    followed: Option<u64>,
}

/// An act on many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAct {
    /// Its place among the desk's.
    pub serial: u64,
    /// When the key was pressed.
    pub at: Timestamp,
    /// What was asked.
    pub act: Act,
    /// About whom.
    pub members: Vec<BulkMember>,
    /// Whether its rows are shown.
    pub open: bool,
}

/// One of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkMember {
    /// What the person was called when asked; untrusted text.
    pub name: String,
    /// Its mark.
    pub ticket: Ticket,
    item: BulkItem,
    state: SendState,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SendState {
    Queued,
    Sent,
    Over,
    Stopped,
}

/// What became of one of many.
#[derive(Debug, Clone, Copy)]
pub enum BulkOutcome<'a> {
    /// Its turn has not come.
    Waiting,
    /// It was stopped before it was sent.
    Stopped,
    /// The desk knows it.
    Pending(&'a PendingAct),
    /// The journal has it.
    Operation(&'a Operation),
}

impl BulkActs {
    /// Whether some of an act on many is not sent, or not answered yet.
    pub(in crate::desk) fn is_under_way(&self) -> bool {
        self.rows.iter().flat_map(|it| &it.members).any(|it| matches!(it.state, SendState::Queued | SendState::Sent))
    }

    const MOST: usize = 50;
    /// As many are under way at a time.
    const ABREAST: usize = 4;

    /// The newest, while some of it waits for its turn.
    pub(in crate::desk) fn under_way(&self) -> Option<&BulkAct> {
        self.rows.back().filter(|it| it.waiting() > 0)
    }

    pub(in crate::desk) const fn latest(&self) -> u64 {
        self.last
    }

    pub(in crate::desk) fn newest_first(&self) -> impl Iterator<Item = &BulkAct> {
        self.rows.iter().rev()
    }

    /// Whether a ticket is one of many.
    pub(in crate::desk) fn has(&self, ticket: &Ticket) -> bool {
        self.rows.iter().any(|it| it.members.iter().any(|it| it.ticket == *ticket))
    }

    /// The next whose turn it is.
    fn next(&mut self) -> Option<(Act, Timestamp, &mut BulkMember)> {
        let batch = self.rows.back_mut()?;
        if batch.members.iter().filter(|it| it.state == SendState::Sent).count() >= Self::ABREAST {
            return None;
        }
        let (act, at) = (batch.act, batch.at);
        batch.members.iter_mut().find(|it| it.state == SendState::Queued).map(|it| (act, at, it))
    }

    /// An answer came: the next may go. True when the ticket is one of many.
    pub(in crate::desk) fn answered(&mut self, ticket: &Ticket) -> bool {
        let mut members = self.rows.iter_mut().rev().flat_map(|it| it.members.iter_mut());
        let Some(member) = members.find(|it| it.ticket == *ticket) else { return false };
        member.state = SendState::Over;
        true
    }
}

impl BulkAct {
    /// What was asked of how many: `mute, 4 people`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}, {} people", self.act, self.members.len())
    }

    /// How many wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.members.iter().filter(|it| it.state == SendState::Queued).count()
    }
}

impl Desk {
    /// Begins to send what a confirm of many named.
    pub(in crate::desk) fn begin_bulk(&mut self, act: Act, many: BulkConfirm) {
        for item in &many.items {
            self.unmark(&item.target);
        }
        let member = |item: BulkItem| BulkMember {
            name: item.called.clone(),
            ticket: item.ticket.clone(),
            item,
            state: SendState::Queued,
        };
        let batches = &mut self.bulk;
        batches.last += 1;
        let (serial, members) = (batches.last, many.items.into_iter().map(member).collect());
        batches.rows.push_back(BulkAct { serial, at: self.now, act, members, open: false });
        batches.followed = Some(serial);
        if batches.rows.len() > BulkActs::MOST {
            batches.rows.pop_front();
        }
        (self.message, self.followed_ticket) = (None, None);
        self.settle();
    }

    /// Sends those whose turn it is; each is weighed again.
    pub(in crate::desk) fn send_next(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some((act, at, member)) = self.bulk.next() {
            let item = member.item.clone();
            member.state = SendState::Sent;
            let may = self.may(act, &item.target);
            let label = self.label(&item.target);
            self.pending.sent(&item.ticket, self.now, act, (&item.target, label));
            if let Err(Denied(why)) = may {
                self.pending.set(&item.ticket, PendingState::Refused(why));
                self.bulk.answered(&item.ticket);
                continue;
            }
            let pressed = at - self.link.ahead;
            effects.push(Effect::Send(Box::new(ActToSend { ticket: item.ticket, action: item.action, pressed })));
        }
        effects
    }

    /// Stops what was not sent yet, and marks those again; false when nothing waits.
    pub(in crate::desk) fn stop_bulk(&mut self) -> bool {
        let Some(batch) = self.bulk.rows.back_mut().filter(|it| it.waiting() > 0) else { return false };
        let mut kept = Vec::new();
        for member in batch.members.iter_mut().filter(|it| it.state == SendState::Queued) {
            member.state = SendState::Stopped;
            kept.push(member.item.target.clone());
        }
        let (title, stopped) = (batch.title(), kept.len());
        let sent = batch.members.len() - stopped;
        self.mark_again(kept);
        self.warn(format!("{title}: stopped; {sent} were sent, {stopped} were not and are marked again"));
        true
    }

    /// An act on many people.
    #[must_use]
    pub fn bulk_act(&self, serial: u64) -> Option<&BulkAct> {
        self.bulk.rows.iter().find(|it| it.serial == serial)
    }

    /// Shows the rows of an act on many people, or hides them.
    pub(in crate::desk) fn toggle_bulk_rows(&mut self, serial: u64) {
        if let Some(batch) = self.bulk.rows.iter_mut().find(|it| it.serial == serial) {
            batch.open = !batch.open;
        }
    }

    /// What became of one of many.
    #[must_use]
    pub fn bulk_outcome(&self, member: &BulkMember) -> BulkOutcome<'_> {
        if let Some(operation) = self.floor().by_ticket(&member.ticket) {
            return BulkOutcome::Operation(operation);
        }
        match (self.pending.by_ticket(&member.ticket), member.state) {
            (Some(slip), _) => BulkOutcome::Pending(slip),
            (None, SendState::Stopped) => BulkOutcome::Stopped,
            (None, SendState::Queued | SendState::Sent | SendState::Over) => BulkOutcome::Waiting,
        }
    }

    /// The rows of an act on many people that there are by now.
    pub(in crate::desk) fn rows_of<'a>(&'a self, batch: &'a BulkAct) -> impl Iterator<Item = LedgerRow<'a>> {
        batch.members.iter().filter_map(|it| match self.bulk_outcome(it) {
            BulkOutcome::Operation(operation) => Some(LedgerRow::Operation(operation)),
            BulkOutcome::Pending(slip) => Some(LedgerRow::Pending(slip)),
            BulkOutcome::Waiting | BulkOutcome::Stopped => None,
        })
    }

    /// How many of many stand how: `3 CONFIRMED, 1 LEFT, 2 to go`.
    #[must_use]
    pub fn tally(&self, batch: &BulkAct) -> String {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for member in &batch.members {
            let word = self.bulk_outcome(member).word(self.shown_at());
            match counts.iter_mut().find(|(it, _)| *it == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
        }
        counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    }

    /// Where the newest act on many people is, until a key is pressed after its end.
    #[must_use]
    pub fn progress(&self) -> Option<String> {
        let batch = self.bulk_act(self.bulk.followed?)?;
        let stop = if batch.waiting() > 0 { "; Esc stops what is not sent" } else { "" };
        Some(format!("{}: {}{stop}", batch.title(), self.tally(batch)))
    }

    /// Lets go of an act on many people that has come to its end.
    pub(in crate::desk) fn unfollow_bulk(&mut self) {
        let batch = self.bulk.followed.and_then(|it| self.bulk_act(it));
        let goes_on = |it: &BulkAct| it.members.iter().any(|it| self.bulk_outcome(it).goes_on(self.now));
        if !batch.is_some_and(goes_on) {
            self.bulk.followed = None;
        }
    }

    /// Those of many who came to nothing, to be asked for again.
    pub(in crate::desk) fn failed_of(&self, batch: &BulkAct) -> Vec<ActTarget> {
        let failed = batch.members.iter().filter(|it| self.bulk_outcome(it).failed(self.now));
        failed.map(|it| it.item.target.clone()).collect()
    }
}

impl BulkOutcome<'_> {
    /// How it stands, in a word.
    #[must_use]
    pub fn word(&self, now: Timestamp) -> &'static str {
        match self {
            Self::Waiting => "to go",
            Self::Stopped => "not sent",
            Self::Operation(operation) => operation.standing(now).word(),
            Self::Pending(slip) => match slip.state {
                PendingState::Sending | PendingState::Accepted => "sent",
                PendingState::Refused(_) => "REFUSED",
                PendingState::Unknown(_) => "OUTCOME UNKNOWN",
            },
        }
    }

    /// Whether it came to nothing.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> bool {
        match self {
            Self::Waiting | Self::Stopped => false,
            Self::Operation(operation) => matches!(
                operation.standing(now),
                OperationStatus::Failed
                    | OperationStatus::Refused
                    | OperationStatus::Unconfirmed
                    | OperationStatus::OutcomeUnknown
            ),
            Self::Pending(slip) => matches!(slip.state, PendingState::Refused(_) | PendingState::Unknown(_)),
        }
    }

    /// Whether more is to come of it.
    #[must_use]
    pub fn goes_on(&self, now: Timestamp) -> bool {
        match self {
            Self::Waiting => true,
            Self::Stopped => false,
            Self::Operation(operation) => {
                matches!(
                    operation.standing(now),
                    OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted
                )
            }
            Self::Pending(slip) => matches!(slip.state, PendingState::Sending | PendingState::Accepted),
        }
    }
}
