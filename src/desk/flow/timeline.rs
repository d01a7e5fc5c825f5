//! What a key does to the timeline of a call.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::board::selection::moved;
use crate::desk::command::Command;
use crate::desk::flow::perform::open_timeline;
use crate::desk::flow::select::step_call;
use crate::desk::modal::details::DetailsView;
use crate::desk::modal::timeline::{TimelineMark, TimelineView};
use crate::desk::vocab::{Motion, ParticipantRow, RowId};
use crate::desk::{Desk, Modal};
use crate::floor::OperationNumber;
use crate::graph::ParticipantId;

/// Takes a key that was pressed while a story is open.
pub(in crate::desk) fn pressed_story(desk: &mut Desk, mut telling: TimelineView, key: KeyEvent) {
    match desk.input.keymap.find_any(key).map(|it| it.command) {
        Some(Command::Move(motion)) => move_lane(desk, &mut telling, motion),
        Some(Command::NextCall) => return step_timeline(desk, &telling, Motion::Down),
        Some(Command::PreviousCall) => return step_timeline(desk, &telling, Motion::Up),
        Some(Command::Open) => {
            if let Some(operation) = told_operation(desk, &telling) {
                desk.modal = Modal::Details(DetailsView::of_row(RowId::Operation(operation)));
                return;
            }
        }
        None if [KeyCode::Left, KeyCode::Char('h')].contains(&key.code) => move_mark(desk, &mut telling, false),
        None if [KeyCode::Right, KeyCode::Char('l')].contains(&key.code) => move_mark(desk, &mut telling, true),
        None if key.code == KeyCode::Char('z') => telling.range = telling.range.next(),
        // Any other key ends the story, and does nothing else.
        Some(_) | None => return,
    }
    desk.modal = Modal::Timeline(telling);
}

fn move_lane(desk: &Desk, telling: &mut TimelineView, motion: Motion) {
    let Some(call) = desk.floor().call(&telling.call) else { return };
    let people = desk.lanes(call).into_iter().map(|it| Some(it.id.clone()));
    let lanes: Vec<Option<ParticipantId>> = std::iter::once(None).chain(people).collect();
    let lane = moved(lanes.iter(), Some(&telling.lane), motion, desk.board.selection.page).or(lanes.first());
    telling.lane = lane.cloned().flatten();
    telling.mark = None;
}

fn move_mark(desk: &Desk, telling: &mut TimelineView, on: bool) {
    let Some(call) = desk.floor().call(&telling.call) else { return };
    let lane = desk.selected_lane(telling, call);
    let marks = lane.marks(call);
    let selected = lane.selected(telling, call);
    let at = marks.iter().position(|it| Some(*it) == selected).unwrap_or_default();
    let next = if on { at.saturating_add(1) } else { at.saturating_sub(1) };
    // The newest is none in particular: what comes takes its place.
    telling.mark = if next + 1 >= marks.len() { None } else { marks.get(next).map(|(_, mark)| *mark) };
}

fn step_timeline(desk: &mut Desk, telling: &TimelineView, motion: Motion) {
    step_call(desk, motion);
    // The timeline opens at a person of the new call, and the selection is found only after this event.
    if desk.selected_participant().is_none() {
        desk.board.selection.participant = desk.participants().first().map(ParticipantRow::id);
    }
    let reach = telling.range;
    open_timeline(desk);
    if let Modal::Timeline(telling) = &mut desk.modal {
        telling.range = reach;
    }
}

fn told_operation(desk: &Desk, telling: &TimelineView) -> Option<OperationNumber> {
    let call = desk.floor().call(&telling.call)?;
    let lane = desk.selected_lane(telling, call);
    match lane.selected(telling, call)?.1 {
        TimelineMark::Asked(number) => Some(number),
        TimelineMark::Turned(_) => None,
    }
}
