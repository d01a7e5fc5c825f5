//! Undo and retry: always a new operation with a confirm of its own, or the reason why not.

use crate::desk::Desk;
use crate::desk::acts::bulk::LedgerRow;
use crate::desk::acts::pending::PendingState;
use crate::desk::command::Command;
use crate::desk::update::acts::ask_bulk::ask_targets;
use crate::desk::update::acts::confirm::ask_about;
use crate::desk::vocab::{ActTarget, Pane, ParticipantRef, RowId};
use crate::floor::{Act, Operation, OperationNumber, OperationStatus};
use crate::time::Timestamp;

/// Asks for the inverse of the selected operation, or of our newest one; where there is none, says why.
pub(in crate::desk) fn undo(desk: &mut Desk) {
    if desk.board.selection.pane == Pane::Operations && matches!(desk.board.selection.row, Some(RowId::Bulk(_))) {
        let press = desk.input.keymap.shortcut_for(Command::Open);
        return desk.say(format!("undo is for one operation: {press} opens this act into one row a person"));
    }
    if desk.board.selection.pane == Pane::Operations && matches!(desk.board.selection.row, Some(RowId::Pending(_))) {
        return desk.say("undo: this act is not proved, so there is nothing to take back");
    }
    let Some((act, operation)) = undoable(desk) else { return desk.say("nothing of yours can be undone") };
    let (number, target) = (operation.number.0, operation.target.to_string());
    let about = target_of(operation);
    let standing = operation.standing(desk.clock.now);
    if standing != OperationStatus::Confirmed {
        return desk.warn(format!("undo: op {number} is not confirmed, so there is nothing proved to take back"));
    }
    match inverse(act) {
        Ok(inverse) => ask_about(desk, inverse, about),
        Err(why) => desk.warn(format!("undo op {number}, {act} {target}: {why}")),
    }
}

/// Asks for the same again: the selected row that came to nothing, or our newest one that did.
pub(in crate::desk) fn retry(desk: &mut Desk) {
    let selected = desk.board.selection.row.clone().filter(|_| desk.board.selection.pane == Pane::Operations);
    let found = match &selected {
        Some(row) => desk.ledger_row(row).and_then(|it| failed_targets(desk, &it)),
        None => desk.ledger().take(500).find_map(|it| failed_targets(desk, &it)),
    };
    match found {
        Some((act, targets)) => ask_targets(desk, act, targets),
        None => desk.say(why_no_retry(desk, selected.as_ref())),
    }
}

fn why_no_retry(desk: &Desk, selected: Option<&RowId>) -> String {
    let by_another = |number: &OperationNumber| {
        let operation = desk.live().operation(*number).filter(|it| *it.by != *desk.link.operator)?;
        Some(format!("op {} is {}'s: R tries only yours again; the key of the act asks anew", number.0, operation.by))
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

fn undoable(desk: &Desk) -> Option<(Act, &Operation)> {
    let operation = match desk.board.selection.row.as_ref().filter(|_| desk.board.selection.pane == Pane::Operations) {
        Some(RowId::Operation(number)) => desk.live().operation(*number),
        Some(RowId::Pending(_) | RowId::Bulk(_)) => None,
        None => desk.live().operations().rev().find(|it| *it.by == *desk.link.operator),
    };
    operation.map(|it| (it.act, it))
}

/// What a row asked, as far as it came to nothing, is ours, and was not tried again since.
fn failed_targets(desk: &Desk, row: &LedgerRow<'_>) -> Option<(Act, Vec<ActTarget>)> {
    let (act, at, targets) = match row {
        LedgerRow::Operation(operation) => {
            let failed = has_failed(operation.standing(desk.clock.now)) && *operation.by == *desk.link.operator;
            let target = failed.then(|| target_of(operation));
            (operation.act, operation.pressed, target.into_iter().collect())
        }
        LedgerRow::Bulk(batch) => (batch.act, batch.at, desk.failed_of(batch)),
        LedgerRow::Pending(slip) => match slip.state {
            PendingState::Refused(_) | PendingState::Unknown(_) => (slip.act, slip.at, vec![slip.target()]),
            PendingState::Sending | PendingState::Accepted => (slip.act, slip.at, Vec::new()),
        },
    };
    let left: Vec<ActTarget> = targets.into_iter().filter(|it| !was_tried_again(desk, act, it, at)).collect();
    Some((act, left)).filter(|(_, left)| !left.is_empty())
}

/// Whether we have asked for the same since, and that did not fail.
fn was_tried_again(desk: &Desk, act: Act, target: &ActTarget, since: Timestamp) -> bool {
    let same = |it: &&Operation| it.act == act && *it.by == *desk.link.operator && target_of(it) == *target;
    let later = desk.live().operations().rev().take(500).filter(|it| it.pressed > since);
    later.filter(same).any(|it| !has_failed(it.standing(desk.clock.now)))
}

const fn has_failed(standing: OperationStatus) -> bool {
    match standing {
        OperationStatus::Failed
        | OperationStatus::Refused
        | OperationStatus::Expired
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
