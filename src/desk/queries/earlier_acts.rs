//! The acts that undo and retry would ask for, and whether a key of the board would do something now.

use crate::desk::Desk;
use crate::desk::acts::bulk::LedgerRow;
use crate::desk::acts::marks::is_actable;
use crate::desk::acts::pending::PendingState;
use crate::desk::board::alerts::ActiveAlert;
use crate::desk::command::Command;
use crate::desk::vocab::{ActTarget, Pane, RowId};
use crate::floor::{Act, Operation, OperationStatus};
use crate::time::Timestamp;

/// How many of the newest rows are searched.
const RECENT: usize = 500;

/// Returns whether a command that no rule forbids would do something now. The footer offers no key that would only
/// say that there is nothing to do; for a command that always does something this is true.
#[must_use]
pub fn would_act(desk: &Desk, command: Command) -> bool {
    if matches!(command, Command::NextAlert | Command::Acknowledge) {
        let open = |it: &ActiveAlert| !desk.board.acknowledged.has_alert(it);
        if command == Command::NextAlert {
            return desk.active_alerts().any(|it| open(&it));
        }
        let here = desk.call().map(|it| desk.alerts_of_call(it)).unwrap_or_default();
        return here.iter().any(|it| open(it) && desk.board.selection.covers(it.place()));
    }
    if command == Command::Mark {
        let selected = desk.call().zip(desk.person());
        let is_shown = desk.pane() != Pane::Waiting || desk.selected_waiting().is_some();
        return is_shown && selected.is_some_and(|(call, person)| is_actable(call, person));
    }
    if command == Command::Undo {
        let proved = |it: &Operation| it.standing(desk.clock.now()) == OperationStatus::Confirmed;
        return undoable(desk).is_some_and(|(act, it)| proved(it) && inverse(act).is_ok());
    }
    if command == Command::Retry {
        return match desk.board.selection.focused_row() {
            Some(row) => desk.ledger_row(row).and_then(|it| failed_targets(desk, &it)).is_some(),
            None => newest_failed(desk).is_some(),
        };
    }
    true
}

/// Returns the selected operation if it is ours, or our newest one if none is selected.
pub(in crate::desk) fn undoable(desk: &Desk) -> Option<(Act, &Operation)> {
    let operation = match desk.board.selection.focused_row() {
        Some(RowId::Operation(number)) => desk.live().operation(*number).filter(|it| desk.link.is_own(&it.by)),
        Some(RowId::Pending(_) | RowId::Bulk(_)) => None,
        None => desk.live().operations().rev().find(|it| desk.link.is_own(&it.by)),
    };
    operation.map(|it| (it.act, it))
}

/// Returns the act and the targets of our newest row that failed and was not retried already.
pub(in crate::desk) fn newest_failed(desk: &Desk) -> Option<(Act, Vec<ActTarget>)> {
    desk.ledger().take(RECENT).find_map(|it| failed_targets(desk, &it))
}

/// Returns the act and the targets of a row that failed, are ours and were not retried already.
pub(in crate::desk) fn failed_targets(desk: &Desk, row: &LedgerRow<'_>) -> Option<(Act, Vec<ActTarget>)> {
    let (act, at, targets) = match row {
        LedgerRow::Operation(operation) => {
            let failed = has_failed(operation.standing(desk.clock.now())) && desk.link.is_own(&operation.by);
            let target = failed.then(|| ActTarget::of(operation));
            (operation.act, operation.pressed, target.into_iter().collect())
        }
        LedgerRow::Bulk(bulk) => (bulk.act, bulk.at, desk.failed_of(bulk)),
        LedgerRow::Pending(pending) => match pending.state {
            PendingState::Refused(_) | PendingState::Unknown(_) => (pending.act, pending.at, vec![pending.target()]),
            PendingState::Sending | PendingState::Accepted => (pending.act, pending.at, Vec::new()),
        },
    };
    let left: Vec<ActTarget> = targets.into_iter().filter(|it| !was_tried_again(desk, act, it, at)).collect();
    Some((act, left)).filter(|(_, left)| !left.is_empty())
}

/// Returns whether we asked for the same later, and that did not fail.
fn was_tried_again(desk: &Desk, act: Act, target: &ActTarget, since: Timestamp) -> bool {
    let same = |it: &&Operation| it.act == act && desk.link.is_own(&it.by) && ActTarget::of(it) == *target;
    let later = desk.live().operations().rev().take(RECENT).filter(|it| it.pressed > since);
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

/// Returns the act that undoes another.
///
/// The error is why there is none.
pub(in crate::desk) fn inverse(act: Act) -> Result<Act, &'static str> {
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
