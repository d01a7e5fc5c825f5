//! Privacy mode on and off, and the names of what comes in and goes out.

use crate::desk::acts::bulk::BulkActs;
use crate::desk::acts::marks::MarkedPeople;
use crate::desk::board::filter::Filter;
use crate::desk::command::Command;
use crate::desk::event::{Effect, GateAnswer};
use crate::desk::privacy::{IdPseudonyms, PrivacyMode, truly_about};
use crate::desk::update::acts::send::label_slips;
use crate::desk::update::view::filter_by;
use crate::desk::vocab::{Pane, ParticipantRef};
use crate::desk::{Desk, Modal};
use crate::graph::CallId;
use crate::protocol::{FeedEvent, HelloFrame};

/// Gives everything another name, or its own again. Filters are put by meanwhile: they may hold true names.
pub(in crate::desk) fn toggle_privacy(desk: &mut Desk) {
    if desk.acts.bulk.is_under_way() {
        let press = desk.input.keymap.shortcut_for(Command::PrivacyMode);
        return desk.warn(format!("an act on many is under way: {press} works when it is done"));
    }
    // What holds names and ids of its own is let go of: marks, and how acts on many are gathered into rows.
    (desk.acts.marks, desk.acts.bulk) = (MarkedPeople::default(), BulkActs::default());
    let kept = |pane: &Pane| desk.filter(*pane).map(|it| (*pane, it.clone()));
    let filters: Vec<_> = Pane::ALL.iter().filter_map(kept).collect();
    for pane in Pane::ALL {
        filter_by(desk, pane, None);
    }
    desk.modal = Modal::None;
    match desk.privacy.mode.take() {
        None => begin_privacy(desk, filters),
        Some(mut private) => {
            end_privacy(desk, &private);
            for (pane, filter) in private.filters.drain(..) {
                filter_by(desk, pane, Some(filter));
            }
        }
    }
    desk.board.view.outdate();
}

fn begin_privacy(desk: &mut Desk, filters: Vec<(Pane, Filter)>) {
    let veil = desk.privacy.pseudonyms.clone();
    let floor = std::mem::take(&mut desk.floors.live);
    desk.floors.live = veil.anonymise_floor(&floor);
    let paused = desk.floors.paused.as_mut().map(|it| {
        let veiled = veil.anonymise_floor(&it.floor);
        std::mem::replace(&mut it.floor, veiled)
    });
    rename_selection(desk, &IdPseudonyms { call: &|it| veil.call_id(it), person: &|it| veil.participant_id(it) });
    let private = PrivacyMode {
        floor,
        paused,
        label: std::mem::take(&mut desk.link.label),
        operator: std::mem::take(&mut desk.link.operator),
        others: std::mem::take(&mut desk.link.others),
        filters,
        pseudonyms: veil,
    };
    let (label, operator) = (private.label.clone(), private.operator.clone());
    let greeting = HelloFrame { label, operator, ..HelloFrame::default() };
    let HelloFrame { label, operator, .. } = private.greeting(&greeting);
    (desk.link.label, desk.link.operator) = (label, operator);
    desk.link.others = private.others.iter().map(|it| private.online_operator(it)).collect();
    desk.acts.pending.say_anew(|why| private.text(why));
    let press = desk.input.keymap.shortcut_for(Command::PrivacyMode);
    let put_by = match private.filters.as_slice() {
        [] => String::new(),
        [..] => format!("; the filters are put by until {press} shows true names"),
    };
    desk.privacy.mode = Some(Box::new(private));
    label_slips(desk);
    desk.say(format!(
        "private: names, numbers, subjects, tenants and ids are others now; acts reach whom they name{put_by}"
    ));
}

fn end_privacy(desk: &mut Desk, private: &PrivacyMode) {
    let PrivacyMode { floor, paused, label, operator, others, .. } = private;
    rename_selection(desk, &IdPseudonyms { call: &|it| private.true_call(it), person: &|it| private.true_person(it) });
    desk.floors.live = floor.clone();
    if let (Some(shown), Some(floor)) = (&mut desk.floors.paused, paused) {
        shown.floor = floor.clone();
    }
    desk.link.label.clone_from(label);
    desk.link.operator.clone_from(operator);
    desk.link.others.clone_from(others);
    label_slips(desk);
    desk.say("true names are shown again");
}

fn rename_selection(desk: &mut Desk, renames: &IdPseudonyms<'_>) {
    for call in [&mut desk.board.selection.call, &mut desk.board.selection.reported_call].into_iter().flatten() {
        *call = (renames.call)(call);
    }
    if let Some(ParticipantRef::Person(id)) = &mut desk.board.selection.participant {
        *id = (renames.person)(id);
    }
    desk.board.acknowledged.rename(renames.call, renames.person);
    desk.board.notifier.told.rename(renames.call, renames.person);
    desk.acts.pending.rename(renames.call, renames.person);
}

/// What the line says, under other names where it is about operators.
pub(in crate::desk) fn anonymise_feed(desk: &mut Desk, feed: FeedEvent) -> FeedEvent {
    let Some(private) = &mut desk.privacy.mode else { return feed };
    match feed {
        FeedEvent::Hello(greeting) => {
            private.label.clone_from(&greeting.label);
            private.operator.clone_from(&greeting.operator);
            FeedEvent::Hello(private.greeting(&greeting))
        }
        FeedEvent::Presence(others) => {
            let theirs = others.iter().map(|it| private.online_operator(it)).collect();
            private.others = others.into_iter().filter(|it| it.operator != private.operator).collect();
            FeedEvent::Presence(theirs)
        }
        FeedEvent::Down { reason, retry_at } => FeedEvent::Down { reason: private.text(&reason), retry_at },
        FeedEvent::Refused(reason) => FeedEvent::Refused(private.text(&reason)),
        FeedEvent::Connecting
        | FeedEvent::Reset(_)
        | FeedEvent::Past(_)
        | FeedEvent::Snapshot(_)
        | FeedEvent::Entries(_)
        | FeedEvent::CaughtUp
        | FeedEvent::Heartbeat(_)
        | FeedEvent::History(_)
        | FeedEvent::Refusing(_) => feed,
    }
}

/// An answer of the gate, without anybody's name in what it says.
pub(in crate::desk) fn anonymise_answer(desk: &Desk, answer: GateAnswer) -> GateAnswer {
    match (&desk.privacy.mode, answer) {
        (Some(private), GateAnswer::Replied { status, body }) => {
            GateAnswer::Replied { status, body: private.text(&body) }
        }
        (Some(private), GateAnswer::Lost { sent, error }) => GateAnswer::Lost { sent, error: private.text(&error) },
        (None, answer) => answer,
    }
}

/// A call as it is called here.
pub(in crate::desk) fn anonymise_call(desk: &Desk, call: &CallId) -> CallId {
    desk.privacy.mode.as_ref().map_or_else(|| call.clone(), |it| it.pseudonyms.call_id(call))
}

/// What leaves the desk, about the true ones.
pub(in crate::desk) fn deanonymise(desk: &Desk, effects: Vec<Effect>) -> Vec<Effect> {
    let Some(private) = &desk.privacy.mode else { return effects };
    let call = |it: &CallId| private.true_call(it);
    let truly = |effect| match effect {
        Effect::Send(mut send) => {
            send.action = truly_about(private, send.action);
            Effect::Send(send)
        }
        Effect::Reread { call: it, roster } => Effect::Reread { call: call(&it), roster },
        Effect::ReportSelection(it) => Effect::ReportSelection(it.as_ref().map(call)),
        Effect::AskSimulator(_)
        | Effect::Wake
        | Effect::Reload
        | Effect::Redraw
        | Effect::Suspend
        | Effect::Read { .. }
        | Effect::Copy(_)
        | Effect::Notify(..)
        | Effect::Export(..)
        | Effect::Quit => effect,
    };
    effects.into_iter().map(truly).collect()
}
