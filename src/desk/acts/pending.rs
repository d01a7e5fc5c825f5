//! The rows of the operations pane: the journal's operations, and between them the desk's own slips: what it refused
//! by itself, and what was sent and is not in the journal yet.
//!
//! A slip has no operation number. Proof and standing come from the floor alone.

use std::collections::VecDeque;

use crate::desk::vocab::{ActTarget, Denied, ParticipantRef};
use crate::floor::{Act, Floor, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::time::Timestamp;

/// The desk's own slips, oldest first.
///
/// Bounded: past [`PendingActs::MOST`] the oldest slip is dropped; if it was still being sent, the journal has it or the
/// answer's message tells.
#[derive(Debug, Default)]
pub(in crate::desk) struct PendingActs {
    acts: VecDeque<PendingAct>,
    last: u64,
    /// The newest act of ours, which the message line follows to its end.
    followed: Option<Ticket>,
}

/// Something that the desk itself knows of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAct {
    /// Its place among the desk's slips.
    pub serial: u64,
    /// When the key was pressed.
    pub at: Timestamp,
    /// The mark of what was sent.
    pub ticket: Option<Ticket>,
    /// What was asked.
    pub act: Act,
    /// The call.
    pub call: CallId,
    /// Whom or what it is about; untrusted text.
    pub label: String,
    /// How it is.
    pub state: PendingState,
    who: Option<ParticipantRef>,
}

/// How an act is that the floor does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingState {
    /// On its way to the gate.
    Sending,
    /// The gate said yes; the journal's entry is on its way here.
    Accepted,
    /// Refused, by the desk or by the gate; untrusted text.
    Refused(String),
    /// No answer came; untrusted text.
    Unknown(String),
}

impl PendingState {
    /// The state and its reason, as a sentence; untrusted text.
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

    /// Whom or what it is about.
    pub(in crate::desk) fn target(&self) -> ActTarget {
        ActTarget { call: self.call.clone(), who: self.who.clone() }
    }

    /// Whether the floor has it, and so tells more.
    pub(in crate::desk) fn is_known(&self, floor: &Floor) -> bool {
        self.ticket.as_ref().is_some_and(|it| floor.operation_by_ticket(it).is_some())
    }
}

impl PendingActs {
    const MOST: usize = 500;

    /// Lets them be about the same ones under other ids.
    pub(in crate::desk) fn rename(
        &mut self,
        call: &dyn Fn(&CallId) -> CallId,
        person: &dyn Fn(&ParticipantId) -> ParticipantId,
    ) {
        for slip in &mut self.acts {
            slip.call = call(&slip.call);
            if let Some(ParticipantRef::Person(id)) = &mut slip.who {
                *id = person(id);
            }
        }
    }

    /// Says their reasons in other words.
    pub(in crate::desk) fn say_anew(&mut self, words: impl Fn(&str) -> String) {
        for slip in &mut self.acts {
            if let PendingState::Refused(why) | PendingState::Unknown(why) = &mut slip.state {
                *why = words(why);
            }
        }
    }

    /// The slips, the newest first.
    pub(in crate::desk) fn newest_first(&self) -> impl Iterator<Item = &PendingAct> {
        self.acts.iter().rev()
    }

    pub(in crate::desk) fn by_serial(&self, serial: u64) -> Option<&PendingAct> {
        self.acts.iter().find(|it| it.serial == serial)
    }

    /// Whom or what the slips are about, the oldest first.
    pub(in crate::desk) fn targets(&self) -> impl Iterator<Item = ActTarget> {
        self.acts.iter().map(PendingAct::target)
    }

    /// Gives the slips other labels, the oldest first.
    pub(in crate::desk) fn relabel(&mut self, labels: Vec<String>) {
        for (slip, label) in self.acts.iter_mut().zip(labels) {
            slip.label = label;
        }
    }

    /// Lets the message line follow an act to its end.
    pub(in crate::desk) fn follow(&mut self, ticket: Ticket) {
        self.followed = Some(ticket);
    }

    pub(in crate::desk) fn unfollow(&mut self) {
        self.followed = None;
    }

    /// The act that the message line follows.
    pub(in crate::desk) const fn followed(&self) -> Option<&Ticket> {
        self.followed.as_ref()
    }

    /// The number of the newest slip.
    pub(in crate::desk) const fn latest(&self) -> u64 {
        self.last
    }

    /// What was sent, is not in the journal yet, and was not refused.
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
        if let Some(slip) = self.acts.iter_mut().rev().find(|it| it.ticket.as_ref() == Some(ticket)) {
            slip.state = state;
        }
    }

    pub(in crate::desk) fn sent(&mut self, ticket: &Ticket, at: Timestamp, act: Act, about: (&ActTarget, String)) {
        self.keep(Some(ticket.clone()), at, (act, about.0, about.1), PendingState::Sending);
    }

    /// Keeps a refusal; the same one again only moves the time of the last.
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
