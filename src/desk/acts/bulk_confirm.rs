//! An act on many people: one confirm that names them all, and those it leaves out with the reason.

use crossterm::event::{KeyCode, KeyEvent};

use super::confirm::{Confirm, TypedWord};
use super::rules::{ActTarget, Denied};
use crate::desk::{Desk, Modal, called};
use crate::floor::{Act, HoldSource, Person, Ticket};
use crate::graph::GraphAction;

/// What a confirm of many people lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkConfirm {
    /// Who is acted on when the answer is yes, in this order.
    pub items: Vec<BulkItem>,
    /// Who is not, and why; untrusted text.
    pub left_out: Vec<(String, Denied)>,
    /// How many names are above the first shown.
    pub scroll: usize,
}

/// One act of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem {
    /// What is asked of Graph.
    pub action: GraphAction,
    /// Its mark.
    pub ticket: Ticket,
    /// Who, by name, id and call; untrusted text.
    pub name: String,
    /// The name alone; untrusted text.
    pub called: String,
    pub(in crate::desk) target: ActTarget,
}

impl BulkConfirm {
    /// Moves the list by a key; false when the key does not move it. Letters move it only where none are typed.
    pub(in crate::desk) fn scrolled(&mut self, key: KeyEvent, typed: bool) -> bool {
        // Reasons may take more than one line.
        let last = (self.items.len() + self.left_out.len() * 4).saturating_sub(1);
        #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is for the answer")]
        let to = match key.code {
            KeyCode::Down => self.scroll + 1,
            KeyCode::Up => self.scroll.saturating_sub(1),
            KeyCode::PageDown => self.scroll + 5,
            KeyCode::PageUp => self.scroll.saturating_sub(5),
            KeyCode::Char('j') if !typed => self.scroll + 1,
            KeyCode::Char('k') if !typed => self.scroll.saturating_sub(1),
            _ => return false,
        };
        self.scroll = to.min(last);
        true
    }
}

impl Desk {
    /// Opens the confirm of an act on these people; one is asked about like one that is selected.
    pub(in crate::desk) fn ask_targets(&mut self, act: Act, mut targets: Vec<ActTarget>) {
        if targets.len() < 2 {
            return match targets.pop() {
                Some(target) => self.ask_about(act, target),
                None => self.say("nobody is marked"),
            };
        }
        if act == Act::Hold {
            return self.warn(format!("{act}: one at a time, and several are marked; \\ clears the marks"));
        }
        if let Some(batch) = self.bulk.under_way() {
            let (what, left) = (batch.title(), batch.waiting());
            return self.warn(format!("{act}: {what} is still being sent, {left} to go; Esc stops it"));
        }
        let mut many = BulkConfirm { items: Vec::new(), left_out: Vec::new(), scroll: 0 };
        for target in targets {
            match self.may(act, &target).and_then(|()| self.item(act, &target)) {
                Ok(item) => many.items.push(item),
                Err(reason) => many.left_out.push((self.named(&target), reason)),
            }
        }
        match self.confirm_many(act, many) {
            Ok(confirm) => {
                self.freeze();
                self.modal = Modal::Confirm(Box::new(confirm));
            }
            Err(left_out) => {
                let first = left_out.first().map(|(name, why)| format!("{name}: {why}")).unwrap_or_default();
                self.warn(format!("{act}: none of the {} may be; {first}", left_out.len()));
            }
        }
    }

    /// Whether an act on the marked could be asked: for one of them at least.
    pub(in crate::desk) fn offered_many(&self, act: Act) -> Result<(), Denied> {
        let targets = self.marked_targets();
        if act == Act::Hold && targets.len() > 1 {
            return Err(Denied::of("one at a time, and several are marked"));
        }
        let mut first = Err(Denied::of("nobody is marked"));
        for (at, target) in targets.iter().enumerate() {
            match self.may(act, target) {
                Ok(()) => return Ok(()),
                Err(reason) if at == 0 => first = Err(reason),
                Err(_) => {}
            }
        }
        first
    }

    fn item(&mut self, act: Act, target: &ActTarget) -> Result<BulkItem, Denied> {
        let action = act.action(target.call.clone(), target.person().cloned());
        let action = action.ok_or_else(|| Denied::of("nobody is named"))?;
        let ticket = self.tickets.mint(self.now);
        let called = self.person_of(target).map(called).unwrap_or_default();
        Ok(BulkItem { action, ticket, name: self.named(target), called, target: target.clone() })
    }

    /// A confirm of all these; those left out when nobody remains.
    fn confirm_many(&self, act: Act, many: BulkConfirm) -> Result<Confirm, Vec<(String, Denied)>> {
        let Some(first) = many.items.first().cloned() else { return Err(many.left_out) };
        let Some(context) = first.ticket.context() else { return Err(many.left_out) };
        let facts = self.facts_of_many(act, &many.items);
        let count = many.items.len();
        let people = if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
        Ok(Confirm {
            act,
            request: first.action.request(&context),
            action: first.action,
            ticket: first.ticket,
            question: format!("{act}: {people}?"),
            facts,
            forced: Vec::new(),
            typed: (act == Act::Remove).then(|| TypedWord::of("REMOVE", String::new())),
            note: None,
            target: first.target,
            opened: self.wall,
            early: None,
            fast: false,
            many: Some(many),
        })
    }

    /// What is worth knowing about all of them before the answer, and about some of them by name; untrusted text.
    fn facts_of_many(&self, act: Act, items: &[BulkItem]) -> Vec<String> {
        let who = |wanted: &dyn Fn(&Person) -> bool| {
            let is = |it: &&BulkItem| self.person_of(&it.target).is_some_and(wanted);
            items.iter().filter(is).map(|it| it.called.as_str()).collect::<Vec<_>>().join(", ")
        };
        let mut facts = Vec::new();
        match act {
            Act::Mute => {
                facts.push("mute is one-way: only they themselves can unmute".to_owned());
                let muted = who(&|it| it.muted);
                if !muted.is_empty() {
                    facts.push(format!("already muted, so that the call can prove nothing new: {muted}"));
                }
            }
            Act::Release => {
                let inferred = who(&|it| it.hold.as_ref().is_some_and(|it| it.source == HoldSource::Inferred));
                if !inferred.is_empty() {
                    facts.push(format!(
                        "only inferred, and a hold made on one's own phone may not end this way: {inferred}"
                    ));
                }
            }
            Act::Remove => facts.push("they have to be invited again to come back".to_owned()),
            Act::Hold | Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => {}
        }
        let others = |it: &BulkItem| Some(format!("{}: {}", it.called, self.others_acts(&it.target)?));
        facts.extend(items.iter().filter_map(others).take(3));
        facts
    }

    pub(in crate::desk) fn person_of(&self, target: &ActTarget) -> Option<&Person> {
        self.live().call(&target.call)?.people.get(target.person()?)
    }

    /// Who a target is, by name, id and call; untrusted text.
    fn named(&self, target: &ActTarget) -> String {
        let Some(call) = self.live().call(&target.call) else { return target.call.0.short() };
        let place = format!("call {}, {}", call.number.0, call.title());
        match target.person() {
            Some(id) => match call.people.get(id) {
                Some(person) => format!("{} (id {}) in {place}", called(person), id.0.short()),
                None => format!("id {} in {place}", id.0.short()),
            },
            None => place,
        }
    }
}
