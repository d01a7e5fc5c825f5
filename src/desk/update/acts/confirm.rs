//! Opens the confirm of one act, with what the operator should know first.

use crate::desk::acts::arming::Arming;
use crate::desk::acts::confirm::{BoundAct, FrozenOrder, TypedWord};
use crate::desk::acts::rules::may;
use crate::desk::vocab::{ActTarget, Denied, ParticipantRow, called};
use crate::desk::{Confirm, Desk, Modal};
use crate::floor::{Act, CallNumber, Ticket};

/// Opens the confirm of an act on this target, or says and keeps why it is refused.
pub(in crate::desk) fn ask_about(desk: &mut Desk, act: Act, target: ActTarget) {
    if let Err(reason) = may(desk, act, &target) {
        return refuse(desk, act, &target, &reason);
    }
    open_confirm(desk, act, target, Vec::new());
}

/// Opens the confirm of an act that is allowed, or that is forced and skips these rules.
pub(in crate::desk) fn open_confirm(desk: &mut Desk, act: Act, target: ActTarget, forced: Vec<String>) {
    let ticket = desk.acts.tickets.mint(desk.clock.input_at());
    let Some(confirm) = confirm_of(desk, act, target, ticket) else { return };
    desk.modal = Modal::Confirm(Box::new(confirm.with_forced(forced)));
}

pub(in crate::desk) fn refuse(desk: &mut Desk, act: Act, target: &ActTarget, reason: &Denied) {
    desk.warn(format!("{act}: {reason}"));
    let label = desk.label(target);
    desk.acts.pending.refused(desk.clock.now(), act, (target, label), reason);
}

fn confirm_of(desk: &Desk, act: Act, target: ActTarget, ticket: Ticket) -> Option<Confirm> {
    let call = desk.live().call(&target.call)?;
    let person = target.person().and_then(|id| call.people.get(id));
    let typed = match act {
        Act::Remove => person.map(|it| TypedWord::of("REMOVE", called(it))),
        Act::HangUp => Some(TypedWord::of("HANG UP", call.title())),
        Act::Mute | Act::Hold | Act::Release | Act::MuteSelf | Act::UnmuteSelf => None,
    };
    let name = person.map_or_else(|| call.title(), called);
    let words = (question(act, &name, Some(call.number)), name);
    let bound = BoundAct::of(act, target, ticket)?;
    let confirm = Confirm::of(bound, words, Arming::asking(desk.acts.delays.confirm()), frozen_order(desk));
    Some(confirm.with_typed(typed))
}

/// Asks for an act in plain words; `whom` is untrusted text.
pub(in crate::desk) fn question(act: Act, whom: &str, call: Option<CallNumber>) -> String {
    let call = call.map(|it| format!("call {}", it.0)).unwrap_or_default();
    let of_call = if call.is_empty() { String::new() } else { format!(" from {call}") };
    match act {
        Act::Mute => format!("Mute {whom}?"),
        Act::Release => format!("Release {whom} from hold?"),
        Act::Hold => format!("Put {whom} on hold?"),
        Act::Remove => format!("Remove {whom}{of_call}?"),
        Act::MuteSelf => format!("Mute the application in {call}?"),
        Act::UnmuteSelf => format!("Unmute the application in {call}?"),
        Act::HangUp => format!("Leave {call}?"),
    }
}

pub(in crate::desk) fn frozen_order(desk: &Desk) -> FrozenOrder {
    let calls = desk.shown_calls().to_rows();
    let seats = desk.participants();
    let people = seats.iter().filter_map(|it| match it {
        ParticipantRow::Person(person) => Some(person.id.clone()),
        ParticipantRow::Party(..) => None,
    });
    let people = people.collect();
    let last = desk.floor().operations().next_back().map(|it| it.number).unwrap_or_default();
    FrozenOrder::new(calls, people, last, (desk.acts.pending.latest(), desk.acts.bulk.latest()))
}
