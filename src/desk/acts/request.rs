//! From a key to a request: an act is weighed, confirmed, sent, and its answer taken.
//!
//! What the desk refuses is kept as a slip of its own, without an operation number: numbers are the journal's.

use super::confirm::{Confirm, ConfirmDecision, TypedWord};
use super::rules::{ActTarget, Denied};
use crate::desk::board::selection::ParticipantRef;
use crate::desk::{ActToSend, Desk, Effect, GateAnswer, Modal, PendingState};
use crate::floor::{Act, Hold, HoldSource, Operation, Person, Ticket};
use crate::graph::GraphError;
use crate::time::Millis;

/// What to call a participant: the name, else the start of the id; untrusted text.
#[must_use]
pub fn called(person: &Person) -> String {
    if person.name.trim().is_empty() { format!("id {}", person.id.0.short()) } else { person.name.to_string() }
}

/// What others did this lately is worth knowing before one acts on the same person.
const LATELY: Millis = Millis::seconds(30);

impl Desk {
    /// Opens the confirm of an act on what is selected, or keeps and says why it is refused.
    pub fn ask(&mut self, act: Act) {
        if self.marked() > 0 && matches!(act, Act::Mute | Act::Hold | Act::Release | Act::Remove) {
            return self.ask_targets(act, self.marked_targets());
        }
        match self.target(act) {
            Ok(target) => {
                let fast = self.goes_fast(act, &target);
                self.ask_about(act, target);
                if let (Modal::Confirm(confirm), true) = (&mut self.modal, fast) {
                    confirm.pass();
                }
            }
            Err(reason) => self.warn(format!("{act}: {reason}")),
        }
    }

    /// The same about a target that is named already.
    pub(in crate::desk) fn ask_about(&mut self, act: Act, target: ActTarget) {
        if let Err(reason) = self.may(act, &target) {
            return self.refuse(act, &target, &reason);
        }
        self.open_confirm(act, target, Vec::new());
    }

    /// Opens the confirm of an act that may be asked, or is forced and passes over these rules.
    pub(in crate::desk) fn open_confirm(&mut self, act: Act, target: ActTarget, forced: Vec<String>) {
        let ticket = self.tickets.mint(self.now);
        let Some(confirm) = self.confirm(act, target, ticket) else { return };
        let confirm = Confirm { forced, ..confirm };
        self.freeze();
        self.modal = Modal::Confirm(Box::new(confirm));
    }

    /// Does what a key decided about the open confirm.
    pub(in crate::desk) fn decide(&mut self, confirm: Confirm, decision: ConfirmDecision) -> Vec<Effect> {
        match decision {
            ConfirmDecision::Open => {
                self.modal = Modal::Confirm(Box::new(confirm));
                return Vec::new();
            }
            ConfirmDecision::No => self.say(format!("{}: not sent", confirm.act)),
            ConfirmDecision::Yes => {
                self.thaw();
                if let Some(many) = confirm.many {
                    self.begin_bulk(confirm.act, many);
                    return Vec::new();
                }
                let weighed = match confirm.forced.as_slice() {
                    [] => self.may(confirm.act, &confirm.target),
                    _ => self.may_forced(confirm.act, &confirm.target),
                };
                if let Err(reason) = weighed {
                    self.refuse(confirm.act, &confirm.target, &reason);
                    return Vec::new();
                }
                return vec![self.send(confirm)];
            }
        }
        self.thaw();
        Vec::new()
    }

    /// Takes what came back of an act.
    pub(in crate::desk) fn answered(&mut self, ticket: &Ticket, answer: &GateAnswer) {
        let of_many = self.bulk.answered(ticket);
        let Some(state) = state_of(answer) else {
            return self.pending.set(ticket, PendingState::Accepted);
        };
        let act = self.pending.act(ticket).map(|it| it.to_string()).unwrap_or_default();
        // Of many, the line that counts them tells.
        if let PendingState::Refused(reason) | PendingState::Unknown(reason) = &state
            && !of_many
        {
            self.warn(format!("{act}: {reason}"));
        }
        self.pending.set(ticket, state);
    }

    fn send(&mut self, confirm: Confirm) -> Effect {
        let label = self.label(&confirm.target);
        self.pending.sent(&confirm.ticket, self.now, confirm.act, (&confirm.target, label));
        self.unmark(&confirm.target);
        self.message = None;
        self.followed_ticket = Some(confirm.ticket.clone());
        self.settle();
        // By our own clock: the shell measures with it how long ago that was.
        let pressed = self.now - self.link.ahead;
        Effect::Send(Box::new(ActToSend { ticket: confirm.ticket, action: confirm.action, pressed }))
    }

    pub(in crate::desk) fn refuse(&mut self, act: Act, target: &ActTarget, reason: &Denied) {
        self.warn(format!("{act}: {reason}"));
        let label = self.label(target);
        self.pending.refused(self.now, act, (target, label), reason);
        self.settle();
    }

    /// Whom and what call an act is about, as the ledger shows it; untrusted text.
    pub(in crate::desk) fn label(&self, target: &ActTarget) -> String {
        let Some(call) = self.live().call(&target.call) else { return target.call.0.short() };
        match &target.who {
            None => call.title(),
            Some(ParticipantRef::Person(id)) => {
                let name = call.people.get(id).map_or_else(|| id.0.short(), called);
                format!("{name} / {}", call.title())
            }
            Some(ParticipantRef::Party(at)) => {
                let name = call.parties.get(*at).map_or("", |it| &it.name);
                format!("{name} / 1:1 call")
            }
        }
    }

    fn confirm(&self, act: Act, target: ActTarget, ticket: Ticket) -> Option<Confirm> {
        let action = act.action(target.call.clone(), target.person().cloned())?;
        let request = action.request(&ticket.context()?);
        let call = self.live().call(&target.call)?;
        let place = format!("call {}, {}", call.number.0, call.title());
        let person = target.person().and_then(|id| call.people.get(id));
        let question = match person {
            Some(person) => format!("{act}: {} (id {}) in {place}?", called(person), person.id.0.short()),
            None => format!("{act} in {place}?"),
        };
        let mut facts = person.map(|it| self.facts(act, it)).unwrap_or_default();
        if act == Act::HangUp {
            facts.push("this ends the application's own leg; in a group call the others stay in the call".to_owned());
        }
        facts.extend(self.others_acts(&target));
        facts.extend(self.link.looking_at(&call.id));
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
            opened: self.wall,
            early: None,
            fast: false,
            many: None,
        })
    }

    fn facts(&self, act: Act, person: &Person) -> Vec<String> {
        let name = called(person);
        let mut facts = Vec::new();
        match act {
            Act::Mute => {
                if person.muted {
                    facts.push("already muted; Graph takes it, but the call can prove nothing new".to_owned());
                }
                facts.push(format!("mute is one-way: only {name} can unmute {name}"));
            }
            Act::Release => facts.extend(self.hold_source(person)),
            Act::Hold => facts.push(format!("{name} hears music, and the others cannot hear {name}")),
            Act::Remove => facts.push(format!("{name} has to be invited again to come back")),
            Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => {}
        }
        facts
    }

    /// What other operators did to the same person, or in the same call, in the last half minute.
    pub(in crate::desk) fn others_acts(&self, target: &ActTarget) -> Option<String> {
        let person = target.person();
        let recent = |it: &&Operation| self.now.since(it.pressed) <= LATELY && *it.by != *self.link.operator;
        let same = |it: &&Operation| it.call == target.call && it.participant.as_ref() == person;
        let operation = self.live().operations().rev().take(200).filter(recent).find(same)?;
        let ago = self.now.since(operation.pressed).0.div_euclid(1_000);
        let (by, act, number) = (&operation.by, operation.act, operation.number.0);
        let standing = operation.standing(self.now).word();
        Some(format!("{by} asked the same person's {act} {ago} s ago: op {number}, {standing}"))
    }

    /// Where a person's hold comes from, a line each; untrusted text.
    #[must_use]
    pub fn hold_source(&self, person: &Person) -> Vec<String> {
        match person.hold.as_ref().map(|it| &it.source) {
            None => Vec::new(),
            Some(HoldSource::Ours { operation, by }) => {
                let whose = if **by == *self.link.operator { "your".to_owned() } else { format!("{by}'s") };
                vec![format!("since {whose} hold, op {}", operation.0)]
            }
            Some(HoldSource::Inferred) => vec![
                "inferred: main audio is inactive".to_owned(),
                "a hold made on the person's own phone may not end this way".to_owned(),
            ],
            Some(HoldSource::Unknown) => vec!["a hold was sent; its outcome is not known".to_owned()],
        }
    }

    /// The same in two or three words, for a row; untrusted text.
    #[must_use]
    pub fn hold_source_short(&self, hold: &Hold) -> String {
        match &hold.source {
            HoldSource::Ours { operation, by } if **by == *self.link.operator => {
                format!("your op {}", operation.0)
            }
            HoldSource::Ours { operation, by } => format!("by {by} op {}", operation.0),
            HoldSource::Inferred => "inferred".to_owned(),
            HoldSource::Unknown => "outcome unknown".to_owned(),
        }
    }

    pub(in crate::desk) fn thaw(&mut self) {
        self.frozen = None;
        self.settle();
    }
}

/// What an answer makes of a slip; `None` for success.
fn state_of(answer: &GateAnswer) -> Option<PendingState> {
    match answer {
        GateAnswer::Replied { status, .. } if (200..300).contains(status) => None,
        GateAnswer::Replied { status, body } => Some(PendingState::Refused(sentence(*status, body))),
        GateAnswer::Lost { sent: false, error } => Some(PendingState::Refused(format!("not sent: {error}"))),
        GateAnswer::Lost { sent: true, error } => {
            Some(PendingState::Unknown(format!("no answer from the gate: {error}")))
        }
    }
}

/// An error answer as a sentence; untrusted text.
pub(in crate::desk) fn sentence(status: u16, body: &str) -> String {
    GraphError::read(body).unwrap_or_default().sentence(status)
}
