//! Turning privacy mode on and off: the states of the desk change names together.

use crate::desk::board::filter::Filter;
use crate::desk::command::Command;
use crate::desk::privacy::PrivacyMode;
use crate::desk::update::acts::send::label_slips;
use crate::desk::update::view::filter_by;
use crate::desk::vocab::{Pane, called};
use crate::desk::{Desk, Modal};
use crate::graph::{CallId, ParticipantId};

/// Begins privacy mode.
pub(in crate::desk) fn begin_privacy_mode(desk: &mut Desk) {
    if !desk.is_private() && may_change_names(desk) {
        change_names(desk);
    }
}

/// Ends privacy mode.
pub(in crate::desk) fn end_privacy_mode(desk: &mut Desk) {
    if desk.is_private() && may_change_names(desk) {
        change_names(desk);
    }
}

/// Returns whether no bulk act is being sent, whose rows hold names; otherwise says so.
fn may_change_names(desk: &mut Desk) -> bool {
    let busy = desk.acts.bulk.is_under_way();
    if busy {
        let press = desk.input.keymap.shortcut_for(Command::PrivacyMode);
        desk.warn(format!("a bulk act is under way: {press} works when it is done"));
    }
    !busy
}

/// Turns privacy mode on or off. Filters are suspended while it is on, because they may contain true names.
fn change_names(desk: &mut Desk) {
    // Marks hold true ids, so they are dropped.
    desk.acts.marks.clear();
    let kept = |pane: &Pane| desk.filter(*pane).map(|it| (*pane, it.clone()));
    let filters: Vec<_> = Pane::TABLES.iter().filter_map(kept).collect();
    for pane in Pane::TABLES {
        filter_by(desk, pane, None);
    }
    desk.modal = Modal::None;
    match desk.privacy.leave() {
        None => begin_privacy(desk, filters),
        Some(private) => {
            for (pane, filter) in end_privacy(desk, *private) {
                filter_by(desk, pane, Some(filter));
            }
        }
    }
    desk.board.view.renew();
}

fn begin_privacy(desk: &mut Desk, filters: Vec<(Pane, Filter)>) {
    let private = desk.privacy.cover(&mut desk.floors, &mut desk.link, filters);
    rename_all(desk, &|it| private.other_call(it), &|it| private.other_person(it));
    desk.acts.pending.say_anew(|why| private.text(why));
    let press = desk.input.keymap.shortcut_for(Command::PrivacyMode);
    let put_by = if private.holds_filters() {
        format!("; filters are suspended until {press} shows true names")
    } else {
        String::new()
    };
    desk.privacy.enter(private);
    label_acts(desk);
    desk.say(format!(
        "privacy mode: names, numbers, subjects, tenants and ids are invented; acts reach the real people{put_by}"
    ));
}

/// Shows the true names again, and returns the suspended filters.
fn end_privacy(desk: &mut Desk, private: PrivacyMode) -> Vec<(Pane, Filter)> {
    rename_all(desk, &|it| private.true_call(it), &|it| private.true_person(it));
    let filters = private.uncover(&mut desk.floors, &mut desk.link);
    label_acts(desk);
    desk.say("privacy mode is off: true names are shown");
    filters
}

/// Labels pending acts and the members of bulk acts with the names that are shown now.
fn label_acts(desk: &mut Desk) {
    label_slips(desk);
    let mut bulk = std::mem::take(&mut desk.acts.bulk);
    bulk.relabel(|member| {
        let person = desk.person_of(member.target()).map(called);
        let operation = || desk.live().operation_by_ticket(&member.ticket).map(|it| it.target.to_string());
        person.or_else(operation).unwrap_or_else(|| "somebody who left".to_owned())
    });
    desk.acts.bulk = bulk;
}

/// Replaces the ids of calls and people in everything that the desk keeps.
fn rename_all(desk: &mut Desk, call: &dyn Fn(&CallId) -> CallId, person: &dyn Fn(&ParticipantId) -> ParticipantId) {
    desk.board.selection.rename(call, person);
    desk.board.acknowledged.rename(call, person);
    desk.board.visited.rename(call, person);
    desk.board.notifier.rename(call, person);
    desk.acts.pending.rename(call, person);
    desk.acts.bulk.rename(call, person);
}
