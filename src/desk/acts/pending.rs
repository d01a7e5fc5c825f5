//! The acts that the floor does not have: those that the desk refused itself, and those that were sent and are not in
//! the journal yet. The operations pane shows them between the journal's operations.
//!
//! A pending act has no operation number. Proof and status come from the floor alone.

use std::collections::VecDeque;

use crate::desk::vocab::{ActTarget, Denied, ParticipantRef};
use crate::floor::{Act, Floor, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::time::Timestamp;

/// The pending acts, oldest first.
///
/// Bounded: past [`PendingActs::MOST`] the oldest is dropped; if it was still being sent, the journal has it, or the
/// gate's answer is shown as a message.
#[derive(Debug, Default)]
pub(in crate::desk) struct PendingActs {
    acts: VecDeque<PendingAct>,
    last: u64,
    /// Our newest act, which the message line follows until it ends.
    followed: Option<Ticket>,
}

/// An act that the floor does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAct {
    /// Its serial number on this desk.
    pub serial: u64,
    /// When its key was pressed, in floor time.
    pub at: Timestamp,
    /// The ticket, if the act was sent.
    pub ticket: Option<Ticket>,
    /// The act that was asked for.
    pub act: Act,
    /// The call that it is about.
    pub call: CallId,
    /// The target as shown; untrusted text.
    pub label: String,
    /// Its current state.
    pub state: PendingState,
    who: Option<ParticipantRef>,
}

/// The state of a pending act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingState {
    /// On its way to the gate.
    Sending,
    /// The gate accepted it; the journal's entry has not arrived yet.
    Accepted,
    /// Refused by the desk or by the gate; untrusted text.
    Refused(String),
    /// No answer came; untrusted text.
    Unknown(String),
}

impl PendingState {
    /// Returns the state and its reason as a sentence; untrusted text.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Sending => "sending".to_owned(),
            Self::Accepted => "accepted".to_owned(),
            Self::Refused(why) => format!("REFUSED, {why}"),
            Self::Unknown(why) => format!("OUTCOME UNKNOWN, {why}"),
        }
    }
}

impl PendingAct {
    pub(in crate::desk) const fn person(&self) -> Option<&ParticipantId> {
        match &self.who {
            Some(ParticipantRef::Person(id)) => Some(id),
            Some(ParticipantRef::Party(_)) | None => None,
        }
    }

    /// Returns the target of the act.
    pub(in crate::desk) fn target(&self) -> ActTarget {
        ActTarget { call: self.call.clone(), who: self.who.clone() }
    }

    /// Returns whether the floor has the act, and so knows more.
    pub(in crate::desk) fn is_known(&self, floor: &Floor) -> bool {
        self.ticket.as_ref().is_some_and(|it| floor.operation_by_ticket(it).is_some())
    }
}

impl PendingActs {
    const MOST: usize = 500;

    /// Replaces the ids of calls and people.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        for pending in &mut self.acts {
            pending.call = call(&pending.call);
            if let Some(ParticipantRef::Person(id)) = &mut pending.who {
                *id = person(id);
            }
        }
    }

    /// Replaces the texts of the reasons.
    pub(in crate::desk) fn say_anew(&mut self, words: impl Fn(&str) -> String) {
        for pending in &mut self.acts {
            if let PendingState::Refused(why) | PendingState::Unknown(why) = &mut pending.state {
                *why = words(why);
            }
        }
    }

    /// Returns the pending acts, the newest first.
    pub(in crate::desk) fn newest_first(&self) -> impl Iterator<Item = &PendingAct> {
        self.acts.iter().rev()
    }

    pub(in crate::desk) fn by_serial(&self, serial: u64) -> Option<&PendingAct> {
        self.acts.iter().find(|it| it.serial == serial)
    }

    /// Returns the targets of the pending acts, the oldest first.
    pub(in crate::desk) fn targets(&self) -> impl Iterator<Item = ActTarget> {
        self.acts.iter().map(PendingAct::target)
    }

    /// Replaces the labels of the pending acts, the oldest first.
    pub(in crate::desk) fn relabel(&mut self, labels: Vec<String>) {
        for (pending, label) in self.acts.iter_mut().zip(labels) {
            pending.label = label;
        }
    }

    /// Makes the message line follow an act until it ends.
    pub(in crate::desk) fn follow(&mut self, ticket: Ticket) {
        self.followed = Some(ticket);
    }

    pub(in crate::desk) fn unfollow(&mut self) {
        self.followed = None;
    }

    /// Returns the ticket of our newest act, which the message line follows until it ends.
    pub(in crate::desk) const fn followed(&self) -> Option<&Ticket> {
        self.followed.as_ref()
    }

    /// Returns the serial number of the newest pending act.
    pub(in crate::desk) const fn latest(&self) -> u64 {
        self.last
    }

    /// Returns the acts that were sent, were not refused, and are not in the journal yet.
    pub(in crate::desk) fn sending<'a>(&'a self, floor: &'a Floor) -> impl Iterator<Item = &'a PendingAct> {
        let open = |it: &&PendingAct| matches!(it.state, PendingState::Sending | PendingState::Accepted);
        self.acts.iter().rev().filter(open).filter(|it| !it.is_known(floor))
    }

    pub(in crate::desk) fn by_ticket(&self, ticket: &Ticket) -> Option<&PendingAct> {
        self.acts.iter().rev().find(|it| it.ticket.as_ref() == Some(ticket))
    }

    pub(in crate::desk) fn act(&self, ticket: &Ticket) -> Option<Act> {
        self.acts.iter().rev().find(|it| it.ticket.as_ref() == Some(ticket)).map(|it| it.act)
    }

    pub(in crate::desk) fn set(&mut self, ticket: &Ticket, state: PendingState) {
        if let Some(pending) = self.acts.iter_mut().rev().find(|it| it.ticket.as_ref() == Some(ticket)) {
            pending.state = state;
        }
    }

    pub(in crate::desk) fn sent(&mut self, ticket: &Ticket, at: Timestamp, act: Act, about: (&ActTarget, String)) {
        self.keep(Some(ticket.clone()), at, (act, about.0, about.1), PendingState::Sending);
    }

    /// Keeps a refusal; a repeated one only updates the time of the last.
    pub(in crate::desk) fn refused(&mut self, at: Timestamp, act: Act, about: (&ActTarget, String), reason: &Denied) {
        let state = PendingState::Refused(reason.to_string());
        if let Some(last) = self.acts.back_mut() {
            let same = last.ticket.is_none() && last.act == act && last.call == about.0.call && last.who == about.0.who;
            if same && last.state == state {
                last.at = at;
                return;
            }
        }
        self.keep(None, at, (act, about.0, about.1), state);
    }

    fn keep(&mut self, ticket: Option<Ticket>, at: Timestamp, what: (Act, &ActTarget, String), state: PendingState) {
        let (act, target, label) = what;
        self.last += 1;
        let (call, who) = (target.call.clone(), target.who.clone());
        self.acts.push_back(PendingAct { serial: self.last, at, ticket, act, call, label, state, who });
        if self.acts.len() > Self::MOST {
            self.acts.pop_front();
        }
    }
}
