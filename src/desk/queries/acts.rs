//! Labels of targets, sources of holds, marks, and the acts of other operators.

use crate::desk::Desk;
use crate::desk::vocab::{ActTarget, ParticipantRef, called};
use crate::floor::{Act, CallKind, Hold, HoldSource, Operation, Person};
use crate::graph::{CallId, ParticipantId};
use crate::time::Millis;

/// How long another operator's act is worth a warning before acting on the same person.
const LATELY: Millis = Millis::seconds(30);

impl Desk {
    pub(in crate::desk) fn person_of(&self, target: &ActTarget) -> Option<&Person> {
        self.live().call(&target.call)?.people.get(target.person()?)
    }

    /// Returns a target by name, id and call; untrusted text.
    pub(in crate::desk) fn named(&self, target: &ActTarget) -> String {
        let Some(call) = self.live().call(&target.call) else { return target.call.0.short() };
        let place = call.numbered_title();
        match target.person() {
            Some(id) => match call.people.get(id) {
                Some(person) => format!("{} (id {}) in {place}", called(person), id.0.short()),
                None => format!("id {} in {place}", id.0.short()),
            },
            None => place,
        }
    }

    /// Returns whether acts on one person are sent without a confirmation.
    #[must_use]
    pub fn is_fast(&self) -> bool {
        self.acts.fast.is_on()
    }

    /// Returns after how long without a key acts went off; `None` if that is not the reason.
    #[must_use]
    pub fn idle_lock(&self) -> Option<Millis> {
        self.acts.idle.locked_after()
    }

    /// Returns whether a person is marked.
    #[must_use]
    pub fn is_marked(&self, call: &CallId, person: &ParticipantId) -> bool {
        self.acts.marks.has(call, person)
    }

    /// Returns how many people are marked, in all calls.
    #[must_use]
    pub const fn marked(&self) -> usize {
        self.acts.marks.count()
    }

    /// Returns the marked people of the shown call as targets. Acts apply to these only, so never to a person whose
    /// call is not on the screen.
    pub(in crate::desk) fn marked_here(&self) -> Vec<ActTarget> {
        let call = self.board.selection.call();
        self.acts.marks.targets().into_iter().filter(|it| Some(&it.call) == call).collect()
    }

    /// Returns how many people of the shown call are marked.
    #[must_use]
    pub fn marked_in_call(&self) -> usize {
        self.marked_here().len()
    }

    /// Returns the marked people of other calls by name and call; untrusted text.
    pub(in crate::desk) fn marked_elsewhere(&self) -> Vec<String> {
        let call = self.board.selection.call();
        let elsewhere = self.acts.marks.targets().into_iter().filter(|it| Some(&it.call) != call);
        let named = |target: ActTarget| {
            let number = self.live().call(&target.call).map(|it| it.number.0).unwrap_or_default();
            let name = self.person_of(&target).map(called).unwrap_or_default();
            format!("{name} in call {number}")
        };
        elsewhere.map(named).collect()
    }

    /// Returns the target as the operations pane shows it; untrusted text.
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
                if call.kind == CallKind::OneToOne {
                    format!("{name} / 1:1 call")
                } else {
                    format!("{name} / {}", call.title())
                }
            }
        }
    }

    /// Returns what other operators did to the same person, or in the same call, in the last half minute.
    pub(in crate::desk) fn others_acts(&self, target: &ActTarget) -> Option<String> {
        let person = target.person();
        let recent = |it: &&Operation| self.clock.now().since(it.pressed) <= LATELY && *it.by != *self.link.operator();
        let same = |it: &&Operation| it.call == target.call && it.participant.as_ref() == person;
        let operation = self.live().recent_operations().filter(recent).find(same)?;
        let ago = self.clock.now().since(operation.pressed).0.div_euclid(1_000);
        let (by, act, number) = (&operation.by, operation.act, operation.number.0);
        let standing = operation.standing(self.clock.now()).word();
        Some(format!("{by} asked for {act} of the same person {ago} s ago: op {number}, {standing}"))
    }

    /// Returns the source of a person's hold in full sentences, a line each; untrusted text.
    #[must_use]
    pub fn hold_source(&self, person: &Person) -> Vec<String> {
        match person.hold.as_ref().map(|it| &it.source) {
            None => Vec::new(),
            Some(HoldSource::Ours { operation, by }) => {
                let whose = self.askers(by);
                vec![format!("since {whose} hold, op {}", operation.0)]
            }
            Some(HoldSource::Inferred) => vec![
                "inferred: main audio is inactive".to_owned(),
                "a hold set on the person's own phone may not end this way".to_owned(),
            ],
            Some(HoldSource::Unknown) => vec!["a hold was sent; its outcome is unknown".to_owned()],
        }
    }

    /// Returns the source of a person's hold in two or three words; untrusted text.
    #[must_use]
    pub fn hold_source_short(&self, hold: &Hold) -> String {
        match &hold.source {
            HoldSource::Ours { operation, by } if self.says_you_to(by) => {
                format!("your op {}", operation.0)
            }
            HoldSource::Ours { operation, by } => format!("by {by} op {}", operation.0),
            HoldSource::Inferred => "inferred".to_owned(),
            HoldSource::Unknown => "outcome unknown".to_owned(),
        }
    }

    /// Returns what the key of the application's own mute would do in the selected call.
    pub(in crate::desk) fn own_toggle(&self) -> Act {
        let muted = self.call().and_then(|it| self.live().call(&it.id)?.own_participant()).is_some_and(|me| me.muted);
        if muted { Act::UnmuteSelf } else { Act::MuteSelf }
    }

    /// Returns whether privacy mode is on.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.privacy.is_on()
    }

    /// Returns whether one of our acts still has no outcome.
    #[must_use]
    pub fn unproven(&self) -> bool {
        let ours = |by: &str| self.link.is_own(by);
        self.acts.bulk.under_way().is_some()
            || self.acts.pending.sending(self.floors.live()).next().is_some()
            || self
                .floors
                .live()
                .recent_operations()
                .any(|it| ours(&it.by) && it.standing(self.clock.now()).is_in_progress())
    }
}
