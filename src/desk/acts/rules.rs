//! Which acts are allowed now, and why others are not: one rule per act, decided on the live floor. The gate
//! and Graph decide again.
//!
//! The reason names the rule if it is Graph's own: mute is for group calls, a call has one person on hold at a time,
//! nobody can unmute another person.

use crate::desk::Desk;
use crate::desk::acts::idle_lock::minutes;
use crate::desk::command::Command;
use crate::desk::input::keymap::Keymap;
use crate::desk::link::LinkState;
use crate::desk::vocab::{ActTarget, Denied, Pane, ParticipantRef, called};
use crate::floor::{Act, CallKind, FloorCall, HoldSource, Person};
use crate::protocol::Role;

fn may_self(keys: &Keymap, act: Act, call: &FloorCall) -> Result<(), Denied> {
    if act != Act::HangUp && call.own_participant().is_none() {
        return Err(Denied::OwnParticipantUnknown(keys.shortcut_for(Command::Reread)));
    }
    Ok(())
}

fn may_person(keys: &Keymap, act: Act, call: &FloorCall, person: &Person, forced: bool) -> Result<(), Denied> {
    let name = called(person);
    if person.left.is_some() {
        return Err(Denied::HasLeft(name));
    }
    if person.lobby.is_some() {
        return Err(Denied::InLobby(name));
    }
    if call.is_own_participant(&person.id) {
        return Err(Denied::IsApplication(keys.shortcut_for(Command::ToggleSelf)));
    }
    match act {
        Act::Hold => may_hold(call, person, &name),
        Act::Release => may_release(keys, person, &name, forced),
        Act::Mute | Act::Remove | Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => Ok(()),
    }
}

fn may_hold(call: &FloorCall, person: &Person, name: &str) -> Result<(), Denied> {
    if person.hold.is_some() {
        return Err(Denied::HeldAlready(name.to_owned()));
    }
    match call.held_by_us() {
        Some(held) => Err(Denied::AnotherHeld(called(held))),
        None => Ok(()),
    }
}

fn may_release(keys: &Keymap, person: &Person, name: &str, forced: bool) -> Result<(), Denied> {
    match person.hold.as_ref().map(|it| &it.source) {
        Some(HoldSource::Ours { .. } | HoldSource::Inferred) => Ok(()),
        Some(HoldSource::Unknown) if forced => Ok(()),
        Some(HoldSource::Unknown) => Err(Denied::HoldUnknown(name.to_owned(), keys.shortcut_for(Command::Reread))),
        None => Err(Denied::NotHeld(name.to_owned())),
    }
}

/// Returns whether a command is possible now; one that no rule names always is.
///
/// # Errors
/// The reason why it is not.
pub fn offered(desk: &Desk, command: Command) -> Result<(), Denied> {
    if let Some(act) = act_of(desk, command) {
        return offered_act(desk, act);
    }
    // While the line is down, the key for re-reading reconnects.
    let needs_call = command == Command::Timeline || command == Command::Reread && desk.link().is_live();
    if needs_call && desk.call().is_none() {
        return Err(Denied::NoCall);
    }
    if command == Command::Evidence && desk.is_private() {
        return Err(Denied::PrivacyModeOn(desk.keymap().shortcut_for(Command::PrivacyMode)));
    }
    if matches!(command, Command::Notes | Command::StepPresentation(_) | Command::SimSettings | Command::Restart) {
        return desk.control_or_why().map(|_| ());
    }
    if command == Command::Force {
        return may_force(desk);
    }
    if matches!(command, Command::Undo | Command::Retry) {
        return may_act_at_all(desk, false);
    }
    Ok(())
}

/// Returns the act of a command that asks for one.
pub(in crate::desk) fn act_of(desk: &Desk, command: Command) -> Option<Act> {
    const ACTS: [(Command, Act); 5] = [
        (Command::Mute, Act::Mute),
        (Command::Release, Act::Release),
        (Command::Hold, Act::Hold),
        (Command::Remove, Act::Remove),
        (Command::HangUp, Act::HangUp),
    ];
    if command == Command::ToggleSelf {
        return Some(desk.own_toggle());
    }
    ACTS.iter().find(|(it, _)| *it == command).map(|(_, act)| *act)
}

/// Returns whether an act is allowed for somebody marked in the shown call, or else for the selection.
fn offered_act(desk: &Desk, act: Act) -> Result<(), Denied> {
    let marked = desk.marked_here();
    if !marked.is_empty() && matches!(act, Act::Mute | Act::Hold | Act::Release | Act::Remove) {
        return offered_many(desk, act, &marked);
    }
    let target = target(desk, act)?;
    may(desk, act, &target)
}

/// Returns whether an act is allowed for at least one marked person.
fn offered_many(desk: &Desk, act: Act, targets: &[ActTarget]) -> Result<(), Denied> {
    if act == Act::Hold && targets.len() > 1 {
        return Err(Denied::SeveralMarked);
    }
    let mut first = Err(Denied::NobodyMarked);
    for (at, target) in targets.iter().enumerate() {
        match may(desk, act, target) {
            Ok(()) => return Ok(()),
            Err(reason) if at == 0 => first = Err(reason),
            Err(_) => {}
        }
    }
    first
}

/// Returns whether an act can be forced: acts are on, and a call is selected.
fn may_force(desk: &Desk) -> Result<(), Denied> {
    may_act_at_all(desk, true)?;
    desk.call().map(|_| ()).ok_or(Denied::NoCall)
}

/// Returns the selected target of an act.
pub(in crate::desk) fn target(desk: &Desk, act: Act) -> Result<ActTarget, Denied> {
    let call = desk.call().ok_or(Denied::NoCall)?.id.clone();
    let who = match act {
        Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => None,
        // In Waiting, only a person who waits can be under the cursor.
        Act::Mute | Act::Hold | Act::Release | Act::Remove
            if desk.pane() == Pane::Waiting && desk.selected_waiting().is_none() =>
        {
            return Err(Denied::NobodySelected);
        }
        Act::Mute | Act::Hold | Act::Release | Act::Remove => {
            Some(desk.selected_participant().cloned().ok_or(Denied::NobodySelected)?)
        }
    };
    Ok(ActTarget { call, who })
}

/// Applies the rule of an act, on the live floor.
pub(in crate::desk) fn may(desk: &Desk, act: Act, target: &ActTarget) -> Result<(), Denied> {
    check_act(desk, act, target, false)
}

/// Applies the rule of a forced act, which skips the refusals that a wrong board could explain.
pub(in crate::desk) fn may_forced(desk: &Desk, act: Act, target: &ActTarget) -> Result<(), Denied> {
    check_act(desk, act, target, true)
}

fn check_act(desk: &Desk, act: Act, target: &ActTarget, forced: bool) -> Result<(), Denied> {
    may_act_at_all(desk, forced)?;
    let call = desk.live().call(&target.call).ok_or(Denied::CallGone)?;
    if !call.is_live() {
        return Err(Denied::CallEnded);
    }
    let mutes = matches!(act, Act::Mute | Act::MuteSelf | Act::UnmuteSelf);
    if mutes && call.kind == CallKind::OneToOne {
        return Err(Denied::GroupCallsOnly);
    }
    match &target.who {
        None => may_self(desk.keymap(), act, call)?,
        Some(ParticipantRef::Party(_)) => {
            let missing = || Denied::RosterMissing(desk.keymap().shortcut_for(Command::Reread));
            return Err(if call.kind == CallKind::OneToOne { Denied::NoRoster } else { missing() });
        }
        Some(ParticipantRef::Person(id)) => {
            let person = call.people.get(id).ok_or(Denied::NotInRoster)?;
            may_person(desk.keymap(), act, call, person, forced)?;
        }
    }
    may_repeat(desk, act, target)
}

/// Returns whether any act is allowed. A forced act may be sent while the line is down.
fn may_act_at_all(desk: &Desk, forced: bool) -> Result<(), Denied> {
    if desk.read_only() {
        let key = desk.keymap().shortcut_for(Command::ReadOnly);
        return Err(match desk.idle_lock() {
            Some(limit) => Denied::IdleLocked(minutes(limit), key),
            None => Denied::ReadOnly(key),
        });
    }
    match desk.link().state() {
        LinkState::Live => {}
        LinkState::Connecting | LinkState::Filling if desk.link().frozen_at().is_none() => {
            return Err(Denied::BoardIncomplete);
        }
        LinkState::Refused(_) if forced => {
            return Err(Denied::NotLetIn);
        }
        LinkState::Connecting | LinkState::Filling | LinkState::Down { .. } if forced => {}
        LinkState::Connecting | LinkState::Filling | LinkState::Down { .. } | LinkState::Refused(_) => {
            let age = desk.link().stale(desk.now()).unwrap_or_default();
            return Err(Denied::LineDown(age));
        }
    }
    match desk.link().role() {
        Role::Operator => Ok(()),
        Role::Viewer => Err(Denied::IsViewer),
    }
}

/// Refuses an act that is already waiting for its proof on the same target: asking again would prove nothing.
fn may_repeat(desk: &Desk, act: Act, target: &ActTarget) -> Result<(), Denied> {
    let person = target.person();
    let floor = desk.live();
    let same = floor.recent_operations().find(|it| {
        // A call holds one person at a time, so a hold that is under way counts even before its proof.
        let same = act == Act::Hold || it.participant.as_ref() == person;
        it.act == act && it.call == target.call && same && it.standing(desk.now()).is_in_progress()
    });
    if let Some(operation) = same.filter(|it| it.participant.as_ref() != person) {
        let (number, held) = (operation.number.0, &operation.target);
        return Err(Denied::HoldUnderWay(number, held.to_string()));
    }
    if let Some(operation) = same {
        return Err(Denied::AlreadyAsked(operation.number.0));
    }
    let sending =
        desk.acts.pending.sending(floor).any(|it| it.act == act && it.call == target.call && it.person() == person);
    if sending { Err(Denied::BeingSent) } else { Ok(()) }
}
