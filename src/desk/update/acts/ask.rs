//! Asking for an act: on the selection, on a named target, and what its confirm says.

use crate::desk::acts::fast::ConfirmMode;
use crate::desk::acts::rules::target;
use crate::desk::update::acts::ask_bulk::ask_targets;
use crate::desk::update::acts::confirm::ask_about;
use crate::desk::vocab::{ActTarget, Pane};
use crate::desk::{Desk, Effect, Modal};
use crate::floor::{Act, HoldSource};

/// Turns it on, or off.
pub(in crate::desk) fn toggle_fast(desk: &mut Desk) {
    let said = match desk.acts.fast.toggle() {
        ConfirmMode::Fast => {
            "FAST: m, r, H and s act at once on who is selected; X, hang-up and acts on many still ask"
        }
        ConfirmMode::Confirming => "every act is confirmed again",
    };
    desk.say(said);
}

/// Lets a confirm count as answered unless more keys follow as fast as a paste.
pub(in crate::desk) fn wake_fast(desk: &Desk) -> Vec<Effect> {
    let passing = matches!(&desk.modal, Modal::Confirm(confirm) if confirm.is_passing());
    passing.then_some(Effect::Wake).into_iter().collect()
}

/// Opens the confirm of an act on what is selected, or keeps and says why it is refused.
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

/// Whether an act on the selection needs no `y`: pressed as a key in a pane that shows whom it is about, and with
/// nothing to be told before it.
fn goes_fast(desk: &Desk, act: Act, target: &ActTarget) -> bool {
    let shown = match act {
        Act::Mute | Act::Release | Act::Hold => desk.board.selection.pane() == Pane::Participants,
        Act::MuteSelf | Act::UnmuteSelf => desk.board.selection.pane() != Pane::Operations,
        Act::Remove | Act::HangUp => false,
    };
    desk.acts.fast.applies() && shown && desk.others_acts(target).is_none() && !is_doubtful(desk, act, target)
}

/// Whether what a person shows leaves open what the act would do.
fn is_doubtful(desk: &Desk, act: Act, target: &ActTarget) -> bool {
    let person = desk.person_of(target);
    let inferred = |source: &HoldSource| matches!(source, HoldSource::Inferred | HoldSource::Unknown);
    match act {
        Act::Release => person.and_then(|it| it.hold.as_ref()).is_some_and(|it| inferred(&it.source)),
        Act::Mute => person.is_some_and(|it| it.muted),
        Act::Hold | Act::MuteSelf | Act::UnmuteSelf | Act::Remove | Act::HangUp => false,
    }
}
