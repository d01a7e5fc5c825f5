//! Privacy mode on and off: the states of the desk change names together.

use crate::desk::board::filter::Filter;
use crate::desk::command::Command;
use crate::desk::privacy::PrivacyMode;
use crate::desk::update::acts::send::label_slips;
use crate::desk::update::view::filter_by;
use crate::desk::vocab::Pane;
use crate::desk::{Desk, Modal};
use crate::graph::{CallId, ParticipantId};

/// Gives everything another name, or its own again. Filters are put by meanwhile: they may hold true names.
pub(in crate::desk) fn toggle_privacy(desk: &mut Desk) {
    if desk.acts.bulk.is_under_way() {
        let press = desk.input.keymap.shortcut_for(Command::PrivacyMode);
        return desk.warn(format!("an act on many is under way: {press} works when it is done"));
    }
    // What holds names and ids of its own is let go of: marks, and how acts on many are gathered into rows.
    desk.acts.marks.clear();
    desk.acts.bulk.clear();
    let kept = |pane: &Pane| desk.filter(*pane).map(|it| (*pane, it.clone()));
    let filters: Vec<_> = Pane::ALL.iter().filter_map(kept).collect();
    for pane in Pane::ALL {
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
    desk.board.view.outdate();
}

fn begin_privacy(desk: &mut Desk, filters: Vec<(Pane, Filter)>) {
    let private = desk.privacy.cover(&mut desk.floors, &mut desk.link, filters);
    rename_all(desk, &|it| private.other_call(it), &|it| private.other_person(it));
    desk.acts.pending.say_anew(|why| private.text(why));
    let press = desk.input.keymap.shortcut_for(Command::PrivacyMode);
    let put_by = if private.holds_filters() {
        format!("; the filters are put by until {press} shows true names")
    } else {
        String::new()
    };
    desk.privacy.enter(private);
    label_slips(desk);
    desk.say(format!(
        "private: names, numbers, subjects, tenants and ids are others now; acts reach whom they name{put_by}"
    ));
}

/// Shows the true names again, and returns the filters that were put by.
fn end_privacy(desk: &mut Desk, private: PrivacyMode) -> Vec<(Pane, Filter)> {
    rename_all(desk, &|it| private.true_call(it), &|it| private.true_person(it));
    let filters = private.uncover(&mut desk.floors, &mut desk.link);
    label_slips(desk);
    desk.say("true names are shown again");
    filters
}

/// Lets everything that the desk keeps of calls and people be about the same ones under other ids.
fn rename_all(desk: &mut Desk, call: &dyn Fn(&CallId) -> CallId, person: &dyn Fn(&ParticipantId) -> ParticipantId) {
    desk.board.selection.rename(call, person);
    desk.board.acknowledged.rename(call, person);
    desk.board.notifier.rename(call, person);
    desk.acts.pending.rename(call, person);
}
