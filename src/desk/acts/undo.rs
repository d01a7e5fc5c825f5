//! Taking back and trying again: always a new operation with a confirm of its own, or the reason why not.

use super::pending::{LedgerRow, PendingState, RowId};
use super::rules::ActTarget;
use crate::desk::{Desk, Pane, ParticipantRef};
use crate::floor::{Act, Operation, OperationNumber, OperationStatus};
use crate::time::Timestamp;

impl Desk {
    /// Asks for the inverse of the selected operation, or of our newest one; where there is none, says why.
    pub(in crate::desk) fn undo(&mut self) {
        if self.pane == Pane::Operations && matches!(self.selected_row, Some(RowId::Bulk(_))) {
            return self.say("undo is for one operation: Enter opens this act into one row a person");
        }
        if self.pane == Pane::Operations && matches!(self.selected_row, Some(RowId::Pending(_))) {
            return self.say("undo: this act is not proved, so there is nothing to take back");
        }
        let Some((act, operation)) = self.undoable() else { return self.say("nothing of yours can be undone") };
        let (number, target) = (operation.number.0, operation.target.to_string());
        let about = target_of(operation);
        let standing = operation.standing(self.now);
        if standing != OperationStatus::Confirmed {
            return self.warn(format!("undo: op {number} is not confirmed, so there is nothing proved to take back"));
        }
        match inverse(act) {
            Ok(inverse) => self.ask_about(inverse, about),
            Err(why) => self.warn(format!("undo op {number}, {act} {target}: {why}")),
        }
    }

    /// Asks for the same again: the selected row that came to nothing, or our newest one that did.
    pub(in crate::desk) fn retry(&mut self) {
        let selected = self.selected_row.clone().filter(|_| self.pane == Pane::Operations);
        let found = match &selected {
            Some(row) => self.ledger_row(row).and_then(|it| self.failed(&it)),
            None => self.ledger().take(500).find_map(|it| self.failed(&it)),
        };
        match found {
            Some((act, targets)) => self.ask_targets(act, targets),
            None => self.say(self.why_no_retry(selected.as_ref())),
        }
    }

    fn why_no_retry(&self, selected: Option<&RowId>) -> String {
        let by_another = |number: &OperationNumber| {
            let operation = self.live().operation(*number).filter(|it| *it.by != *self.link.operator)?;
            Some(format!(
                "op {} is {}'s: R tries only yours again; the key of the act asks anew",
                number.0, operation.by
            ))
        };
        match selected {
            None => "no operation of yours has failed that was not tried again since".to_owned(),
            Some(RowId::Operation(number)) => {
                by_another(number).unwrap_or_else(|| "this operation did not fail, or was tried again since".to_owned())
            }
            Some(RowId::Bulk(_)) => "nobody is left whom this failed for and who was not tried again since".to_owned(),
            Some(RowId::Pending(_)) => "this is under way, or was tried again since".to_owned(),
        }
    }

    fn undoable(&self) -> Option<(Act, &Operation)> {
        let operation = match self.selected_row.as_ref().filter(|_| self.pane == Pane::Operations) {
            Some(RowId::Operation(number)) => self.live().operation(*number),
            Some(RowId::Pending(_) | RowId::Bulk(_)) => None,
            None => self.live().operations().rev().find(|it| *it.by == *self.link.operator),
        };
        operation.map(|it| (it.act, it))
    }

    /// What a row asked, as far as it came to nothing, is ours, and was not tried again since.
    fn failed(&self, row: &LedgerRow<'_>) -> Option<(Act, Vec<ActTarget>)> {
        let (act, at, targets) = match row {
            LedgerRow::Operation(operation) => {
                let failed = has_failed(operation.standing(self.now)) && *operation.by == *self.link.operator;
                let target = failed.then(|| target_of(operation));
                (operation.act, operation.pressed, target.into_iter().collect())
            }
            LedgerRow::Bulk(batch) => (batch.act, batch.at, self.failed_of(batch)),
            LedgerRow::Pending(slip) => match slip.state {
                PendingState::Refused(_) | PendingState::Unknown(_) => (slip.act, slip.at, vec![slip.target()]),
                PendingState::Sending | PendingState::Accepted => (slip.act, slip.at, Vec::new()),
            },
        };
        let left: Vec<ActTarget> = targets.into_iter().filter(|it| !self.was_tried_again(act, it, at)).collect();
        Some((act, left)).filter(|(_, left)| !left.is_empty())
    }

    /// Whether we have asked for the same since, and that did not fail.
    fn was_tried_again(&self, act: Act, target: &ActTarget, since: Timestamp) -> bool {
        let same = |it: &&Operation| it.act == act && *it.by == *self.link.operator && target_of(it) == *target;
        let later = self.live().operations().rev().take(500).filter(|it| it.pressed > since);
        later.filter(same).any(|it| !has_failed(it.standing(self.now)))
    }
}

const fn has_failed(standing: OperationStatus) -> bool {
    match standing {
        OperationStatus::Failed
        | OperationStatus::Refused
        | OperationStatus::Unconfirmed
        | OperationStatus::OutcomeUnknown => true,
        OperationStatus::Asked
        | OperationStatus::Sent
        | OperationStatus::Accepted
        | OperationStatus::Confirmed
        | OperationStatus::AlreadySo
        | OperationStatus::Left => false,
    }
}

fn target_of(operation: &Operation) -> ActTarget {
    ActTarget { call: operation.call.clone(), who: operation.participant.clone().map(ParticipantRef::Person) }
}

/// The act that takes another back.
fn inverse(act: Act) -> Result<Act, &'static str> {
    match act {
        Act::Release => Ok(Act::Hold),
        Act::Hold => Ok(Act::Release),
        Act::MuteSelf => Ok(Act::UnmuteSelf),
        Act::UnmuteSelf => Ok(Act::MuteSelf),
        Act::Mute => Err("mute is one-way in Graph: only they can unmute themselves, so ask them to"),
        Act::Remove => Err("they have to be invited again, which callboard does not do"),
        Act::HangUp => Err("the application has left the call; its bot has to join again"),
    }
}
