//! Undo and retry: always a new operation with its own confirmation, or the reason why that is impossible.

use crate::desk::command::Command;
use crate::desk::queries::earlier_acts::{failed_targets, inverse, newest_failed, undoable};
use crate::desk::update::acts::ask_bulk::ask_targets;
use crate::desk::update::acts::confirm::ask_about;
use crate::desk::vocab::{ActTarget, RowId};
use crate::desk::{Desk, Modal};
use crate::floor::OperationStatus;

/// Asks for the inverse of the selected operation if it is ours, or of our newest one; if there is none, says why.
pub(in crate::desk) fn undo(desk: &mut Desk) {
    if matches!(desk.board.selection.focused_row(), Some(RowId::Bulk(_))) {
        let press = desk.input.keymap.shortcut_for(Command::Open);
        return desk.say(format!("undo works on one operation: {press} opens this bulk act into one row per person"));
    }
    if matches!(desk.board.selection.focused_row(), Some(RowId::Pending(_))) {
        return desk.say("undo: this act has no proof, so there is nothing to undo");
    }
    let Some((act, operation)) = undoable(desk) else {
        let of_another = desk.board.selection.focused_row().and_then(|it| by_another(desk, it, Command::Undo));
        return desk.say(of_another.unwrap_or_else(|| "you have no operation to undo".to_owned()));
    };
    let (number, target) = (operation.number.0, operation.target.to_string());
    let about = ActTarget::of(operation);
    let standing = operation.standing(desk.clock.now());
    if standing != OperationStatus::Confirmed {
        return desk.warn(format!("undo: op {number} is not confirmed, so there is nothing to undo"));
    }
    match inverse(act) {
        Ok(inverse) => {
            if asks_at_target(desk, &about.clone(), |desk| ask_about(desk, inverse, about)) {
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
        None => newest_failed(desk),
    };
    match found {
        Some((act, targets)) => match targets.as_slice() {
            [target] => {
                asks_at_target(desk, &target.clone(), |desk| ask_targets(desk, act, targets));
            }
            _ => ask_targets(desk, act, targets),
        },
        None => desk.say(why_no_retry(desk, selected.as_ref())),
    }
}

/// Asks with the target of an operation selected, so that the question and the person are on the screen together.
/// Returns whether a question is open; without one the selection stays as it was.
fn asks_at_target(desk: &mut Desk, target: &ActTarget, ask: impl FnOnce(&mut Desk)) -> bool {
    let before = desk.board.selection.clone();
    if let Some(person) = target.person().filter(|_| desk.person_of(target).is_some()) {
        desk.board.selection.choose_person((target.call.clone(), person.clone()));
    }
    ask(desk);
    let asks = matches!(desk.modal, Modal::Confirm(_));
    if !asks {
        desk.board.selection = before;
    }
    asks
}

/// Says that an operation is another operator's, if it is, so that this command is not for it.
fn by_another(desk: &Desk, row: &RowId, command: Command) -> Option<String> {
    let RowId::Operation(number) = row else { return None };
    let operation = desk.live().operation(*number).filter(|it| !desk.link.is_own(&it.by))?;
    let (press, owner) = (desk.input.keymap.shortcut_for(command), &operation.by);
    let does = if command == Command::Undo { "undoes" } else { "retries" };
    Some(format!("op {} is {owner}'s: {press} {does} only yours; press the key of the act instead", number.0))
}

fn why_no_retry(desk: &Desk, selected: Option<&RowId>) -> String {
    match selected {
        None => "you have no failed operation left to retry".to_owned(),
        Some(row @ RowId::Operation(_)) => by_another(desk, row, Command::Retry)
            .unwrap_or_else(|| "this operation did not fail, or was retried already".to_owned()),
        Some(RowId::Bulk(_)) => "everyone for whom this failed was retried already".to_owned(),
        Some(RowId::Pending(_)) => "this act is still under way, or was retried already".to_owned(),
    }
}
