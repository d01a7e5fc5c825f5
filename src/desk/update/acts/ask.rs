//! Asking for an act on the selection or on the marked people.

use crate::desk::acts::fast::ConfirmMode;
use crate::desk::acts::rules::target;
use crate::desk::command::Command;
use crate::desk::update::acts::ask_bulk::ask_targets;
use crate::desk::update::acts::confirm::ask_about;
use crate::desk::vocab::{ActTarget, Pane};
use crate::desk::{Desk, Effect, Modal};
use crate::floor::{Act, HoldSource};

/// Turns FAST on, or off.
pub(in crate::desk) fn toggle_fast(desk: &mut Desk) {
    let keymap = &desk.input.keymap;
    let said = match desk.acts.fast.toggle() {
        ConfirmMode::Fast => {
            let at_once = [Command::Mute, Command::Release, Command::Hold, Command::ToggleSelf];
            let at_once = at_once.map(|it| keymap.shortcut_for(it)).join(" ");
            let ask = [Command::Remove, Command::HangUp].map(|it| keymap.shortcut_for(it)).join(" ");
            format!("FAST: {at_once} act at once on the selected row; {ask} and bulk acts still ask")
        }
        ConfirmMode::Confirming => "every act asks for a confirmation again".to_owned(),
    };
    desk.say(said);
}

/// Wakes the desk to answer a FAST confirm, unless more keys follow as fast as a paste.
pub(in crate::desk) fn wake_fast(desk: &Desk) -> Vec<Effect> {
    let passing = matches!(&desk.modal, Modal::Confirm(confirm) if confirm.is_passing());
    passing.then_some(Effect::Wake).into_iter().collect()
}

/// Opens the confirm of an act on the marked people or on the selection, or says why it is refused.
pub(in crate::desk) fn ask(desk: &mut Desk, act: Act) {
    if desk.marked() > 0 && matches!(act, Act::Mute | Act::Hold | Act::Release | Act::Remove) {
        let targets = desk.marked_targets();
        return ask_targets(desk, act, targets);
    }
    match target(desk, act) {
        Ok(target) => {
            let fast = goes_fast(desk, act, &target);
            ask_about(desk, act, target);
            if let (Modal::Confirm(confirm), true) = (&mut desk.modal, fast) {
                confirm.pass();
            }
        }
        Err(reason) => desk.warn(format!("{act}: {reason}")),
    }
}

/// Returns whether an act on the selection needs no confirmation: it was a key press in a pane that shows the target,
/// and there is nothing to warn about.
fn goes_fast(desk: &Desk, act: Act, target: &ActTarget) -> bool {
    let shown = match act {
        Act::Mute | Act::Release | Act::Hold => desk.board.selection.pane() == Pane::Participants,
        Act::MuteSelf | Act::UnmuteSelf => desk.board.selection.pane() != Pane::Operations,
        Act::Remove | Act::HangUp => false,
    };
    desk.acts.fast.applies() && shown && desk.others_acts(target).is_none() && !is_doubtful(desk, act, target)
}

/// Returns whether the outcome of the act is uncertain from what the board shows of the person.
fn is_doubtful(desk: &Desk, act: Act, target: &ActTarget) -> bool {
    let person = desk.person_of(target);
    let inferred = |source: &HoldSource| matches!(source, HoldSource::Inferred | HoldSource::Unknown);
    match act {
        Act::Release => person.and_then(|it| it.hold.as_ref()).is_some_and(|it| inferred(&it.source)),
        Act::Mute => person.is_some_and(|it| it.muted),
        Act::Hold | Act::MuteSelf | Act::UnmuteSelf | Act::Remove | Act::HangUp => false,
    }
}
