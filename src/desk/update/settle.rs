//! Brings the board in line with an event: the listed calls, the selection and the marks.

use std::cmp::Reverse;

use crate::desk::Desk;
use crate::desk::board::row_hold::HeldRows;
use crate::desk::board::row_values::CallFields;
use crate::desk::board::waiting::WaitingPerson;
use crate::desk::update::acts::marks::drop_useless_marks;
use crate::desk::vocab::{Pane, ParticipantRow};
use crate::floor::{AlertLimits, CallNumber, FloorCall};
use crate::graph::{CallState, ParticipantId};
use crate::time::Timestamp;

/// Drops marks that no act is possible for, rebuilds an outdated list of calls, and fills an empty selection.
/// [`update`](crate::desk::update()) calls it once, after each event.
pub(in crate::desk) fn settle(desk: &mut Desk) {
    drop_useless_marks(desk);
    if desk.board.view.take_outdated() {
        list_calls(desk);
        select_newest(desk);
    }
    settle_selection(desk);
    let rows = usize::from(Desk::waiting_rows(desk.board.sizes.terminal_rows(), false));
    let numbers = desk.floor().statistics();
    desk.board.display.settle_crowding(numbers.held + numbers.lobby, rows, desk.clock.wall());
}

/// Holds the order of the rows for a while, because a key was pressed.
pub(in crate::desk) fn hold_rows(desk: &mut Desk) {
    let wall = desk.clock.wall();
    let rows = desk.board.hold.is_free().then(|| HeldRows {
        calls: desk.listed_calls().map(|it| it.id.clone()).collect(),
        newest: desk.floor().newest_call(),
        waiting: desk.waiting().iter().map(WaitingPerson::id).collect(),
        people: desk.call().map(|it| (it.id.clone(), people_in_order(desk))),
    });
    desk.board.hold.hold(wall, rows);
}

fn people_in_order(desk: &Desk) -> Vec<ParticipantId> {
    let seats = desk.participants();
    let person = |seat: &ParticipantRow<'_>| match seat {
        ParticipantRow::Person(person) => Some(person.id.clone()),
        ParticipantRow::Party(..) => None,
    };
    seats.iter().filter_map(person).collect()
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
    if !desk.board.selection.focused_row().is_some_and(|row| desk.lists_row(row)) {
        let newest = desk.ledger().next().map(|it| it.id());
        desk.board.selection.choose_row(newest);
    }
}

/// Rebuilds the list of calls.
fn list_calls(desk: &mut Desk) {
    let (filter, sort) = (desk.filter(Pane::Calls), desk.sort(Pane::Calls));
    // The selected call stays listed until the selection moves, even if it no longer matches the filter.
    let lets = |call: &&FloorCall| {
        filter.is_none_or(|it| Some(&call.id) == desk.board.selection.call() || it.matches(&CallFields::of(desk, call)))
    };
    let calls = desk.floor().calls().filter(lets);
    let listed = match sort {
        None => {
            let (limits, now) = (desk.limits(), desk.shown_at());
            let mut ranked: Vec<_> = calls.map(|it| (urgency(limits, it, now), it)).collect();
            ranked.sort_unstable_by_key(|(urgency, _)| *urgency);
            ranked.into_iter().map(|(_, it)| it.id.clone()).collect()
        }
        Some(sort) => {
            let mut ranked: Vec<_> = calls.map(|it| (CallFields::of(desk, it).rank(sort.by.name), it)).collect();
            // The call's number breaks ties, so that equal rows never change places.
            ranked.sort_by(|(one, call), (other, another)| {
                one.before(other, sort.reversed).then(call.number.cmp(&another.number))
            });
            ranked.into_iter().map(|(_, it)| it.id.clone()).collect()
        }
    };
    desk.board.view.list(listed);
}

/// The place of a call in the default order: live calls first, the one with the latest person before the others; then
/// quiet calls, then those that are being set up or end, then the rest; each of these by number.
fn urgency(limits: &AlertLimits, call: &FloorCall, now: Timestamp) -> (bool, Reverse<u32>, u8, CallNumber) {
    let is_changing = matches!(
        call.state,
        CallState::Incoming
            | CallState::Establishing
            | CallState::Ringing
            | CallState::Redirecting
            | CallState::Terminating
    );
    let lateness = if call.is_live() { limits.call_lateness(call, now) } else { 0 };
    let group = match (call.is_live(), limits.is_quiet(call, now)) {
        (true, true) => 0,
        (true, false) if is_changing => 1,
        (true | false, _) => 2,
    };
    (!call.is_live(), Reverse(lateness), group, call.number)
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
