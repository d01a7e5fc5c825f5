//! Asking for one act on many people, and leaving out those for whom it is refused, with the reason.

use crate::desk::acts::arming::Arming;
use crate::desk::acts::bulk_confirm::{BulkConfirm, BulkItem};
use crate::desk::acts::confirm::{BoundAct, Confirm, TypedWord};
use crate::desk::acts::rules::may;
use crate::desk::command::Command;
use crate::desk::update::acts::confirm::{ask_about, frozen_order, question};
use crate::desk::vocab::{ActTarget, Denied, called};
use crate::desk::{Desk, Modal};
use crate::floor::Act;

/// Opens the confirm of an act on these people; for one person, the same confirm as for a selected one.
pub(in crate::desk) fn ask_targets(desk: &mut Desk, act: Act, mut targets: Vec<ActTarget>) {
    if targets.len() < 2 {
        return match targets.pop() {
            Some(target) => ask_about(desk, act, target),
            None => desk.say("nobody is marked"),
        };
    }
    if act == Act::Hold {
        let press = desk.input.keymap.shortcut_for(Command::ClearMarks);
        return desk.warn(format!("{act}: one person at a time, and several are marked; {press} clears the marks"));
    }
    if let Some(bulk) = desk.acts.bulk.under_way() {
        let stop = desk.input.keymap.shortcut_for(Command::Back);
        let (what, left) = (bulk.title(), bulk.waiting());
        return desk.warn(format!("{act}: {what} is still being sent, {left} to go; {stop} stops it"));
    }
    let mut many = BulkConfirm::default();
    for target in targets {
        match may(desk, act, &target).and_then(|()| bulk_item(desk, act, &target)) {
            Ok(item) => many.include(item),
            Err(reason) => many.leave_out(desk.named(&target), reason),
        }
    }
    if let Some(confirm) = confirm_many(desk, act, &many) {
        desk.modal = Modal::Confirm(Box::new(confirm));
        return;
    }
    let left_out = many.left_out();
    let first = left_out.first().map(|(name, why)| format!("{name}: {why}")).unwrap_or_default();
    desk.warn(format!("{act}: not possible for any of the {}; {first}", left_out.len()));
}

fn bulk_item(desk: &mut Desk, act: Act, target: &ActTarget) -> Result<BulkItem, Denied> {
    let action = act.action(target.call.clone(), target.person().cloned());
    let action = action.ok_or(Denied::NobodyNamed)?;
    let ticket = desk.acts.tickets.mint(desk.clock.input_at());
    let called = desk.person_of(target).map(called).unwrap_or_default();
    Ok(BulkItem::new(action, ticket, (desk.named(target), called), target.clone()))
}

/// The confirm of all these people; `None` if nobody remains.
fn confirm_many(desk: &Desk, act: Act, many: &BulkConfirm) -> Option<Confirm> {
    let first = many.items().first()?;
    let bound = BoundAct::of(act, first.target().clone(), first.ticket().clone())?;
    let count = many.items().len();
    let people = if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
    let words = (question(act, &people, None), people);
    let confirm = Confirm::of(bound, words, Arming::asking(desk.acts.delays.confirm()), frozen_order(desk));
    let typed = (act == Act::Remove).then(|| TypedWord::of("REMOVE", String::new()));
    Some(confirm.with_typed(typed).with_many(many.clone()))
}
