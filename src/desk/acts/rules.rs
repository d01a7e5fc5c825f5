//! What may be asked now, and why not. One rule an act, decided on the live floor; the gate and Graph decide again.
//!
//! A rule that is Graph's names it in its reason: mute is for group calls, one person on hold at a time, nobody can
//! unmute another.

use std::fmt;

use super::idle_lock::minutes;
use crate::desk::board::selection::ParticipantRef;
use crate::desk::link::LinkState;
use crate::desk::{Desk, DeskRole, called};
use crate::floor::{Act, CallKind, FloorCall, HoldSource, OperationStatus, Person};
use crate::graph::{CallId, ParticipantId};

/// Why something is off, in words; may hold untrusted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied(pub String);

/// Whom an act is about: bound when the key is pressed, and not looked up again by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct ActTarget {
    pub(in crate::desk) call: CallId,
    pub(in crate::desk) who: Option<ParticipantRef>,
}

/// Whether an act could be asked for what is selected.
///
/// # Errors
/// The reason why not.
pub fn offered(desk: &Desk, act: Act) -> Result<(), Denied> {
    if desk.marked() > 0 && matches!(act, Act::Mute | Act::Hold | Act::Release | Act::Remove) {
        return desk.offered_many(act);
    }
    let target = desk.target(act)?;
    desk.may(act, &target)
}

impl Desk {
    /// What an act would be about: the selection.
    pub(in crate::desk) fn target(&self, act: Act) -> Result<ActTarget, Denied> {
        let call = self.call().ok_or_else(|| Denied::of("no call is selected"))?.id.clone();
        let who = match act {
            Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => None,
            Act::Mute | Act::Hold | Act::Release | Act::Remove => {
                Some(self.selected_participant().cloned().ok_or_else(|| Denied::of("nobody is selected"))?)
            }
        };
        Ok(ActTarget { call, who })
    }

    /// The rule of an act, decided on the live floor.
    pub(in crate::desk) fn may(&self, act: Act, target: &ActTarget) -> Result<(), Denied> {
        self.check(act, target, false)
    }

    /// The same for an act that is asked although the board may be wrong.
    pub(in crate::desk) fn may_forced(&self, act: Act, target: &ActTarget) -> Result<(), Denied> {
        self.check(act, target, true)
    }

    fn check(&self, act: Act, target: &ActTarget, forced: bool) -> Result<(), Denied> {
        self.may_act_at_all(forced)?;
        let call = self.live().call(&target.call).ok_or_else(|| Denied::of("the call has left the floor"))?;
        if !call.is_live() {
            return Err(Denied::of("the call has ended"));
        }
        let mutes = matches!(act, Act::Mute | Act::MuteSelf | Act::UnmuteSelf);
        if mutes && call.kind == CallKind::OneToOne {
            return Err(Denied::of("group calls only: Graph offers no mute in a 1:1 call"));
        }
        match &target.who {
            None => may_self(act, call)?,
            Some(ParticipantRef::Party(_)) => {
                return Err(Denied::of("a 1:1 call has no roster, so nobody in it can be named"));
            }
            Some(ParticipantRef::Person(id)) => {
                let person = call.people.get(id).ok_or_else(|| Denied::of("they are no longer in the roster"))?;
                may_person(act, call, person, forced)?;
            }
        }
        self.may_repeat(act, target)
    }

    /// Whether anything may be asked at all.
    pub(in crate::desk) fn may_act(&self) -> Result<(), Denied> {
        self.may_act_at_all(false)
    }

    /// The same; what is forced passes over a line that is down.
    pub(in crate::desk) fn may_act_at_all(&self, forced: bool) -> Result<(), Denied> {
        if self.read_only() {
            return Err(match self.idle_lock() {
                Some(limit) => Denied(format!("read only after {} min without a key: W turns acts on", minutes(limit))),
                None => Denied::of("read only: W turns acts on"),
            });
        }
        match &self.link().state {
            LinkState::Live => {}
            LinkState::Connecting | LinkState::Filling if self.link().frozen_at.is_none() => {
                return Err(Denied::of("the board is not complete yet"));
            }
            LinkState::Refused(_) if forced => {
                return Err(Denied::of("the relay does not let this desk in, and so its gate does not either"));
            }
            LinkState::Connecting | LinkState::Filling | LinkState::Down { .. } if forced => {}
            LinkState::Connecting | LinkState::Filling | LinkState::Down { .. } | LinkState::Refused(_) => {
                let age = self.link().stale(self.now()).unwrap_or_default();
                return Err(Denied(format!("the line is down for {age}: the board may be wrong; :force asks anyway")));
            }
        }
        match self.link().role {
            DeskRole::Operator => Ok(()),
            DeskRole::Viewer => Err(Denied::of("your role is viewer: ask for the operator role")),
        }
    }

    /// The same act on the same target waits for its proof: asking again would tell nothing.
    fn may_repeat(&self, act: Act, target: &ActTarget) -> Result<(), Denied> {
        let person = target.person();
        let open =
            |standing| matches!(standing, OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted);
        let floor = self.live();
        let same = floor.operations().rev().take(200).find(|it| {
            // One person is on hold at a time: any hold that is under way in the call may still come to be.
            let same = act == Act::Hold || it.participant.as_ref() == person;
            it.act == act && it.call == target.call && same && open(it.standing(self.now()))
        });
        if let Some(operation) = same.filter(|it| it.participant.as_ref() != person) {
            let (number, held) = (operation.number.0, &operation.target);
            return Err(Denied(format!("one at a time: op {number} is putting {held} on hold")));
        }
        if let Some(operation) = same {
            return Err(Denied(format!("already asked: op {} waits for its proof", operation.number.0)));
        }
        let sending =
            self.pending.sending(floor).any(|it| it.act == act && it.call == target.call && it.person() == person);
        if sending { Err(Denied::of("already asked: it is being sent")) } else { Ok(()) }
    }

    /// What `s` would do in the selected call.
    pub(in crate::desk) fn own_toggle(&self) -> Act {
        let muted = self.call().and_then(|it| self.live().call(&it.id)?.me()).is_some_and(|me| me.muted);
        if muted { Act::UnmuteSelf } else { Act::MuteSelf }
    }
}

fn may_self(act: Act, call: &FloorCall) -> Result<(), Denied> {
    if act != Act::HangUp && call.me().is_none() {
        return Err(Denied::of("the application's own participant is not known yet: read the call again (ctrl-r)"));
    }
    Ok(())
}

fn may_person(act: Act, call: &FloorCall, person: &Person, forced: bool) -> Result<(), Denied> {
    let name = called(person);
    if person.left.is_some() {
        return Err(Denied(format!("{name} has left")));
    }
    if person.lobby.is_some() {
        return Err(Denied(format!("{name} waits in the lobby: Graph has no call to let anyone in")));
    }
    if call.is_me(&person.id) {
        return Err(Denied::of("this is the application itself: s mutes and unmutes it"));
    }
    match act {
        Act::Hold => may_hold(call, person, &name),
        Act::Release => may_release(person, &name, forced),
        Act::Mute | Act::Remove | Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => Ok(()),
    }
}

fn may_hold(call: &FloorCall, person: &Person, name: &str) -> Result<(), Denied> {
    if person.hold.is_some() {
        return Err(Denied(format!("{name} is on hold already")));
    }
    match call.held_by_us() {
        Some(held) => {
            Err(Denied(format!("one at a time: {} is on hold in this call; release them first", called(held))))
        }
        None => Ok(()),
    }
}

fn may_release(person: &Person, name: &str, forced: bool) -> Result<(), Denied> {
    match person.hold.as_ref().map(|it| &it.source) {
        Some(HoldSource::Ours { .. } | HoldSource::Inferred) => Ok(()),
        Some(HoldSource::Unknown) if forced => Ok(()),
        Some(HoldSource::Unknown) => Err(Denied(format!(
            "whether {name} is on hold is not known: the outcome of the hold is open; read the call again (ctrl-r), \
             or :force release asks anyway"
        ))),
        None => Err(Denied(format!("{name} is not on hold"))),
    }
}

impl ActTarget {
    pub(in crate::desk) const fn person(&self) -> Option<&ParticipantId> {
        match &self.who {
            Some(ParticipantRef::Person(id)) => Some(id),
            Some(ParticipantRef::Party(_)) | None => None,
        }
    }
}

impl Denied {
    pub(in crate::desk) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
