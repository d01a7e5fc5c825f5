//! Brings the board in line with what an event changed: which calls are listed, and what is selected and marked.

use crate::desk::Desk;
use crate::desk::board::row_values::CallFields;
use crate::desk::vocab::{Pane, ParticipantRow};
use crate::floor::FloorCall;

/// Drops marks of people who have left, lists the calls anew where that is due, and finds a selection where there is
/// none. [`update`](crate::desk::update()) calls it once, after each event.
pub(in crate::desk) fn settle(desk: &mut Desk) {
    desk.acts.marks.keep_present(desk.floors.live());
    if desk.board.view.take_outdated() {
        list_calls(desk);
        select_newest(desk);
    }
    settle_selection(desk);
}

/// Finds a selection where there is none, and lets go of what is no longer on the floor. The selected operation is
/// the newest until its pane has the keys.
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

/// Makes the list of calls anew.
fn list_calls(desk: &mut Desk) {
    let (filter, sort) = (desk.filter(Pane::Calls), desk.sort(Pane::Calls));
    if filter.is_none() && sort.is_none() {
        desk.board.view.list(None);
        return;
    }
    // The selected call stays until the selection moves, even when the filter no longer lets it through.
    let lets = |call: &&FloorCall| {
        filter.is_none_or(|it| Some(&call.id) == desk.board.selection.call() || it.matches(&CallFields::of(desk, call)))
    };
    let calls = desk.floor().calls().filter(lets);
    let listed = match sort {
        None => calls.map(|it| it.id.clone()).collect(),
        Some(sort) => {
            let mut ranked: Vec<_> = calls.map(|it| (CallFields::of(desk, it).rank(sort.by.name), it)).collect();
            // The short number breaks ties, so that rows which are alike never change places.
            ranked.sort_by(|(one, call), (other, another)| {
                one.before(other, sort.reversed).then(call.number.cmp(&another.number))
            });
            ranked.into_iter().map(|(_, it)| it.id.clone()).collect()
        }
    };
    desk.board.view.list(Some(listed));
}

/// Selects the newest call, where the newest is followed.
fn select_newest(desk: &mut Desk) {
    if !desk.board.view.follows() || desk.board.selection.pane() != Pane::Calls || desk.modal.frozen_order().is_some() {
        return;
    }
    let newest = desk.calls().filter(|it| it.is_live()).max_by_key(|it| it.number).map(|it| it.id.clone());
    if newest.is_some() {
        desk.board.selection.choose_call(newest);
    }
}
