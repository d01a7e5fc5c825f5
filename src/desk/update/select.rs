//! Selecting by motion, click, alert and identity; acknowledging alerts.

use crate::desk::board::Board;
use crate::desk::board::alerts::{AlertKey, KnownAlerts};
use crate::desk::board::selection::{moved, moved_place};
use crate::desk::queries::floor_lines::floor_lines;
use crate::desk::vocab::{ClickedRow, Motion, Pane, ParticipantRef, ParticipantRow, RowId};
use crate::desk::{Desk, Modal};
use crate::graph::{CallId, ParticipantId};

/// Goes to the next unacknowledged alert: down Waiting from its top, then to the quiet calls. The round goes on while
/// the selection stays where it led, and begins again at the end or after another selection. It goes to a wait that has
/// become worse in the meantime before it goes further down.
pub(in crate::desk) fn next_alert(desk: &mut Desk) {
    let mut alerts = desk.alerts_in_order();
    let all = alerts.len();
    alerts.retain(|it| !desk.board.acknowledged.has_alert(it));
    let Board { visited, selection, .. } = &mut desk.board;
    if !visited.any_place(|it| selection.is_at(it)) || alerts.iter().all(|it| visited.has_alert(it)) {
        *visited = KnownAlerts::default();
    }
    if let Some(here) = alerts.iter().find(|it| selection.is_at(it.place())) {
        visited.add_alert(here.clone());
    }
    let Some(next) = alerts.iter().find(|it| !visited.has_alert(it)).or_else(|| alerts.first()).cloned() else {
        return desk.say(if all > 0 { format!("every alert is acknowledged ({all})") } else { "no alert".to_owned() });
    };
    let place = next.place().clone();
    visited.add_alert(next);
    go_to(desk, place);
}

/// Acknowledges the alert of the selected call or person.
pub(in crate::desk) fn acknowledge(desk: &mut Desk) {
    let mut found = desk.call().map(|it| desk.alerts_of_call(it)).unwrap_or_default();
    found.retain(|it| desk.board.selection.covers(it.place()));
    if found.is_empty() {
        return desk.say("no alert here");
    }
    let count = found.len();
    // The alert may have ended meanwhile.
    let now: Vec<AlertKey> = desk.active_alerts().map(|it| it.place().clone()).collect();
    desk.board.acknowledged.keep(&now);
    for alert in found {
        desk.board.acknowledged.add_alert(alert);
    }
    desk.say(if count == 1 { "acknowledged".to_owned() } else { format!("{count} alerts acknowledged") });
}

/// Selects the place of an alert.
pub(in crate::desk) fn go_to(desk: &mut Desk, place: AlertKey) {
    desk.board.selection.go_to(place);
    desk.board.view.outdate();
}

/// Selects a call, and a person in it. An identity that is not on the floor is deselected when the desk settles.
pub(in crate::desk) fn select(desk: &mut Desk, call: CallId, who: Option<ParticipantRef>) {
    desk.board.selection.touch();
    desk.board.view.outdate();
    desk.board.selection.choose_call(Some(call));
    if who.is_some() {
        desk.board.selection.choose_participant(who);
    }
}

pub(in crate::desk) fn travel(desk: &mut Desk, motion: Motion) {
    let page = desk.board.selection.page();
    desk.board.view.stop_following();
    match desk.board.selection.pane() {
        Pane::Waiting => travel_waiting(desk, motion),
        Pane::Events => {
            let lines = floor_lines(desk).len();
            desk.board.display.scroll_events(motion, page, lines);
        }
        Pane::Calls => {
            let call = moved_call(desk, motion, page);
            desk.board.selection.choose_call(call);
        }
        Pane::Participants => {
            let seats: Vec<ParticipantRef> = desk.participants().iter().map(ParticipantRow::id).collect();
            let who = moved(seats.iter(), desk.board.selection.participant(), motion, page).cloned();
            desk.board.selection.choose_participant(who);
        }
        Pane::Operations => {
            let rows: Vec<RowId> = desk.ledger().map(|it| it.id()).collect();
            let row = moved(rows.iter(), desk.board.selection.row(), motion, page).cloned();
            desk.board.selection.choose_row(row);
        }
    }
}

/// Selects the next or the previous call, whichever pane is focused.
pub(in crate::desk) fn step_call(desk: &mut Desk, motion: Motion) {
    let call = moved_call(desk, motion, 1);
    desk.board.selection.choose_call(call);
}

/// Returns the call that a motion leads to from the selected one.
fn moved_call(desk: &Desk, motion: Motion, page: usize) -> Option<CallId> {
    let shown = desk.shown_calls();
    let from = desk.board.selection.call().and_then(|it| shown.position(it));
    let to = moved_place(from, shown.len(), motion, page)?;
    shown.get(to).map(|it| it.id.clone())
}

/// Moves the selection among people who wait, and selects their call too. If none of them is selected,
/// selects the first.
fn travel_waiting(desk: &mut Desk, motion: Motion) {
    let page = desk.board.selection.page();
    let waiting = desk.waiting().into_iter().filter(|it| it.back.is_none());
    let waiting: Vec<(CallId, ParticipantId)> = waiting.map(|it| it.id()).collect();
    let from = desk.selected_waiting();
    let next = moved(waiting.iter(), from.as_ref(), motion, page).or_else(|| waiting.first()).cloned();
    if let Some(next) = next {
        desk.board.selection.choose_person(next);
    }
}

/// Focuses Waiting and selects the first person there, unless a person who waits is selected already. If Waiting is
/// already focused, switches it between the whole board and its own rows.
pub(in crate::desk) fn focus_waiting(desk: &mut Desk) {
    if desk.board.selection.pane() == Pane::Waiting {
        return desk.board.display.toggle_waiting_alone();
    }
    desk.board.selection.focus(Pane::Waiting);
    if desk.selected_waiting().is_none() {
        travel_waiting(desk, Motion::First);
    }
}

/// Focuses the operations pane and selects a row; for a pending act that the floor has by now, the operation.
pub(in crate::desk) fn go_to_row(desk: &mut Desk, row: &RowId) {
    let row = row_now(desk, row);
    desk.board.selection.go_to_row(row);
}

/// Returns the row that stands for this one by now: the operation that a pending act became.
fn row_now(desk: &Desk, row: &RowId) -> RowId {
    let known = match row {
        RowId::Pending(serial) => {
            desk.pending_act(*serial).and_then(|it| desk.floor().operation_by_ticket(it.ticket.as_ref()?))
        }
        RowId::Operation(_) | RowId::Bulk(_) => None,
    };
    known.map_or_else(|| row.clone(), |it| RowId::Operation(it.number))
}

/// Focuses a pane and selects the row; ignored while an overlay is open.
pub(in crate::desk) fn pointed(desk: &mut Desk, pane: Pane, picked: Option<ClickedRow>) {
    desk.acts.idle.touch(desk.clock.wall());
    if desk.modal != Modal::None {
        return;
    }
    desk.board.selection.touch();
    desk.board.selection.focus(pane);
    desk.board.view.stop_following();
    // The click was on a frame that was drawn before, and its row may have gone since.
    if picked.as_ref().is_some_and(|it| !is_there(desk, it)) {
        return desk.say("what you clicked is no longer on the board");
    }
    match picked {
        Some(ClickedRow::Waiting(call, person)) => desk.board.selection.choose_person((call, person)),
        Some(ClickedRow::Call(call)) => desk.board.selection.choose_call(Some(call)),
        Some(ClickedRow::Who(call, who)) => {
            desk.board.selection.choose_call(Some(call));
            desk.board.selection.choose_participant(Some(who));
        }
        Some(ClickedRow::Row(row)) => {
            let row = row_now(desk, &row);
            desk.board.selection.choose_row(Some(row));
        }
        None => {}
    }
}

/// Returns whether a row that was drawn a moment ago is still there.
fn is_there(desk: &Desk, row: &ClickedRow) -> bool {
    match row {
        ClickedRow::Waiting(call, person) => desk.floor().call(call).is_some_and(|it| it.people.contains(person)),
        ClickedRow::Call(call) => desk.floor().call(call).is_some(),
        ClickedRow::Who(call, ParticipantRef::Person(person)) => {
            desk.floor().call(call).is_some_and(|it| it.people.contains(person))
        }
        ClickedRow::Who(call, ParticipantRef::Party(at)) => {
            desk.floor().call(call).is_some_and(|it| *at < it.parties.len())
        }
        ClickedRow::Row(row) => desk.lists_row(&row_now(desk, row)),
    }
}
