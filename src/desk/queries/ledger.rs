//! The rows of the operations pane: operations of the journal, pending acts and bulk acts.

use crate::desk::acts::bulk::{BulkMember, BulkOutcome, LedgerRow};
use crate::desk::acts::pending::PendingAct;
use crate::desk::command::Command;
use crate::desk::vocab::{ActTarget, RowId};
use crate::desk::{BulkAct, Desk};
use crate::floor::{Operation, Ticket};

impl Desk {
    /// Returns the bulk act with this serial number.
    #[must_use]
    pub fn bulk_act(&self, serial: u64) -> Option<&BulkAct> {
        self.acts.bulk.by_serial(serial)
    }

    /// Returns the outcome of one member of a bulk act.
    #[must_use]
    pub fn bulk_outcome(&self, member: &BulkMember) -> BulkOutcome<'_> {
        if let Some(operation) = self.floor().operation_by_ticket(&member.ticket) {
            return BulkOutcome::Operation(operation);
        }
        match self.acts.pending.by_ticket(&member.ticket) {
            Some(pending) => BulkOutcome::Pending(pending),
            None => member.unsent(),
        }
    }

    /// Returns the rows of a bulk act's members that exist by now.
    pub(in crate::desk) fn rows_of<'a>(&'a self, bulk: &'a BulkAct) -> impl Iterator<Item = LedgerRow<'a>> {
        bulk.members.iter().filter_map(|it| match self.bulk_outcome(it) {
            BulkOutcome::Operation(operation) => Some(LedgerRow::Operation(operation)),
            BulkOutcome::Pending(pending) => Some(LedgerRow::Pending(pending)),
            BulkOutcome::Waiting | BulkOutcome::Stopped | BulkOutcome::Dropped => None,
        })
    }

    /// Counts the outcomes of a bulk act: `3 CONFIRMED, 1 LEFT, 2 to go`; with the cause if the desk dropped the rest.
    #[must_use]
    pub fn tally(&self, bulk: &BulkAct) -> String {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for member in &bulk.members {
            let word = self.bulk_outcome(member).word(self.shown_at());
            match counts.iter_mut().find(|(it, _)| *it == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
        }
        let counts = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ");
        bulk.dropped().map_or_else(|| counts.clone(), |why| format!("{counts}: {why}"))
    }

    /// Returns the progress of the newest bulk act, until a key is pressed after its end.
    #[must_use]
    pub fn progress(&self) -> Option<String> {
        let bulk = self.acts.bulk.followed()?;
        let key = self.input.keymap.shortcut_for(Command::Back);
        let stop = if bulk.waiting() > 0 { format!("; {key} stops the rest") } else { String::new() };
        Some(format!("{}: {}{stop}", bulk.title(), self.tally(bulk)))
    }

    /// Returns the members of a bulk act that failed, to retry them.
    pub(in crate::desk) fn failed_of(&self, bulk: &BulkAct) -> Vec<ActTarget> {
        let failed = bulk.members.iter().filter(|it| self.bulk_outcome(it).failed(self.clock.now()));
        failed.map(|it| it.target().clone()).collect()
    }

    /// Returns the rows of the operations pane, newest first; during a confirm, only those that existed when it opened.
    #[must_use]
    pub fn ledger(&self) -> Box<dyn Iterator<Item = LedgerRow<'_>> + '_> {
        let floor = self.floor();
        let frozen = self.modal.frozen_order();
        let alone = move |it: &Ticket| !self.acts.bulk.has(it);
        let operations =
            floor.operations().rev().filter(move |it| frozen.is_none_or(|then| then.had_operation(it.number)));
        let mut operations = operations.filter(move |it| alone(&it.ticket)).peekable();
        let pending_acts = self
            .acts
            .pending
            .newest_first()
            .filter(move |it| frozen.is_none_or(|then| then.had_pending(it.serial)) && !it.is_known(floor));
        let mut pending_acts = pending_acts.filter(move |it| it.ticket.as_ref().is_none_or(alone)).peekable();
        let mut bulk_acts = self
            .acts
            .bulk
            .newest_first()
            .filter(move |it| frozen.is_none_or(|then| then.had_bulk(it.serial)))
            .peekable();
        let rows = std::iter::from_fn(move || {
            let pending = pending_acts.peek().map(|it| it.at);
            let many = bulk_acts.peek().map(|it| it.at);
            let operation = operations.peek().map(|it| it.pressed);
            match () {
                () if pending.is_some() && pending >= operation && pending >= many => {
                    pending_acts.next().map(LedgerRow::Pending)
                }
                () if many.is_some() && many >= operation => bulk_acts.next().map(LedgerRow::Bulk),
                () => operations.next().map(LedgerRow::Operation),
            }
        });
        let rows = rows.flat_map(move |row| {
            let within = match row {
                LedgerRow::Bulk(bulk) if bulk.open => self.rows_of(bulk).collect(),
                LedgerRow::Bulk(_) | LedgerRow::Operation(_) | LedgerRow::Pending(_) => Vec::new(),
            };
            std::iter::once(row).chain(within)
        });
        self.sorted_ledger(rows.filter(|it| self.shows_ledger_row(it)))
    }

    /// Returns a row that exists, even if a filter hides it or its bulk act is collapsed.
    pub(in crate::desk) fn ledger_row(&self, row: &RowId) -> Option<LedgerRow<'_>> {
        match row {
            RowId::Operation(number) => self.floor().operation(*number).map(LedgerRow::Operation),
            RowId::Bulk(serial) => self.bulk_act(*serial).map(LedgerRow::Bulk),
            RowId::Pending(serial) => {
                self.pending_act(*serial).filter(|it| !it.is_known(self.floor())).map(LedgerRow::Pending)
            }
        }
    }

    /// Returns whether a row exists and no filter hides it.
    pub(in crate::desk) fn lists_row(&self, row: &RowId) -> bool {
        self.ledger_row(row).is_some_and(|it| self.shows_ledger_row(&it))
    }

    /// Returns our newest act as an operation of the floor, until a key is pressed after its end.
    #[must_use]
    pub fn followed_operation(&self) -> Option<&Operation> {
        self.floors.live().operation_by_ticket(self.acts.pending.followed()?)
    }

    /// Returns our newest act while it is on its way to the journal.
    #[must_use]
    pub fn followed_pending(&self) -> Option<&PendingAct> {
        let ticket = self.acts.pending.followed()?;
        self.acts.pending.sending(self.floors.live()).find(|it| it.ticket.as_ref() == Some(ticket))
    }

    /// Returns the pending act with this serial number.
    #[must_use]
    pub fn pending_act(&self, serial: u64) -> Option<&PendingAct> {
        self.acts.pending.by_serial(serial)
    }
}
