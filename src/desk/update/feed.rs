//! What the line to the relay brings: floors, entries, answers of reads.

use crate::desk::Desk;
use crate::desk::event::GateAnswer;
use crate::desk::update::acts::conflicts::hear_others;
use crate::desk::update::acts::send::sentence;
use crate::desk::update::journal_read::{extend_trace, read_evidence};
use crate::desk::update::select::select_call;
use crate::desk::vocab::Pane;
use crate::floor::{Applied, Entry, Fact, Floor, FloorCall, Noted};
use crate::graph::CallId;
use crate::protocol::FeedEvent;
use crate::time::ClockMove;

/// Gives the true floor something new, and the shown one the same under its names.
fn on_true_floor<R>(desk: &mut Desk, change: impl FnOnce(&mut Floor) -> R) -> R {
    let Some(private) = &mut desk.privacy.mode else { return change(&mut desk.floors.live) };
    let result = change(&mut private.floor);
    desk.floors.live = private.pseudonyms.anonymise_floor(&private.floor);
    result
}

pub(in crate::desk) fn fed(desk: &mut Desk, feed: FeedEvent, at: crate::time::Timestamp) {
    let theirs = desk.clock.now;
    let call = desk.board.selection.call.clone().filter(|it| desk.floors.live.call(it).is_some_and(FloorCall::is_live));
    desk.link.hear(&feed, theirs);
    hear(desk, feed, at);
    if let Some(call) = call {
        say_ended(desk, &call);
    }
}

/// Says that the selected call, which was live, is so no longer; the selection stays, it is an identity.
fn say_ended(desk: &mut Desk, call: &CallId) {
    let Some(call) = desk.floors.live.call(call).filter(|it| !it.is_live()) else { return };
    let (number, pane) = (call.number.0, desk.board.selection.pane);
    let how = if pane == Pane::Calls { "g goes to the first row" } else { "1 and g go to the first call" };
    desk.say(format!("call {number} has ended; {how}"));
}

fn hear(desk: &mut Desk, feed: FeedEvent, at: crate::time::Timestamp) {
    match feed {
        FeedEvent::Snapshot(floor) => {
            on_true_floor(desk, |it| *it = *floor);
            desk.board.view.outdate();
        }
        FeedEvent::Entries(entries) => take(desk, &entries),
        FeedEvent::History(entries) => {
            read_evidence(desk, &entries);
            extend_trace(desk, &entries, true);
        }
        // The first board is not news; one that takes the place of another is.
        FeedEvent::Reset(reason) if desk.link.frozen_at.is_some() => {
            desk.say(format!("the relay sends the board anew: {reason}"));
        }
        FeedEvent::CaughtUp if !desk.board.selection.user_selected => {
            let first = desk.calls().next().map(|it| it.id.clone());
            select_call(desk, first);
        }
        FeedEvent::Refusing(Some(_)) => {
            desk.warn("the relay's journal takes nothing: notifications are lost and acts are refused");
        }
        FeedEvent::Refusing(None) => desk.say("the relay's journal takes entries again"),
        FeedEvent::Hello(_) | FeedEvent::Heartbeat(_) => desk.clock.now = at + desk.link.ahead,
        FeedEvent::Connecting
        | FeedEvent::Reset(_)
        | FeedEvent::CaughtUp
        | FeedEvent::Past(_)
        | FeedEvent::Presence(_)
        | FeedEvent::Down { .. }
        | FeedEvent::Refused(_) => {}
    }
}

fn take(desk: &mut Desk, entries: &[Entry]) {
    let head = desk.floors.live.head();
    let apply = |floor: &mut Floor| entries.iter().filter(|it| floor.apply(it) == Applied::Changed).count();
    let changed = on_true_floor(desk, apply);
    if let Some(paused) = &mut desk.floors.paused {
        paused.behind += changed;
    }
    for entry in entries.iter().filter(|it| it.cursor > head) {
        if let Fact::Noted(Noted::ClockMoved(moved)) = &entry.fact {
            clock_moved(desk, *moved);
        }
    }
    hear_others(desk, entries);
    extend_trace(desk, entries, false);
    desk.board.view.outdate();
}

/// Says that the relay's clock moved. Waits whose beginnings moved with it are still the ones that were acknowledged.
fn clock_moved(desk: &mut Desk, moved: ClockMove) {
    if moved.is_back() {
        desk.board.acknowledged.move_times(moved.by);
        desk.board.notifier.told.move_times(moved.by);
    }
    if desk.link.is_live() {
        desk.say_as_it_is(moved.to_string());
    }
}

pub(in crate::desk) fn reread_answered(desk: &mut Desk, call: &CallId, answer: &GateAnswer) {
    let number = desk.floors.live.call(call).map_or(0, |it| it.number.0);
    match answer {
        GateAnswer::Replied { status, .. } if (200..300).contains(status) => {
            desk.say(format!("call {number} was read from Graph"));
        }
        GateAnswer::Replied { status, body } => {
            desk.warn(format!("call {number} could not be read: {}", sentence(*status, body)));
        }
        GateAnswer::Lost { error, .. } => desk.warn(format!("call {number} could not be read: {error}")),
        GateAnswer::Unanswered => desk.warn(format!("call {number} could not be read: no answer came")),
    }
}
