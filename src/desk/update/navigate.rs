//! Going into a call and back, and going to a call or an operation by its number.

use crate::desk::modal::details::DetailsView;
use crate::desk::update::acts::send::stop_bulk;
use crate::desk::update::journal_read::open_operation;
use crate::desk::update::select::{go_to_row, select};
use crate::desk::update::view::filter_by;
use crate::desk::vocab::{Pane, RowId};
use crate::desk::{Command, Desk, Effect, Modal};
use crate::floor::OperationNumber;

/// How many numbers an error lists at most.
const LISTED: usize = 12;

/// Goes from the selected call, or from somebody who waits in it, to its people; elsewhere shows the details.
pub(in crate::desk) fn go_in(desk: &mut Desk) -> Vec<Effect> {
    match desk.board.selection.pane() {
        Pane::Calls if desk.call().is_none() => desk.say("no call is selected"),
        Pane::Calls => desk.board.selection.focus(Pane::Participants),
        Pane::Waiting => match desk.selected_waiting() {
            Some(waiting) => {
                desk.board.selection.choose_person(waiting);
                desk.board.selection.focus(Pane::Participants);
            }
            None => desk.say("nobody who waits is selected"),
        },
        Pane::Participants | Pane::Operations => return open_details(desk),
        Pane::Events => desk.say("an event has nothing more to show"),
    }
    Vec::new()
}

/// Goes back from the people to the calls.
pub(in crate::desk) fn go_out(desk: &mut Desk) {
    if !leave(desk) {
        let press = desk.input.keymap.shortcut_for(Command::Focus(Pane::Calls));
        desk.say(format!("nothing to go back from here; {press} goes to the calls"));
    }
}

/// Stops a bulk act, or else clears the filter of the pane, or else goes back; if there is nowhere to go back
/// to, does nothing.
pub(in crate::desk) fn back(desk: &mut Desk) {
    if stop_bulk(desk) {
        return;
    }
    let pane = desk.pane();
    match desk.filter(pane).map(|it| it.text().to_owned()) {
        Some(text) => {
            filter_by(desk, pane, None);
            desk.say(format!("filter cleared: {text}"));
        }
        None => {
            leave(desk);
        }
    }
}

/// Goes from the people to the calls, or ends the whole-board view of Waiting. Returns whether it did either.
fn leave(desk: &mut Desk) -> bool {
    match desk.board.selection.pane() {
        Pane::Participants => desk.board.selection.focus(Pane::Calls),
        Pane::Waiting if desk.board.display.waiting_is_alone() => desk.board.display.toggle_waiting_alone(),
        Pane::Waiting | Pane::Calls | Pane::Operations | Pane::Events => return false,
    }
    true
}

/// Shows the details of the selected row, or the rows of a bulk act.
pub(in crate::desk) fn open_details(desk: &mut Desk) -> Vec<Effect> {
    match desk.board.selection.focused_row() {
        Some(RowId::Bulk(serial)) => {
            desk.acts.bulk.toggle_rows(*serial);
            return Vec::new();
        }
        Some(RowId::Operation(number)) => return open_operation(desk, *number),
        Some(RowId::Pending(_)) | None => {}
    }
    let selection = &desk.board.selection;
    let details = match selection.pane() {
        Pane::Calls => selection.call().cloned().map(DetailsView::of_call),
        Pane::Waiting | Pane::Participants => selection
            .call()
            .cloned()
            .zip(selection.participant().cloned())
            .map(|(call, who)| DetailsView::of_who(call, who)),
        Pane::Operations => selection.row().cloned().map(DetailsView::of_row),
        Pane::Events => None,
    };
    match details {
        Some(details) => desk.modal = Modal::Details(details),
        None => desk.say("nothing is selected here"),
    }
    Vec::new()
}

/// Selects the call of this number and focuses the calls.
///
/// The error is a sentence that lists the existing calls.
pub(in crate::desk) fn go_to_call(desk: &mut Desk, text: &str) -> Result<(), String> {
    let numbers: Vec<u64> = desk.floor().calls().map(|it| u64::from(it.number.0)).collect();
    let number = numbered(text, "call", &numbers)?;
    let found = desk.floor().calls().find(|it| u64::from(it.number.0) == number).map(|it| it.id.clone());
    if let Some(call) = found {
        desk.board.view.stop_following();
        select(desk, call, None);
        desk.board.selection.focus(Pane::Calls);
    }
    Ok(())
}

/// Selects the operation of this number and focuses the operations.
///
/// The error is a sentence that lists the existing operations.
pub(in crate::desk) fn go_to_operation(desk: &mut Desk, text: &str) -> Result<(), String> {
    let numbers: Vec<u64> = desk.floor().operations().map(|it| u64::from(it.number.0)).collect();
    let number = numbered(text, "operation", &numbers)?;
    let found = desk.floor().operations().map(|it| it.number).find(|it| u64::from(it.0) == number);
    let row = RowId::Operation(found.unwrap_or(OperationNumber(0)));
    if !desk.lists_row(&row) {
        let filter = desk.filter(Pane::Operations).map(|it| it.text().to_owned()).unwrap_or_default();
        return Err(format!("operation {number} is there, but the filter {filter} of the operations hides it"));
    }
    go_to_row(desk, &row);
    Ok(())
}

/// Parses a number, which must be one of these.
fn numbered(text: &str, what: &str, numbers: &[u64]) -> Result<u64, String> {
    let found = text.parse().ok().filter(|it| numbers.contains(it));
    found.ok_or_else(|| match (text, numbers) {
        (_, []) => format!("there is no {what} yet"),
        ("", _) => format!("which {what}? type its number: {}", listed(numbers)),
        _ if text.chars().all(|it| it.is_ascii_digit()) => {
            format!("there is no {what} {text}; the numbers are {}", listed(numbers))
        }
        _ => format!("{text:?} is not the number of a {what}; the numbers are {}", listed(numbers)),
    })
}

/// Lists numbers in their order, with ranges: `1-5, 7, 9`; only the last ones if there are too many.
fn listed(numbers: &[u64]) -> String {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in sorted {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let cut = ranges.len().saturating_sub(LISTED);
    let words = ranges.iter().skip(cut).map(
        |(first, last)| {
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        },
    );
    let words = words.collect::<Vec<_>>().join(", ");
    if cut > 0 { format!("..., {words}") } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_listed_as_ranges_and_the_last_ones_where_there_are_too_many() {
        assert_eq!(listed(&[3, 1, 2, 9, 7]), "1-3, 7, 9");
        let odd: Vec<u64> = (0..20).map(|it| 2 * it + 1).collect();
        assert_eq!(listed(&odd), "..., 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39");
    }

    #[test]
    fn a_number_that_is_not_there_is_answered_with_those_that_are() {
        for (text, said) in [
            ("", "which call? type its number: 1-2, 4"),
            ("3", "there is no call 3; the numbers are 1-2, 4"),
            ("99999999999999999999999", "there is no call 99999999999999999999999; the numbers are 1-2, 4"),
            ("four", "\"four\" is not the number of a call; the numbers are 1-2, 4"),
        ] {
            assert_eq!(numbered(text, "call", &[1, 2, 4]).unwrap_err(), said);
        }
        assert_eq!(numbered("4", "call", &[1, 2, 4]), Ok(4));
        assert_eq!(numbered("1", "operation", &[]).unwrap_err(), "there is no operation yet");
    }
}
