//! What arrives from the relay: floors, entries and answers of reads.

use crate::desk::Desk;
use crate::desk::command::Command;
use crate::desk::event::GateAnswer;
use crate::desk::update::acts::conflicts::hear_others;
use crate::desk::update::acts::send::sentence;
use crate::desk::update::journal_read::{extend_trace, read_evidence};
use crate::desk::update::select::select_call;
use crate::desk::vocab::{Motion, Pane};
use crate::floor::{Applied, Entry, Floor, FloorCall};
use crate::graph::CallId;
use crate::protocol::FeedEvent;

/// Changes the true floor; in privacy mode, the shown floor is rebuilt from it with pseudonyms.
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

/// Says that the selected call has ended. It stays selected, because a selection is an identity.
fn say_ended(desk: &mut Desk, call: &CallId) {
    let Some(call) = desk.floors.live.call(call).filter(|it| !it.is_live()) else { return };
    let (number, pane) = (call.number.0, desk.board.selection.pane);
    let [calls, first] =
        [Command::Focus(Pane::Calls), Command::Move(Motion::First)].map(|it| desk.input.keymap.shortcut_for(it));
    let keys = if pane == Pane::Calls { first } else { format!("{calls} {first}") };
    desk.say(format!("call {number} has ended; {keys} goes to the first call"));
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
        // Only a board that replaces another one is news.
        FeedEvent::Reset(reason) if desk.link.frozen_at.is_some() => {
            desk.say(format!("the relay sends the whole board again: {reason}"));
        }
        FeedEvent::CaughtUp if !desk.board.selection.user_selected => {
            let first = desk.calls().next().map(|it| it.id.clone());
            select_call(desk, first);
        }
        FeedEvent::Refusing(Some(_)) => {
            desk.warn("the relay cannot write its journal: notifications are being lost and acts are refused");
        }
        FeedEvent::Refusing(None) => desk.say("the relay can write its journal again"),
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
    let apply = |floor: &mut Floor| entries.iter().filter(|it| floor.apply(it) == Applied::Changed).count();
    let changed = on_true_floor(desk, apply);
    if let Some(paused) = &mut desk.floors.paused {
        paused.behind += changed;
    }
    hear_others(desk, entries);
    extend_trace(desk, entries, false);
    desk.board.view.outdate();
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
    }
}
