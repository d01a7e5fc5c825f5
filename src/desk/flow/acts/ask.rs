//! Asking for an act: on the selection, on a named target, and what its confirm says.

use crate::desk::acts::confirm::{FrozenOrder, TypedWord};
use crate::desk::acts::fast::ConfirmMode;
use crate::desk::acts::rules::{may, target};
use crate::desk::flow::acts::ask_bulk::ask_targets;
use crate::desk::vocab::{ActTarget, Denied, Pane, ParticipantRow, called};
use crate::desk::{Confirm, Desk, Effect, Modal};
use crate::floor::{Act, HoldSource, Person, Ticket};

pub(in crate::desk) fn frozen_order(desk: &Desk) -> FrozenOrder {
    let calls = desk.calls().map(|it| it.id.clone()).collect();
    let seats = desk.participants();
    let people = seats.iter().filter_map(|it| match it {
        ParticipantRow::Person(person) => Some(person.id.clone()),
        ParticipantRow::Party(..) => None,
    });
    let people = people.collect();
    let last = desk.floor().operations().next_back().map(|it| it.number).unwrap_or_default();
    FrozenOrder { calls, people, last, pending: desk.acts.pending.latest(), bulk: desk.acts.bulk.latest() }
}

/// Turns it on, or off.
pub(in crate::desk) fn toggle_fast(desk: &mut Desk) {
    let (pace, said) = match desk.acts.fast.pace {
        ConfirmMode::Confirming => (
            ConfirmMode::Fast,
            "FAST: m, r, H and s act at once on who is selected; X, hang-up and acts on many still ask",
        ),
        ConfirmMode::Fast => (ConfirmMode::Confirming, "every act is confirmed again"),
    };
    desk.acts.fast.pace = pace;
    desk.say(said);
}

/// Whether an act on the selection needs no `y`: pressed as a key in a pane that shows whom it is about, and with
/// nothing to be told before it.
fn goes_fast(desk: &Desk, act: Act, target: &ActTarget) -> bool {
    let shown = match act {
        Act::Mute | Act::Release | Act::Hold => desk.board.selection.pane == Pane::Participants,
        Act::MuteSelf | Act::UnmuteSelf => desk.board.selection.pane != Pane::Operations,
        Act::Remove | Act::HangUp => false,
    };
    desk.is_fast()
        && desk.acts.fast.by_key
        && shown
        && desk.others_acts(target).is_none()
        && !is_doubtful(desk, act, target)
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

/// The same about a target that is named already.
pub(in crate::desk) fn ask_about(desk: &mut Desk, act: Act, target: ActTarget) {
    if let Err(reason) = may(desk, act, &target) {
        return refuse(desk, act, &target, &reason);
    }
    open_confirm(desk, act, target, Vec::new());
}

/// Opens the confirm of an act that may be asked, or is forced and passes over these rules.
pub(in crate::desk) fn open_confirm(desk: &mut Desk, act: Act, target: ActTarget, forced: Vec<String>) {
    let ticket = desk.acts.tickets.mint(desk.clock.now);
    let Some(confirm) = confirm_of(desk, act, target, ticket) else { return };
    let confirm = Confirm { forced, ..confirm };
    desk.modal = Modal::Confirm(Box::new(confirm));
}

pub(in crate::desk) fn refuse(desk: &mut Desk, act: Act, target: &ActTarget, reason: &Denied) {
    desk.warn(format!("{act}: {reason}"));
    let label = desk.label(target);
    desk.acts.pending.refused(desk.clock.now, act, (target, label), reason);
}

fn confirm_of(desk: &Desk, act: Act, target: ActTarget, ticket: Ticket) -> Option<Confirm> {
    let action = act.action(target.call.clone(), target.person().cloned())?;
    let request = action.request(&ticket.context()?);
    let call = desk.live().call(&target.call)?;
    let place = format!("call {}, {}", call.number.0, call.title());
    let person = target.person().and_then(|id| call.people.get(id));
    let question = match person {
        Some(person) => format!("{act}: {} (id {}) in {place}?", called(person), person.id.0.short()),
        None => format!("{act} in {place}?"),
    };
    let mut facts = person.map(|it| facts_about(desk, act, it)).unwrap_or_default();
    if act == Act::HangUp {
        facts.push("this ends the application's own leg; in a group call the others stay in the call".to_owned());
    }
    facts.extend(desk.others_acts(&target));
    facts.extend(desk.link.looking_at(&call.id));
    let typed = match act {
        Act::Remove => person.map(|it| TypedWord::of("REMOVE", called(it))),
        Act::HangUp => Some(TypedWord::of("HANG UP", call.title())),
        Act::Mute | Act::Hold | Act::Release | Act::MuteSelf | Act::UnmuteSelf => None,
    };
    Some(Confirm {
        act,
        action,
        ticket,
        request,
        question,
        facts,
        forced: Vec::new(),
        typed,
        note: None,
        target,
        opened: desk.clock.wall,
        early: None,
        fast: false,
        order: frozen_order(desk),
        many: None,
    })
}

fn facts_about(desk: &Desk, act: Act, person: &Person) -> Vec<String> {
    let name = called(person);
    let mut facts = Vec::new();
    match act {
        Act::Mute => {
            if person.muted {
                facts.push("already muted; Graph takes it, but the call can prove nothing new".to_owned());
            }
            facts.push(format!("mute is one-way: only {name} can unmute {name}"));
        }
        Act::Release => facts.extend(desk.hold_source(person)),
        Act::Hold => facts.push(format!("{name} hears music, and the others cannot hear {name}")),
        Act::Remove => facts.push(format!("{name} has to be invited again to come back")),
        Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => {}
    }
    facts
}
