//! Asking for an act on the selection or on the marked people.

use crate::desk::acts::fast::ConfirmMode;
use crate::desk::acts::rules::target;
use crate::desk::command::Command;
use crate::desk::update::acts::ask_bulk::ask_targets;
use crate::desk::update::acts::confirm::ask_about;
use crate::desk::vocab::{ActTarget, Pane};
use crate::desk::{Desk, Modal};
use crate::floor::{Act, HoldSource};
use crate::time::Millis;

/// Turns FAST on, or off.
pub(in crate::desk) fn toggle_fast(desk: &mut Desk) {
    let keymap = &desk.input.keymap;
    let said = match desk.acts.fast.toggle() {
        ConfirmMode::Fast => {
            let at_once = [Command::Mute, Command::Release, Command::ToggleSelf];
            let at_once = at_once.map(|it| keymap.shortcut_for(it)).join(" ");
            let ask = [Command::Hold, Command::Remove, Command::HangUp].map(|it| keymap.shortcut_for(it)).join(" ");
            format!("FAST: {at_once} act on the selected row a moment after the key; {ask} and bulk acts still ask")
        }
        ConfirmMode::Confirming => "every act asks for a confirmation again".to_owned(),
    };
    desk.say(said);
}

/// Opens the confirm of an act on the marked people of the shown call or on the selection, or says why it is refused.
pub(in crate::desk) fn ask(desk: &mut Desk, act: Act) {
    let marked = desk.marked_here();
    if !marked.is_empty() && matches!(act, Act::Mute | Act::Hold | Act::Release | Act::Remove) {
        ask_targets(desk, act, marked);
        return say_how_marked(desk, true);
    }
    match target(desk, act) {
        Ok(target) => {
            let fast = goes_fast(desk, act, &target);
            ask_about(desk, act, target);
            if matches!(act, Act::Mute | Act::Hold | Act::Release | Act::Remove) {
                say_how_marked(desk, false);
            }
            go_ahead_unless_typing(desk, fast);
        }
        Err(reason) => desk.warn(format!("{act}: {reason}")),
    }
}

/// Lets an act in FAST go ahead after a moment, unless its key seems to be part of a text, or waited so long before it
/// is handled that the operator may have gone on.
fn go_ahead_unless_typing(desk: &mut Desk, fast: bool) {
    let delay = desk.acts.delays.fast();
    let late = desk.clock.key_times().waited() > delay;
    let asks = delay > Millis(0) && (late || desk.input.typing.is_amid_text());
    let (due, pressed) = (desk.clock.wall() + delay, desk.clock.input_at());
    if let (Modal::Confirm(confirm), true, false) = (&mut desk.modal, fast, asks)
        && confirm.marked().is_none()
    {
        let arming = confirm.arming_mut();
        *arming = arming.going_ahead(due, pressed);
        let (act, name) = (confirm.bound().act(), confirm.name().to_owned());
        let stop = desk.input.keymap.shortcut_for(Command::Back);
        desk.say(format!("{act} {name} in a moment; {stop} stops it, any other key asks"));
    }
}

/// Says in the confirm whether its people are marked and not under the cursor, and who else is marked.
fn say_how_marked(desk: &mut Desk, by_mark: bool) {
    let elsewhere: Vec<String> = desk.marked_elsewhere();
    let under_cursor = desk.board.selection.participant();
    let Modal::Confirm(confirm) = &mut desk.modal else { return };
    let is_under_cursor = match confirm.many() {
        Some(many) => many.items().iter().any(|it| it.target().who.as_ref() == under_cursor),
        None => confirm.bound().target().who.as_ref() == under_cursor,
    };
    let mut told = Vec::new();
    if by_mark && !is_under_cursor {
        told.push("MARKED, not under your cursor".to_owned());
    }
    if !elsewhere.is_empty() {
        told.push(format!("left alone, in other calls: {}", elsewhere.join(", ")));
    }
    let told = (!told.is_empty()).then(|| told.join("; "));
    if let Modal::Confirm(confirm) = std::mem::take(&mut desk.modal) {
        desk.modal = Modal::Confirm(Box::new(confirm.with_marked(told)));
    }
}

/// Returns whether an act on the selection needs no confirmation: it was a key press in a pane that shows the target,
/// the board is live, and there is nothing to warn about.
fn goes_fast(desk: &Desk, act: Act, target: &ActTarget) -> bool {
    let shown = match act {
        Act::Mute | Act::Release => matches!(desk.board.selection.pane(), Pane::Waiting | Pane::Participants),
        Act::MuteSelf | Act::UnmuteSelf => desk.board.selection.pane() != Pane::Operations,
        // The key for hold differs from the one that goes back only by shift.
        Act::Hold | Act::Remove | Act::HangUp => false,
    };
    let live = desk.floors.paused_at().is_none() && !desk.board.sizes.show_nothing();
    desk.acts.fast.applies() && shown && live && desk.others_acts(target).is_none() && !is_doubtful(desk, act, target)
}

/// Returns whether the outcome of the act is uncertain from what the board shows of the person.
fn is_doubtful(desk: &Desk, act: Act, target: &ActTarget) -> bool {
    let person = desk.person_of(target);
    if person.is_some_and(|it| it.unreadable.is_some()) {
        return true;
    }
    let inferred = |source: &HoldSource| matches!(source, HoldSource::Inferred | HoldSource::Unknown);
    match act {
        Act::Release => person.and_then(|it| it.hold.as_ref()).is_some_and(|it| inferred(&it.source)),
        Act::Mute => person.is_some_and(|it| it.muted),
        Act::Hold | Act::MuteSelf | Act::UnmuteSelf | Act::Remove | Act::HangUp => false,
    }
}
