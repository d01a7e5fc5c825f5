//! Taking back and trying again: always a new operation with a confirm of its own, or the reason why not.

use super::ledger::{Row, RowId, SlipState};
use super::rules::Target;
use super::{Desk, Pane, Who};
use crate::floor::{Act, Operation, Standing};

impl Desk {
    /// Asks for the inverse of the selected operation, or of our newest one; where there is none, says why.
    pub(super) fn undo(&mut self) {
        if self.pane == Pane::Operations && matches!(self.row, Some(RowId::Many(_))) {
            return self.say("undo is for one operation: Enter opens this act into one row a person");
        }
        if self.pane == Pane::Operations && matches!(self.row, Some(RowId::Slip(_))) {
            return self.say("undo: this act is not proved, so there is nothing to take back");
        }
        let Some((act, operation)) = self.undoable() else { return self.say("nothing of yours can be undone") };
        let (number, target) = (operation.number.0, operation.target.to_string());
        let about = target_of(operation);
        let standing = operation.standing(self.now);
        if standing != Standing::Confirmed {
            return self.warn(format!("undo: op {number} is not confirmed, so there is nothing proved to take back"));
        }
        match inverse(act) {
            Ok(inverse) => self.ask_about(inverse, about),
            Err(why) => self.warn(format!("undo op {number}, {act} {target}: {why}")),
        }
    }

    /// Asks for the same again: the selected row that came to nothing, or our newest one that did.
    pub(super) fn retry(&mut self) {
        let selected = self.row.clone().filter(|_| self.pane == Pane::Operations);
        let found = self.ledger().take(500).find_map(|row| {
            let wanted = selected.as_ref().is_none_or(|it| *it == row.id());
            wanted.then(|| self.failed(&row)).flatten()
        });
        match found {
            Some((act, targets)) => self.ask_targets(act, targets),
            None if selected.is_some() => self.say("this operation did not fail: there is nothing to try again"),
            None => self.say("no operation of yours has failed"),
        }
    }

    fn undoable(&self) -> Option<(Act, &Operation)> {
        let operation = match self.row.as_ref().filter(|_| self.pane == Pane::Operations) {
            Some(RowId::Operation(number)) => self.live().operation(*number),
            Some(RowId::Slip(_) | RowId::Many(_)) => None,
            None => self.live().operations().rev().find(|it| *it.by == *self.link.operator),
        };
        operation.map(|it| (it.act, it))
    }

    /// What a row asked, if it came to nothing and is ours.
    fn failed(&self, row: &Row<'_>) -> Option<(Act, Vec<Target>)> {
        match row {
            Row::Operation(operation) => {
                let standing = operation.standing(self.now);
                let failed = matches!(
                    standing,
                    Standing::Failed | Standing::Refused | Standing::Unconfirmed | Standing::OutcomeUnknown
                );
                (failed && *operation.by == *self.link.operator).then(|| (operation.act, vec![target_of(operation)]))
            }
            Row::Many(batch) => Some((batch.act, self.failed_of(batch))).filter(|(_, failed)| !failed.is_empty()),
            Row::Slip(slip) => match slip.state {
                SlipState::Refused(_) | SlipState::Unknown(_) => Some((slip.act, vec![slip.target()])),
                SlipState::Sending | SlipState::Accepted => None,
            },
        }
    }
}

fn target_of(operation: &Operation) -> Target {
    Target { call: operation.call.clone(), who: operation.participant.clone().map(Who::Person) }
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
