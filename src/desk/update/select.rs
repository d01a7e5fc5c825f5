//! Selecting by motion, click, alert and identity; acknowledging alerts.

use crate::desk::board::alerts::{ActiveAlert, AlertKey};
use crate::desk::board::selection::moved;
use crate::desk::board::waiting::{WaitingList, WaitingPerson};
use crate::desk::vocab::{ClickedRow, Motion, Pane, ParticipantRef, ParticipantRow, RowId};
use crate::desk::{Desk, Modal};
use crate::graph::CallId;

/// Goes to the next unacknowledged alert: people who have waited too long, the worst first, then quiet calls.
pub(in crate::desk) fn next_alert(desk: &mut Desk) {
    let mut alerts = desk.active_alerts();
    let all = alerts.len();
    alerts.retain(|it| !desk.board.acknowledged.has_found(it));
    let here = alerts.iter().position(|it| desk.is_at(&it.place));
    let next = here.and_then(|at| alerts.get(at + 1)).or_else(|| alerts.first());
    match next.map(|it| it.place.clone()) {
        None if all > 0 => desk.say(format!("every alert is acknowledged ({all})")),
        None => desk.say("no alert"),
        Some(place) => go_to(desk, place),
    }
}

/// Acknowledges the alert of the selected call or person.
pub(in crate::desk) fn acknowledge(desk: &mut Desk) {
    let mut found = desk.active_alerts();
    let here = |it: &ActiveAlert| match desk.board.selection.pane {
        Pane::Calls => Some(&it.place.0) == desk.board.selection.call.as_ref(),
        Pane::Participants | Pane::Operations => desk.is_at(&it.place),
    };
    found.retain(here);
    if found.is_empty() {
        return desk.say("no alert here");
    }
    let count = found.len();
    // The alert may have ended meanwhile.
    let now: Vec<AlertKey> = desk.active_alerts().into_iter().map(|it| it.place).collect();
    desk.board.acknowledged.keep(&now);
    for ActiveAlert { alert, since, place } in found {
        desk.board.acknowledged.add(place, since, alert);
    }
    desk.say(if count == 1 { "acknowledged".to_owned() } else { format!("{count} alerts acknowledged") });
}

/// Selects the place of an alert.
pub(in crate::desk) fn go_to(desk: &mut Desk, place: AlertKey) {
    let (call, person) = place;
    select_call(desk, Some(call));
    desk.board.selection.pane = Pane::Calls;
    if let Some(person) = person {
        desk.board.selection.participant = Some(ParticipantRef::Person(person));
        desk.board.selection.pane = Pane::Participants;
    }
    desk.board.view.outdate();
}

/// Selects a call, and a person in it. An identity that is not on the floor is deselected when the desk settles.
pub(in crate::desk) fn select(desk: &mut Desk, call: CallId, who: Option<ParticipantRef>) {
    desk.board.selection.user_selected = true;
    desk.board.view.outdate();
    select_call(desk, Some(call));
    desk.board.selection.participant = who.or_else(|| desk.board.selection.participant.take());
}

pub(in crate::desk) fn select_call(desk: &mut Desk, call: Option<CallId>) {
    if desk.board.selection.call != call {
        desk.board.selection.call = call;
        desk.board.selection.participant = None;
    }
}

pub(in crate::desk) fn travel(desk: &mut Desk, motion: Motion) {
    let page = desk.board.selection.page;
    desk.board.view.follows = false;
    match desk.board.selection.pane {
        Pane::Calls => {
            let ids = desk.calls().map(|it| &it.id);
            let call = moved(ids, desk.board.selection.call.as_ref(), motion, page).cloned();
            select_call(desk, call);
        }
        Pane::Participants => {
            let seats: Vec<ParticipantRef> = desk.participants().iter().map(ParticipantRow::id).collect();
            desk.board.selection.participant =
                moved(seats.iter(), desk.board.selection.participant.as_ref(), motion, page).cloned();
        }
        Pane::Operations => {
            let rows: Vec<RowId> = desk.ledger().map(|it| it.id()).collect();
            desk.board.selection.row = moved(rows.iter(), desk.board.selection.row.as_ref(), motion, page).cloned();
        }
    }
}

/// Selects the next or the previous call, whichever pane is focused.
pub(in crate::desk) fn step_call(desk: &mut Desk, motion: Motion) {
    let ids = desk.calls().map(|it| &it.id);
    let call = moved(ids, desk.board.selection.call.as_ref(), motion, 1).cloned();
    select_call(desk, call);
}

/// Opens the list of everyone who waits.
pub(in crate::desk) fn show_waiting(desk: &mut Desk) {
    let selected = desk.waiting().first().map(WaitingPerson::id);
    if selected.is_none() {
        return desk.say("nobody is waiting");
    }
    desk.modal = Modal::Waiting(WaitingList { selected });
}

/// Focuses the operations pane and selects a row; for a pending act that the floor has by now, the operation.
pub(in crate::desk) fn go_to_row(desk: &mut Desk, row: &RowId) {
    let known = match row {
        RowId::Pending(serial) => {
            desk.pending_act(*serial).and_then(|it| desk.floor().operation_by_ticket(it.ticket.as_ref()?))
        }
        RowId::Operation(_) | RowId::Bulk(_) => None,
    };
    desk.board.selection.row = Some(known.map_or_else(|| row.clone(), |it| RowId::Operation(it.number)));
    desk.board.selection.pane = Pane::Operations;
}

/// Focuses a pane and selects the row; ignored while an overlay is open.
pub(in crate::desk) fn pointed(desk: &mut Desk, pane: Pane, picked: Option<ClickedRow>) {
    desk.acts.idle.touch(desk.clock.wall);
    if desk.modal != Modal::None {
        return;
    }
    (desk.board.selection.user_selected, desk.board.view.follows, desk.board.selection.pane) = (true, false, pane);
    match picked {
        Some(ClickedRow::Call(call)) => select_call(desk, Some(call)),
        Some(ClickedRow::Who(who)) => desk.board.selection.participant = Some(who),
        Some(ClickedRow::Row(row)) => desk.board.selection.row = Some(row),
        None => {}
    }
}
