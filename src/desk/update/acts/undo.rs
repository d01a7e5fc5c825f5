//! Undo and retry: always a new operation with its own confirmation, or the reason why that is impossible.

use crate::desk::acts::bulk::LedgerRow;
use crate::desk::acts::pending::PendingState;
use crate::desk::command::Command;
use crate::desk::update::acts::ask_bulk::ask_targets;
use crate::desk::update::acts::confirm::ask_about;
use crate::desk::vocab::{ActTarget, ParticipantRef, RowId};
use crate::desk::{Desk, Modal};
use crate::floor::{Act, Operation, OperationNumber, OperationStatus};
use crate::time::Timestamp;

/// Asks for the inverse of the selected operation, or of our newest one; if there is none, says why.
pub(in crate::desk) fn undo(desk: &mut Desk) {
    if matches!(desk.board.selection.focused_row(), Some(RowId::Bulk(_))) {
        let press = desk.input.keymap.shortcut_for(Command::Open);
        return desk.say(format!("undo works on one operation: {press} opens this bulk act into one row per person"));
    }
    if matches!(desk.board.selection.focused_row(), Some(RowId::Pending(_))) {
        return desk.say("undo: this act has no proof, so there is nothing to undo");
    }
    let Some((act, operation)) = undoable(desk) else { return desk.say("you have no operation to undo") };
    let (number, target) = (operation.number.0, operation.target.to_string());
    let about = target_of(operation);
    let standing = operation.standing(desk.clock.now());
    if standing != OperationStatus::Confirmed {
        return desk.warn(format!("undo: op {number} is not confirmed, so there is nothing to undo"));
    }
    match inverse(act) {
        Ok(inverse) => {
            show_target(desk, &about);
            ask_about(desk, inverse, about);
            if matches!(desk.modal, Modal::Confirm(_)) {
                desk.say(format!("this undoes op {number}, {act} {target}"));
            }
        }
        Err(why) => desk.warn(format!("undo op {number}, {act} {target}: {why}")),
    }
}

/// Asks again for the selected operation that failed, or for our newest one that did.
pub(in crate::desk) fn retry(desk: &mut Desk) {
    let selected = desk.board.selection.focused_row().cloned();
    let found = match &selected {
        Some(row) => desk.ledger_row(row).and_then(|it| failed_targets(desk, &it)),
        None => desk.ledger().take(500).find_map(|it| failed_targets(desk, &it)),
    };
    match found {
        Some((act, targets)) => {
            if let [target] = targets.as_slice() {
                show_target(desk, target);
            }
            ask_targets(desk, act, targets);
        }
        None => desk.say(why_no_retry(desk, selected.as_ref())),
    }
}

/// Selects the person whom an operation was about, so that the question and its target are on the screen together.
fn show_target(desk: &mut Desk, target: &ActTarget) {
    if let Some(person) = target.person().filter(|_| desk.person_of(target).is_some()) {
        desk.board.selection.choose_person((target.call.clone(), person.clone()));
    }
}

fn why_no_retry(desk: &Desk, selected: Option<&RowId>) -> String {
    let by_another = |number: &OperationNumber| {
        let operation = desk.live().operation(*number).filter(|it| *it.by != *desk.link.operator())?;
        let press = desk.input.keymap.shortcut_for(Command::Retry);
        let owner = &operation.by;
        Some(format!("op {} is {owner}'s: {press} retries only yours; press the key of the act instead", number.0))
    };
    match selected {
        None => "you have no failed operation left to retry".to_owned(),
        Some(RowId::Operation(number)) => {
            by_another(number).unwrap_or_else(|| "this operation did not fail, or was retried already".to_owned())
        }
        Some(RowId::Bulk(_)) => "everyone for whom this failed was retried already".to_owned(),
        Some(RowId::Pending(_)) => "this act is still under way, or was retried already".to_owned(),
    }
}

fn undoable(desk: &Desk) -> Option<(Act, &Operation)> {
    let operation = match desk.board.selection.focused_row() {
        Some(RowId::Operation(number)) => desk.live().operation(*number),
        Some(RowId::Pending(_) | RowId::Bulk(_)) => None,
        None => desk.live().operations().rev().find(|it| *it.by == *desk.link.operator()),
    };
    operation.map(|it| (it.act, it))
}

/// The act and the targets of a row that failed, are ours and were not retried already.
fn failed_targets(desk: &Desk, row: &LedgerRow<'_>) -> Option<(Act, Vec<ActTarget>)> {
    let (act, at, targets) = match row {
        LedgerRow::Operation(operation) => {
            let failed = has_failed(operation.standing(desk.clock.now())) && *operation.by == *desk.link.operator();
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

/// Returns whether we asked for the same later, and that did not fail.
fn was_tried_again(desk: &Desk, act: Act, target: &ActTarget, since: Timestamp) -> bool {
    let same = |it: &&Operation| it.act == act && *it.by == *desk.link.operator() && target_of(it) == *target;
    let later = desk.live().operations().rev().take(500).filter(|it| it.pressed > since);
    later.filter(same).any(|it| !has_failed(it.standing(desk.clock.now())))
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

/// The act that undoes another.
fn inverse(act: Act) -> Result<Act, &'static str> {
    match act {
        Act::Release => Ok(Act::Hold),
        Act::Hold => Ok(Act::Release),
        Act::MuteSelf => Ok(Act::UnmuteSelf),
        Act::UnmuteSelf => Ok(Act::MuteSelf),
        Act::Mute => Err("mute is one-way in Graph: only they can unmute themselves, so ask them to"),
        Act::Remove => Err("they must be invited again, which callboard does not do"),
        Act::HangUp => Err("the application has left the call, and its bot must join again"),
    }
}
