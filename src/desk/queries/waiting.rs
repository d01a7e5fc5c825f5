//! Who waits, in which call and since when, in the order of urgency.

use std::collections::BTreeSet;

use crate::desk::Desk;
use crate::desk::board::row_hold::HeldRows;
use crate::desk::board::waiting::{ProvedRelease, WaitingPerson};
use crate::floor::{Act, Person, StartTime};
use crate::time::{Millis, Timestamp};

/// The longest time that a released person keeps the row while keys are being pressed.
const ROWS_STAY: Millis = Millis::seconds(10);

/// Everyone who waits, the most overdue against their own limits first. A person whose release was proved keeps the place
/// for a moment, so that the list does not close up under the eye.
pub(in crate::desk) fn waiting(desk: &Desk) -> Vec<WaitingPerson<'_>> {
    let (limits, now) = (desk.limits(), desk.shown_at());
    let people = desk.floor().waiting_calls().flat_map(|call| call.present().map(move |person| (call, person)));
    let mut waiting: Vec<WaitingPerson<'_>> = people
        .filter_map(|(call, person)| {
            let since = person.hold.as_ref().map(|it| it.since).or(person.lobby)?;
            Some(WaitingPerson { call, person, since, lateness: limits.lateness(person, now), back: None })
        })
        .chain(released_people(desk))
        .collect();
    waiting.sort_by_key(|it| (std::cmp::Reverse(it.lateness), it.since, it.call.number, &it.person.id));
    match desk.board.hold.rows() {
        Some(held) => HeldRows::arrange(waiting, &held.waiting, |it| Some(it.id())),
        None => waiting,
    }
}

/// The people whose release was proved less than three seconds ago, once each, with the newest release. While rows are
/// held after a key, those who are among them stay longer.
fn released_people(desk: &Desk) -> impl Iterator<Item = WaitingPerson<'_>> {
    let now = desk.shown_at();
    let rows = desk.board.hold.rows();
    let recent = desk.floor().recent_operations().filter(|it| it.act == Act::Release);
    let mut found = BTreeSet::new();
    recent.filter_map(move |operation| {
        let proof = operation.proof.as_ref()?;
        let after = operation.proof_latency()?;
        let call = desk.floor().call(&operation.call).filter(|it| it.is_live())?;
        let person = call.people.get(operation.participant.as_ref()?)?;
        if person.left.is_some() || person.hold.is_some() || person.lobby.is_some() {
            return None;
        }
        let held = |it: &HeldRows| it.waiting.iter().any(|(at, id)| *at == call.id && *id == person.id);
        let age = now.since(proof.at);
        let stays = age < ProvedRelease::STAYS || age < ROWS_STAY && rows.is_some_and(held);
        let since = stays.then(|| hold_before(person, proof.at))??;
        if !found.insert((&call.id, &person.id)) {
            return None;
        }
        let lateness = desk.limits().hold_lateness(since.span(proof.at));
        Some(WaitingPerson { call, person, since, lateness, back: Some(ProvedRelease::new(proof.at, after)) })
    })
}

/// Returns when the last hold of a person before `end` began; `None` if there was another hold after it.
fn hold_before(person: &Person, end: Timestamp) -> Option<StartTime> {
    let history = person.lane_history();
    if history.changes.iter().any(|it| it.at > end && it.state.hold.is_some()) {
        return None;
    }
    let before = history.changes.iter().rev().skip_while(|it| it.at > end || it.state.hold.is_none());
    before.take_while(|it| it.state.hold.is_some()).last().map(|it| StartTime::exactly(it.at))
}
