//! Brings the board in line with an event: the listed calls, the selection and the marks.

use crate::desk::Desk;
use crate::desk::board::row_values::CallFields;
use crate::desk::vocab::{Pane, ParticipantRow};
use crate::floor::FloorCall;

/// Drops marks of people who have left, rebuilds an outdated list of calls, and fills an empty selection.
/// [`update`](crate::desk::update()) calls it once, after each event.
pub(in crate::desk) fn settle(desk: &mut Desk) {
    desk.acts.marks.keep_present(desk.floors.live());
    if desk.board.view.take_outdated() {
        list_calls(desk);
        select_newest(desk);
    }
    settle_selection(desk);
}

/// Fills an empty selection, and drops one that is no longer on the floor. The newest operation is selected until its
/// pane is focused.
fn settle_selection(desk: &mut Desk) {
    if desk.call().is_none() {
        let first = desk.calls().next().map(|it| it.id.clone());
        desk.board.selection.choose_call(first);
    }
    let seats = desk.participants();
    if !desk.selected_participant().is_some_and(|who| seats.iter().any(|it| it.id() == *who)) {
        let first = seats.first().map(ParticipantRow::id);
        desk.board.selection.choose_participant(first);
    }
    if !desk.board.selection.focused_row().is_some_and(|row| desk.ledger_has(row)) {
        let newest = desk.ledger().next().map(|it| it.id());
        desk.board.selection.choose_row(newest);
    }
}

/// Rebuilds the list of calls.
fn list_calls(desk: &mut Desk) {
    let (filter, sort) = (desk.filter(Pane::Calls), desk.sort(Pane::Calls));
    if filter.is_none() && sort.is_none() {
        desk.board.view.list(None);
        return;
    }
    // The selected call stays listed until the selection moves, even if it no longer matches the filter.
    let lets = |call: &&FloorCall| {
        filter.is_none_or(|it| Some(&call.id) == desk.board.selection.call() || it.matches(&CallFields::of(desk, call)))
    };
    let calls = desk.floor().calls().filter(lets);
    let listed = match sort {
        None => calls.map(|it| it.id.clone()).collect(),
        Some(sort) => {
            let mut ranked: Vec<_> = calls.map(|it| (CallFields::of(desk, it).rank(sort.by.name), it)).collect();
            // The call's number breaks ties, so that equal rows never change places.
            ranked.sort_by(|(one, call), (other, another)| {
                one.before(other, sort.reversed).then(call.number.cmp(&another.number))
            });
            ranked.into_iter().map(|(_, it)| it.id.clone()).collect()
        }
    };
    desk.board.view.list(Some(listed));
}

/// Selects the newest call, if the selection follows it.
fn select_newest(desk: &mut Desk) {
    if !desk.board.view.follows() || desk.board.selection.pane() != Pane::Calls || desk.modal.frozen_order().is_some() {
        return;
    }
    let newest = desk.calls().filter(|it| it.is_live()).max_by_key(|it| it.number).map(|it| it.id.clone());
    if newest.is_some() {
        desk.board.selection.choose_call(newest);
    }
}
