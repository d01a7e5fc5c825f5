//! Warns of another operator's act on a person whom one of our acts is about.

use crate::desk::vocab::called;
use crate::desk::{Desk, Modal};
use crate::floor::{Act, Asked, Entry, Fact};

/// Warns if new entries contain another operator's act on a person whom one of our acts is about.
pub(in crate::desk) fn hear_others(desk: &mut Desk, entries: &[Entry]) {
    // Entries that fill the board are not new.
    if !desk.link.is_live() {
        return;
    }
    let told = entries.iter().rev().find_map(|it| match &it.fact {
        Fact::Asked(asked) => collides(desk, asked),
        Fact::Notification(_) | Fact::Answered(_) | Fact::Observed(_) | Fact::Rejected(_) | Fact::Noted(_) => None,
    });
    if let Some(told) = told {
        desk.warn(told);
    }
}

/// Returns the warning about another operator's act, if one of our acts is about the same person; untrusted text.
fn collides(desk: &Desk, asked: &Asked) -> Option<String> {
    if *asked.by == *desk.link.operator() {
        return None;
    }
    let ours = match &desk.modal {
        Modal::Confirm(confirm) if confirm.is_about(asked) => {
            Some(format!("you are confirming {}", confirm.bound().act()))
        }
        Modal::None
        | Modal::Help(_)
        | Modal::Confirm(_)
        | Modal::Details(_)
        | Modal::Filter(_)
        | Modal::Palette(_)
        | Modal::Evidence(_)
        | Modal::Timeline(_)
        | Modal::LastHour(_)
        | Modal::SimSettings(_)
        | Modal::Question(_) => own_act_about(desk, asked).map(|act| format!("your {act} is under way")),
    }?;
    let whom = match &asked.participant {
        Some(id) => match desk.live().call(&asked.call).and_then(|it| it.people.get(id)) {
            Some(person) => called(person),
            None => format!("id {}", id.0.short()),
        },
        None => "the application".to_owned(),
    };
    let number =
        desk.live().operation_by_ticket(&asked.ticket).map(|it| format!(", op {}", it.number.0)).unwrap_or_default();
    Some(format!("{} acts on {whom} too: {}{number}, while {ours}", asked.by, asked.act))
}

/// Returns our act on the same person that has no outcome yet.
fn own_act_about(desk: &Desk, asked: &Asked) -> Option<Act> {
    let floor = desk.live();
    let journalled = floor.recent_operations().find(|it| {
        *it.by == *desk.link.operator()
            && it.call == asked.call
            && it.participant == asked.participant
            && it.standing(desk.clock.now()).is_in_progress()
    });
    let person = asked.participant.as_ref();
    let sending = || desk.acts.pending.sending(floor).find(|it| it.call == asked.call && it.person() == person);
    journalled.map(|it| it.act).or_else(|| sending().map(|it| it.act))
}
