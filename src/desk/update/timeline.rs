//! What a key does to the timeline of a call.

use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_table::ModalKind;
use crate::desk::modal::ModalOutcome;
use crate::desk::modal::details::DetailsView;
use crate::desk::modal::timeline::TimelineView;
use crate::desk::update::acts::confirm::ask_about;
use crate::desk::update::select::step_call;
use crate::desk::vocab::{ActTarget, Motion, ParticipantRow, RowId};
use crate::desk::{Desk, Modal};
use crate::floor::Act;
use crate::graph::ParticipantId;

/// Moves between lanes and moments, zooms, opens an operation, and asks for an act on the person of the lane; any other
/// key closes the timeline.
pub(in crate::desk) fn press_timeline(
    desk: &mut Desk,
    view: &mut TimelineView,
    meant: Option<Command>,
) -> ModalOutcome {
    match meant {
        Some(Command::Move(motion)) => move_lane(desk, view, motion),
        Some(Command::NextCall) => return step_timeline(desk, view, Motion::Down),
        Some(Command::PreviousCall) => return step_timeline(desk, view, Motion::Up),
        Some(Command::InModal(ModalCommand::Take)) => {
            if let Some(operation) = desk.selected_operation(view) {
                let details = DetailsView::of_row(RowId::Operation(operation));
                return ModalOutcome::Replace(Box::new(Modal::Details(details)));
            }
        }
        Some(Command::Mute) => return act_on_lane(desk, view, Act::Mute),
        Some(Command::Release) => return act_on_lane(desk, view, Act::Release),
        Some(Command::Hold) => return act_on_lane(desk, view, Act::Hold),
        Some(Command::Remove) => return act_on_lane(desk, view, Act::Remove),
        Some(Command::InModal(ModalCommand::Previous)) => move_mark(desk, view, false),
        Some(Command::InModal(ModalCommand::Next)) => move_mark(desk, view, true),
        Some(Command::InModal(ModalCommand::Zoom)) => view.zoom(),
        Some(_) | None => return ModalOutcome::CLOSE,
    }
    ModalOutcome::STAY
}

/// Selects the person of the selected lane and asks for an act on them, or says why that is not possible.
fn act_on_lane(desk: &mut Desk, view: &TimelineView, act: Act) -> ModalOutcome {
    let Some(person) = view.lane().cloned() else {
        let [down, up] =
            [Motion::Down, Motion::Up].map(|it| desk.input.keymap.shortcut_in(ModalKind::Timeline, Command::Move(it)));
        desk.say(format!("{act}: this is the call's own lane; {down} and {up} select a person"));
        return ModalOutcome::STAY;
    };
    desk.board.selection.choose_person((view.call().clone(), person.clone()));
    ask_about(desk, act, ActTarget::person_in(view.call().clone(), person));
    if desk.modal == Modal::None {
        return ModalOutcome::STAY;
    }
    ModalOutcome::Replace(Box::new(std::mem::take(&mut desk.modal)))
}

fn move_lane(desk: &Desk, timeline: &mut TimelineView, motion: Motion) {
    let Some(call) = desk.floor().call(timeline.call()) else { return };
    let people = desk.lanes(call).into_iter().map(|it| Some(it.id.clone()));
    let lanes: Vec<Option<ParticipantId>> = std::iter::once(None).chain(people).collect();
    timeline.move_lane(&lanes, motion, desk.board.selection.page());
}

fn move_mark(desk: &Desk, timeline: &mut TimelineView, on: bool) {
    let Some(call) = desk.floor().call(timeline.call()) else { return };
    let lane = desk.selected_lane(timeline, call);
    timeline.move_mark(&lane, call, on);
}

fn step_timeline(desk: &mut Desk, view: &TimelineView, motion: Motion) -> ModalOutcome {
    step_call(desk, motion);
    // The timeline opens at a person of the new call, and the selection is found only after this event.
    if desk.selected_participant().is_none() {
        let first = desk.participants().first().map(ParticipantRow::id);
        desk.board.selection.choose_participant(first);
    }
    match desk.timeline_of_selection() {
        Some(next) => ModalOutcome::Replace(Box::new(Modal::Timeline(next.with_range_of(view)))),
        None => ModalOutcome::CLOSE,
    }
}
