//! What arrives from the relay: floors, entries and answers of reads.

use crate::desk::acts::bulk::BulkDrop;
use crate::desk::command::Command;
use crate::desk::event::GateAnswer;
use crate::desk::update::acts::conflicts::hear_others;
use crate::desk::update::acts::send::{drop_rest, sentence};
use crate::desk::update::journal_read::{extend_trace, read_evidence};
use crate::desk::vocab::{Motion, Pane};
use crate::desk::{Desk, Effect};
use crate::floor::{Applied, Entry, Fact, Floor, FloorCall, Noted};
use crate::graph::CallId;
use crate::protocol::FeedEvent;
use crate::time::ClockMove;

/// The maximum number of calls that are listed anew with every change of the floor in privacy mode.
const LISTED_AT_ONCE: usize = 2_000;

pub(in crate::desk) fn fed(desk: &mut Desk, feed: FeedEvent, at: crate::time::Timestamp) -> Vec<Effect> {
    let theirs = desk.clock.now();
    let is_live = |it: &&CallId| desk.floors.live().call(it).is_some_and(FloorCall::is_live);
    let call = desk.board.selection.call().filter(is_live).cloned();
    desk.link.hear(&feed, theirs);
    let mut effects = Vec::new();
    if let FeedEvent::History(entries) = feed {
        extend_trace(desk, &entries, true);
        effects = read_evidence(desk, entries);
    } else {
        hear(desk, feed, at);
    }
    if let Some(call) = call {
        say_ended(desk, &call);
    }
    effects
}

/// Says that the selected call has ended. It stays selected, because a selection is an identity.
fn say_ended(desk: &mut Desk, call: &CallId) {
    let Some(call) = desk.floors.live().call(call).filter(|it| !it.is_live()) else { return };
    let (number, pane) = (call.number.0, desk.board.selection.pane());
    let [calls, first] =
        [Command::Focus(Pane::Calls), Command::Move(Motion::First)].map(|it| desk.input.keymap.shortcut_for(it));
    let keys = if pane == Pane::Calls { first } else { format!("{calls} {first}") };
    desk.say(format!("call {number} has ended; {keys} goes to the first call"));
}

fn hear(desk: &mut Desk, feed: FeedEvent, at: crate::time::Timestamp) {
    match feed {
        FeedEvent::Snapshot(floor) => {
            desk.privacy.change_floor(&mut desk.floors, |it| *it = *floor);
            desk.board.view.renew();
        }
        FeedEvent::Entries(entries) => take(desk, &entries),
        // Only a board that replaces another one is news.
        FeedEvent::Reset(reason) if desk.link.frozen_at().is_some() => {
            desk.say(format!("the relay sends the whole board again: {reason}"));
        }
        FeedEvent::CaughtUp if desk.board.selection.is_untouched() => {
            let first = desk.calls().next().map(|it| it.id.clone());
            desk.board.selection.choose_call(first);
        }
        FeedEvent::Refusing(Some(_)) => {
            desk.warn("the relay cannot write its journal: notifications are being lost and acts are refused");
        }
        FeedEvent::TimeLeapt => drop_rest(desk, BulkDrop::TimeLeapt),
        FeedEvent::Refusing(None) => desk.say("the relay can write its journal again"),
        FeedEvent::Hello(_) => {
            desk.clock.correct(at + desk.link.ahead());
            // Which calls are ours depends on our name.
            desk.board.view.renew();
        }
        FeedEvent::Heartbeat(_) => desk.clock.correct(at + desk.link.ahead()),
        FeedEvent::Connecting
        | FeedEvent::Reset(_)
        | FeedEvent::CaughtUp
        | FeedEvent::History(_)
        | FeedEvent::Past(_)
        | FeedEvent::Presence(_)
        | FeedEvent::Down { .. }
        | FeedEvent::Refused(_) => {}
    }
}

fn take(desk: &mut Desk, entries: &[Entry]) {
    let head = desk.floors.live().head();
    let apply = |floor: &mut Floor| entries.iter().filter(|it| floor.apply(it) == Applied::Changed).count();
    let changed = desk.privacy.change_floor(&mut desk.floors, apply);
    desk.floors.count_behind(changed);
    for entry in entries.iter().filter(|it| it.cursor > head) {
        if let Fact::Noted(Noted::ClockMoved(moved)) = &entry.fact {
            clock_moved(desk, *moved);
        }
    }
    hear_others(desk, entries);
    extend_trace(desk, entries, false);
    if !desk.is_private() {
        desk.board.view.outdate();
    } else if desk.floor().call_count() <= LISTED_AT_ONCE {
        // Every pseudonym was made anew. To list very many of them for every entry takes too long; the next tick does.
        desk.board.view.renew();
    }
}

/// Says that the relay's clock moved. Waits whose beginnings moved with it are still the ones that were acknowledged.
fn clock_moved(desk: &mut Desk, moved: ClockMove) {
    if moved.is_back() {
        desk.board.acknowledged.move_times(moved.by);
        desk.board.visited.move_times(moved.by);
        desk.board.notifier.move_times(moved.by);
    }
    if desk.link.is_live() {
        desk.say_as_it_is(moved.to_string());
    }
}

pub(in crate::desk) fn reread_answered(desk: &mut Desk, call: &CallId, answer: &GateAnswer) {
    let number = desk.floors.live().call(call).map_or(0, |it| it.number.0);
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
