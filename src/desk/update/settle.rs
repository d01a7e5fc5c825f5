//! Brings the board in line with an event: the listed calls, the selection and the marks.

use std::collections::BTreeSet;

use crate::desk::Desk;
use crate::desk::acts::confirm::FrozenOrder;
use crate::desk::board::call_list::CallRows;
use crate::desk::board::row_hold::HeldRows;
use crate::desk::board::view::ListUpdate;
use crate::desk::board::waiting::WaitingPerson;
use crate::desk::queries::listing::Listing;
use crate::desk::update::acts::marks::drop_useless_marks;
use crate::desk::vocab::{Pane, ParticipantRow};
use crate::floor::{CallNumber, FloorCall};
use crate::graph::{CallId, ParticipantId};

/// The maximum number of calls that are placed anew because time has passed; the others follow with the next event.
const MOST_DUE: usize = 2_048;

/// Drops marks that no act is possible for, brings the list of calls up to date, and fills an empty selection.
/// [`update`](crate::desk::update()) calls it once, after each event.
pub(in crate::desk) fn settle(desk: &mut Desk) {
    drop_useless_marks(desk);
    let update = desk.board.view.take_update();
    if update != ListUpdate::Nothing {
        update_calls(desk, update);
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
        calls: desk.board.view.calls().rows(),
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

/// Brings the list of calls up to date: it places the calls that have changed, or lists all of them anew.
fn update_calls(desk: &mut Desk, update: ListUpdate) {
    let now = desk.shown_at();
    let changed = desk.floors.take_changed_calls().named();
    let is_paused = desk.floors.paused_at().is_some();
    let selected = desk.board.selection.call().cloned();
    let pinned = desk.board.view.pin(selected.clone());
    let list = desk.board.view.calls();
    // What the paused floor shows does not change, and everything is listed anew after the pause.
    let changed = if is_paused { Some(BTreeSet::new()) } else { changed };
    let changed = changed.filter(|_| update == ListUpdate::Changes && list.at() <= now);
    let reversed = desk.sort(Pane::Calls).is_some_and(|it| it.reversed);
    let placed = match &changed {
        Some(changed) => {
            let pins = [&pinned, &selected].into_iter().filter(|_| pinned != selected).flatten();
            let ids: BTreeSet<&CallId> = changed.iter().chain(list.due(now).take(MOST_DUE)).chain(pins).collect();
            Listing::of(desk).place(ids.into_iter())
        }
        None => Listing::of(desk).place_all(),
    };
    let became = became(desk, changed.as_ref());
    let list = desk.board.view.calls_mut();
    match became {
        Some(became) => became.into_iter().for_each(|(number, live)| list.note_became(number, live)),
        None => list.forget_became(),
    }
    if changed.is_some() { list.place(placed, now) } else { list.list_all(placed, reversed, now) }
}

/// Returns what became of the calls that may have changed, if rows are held; `None` if none are.
fn became(desk: &Desk, changed: Option<&BTreeSet<CallId>>) -> Option<Vec<(CallNumber, Option<bool>)>> {
    let held = desk.modal.frozen_order().map(FrozenOrder::calls);
    let held = held.or(desk.board.hold.rows().map(|it| &it.calls))?;
    let live = |id: &CallId| desk.floor().call(id).map(FloorCall::is_live);
    Some(match changed {
        Some(changed) => changed.iter().filter_map(|id| Some((held_number(desk, held, id)?, live(id)))).collect(),
        None => held.iter().map(|it| (it.number, live(&it.id))).collect(),
    })
}

/// Returns the number of a call, which may have gone from the floor but is among the held rows.
fn held_number(desk: &Desk, held: &CallRows, id: &CallId) -> Option<CallNumber> {
    let known = desk.floor().call(id).map(|it| it.number).or_else(|| desk.board.view.calls().number(id));
    known.or_else(|| held.iter().find(|it| it.id == *id).map(|it| it.number))
}

/// Selects the newest call, if the selection follows it.
fn select_newest(desk: &mut Desk) {
    if !desk.board.view.follows() || desk.board.selection.pane() != Pane::Calls || desk.modal.frozen_order().is_some() {
        return;
    }
    let newest = desk.board.view.calls().rows();
    let newest = newest.iter().filter(|it| it.live).max_by_key(|it| it.number).map(|it| it.id.clone());
    if newest.is_some() {
        desk.board.selection.choose_call(newest);
    }
}
