//! Filtering, sorting and sizing panes.

use crate::desk::board::columns::PaneSort;
use crate::desk::board::filter::Filter;
use crate::desk::board::row_values::CallFields;
use crate::desk::modal::filter_prompt::FilterPrompt;
use crate::desk::vocab::Pane;
use crate::desk::{Desk, Modal};

/// Handles a new size of the terminal; drops the operator's pane sizes if they no longer fit.
pub(in crate::desk) fn resized(desk: &mut Desk, columns: u16, rows: u16) {
    desk.board.selection.fit_page(rows);
    if let Some(arming) = desk.modal.arming_mut() {
        arming.undrawn();
    }
    let sizes = desk.board.sizes.in_terminal(columns, rows);
    desk.board.sizes = sizes;
    if !sizes.has_pane(desk.pane()) {
        desk.board.selection.focus(Pane::Operations);
    }
    if sizes != sizes.usual() && !desk.fits(sizes) {
        desk.board.sizes = sizes.usual();
        desk.say("the panes are back to their default sizes: there was no room for yours");
    }
}

/// Gives the focused pane more room, or less.
pub(in crate::desk) fn resize_pane(desk: &mut Desk, grows: bool) {
    if desk.board.sizes.show_one_pane() {
        return desk.say("this terminal shows one pane at a time, which has all the room");
    }
    if desk.board.selection.pane() == Pane::Waiting {
        return desk.say("Waiting grows with the number of people who wait");
    }
    let sizes = desk.board.sizes.resized(desk.board.selection.pane(), grows);
    if !desk.fits(sizes) {
        let word = if grows { "larger" } else { "smaller" };
        return desk.say(format!("the {} pane cannot be {word} here", desk.board.selection.pane().name()));
    }
    desk.board.sizes = sizes;
    desk.say(format!(
        "the {} pane is {}",
        desk.board.selection.pane().name(),
        if grows { "larger" } else { "smaller" }
    ));
}

/// Filters a pane; drops the selection if it does not match.
pub(in crate::desk) fn filter_by(desk: &mut Desk, pane: Pane, filter: Option<Filter>) {
    let shut_out = match (&filter, pane, desk.call()) {
        (Some(filter), Pane::Calls, Some(call)) => !filter.matches(&CallFields::of(desk, call)),
        _ => false,
    };
    desk.board.hold.release();
    desk.board.view.set_filter(pane, filter);
    if shut_out {
        desk.board.selection.choose_call(None);
    }
}

/// Sorts the pane by its next column, or in its default order after the last.
pub(in crate::desk) fn sort_next(desk: &mut Desk) {
    let pane = desk.board.selection.pane();
    if let Some(sort) = PaneSort::after(desk.sort(pane), desk.columns(pane)) {
        return sort_by(desk, sort);
    }
    desk.board.hold.release();
    desk.board.view.set_sort(pane, None);
    desk.say(format!("{} in the default order", pane.name()));
}

/// Reverses the pane's sort order.
pub(in crate::desk) fn sort_reverse(desk: &mut Desk) {
    let pane = desk.board.selection.pane();
    let first = desk.columns(pane).first().map(|it| PaneSort { by: it.column, reversed: false });
    let Some(sort) = desk.sort(pane).or(first) else { return };
    let sort = PaneSort { reversed: !sort.reversed, ..sort };
    sort_by(desk, sort);
}

/// Sorts a pane, and says so.
pub(in crate::desk) fn sort_by(desk: &mut Desk, sort: PaneSort) {
    desk.board.hold.release();
    desk.board.view.set_sort(sort.by.pane, Some(sort));
    let how = if sort.reversed { ", reversed" } else { "" };
    desk.say(format!("{} sorted by {}{how}", sort.by.pane.name(), sort.by.name));
}

/// Follows the newest call, or stops.
pub(in crate::desk) fn follow(desk: &mut Desk) {
    let follows = desk.board.view.toggle_following();
    desk.say(if follows { "following the newest call; any move stops it" } else { "no longer following" });
}

/// Opens the filter line for the focused pane.
pub(in crate::desk) fn ask_filter(desk: &mut Desk) {
    let pane = desk.board.selection.pane();
    if !pane.is_table() {
        return desk.say(format!("{} shows everything; a filter is for calls, people and operations", pane.name()));
    }
    desk.modal = Modal::Filter(FilterPrompt::of(pane, desk.filter(pane).cloned()));
}

pub(in crate::desk) fn choose_columns(desk: &mut Desk, list: &str) -> Result<(), String> {
    let pane = desk.board.selection.pane();
    if list.is_empty() {
        let all: Vec<_> = crate::desk::Column::of(pane).map(|it| it.name).collect();
        return Err(format!("shown: {}; available: {}", desk.board.view.columns().list(pane), all.join(", ")));
    }
    desk.board.view.choose_columns(pane, list)?;
    desk.say(format!("{} show {}", pane.name(), desk.board.view.columns().list(pane)));
    Ok(())
}
