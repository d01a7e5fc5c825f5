//! Opens the confirm of one act, with what the operator should know first.

use crate::desk::acts::confirm::{BoundAct, FrozenOrder, TypedWord};
use crate::desk::acts::rules::may;
use crate::desk::vocab::{ActTarget, Denied, ParticipantRow, called};
use crate::desk::{Confirm, Desk, Modal};
use crate::floor::{Act, Person, Ticket};

/// Opens the confirm of an act on this target, or says and keeps why it is refused.
pub(in crate::desk) fn ask_about(desk: &mut Desk, act: Act, target: ActTarget) {
    if let Err(reason) = may(desk, act, &target) {
        return refuse(desk, act, &target, &reason);
    }
    open_confirm(desk, act, target, Vec::new());
}

/// Opens the confirm of an act that is allowed, or that is forced and skips these rules.
pub(in crate::desk) fn open_confirm(desk: &mut Desk, act: Act, target: ActTarget, forced: Vec<String>) {
    let ticket = desk.acts.tickets.mint(desk.clock.now());
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
    let place = format!("call {}, {}", call.number.0, call.title());
    let person = target.person().and_then(|id| call.people.get(id));
    let question = match person {
        Some(person) => format!("{act}: {} (id {}) in {place}?", called(person), person.id.0.short()),
        None => format!("{act} in {place}?"),
    };
    let mut facts = person.map(|it| facts_about(desk, act, it)).unwrap_or_default();
    if act == Act::HangUp {
        facts.push("this ends the application's own leg; in a group call, everyone else stays".to_owned());
    }
    facts.extend(desk.others_acts(&target));
    facts.extend(desk.link.looking_at(&call.id));
    let typed = match act {
        Act::Remove => person.map(|it| TypedWord::of("REMOVE", called(it))),
        Act::HangUp => Some(TypedWord::of("HANG UP", call.title())),
        Act::Mute | Act::Hold | Act::Release | Act::MuteSelf | Act::UnmuteSelf => None,
    };
    let bound = BoundAct::of(act, target, ticket)?;
    let confirm = Confirm::of(bound, (question, facts), desk.clock.wall(), frozen_order(desk));
    Some(confirm.with_typed(typed))
}

fn facts_about(desk: &Desk, act: Act, person: &Person) -> Vec<String> {
    let name = called(person);
    let mut facts = Vec::new();
    match act {
        Act::Mute => {
            if person.muted {
                facts.push("already muted; Graph accepts it, but there will be no new proof".to_owned());
            }
            facts.push(format!("mute is one-way: only {name} can unmute {name}"));
        }
        Act::Release => facts.extend(desk.hold_source(person)),
        Act::Hold => facts.push(format!("{name} hears music, and the others cannot hear {name}")),
        Act::Remove => facts.push(format!("{name} must be invited again to come back")),
        Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => {}
    }
    facts
}

pub(in crate::desk) fn frozen_order(desk: &Desk) -> FrozenOrder {
    let calls = desk.calls().map(|it| it.id.clone()).collect();
    let seats = desk.participants();
    let people = seats.iter().filter_map(|it| match it {
        ParticipantRow::Person(person) => Some(person.id.clone()),
        ParticipantRow::Party(..) => None,
    });
    let people = people.collect();
    let last = desk.floor().operations().next_back().map(|it| it.number).unwrap_or_default();
    FrozenOrder::new(calls, people, last, (desk.acts.pending.latest(), desk.acts.bulk.latest()))
}
