//! Copying a row or a request, and writing a pane to a file.

use crate::desk::acts::rules::{may, target};
use crate::desk::export::clip::{ClipboardItem, ExportFormat};
use crate::desk::vocab::{Pane, RowId, called};
use crate::desk::{Desk, Effect};
use crate::floor::Act;
use crate::graph::ExactRequest;

/// Copies the selected row.
pub(in crate::desk) fn copy_row(desk: &mut Desk) -> Vec<Effect> {
    let what = match desk.board.selection.pane() {
        Pane::Calls | Pane::Events => desk.call().map(|it| format!("call {}", it.number.0)),
        Pane::Waiting | Pane::Participants => match desk.person() {
            Some(person) => Some(called(person)),
            None => desk.selected_participant().map(|_| "a party of this call".to_owned()),
        },
        Pane::Operations => shown_row(desk).map(|it| match it {
            RowId::Operation(number) => format!("op {}", number.0),
            RowId::Pending(_) | RowId::Bulk(_) => "this act".to_owned(),
        }),
    };
    let Some(what) = what else {
        desk.say("no row is selected among those shown here, so nothing was copied");
        return Vec::new();
    };
    desk.say(format!("copied the row of {what}; nothing was sent"));
    vec![Effect::Copy(ClipboardItem::Row(desk.board.selection.pane()))]
}

/// Copies the request of the selected operation, or the one that an act on the selected person would send.
pub(in crate::desk) fn copy_request(desk: &mut Desk) -> Vec<Effect> {
    let Some((what, request)) = request_here(desk) else {
        desk.say(
            "there is no request to copy here: select an operation, or a person whom you can mute, hold or release",
        );
        return Vec::new();
    };
    desk.say(format!("copied as curl, with $TOKEN for the token: {what}; nothing was sent"));
    vec![Effect::Copy(ClipboardItem::Request(request))]
}

/// Writes the rows of the pane to a file.
pub(in crate::desk) fn export(desk: &mut Desk, form: ExportFormat) -> Vec<Effect> {
    desk.say(format!("exporting {}", desk.board.selection.pane().name()));
    vec![Effect::Export(desk.board.selection.pane(), form)]
}

/// Reports the result of an export.
pub(in crate::desk) fn exported(desk: &mut Desk, written: Result<String, String>) {
    match written {
        // The file's name contains no names of people.
        Ok(name) => desk.say_as_it_is(format!("exported to {name}")),
        Err(why) => desk.warn(format!("not exported: {why}")),
    }
}

/// Returns the selected row of the operations pane, unless a filter hides it.
fn shown_row(desk: &Desk) -> Option<&RowId> {
    desk.selected_row().filter(|row| desk.ledger().any(|it| it.id() == **row))
}

fn request_here(desk: &mut Desk) -> Option<(String, ExactRequest)> {
    if desk.board.selection.pane() == Pane::Operations {
        let RowId::Operation(number) = desk.selected_row()? else { return None };
        let operation = desk.floor().operation(*number)?;
        let action = operation.act.action(operation.call.clone(), operation.participant.clone())?;
        let request = action.request(&operation.ticket.context()?);
        return Some((format!("op {}, {}", number.0, operation.act), request));
    }
    let act = match (desk.board.selection.pane(), desk.person()) {
        (Pane::Waiting | Pane::Participants, Some(person)) if person.hold.is_some() => Act::Release,
        (Pane::Waiting | Pane::Participants, Some(_)) => Act::Mute,
        _ => desk.own_toggle(),
    };
    let target = target(desk, act).ok()?;
    may(desk, act, &target).ok()?;
    let action = act.action(target.call.clone(), target.person().cloned())?;
    let label = desk.label(&target);
    let context = desk.acts.tickets.mint(desk.clock.now()).context()?;
    Some((format!("what {act} of {label} would send"), action.request(&context)))
}
