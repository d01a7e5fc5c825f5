//! The rows of the operations pane: the journal's operations, and between them the desk's own slips: what it refused
//! by itself, and what was sent and is not in the journal yet.
//!
//! A slip has no operation number. Proof and standing come from the floor alone.

use std::collections::VecDeque;

use super::rules::{ActTarget, Denied};
use crate::desk::{BulkAct, Desk, FrozenOrder, Pane, ParticipantRef};
use crate::floor::{Act, Floor, Operation, OperationNumber, OperationStatus, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::time::Timestamp;

/// The desk's own slips, oldest first.
///
/// Bounded: past [`PendingActs::MOST`] the oldest slip is dropped; if it was still being sent, the journal has it or the
/// answer's message tells.
#[derive(Debug, Default)]
pub(in crate::desk) struct PendingActs {
    acts: VecDeque<PendingAct>,
    last: u64,
}

/// Something that the desk itself knows of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAct {
    /// Its place among the desk's slips.
    pub serial: u64,
    /// When the key was pressed.
    pub at: Timestamp,
    /// The mark of what was sent.
    pub ticket: Option<Ticket>,
    /// What was asked.
    pub act: Act,
    /// The call.
    pub call: CallId,
    /// Whom or what it is about; untrusted text.
    pub label: String,
    /// How it is.
    pub state: PendingState,
    who: Option<ParticipantRef>,
}

/// How an act is that the floor does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingState {
    /// On its way to the gate.
    Sending,
    /// The gate said yes; the journal's entry is on its way here.
    Accepted,
    /// Refused, by the desk or by the gate; untrusted text.
    Refused(String),
    /// No answer came; untrusted text.
    Unknown(String),
}

impl PendingState {
    /// The state and its reason, as a sentence; untrusted text.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Sending => "sending".to_owned(),
            Self::Accepted => "accepted".to_owned(),
            Self::Refused(why) => format!("REFUSED, {why}"),
            Self::Unknown(why) => format!("OUTCOME UNKNOWN, {why}"),
        }
    }
}

/// Which row of the operations pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowId {
    /// An operation of the journal.
    Operation(OperationNumber),
    /// A slip of the desk.
    Pending(u64),
    /// An act on many people.
    Bulk(u64),
}

/// A row of the operations pane.
#[derive(Debug, Clone, Copy)]
pub enum LedgerRow<'a> {
    /// An operation of the journal.
    Operation(&'a Operation),
    /// A slip of the desk.
    Pending(&'a PendingAct),
    /// An act on many people; its own rows follow where it is open.
    Bulk(&'a BulkAct),
}

impl Desk {
    /// The rows of the operations pane, newest first; while an act is being confirmed, those that were there then.
    #[must_use]
    pub fn ledger(&self) -> Box<dyn Iterator<Item = LedgerRow<'_>> + '_> {
        let floor = self.floor();
        let (last, slip, batch) = match &self.frozen {
            Some(FrozenOrder { last, slip, batch, .. }) => (*last, *slip, *batch),
            None => (OperationNumber(u32::MAX), u64::MAX, u64::MAX),
        };
        let alone = move |it: &Ticket| !self.bulk.has(it);
        let operations = floor.operations().rev().filter(move |it| it.number <= last);
        let mut operations = operations.filter(move |it| alone(&it.ticket)).peekable();
        let slips = self.pending.acts.iter().rev().filter(move |it| it.serial <= slip && !it.is_known(floor));
        let mut slips = slips.filter(move |it| it.ticket.as_ref().is_none_or(alone)).peekable();
        let mut batches = self.bulk.newest_first().filter(move |it| it.serial <= batch).peekable();
        let rows = std::iter::from_fn(move || {
            let slip = slips.peek().map(|it| it.at);
            let many = batches.peek().map(|it| it.at);
            let operation = operations.peek().map(|it| it.pressed);
            match () {
                () if slip.is_some() && slip >= operation && slip >= many => slips.next().map(LedgerRow::Pending),
                () if many.is_some() && many >= operation => batches.next().map(LedgerRow::Bulk),
                () => operations.next().map(LedgerRow::Operation),
            }
        });
        let rows = rows.flat_map(move |row| {
            let within = match row {
                LedgerRow::Bulk(batch) if batch.open => self.rows_of(batch).collect(),
                LedgerRow::Bulk(_) | LedgerRow::Operation(_) | LedgerRow::Pending(_) => Vec::new(),
            };
            std::iter::once(row).chain(within)
        });
        self.sorted_ledger(rows.filter(|it| self.shows_ledger_row(it)))
    }

    /// Gives the operations pane the keys and selects a row: the operation itself, where the floor knows by now what
    /// was a slip.
    pub(in crate::desk) fn go_to_row(&mut self, row: &RowId) {
        let known = match row {
            RowId::Pending(serial) => {
                self.pending_act(*serial).and_then(|it| self.floor().by_ticket(it.ticket.as_ref()?))
            }
            RowId::Operation(_) | RowId::Bulk(_) => None,
        };
        self.selected_row = Some(known.map_or_else(|| row.clone(), |it| RowId::Operation(it.number)));
        self.pane = Pane::Operations;
    }

    /// A row that the ledger has, also one that is not shown: the filter shuts it out, or its act on many is closed.
    pub(in crate::desk) fn ledger_row(&self, row: &RowId) -> Option<LedgerRow<'_>> {
        match row {
            RowId::Operation(number) => self.floor().operation(*number).map(LedgerRow::Operation),
            RowId::Bulk(serial) => self.bulk_act(*serial).map(LedgerRow::Bulk),
            RowId::Pending(serial) => {
                self.pending_act(*serial).filter(|it| !it.is_known(self.floor())).map(LedgerRow::Pending)
            }
        }
    }

    pub(in crate::desk) fn ledger_has(&self, row: &RowId) -> bool {
        self.ledger_row(row).is_some()
    }

    /// The newest act of ours as the floor knows it, until a key is pressed after its end.
    #[must_use]
    pub fn followed_operation(&self) -> Option<&Operation> {
        self.floor.by_ticket(self.followed_ticket.as_ref()?)
    }

    /// The newest act of ours while it is on its way to the journal.
    #[must_use]
    pub fn followed_pending(&self) -> Option<&PendingAct> {
        let ticket = self.followed_ticket.as_ref()?;
        self.pending.sending(&self.floor).find(|it| it.ticket.as_ref() == Some(ticket))
    }

    /// Lets go of an act of ours that has come to its end.
    pub(in crate::desk) fn unfollow(&mut self) {
        let open =
            |standing| matches!(standing, OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted);
        let goes_on = match self.followed_operation() {
            Some(operation) => open(operation.standing(self.now)),
            None => self.followed_pending().is_some(),
        };
        if !goes_on {
            self.followed_ticket = None;
        }
        self.unfollow_bulk();
    }

    /// Labels the slips by the names that hold now.
    pub(in crate::desk) fn label_slips(&mut self) {
        let labels: Vec<String> = self.pending.acts.iter().map(|it| self.label(&it.target())).collect();
        for (slip, label) in self.pending.acts.iter_mut().zip(labels) {
            slip.label = label;
        }
    }

    /// A slip of the desk.
    #[must_use]
    pub fn pending_act(&self, serial: u64) -> Option<&PendingAct> {
        self.pending.acts.iter().find(|it| it.serial == serial)
    }
}

impl LedgerRow<'_> {
    /// Which row it is.
    #[must_use]
    pub const fn id(&self) -> RowId {
        match self {
            Self::Operation(operation) => RowId::Operation(operation.number),
            Self::Pending(slip) => RowId::Pending(slip.serial),
            Self::Bulk(batch) => RowId::Bulk(batch.serial),
        }
    }
}

impl PendingAct {
    pub(in crate::desk) const fn person(&self) -> Option<&ParticipantId> {
        match &self.who {
            Some(ParticipantRef::Person(id)) => Some(id),
            Some(ParticipantRef::Party(_)) | None => None,
        }
    }

    /// Whom or what it is about.
    pub(in crate::desk) fn target(&self) -> ActTarget {
        ActTarget { call: self.call.clone(), who: self.who.clone() }
    }

    /// Whether the floor has it, and so tells more.
    fn is_known(&self, floor: &Floor) -> bool {
        self.ticket.as_ref().is_some_and(|it| floor.by_ticket(it).is_some())
    }
}

impl PendingActs {
    const MOST: usize = 500;

    /// Lets them be about the same ones under other ids.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        for slip in &mut self.acts {
            slip.call = call(&slip.call);
            if let Some(ParticipantRef::Person(id)) = &mut slip.who {
                *id = person(id);
            }
        }
    }

    /// Says their reasons in other words.
    pub(in crate::desk) fn say_anew(&mut self, words: impl Fn(&str) -> String) {
        for slip in &mut self.acts {
            if let PendingState::Refused(why) | PendingState::Unknown(why) = &mut slip.state {
                *why = words(why);
            }
        }
    }

    /// The number of the newest slip.
    pub(in crate::desk) const fn latest(&self) -> u64 {
        self.last
    }

    /// What was sent, is not in the journal yet, and was not refused.
    pub(in crate::desk) fn sending<'a>(&'a self, floor: &'a Floor) -> impl Iterator<Item = &'a PendingAct> {
        let open = |it: &&PendingAct| matches!(it.state, PendingState::Sending | PendingState::Accepted);
        self.acts.iter().rev().filter(open).filter(|it| !it.is_known(floor))
    }

    pub(in crate::desk) fn by_ticket(&self, ticket: &Ticket) -> Option<&PendingAct> {
        self.acts.iter().rev().find(|it| it.ticket.as_ref() == Some(ticket))
    }

    pub(in crate::desk) fn act(&self, ticket: &Ticket) -> Option<Act> {
        self.acts.iter().rev().find(|it| it.ticket.as_ref() == Some(ticket)).map(|it| it.act)
    }

    pub(in crate::desk) fn set(&mut self, ticket: &Ticket, state: PendingState) {
        if let Some(slip) = self.acts.iter_mut().rev().find(|it| it.ticket.as_ref() == Some(ticket)) {
            slip.state = state;
        }
    }

    pub(in crate::desk) fn sent(&mut self, ticket: &Ticket, at: Timestamp, act: Act, about: (&ActTarget, String)) {
        self.keep(Some(ticket.clone()), at, (act, about.0, about.1), PendingState::Sending);
    }

    /// Keeps a refusal; the same one again only moves the time of the last.
    pub(in crate::desk) fn refused(&mut self, at: Timestamp, act: Act, about: (&ActTarget, String), reason: &Denied) {
        let state = PendingState::Refused(reason.0.clone());
        if let Some(last) = self.acts.back_mut() {
            let same = last.ticket.is_none() && last.act == act && last.call == about.0.call && last.who == about.0.who;
            if same && last.state == state {
                last.at = at;
                return;
            }
        }
        self.keep(None, at, (act, about.0, about.1), state);
    }

    fn keep(&mut self, ticket: Option<Ticket>, at: Timestamp, what: (Act, &ActTarget, String), state: PendingState) {
        let (act, target, label) = what;
        self.last += 1;
        let (call, who) = (target.call.clone(), target.who.clone());
        self.acts.push_back(PendingAct { serial: self.last, at, ticket, act, call, label, state, who });
        if self.acts.len() > Self::MOST {
            self.acts.pop_front();
        }
    }
}
