//! Marking people and clearing their marks, with the messages about it.

use crate::desk::Desk;
use crate::desk::acts::marks::{MarkKey, MarkedPeople, is_actable};
use crate::desk::command::Command;
use crate::desk::vocab::{ActTarget, Pane, ParticipantRef, called};
use crate::graph::{CallId, ParticipantId};

/// Marks the selected person, or removes the mark.
pub(in crate::desk) fn toggle_mark(desk: &mut Desk) {
    let Some((call, person)) = markable(desk) else { return };
    if let Some(why) = why_not_actable(desk) {
        return desk.say(why);
    }
    if desk.acts.marks.has(&call, &person) {
        desk.acts.marks.remove(&call, &person);
    } else {
        add_marks(desk, vec![(call, person)]);
    }
    say_marked(desk);
}

/// Marks everyone from the last mark to the selected person.
pub(in crate::desk) fn mark_range(desk: &mut Desk) {
    let Some((call, person)) = markable(desk) else { return };
    let here: Vec<ParticipantId> = desk.present_seats();
    let at = |id: &ParticipantId| here.iter().position(|it| it == id);
    let from = desk.acts.marks.range_start(&call);
    let Some((from, to)) = from.and_then(at).zip(at(&person)) else {
        let [range, one] = [Command::MarkRange, Command::Mark].map(|it| desk.input.keymap.shortcut_for(it));
        return desk
            .say(format!("{range} marks from the last mark in this list to the selected row; {one} sets a mark"));
    };
    let (first, last) = (from.min(to), from.max(to));
    let range: Vec<ParticipantId> = here.into_iter().skip(first).take(last - first + 1).collect();
    let left_out = mark_actable(desk, &call, range);
    // The next range begins where this one ended.
    desk.acts.marks.set_range_start((call, person));
    say_marked(desk);
    say_left_out(desk, &left_out);
}

/// Marks everyone in the selected call who matches the filter of the pane.
pub(in crate::desk) fn mark_filtered(desk: &mut Desk) {
    let Some(call) = desk.call().map(|it| it.id.clone()) else { return desk.say("no call is selected") };
    let here = desk.present_seats();
    if here.is_empty() {
        return desk.say("nobody here can be marked");
    }
    let left_out = mark_actable(desk, &call, here);
    say_marked(desk);
    say_left_out(desk, &left_out);
}

/// Marks those of a call on whom an act is possible, and returns the names of the others; untrusted text.
fn mark_actable(desk: &mut Desk, call: &CallId, people: Vec<ParticipantId>) -> Vec<String> {
    let Some(found) = desk.floor().call(call) else { return Vec::new() };
    let (can, cannot): (Vec<_>, Vec<_>) =
        people.into_iter().partition(|it| found.people.get(it).is_some_and(|person| is_actable(found, person)));
    let left_out = cannot.iter().filter_map(|it| found.people.get(it)).map(called).collect();
    add_marks(desk, can.into_iter().map(|it| (call.clone(), it)).collect());
    left_out
}

/// Adds to the message who was left out, because no act on them is possible.
fn say_left_out(desk: &mut Desk, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let said = desk.message.as_ref().map(|it| format!("{}; ", it.text)).unwrap_or_default();
    desk.say(format!("{said}left out, because no act on them is possible: {}", names.join(", ")));
}

/// Drops the marks of people on whom no act is possible any more, and shows a message.
pub(in crate::desk) fn drop_useless_marks(desk: &mut Desk) {
    let dropped = desk.acts.marks.keep_actable(desk.floors.live());
    match dropped {
        0 => {}
        1 => desk.say("a mark was dropped: no act on that person is possible any more"),
        _ => desk.say(format!("{dropped} marks were dropped: no act on those people is possible any more")),
    }
}

/// Removes every mark.
pub(in crate::desk) fn clear_marks(desk: &mut Desk) {
    let count = desk.marked();
    desk.acts.marks.clear();
    match count {
        0 => desk.say("nobody is marked"),
        _ => desk.say(format!("{count} marks cleared")),
    }
}

/// Marks again the people for whom nothing was sent.
pub(in crate::desk) fn mark_again(desk: &mut Desk, targets: Vec<ActTarget>) {
    let marks = targets.into_iter().filter_map(|it| it.person().cloned().map(|person| (it.call, person)));
    let marks: Vec<MarkKey> = marks.collect();
    add_marks(desk, marks);
}

/// Removes the mark of a person for whom an act was sent.
pub(in crate::desk) fn unmark(desk: &mut Desk, target: &ActTarget) {
    if let Some(person) = target.person() {
        desk.acts.marks.remove(&target.call, person);
    }
}

fn add_marks(desk: &mut Desk, people: Vec<MarkKey>) {
    let mut all = true;
    for mark in people {
        all &= desk.acts.marks.add(mark);
    }
    if !all {
        desk.warn(format!("at most {} people can be marked", MarkedPeople::MOST));
    }
}

fn say_marked(desk: &mut Desk) {
    if desk.message.as_ref().is_some_and(|it| it.warning) {
        return;
    }
    match desk.marked() {
        0 => desk.say("nobody is marked"),
        count => {
            let act = [Command::Mute, Command::Release, Command::Remove].map(|it| desk.input.keymap.shortcut_for(it));
            let clear = desk.input.keymap.shortcut_for(Command::ClearMarks);
            desk.say(format!("{count} marked: {} act on them; {clear} clears the marks", act.join(" ")));
        }
    }
}

/// Why no act on the selected person is possible, so that a mark would do nothing; untrusted text.
fn why_not_actable(desk: &Desk) -> Option<String> {
    let (call, person) = desk.call().zip(desk.person())?;
    if call.is_own_participant(&person.id) {
        let press = desk.input.keymap.shortcut_for(Command::ToggleSelf);
        return Some(format!("this is the application itself, which is never marked: {press} mutes it"));
    }
    let in_lobby = person.lobby.is_some();
    in_lobby.then(|| {
        format!(
            "{} is in the lobby, where no act is possible: somebody in the meeting has to let them in first",
            called(person)
        )
    })
}

/// The selected person, if they can be marked; otherwise says why not.
fn markable(desk: &mut Desk) -> Option<MarkKey> {
    let call = desk.call().map(|it| it.id.clone());
    let why = match (desk.board.selection.pane(), desk.selected_participant(), desk.person()) {
        (Pane::Calls | Pane::Operations | Pane::Events, ..) => {
            let press = desk.input.keymap.shortcut_for(Command::Focus(Pane::Participants));
            format!("only people can be marked: {press} goes to them")
        }
        (_, None, _) => "nobody is selected".to_owned(),
        (_, Some(ParticipantRef::Party(_)), _) => "this call has no roster, so nobody in it can be marked".to_owned(),
        (_, Some(ParticipantRef::Person(_)), None) => "they are no longer in the roster".to_owned(),
        (_, Some(ParticipantRef::Person(_)), Some(person)) if person.left.is_some() => {
            format!("{} has left", called(person))
        }
        (_, Some(ParticipantRef::Person(_)), Some(person)) => return call.map(|it| (it, person.id.clone())),
    };
    desk.say(why);
    None
}
