//! Stage mode: everyone and everything that has a name in the world has another one on this screen.
//!
//! While it is on, the desk works under the other names throughout: what it shows, selects, filters, asks and keeps. The
//! true floor stands behind it; ids become true again only in what leaves the desk, so an act reaches whom it named.

use super::board::filter::Filter;
use super::board::selection::ParticipantRef;
use super::event::{Effect, GateAnswer};
use super::{Desk, Modal, Pane};
use crate::floor::{Floor, Pseudonyms};
use crate::graph::{CallId, GraphAction, ParticipantId};
use crate::protocol::{ConnectedOperator, FeedEvent, HelloFrame};

/// What stands behind a desk in stage mode.
#[derive(Debug)]
pub(super) struct PrivacyMode {
    veil: Pseudonyms,
    floor: Floor,
    paused: Option<Floor>,
    label: String,
    operator: String,
    others: Vec<ConnectedOperator>,
    /// The filters that are put by meanwhile: they may hold true names.
    filters: Vec<(Pane, Filter)>,
}

/// How ids become others.
struct IdPseudonyms<'a> {
    call: &'a dyn Fn(&CallId) -> CallId,
    person: &'a dyn Fn(&ParticipantId) -> ParticipantId,
}

impl PrivacyMode {
    /// A text under other names: whole names of the floor, ids and long numbers.
    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, other) in self.veil.name_pairs(&self.floor) {
            if text.contains(&name) {
                text = in_place_of(&text, &name, &other);
            }
        }
        self.veil.anonymise_text(&text)
    }

    fn true_call(&self, call: &CallId) -> CallId {
        self.floor
            .calls()
            .find(|it| self.veil.call_id(&it.id) == *call)
            .map_or_else(|| call.clone(), |it| it.id.clone())
    }

    fn true_person(&self, person: &ParticipantId) -> ParticipantId {
        let mut people = self.floor.calls().flat_map(|it| it.people.keys());
        people.find(|it| self.veil.participant_id(it) == *person).unwrap_or(person).clone()
    }

    fn greeting(&self, greeting: &HelloFrame) -> HelloFrame {
        let label =
            if greeting.label.starts_with("SIMULATOR") { "SIMULATOR".to_owned() } else { "a tenant".to_owned() };
        HelloFrame { label, operator: self.veil.operator_name(&greeting.operator), ..greeting.clone() }
    }

    fn onlooker(&self, other: &ConnectedOperator) -> ConnectedOperator {
        let looking = other.looking.as_ref().map(|it| self.veil.call_id(it));
        ConnectedOperator { operator: self.veil.operator_name(&other.operator), role: other.role, looking }
    }
}

impl Desk {
    /// Whether everything has another name here.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Gives everything another name, or its own again. Filters are put by meanwhile: they may hold true names.
    pub(super) fn toggle_private(&mut self) {
        if self.batches.is_under_way() {
            return self.warn("an act on many is under way: P works when it is done");
        }
        // What holds names and ids of its own is let go of: marks, and how acts on many are gathered into rows.
        (self.marks, self.batches) =
            (super::acts::marks::MarkedPeople::default(), super::acts::bulk::BulkActs::default());
        let kept = |pane: &Pane| self.filter(*pane).map(|it| (*pane, it.clone()));
        let filters: Vec<_> = Pane::ALL.iter().filter_map(kept).collect();
        for pane in Pane::ALL {
            self.filter_by(pane, None);
        }
        self.overlay = Modal::None;
        match self.private.take() {
            None => self.veil(filters),
            Some(mut private) => {
                self.unveil(&private);
                for (pane, filter) in private.filters.drain(..) {
                    self.filter_by(pane, Some(filter));
                }
            }
        }
        self.settle_view();
    }

    fn veil(&mut self, filters: Vec<(Pane, Filter)>) {
        let veil = self.session.clone();
        let floor = std::mem::take(&mut self.floor);
        self.floor = veil.anonymise_floor(&floor);
        let paused = self.paused.as_mut().map(|it| {
            let veiled = veil.anonymise_floor(&it.floor);
            std::mem::replace(&mut it.floor, veiled)
        });
        self.rename(&IdPseudonyms { call: &|it| veil.call_id(it), person: &|it| veil.participant_id(it) });
        let private = PrivacyMode {
            floor,
            paused,
            label: std::mem::take(&mut self.link.label),
            operator: std::mem::take(&mut self.link.operator),
            others: std::mem::take(&mut self.link.others),
            filters,
            veil,
        };
        let (label, operator) = (private.label.clone(), private.operator.clone());
        let greeting = HelloFrame { label, operator, ..HelloFrame::default() };
        let HelloFrame { label, operator, .. } = private.greeting(&greeting);
        (self.link.label, self.link.operator) = (label, operator);
        self.link.others = private.others.iter().map(|it| private.onlooker(it)).collect();
        self.slips.say_anew(|why| private.text(why));
        let put_by = if private.filters.is_empty() { "" } else { "; the filters are put by until P shows true names" };
        self.private = Some(Box::new(private));
        self.label_slips();
        self.say(format!(
            "private: names, numbers, subjects, tenants and ids are others now; acts reach whom they name{put_by}"
        ));
    }

    fn unveil(&mut self, private: &PrivacyMode) {
        let PrivacyMode { floor, paused, label, operator, others, .. } = private;
        self.rename(&IdPseudonyms { call: &|it| private.true_call(it), person: &|it| private.true_person(it) });
        self.floor = floor.clone();
        if let (Some(shown), Some(floor)) = (&mut self.paused, paused) {
            shown.floor = floor.clone();
        }
        self.link.label.clone_from(label);
        self.link.operator.clone_from(operator);
        self.link.others.clone_from(others);
        self.label_slips();
        self.say("true names are shown again");
    }

    fn rename(&mut self, renames: &IdPseudonyms<'_>) {
        for call in [&mut self.call, &mut self.looked].into_iter().flatten() {
            *call = (renames.call)(call);
        }
        if let Some(ParticipantRef::Person(id)) = &mut self.who {
            *id = (renames.person)(id);
        }
        self.acknowledged.rename(renames.call, renames.person);
        self.alarms.told.rename(renames.call, renames.person);
        self.slips.rename(renames.call, renames.person);
    }

    /// Gives the true floor something new, and the shown one the same under its names.
    pub(super) fn on_true_floor<R>(&mut self, change: impl FnOnce(&mut Floor) -> R) -> R {
        let Some(private) = &mut self.private else { return change(&mut self.floor) };
        let result = change(&mut private.floor);
        self.floor = private.veil.anonymise_floor(&private.floor);
        result
    }

    /// What the line says, under other names where it is about operators.
    pub(super) fn covered(&mut self, feed: FeedEvent) -> FeedEvent {
        let Some(private) = &mut self.private else { return feed };
        match feed {
            FeedEvent::Hello(greeting) => {
                private.label.clone_from(&greeting.label);
                private.operator.clone_from(&greeting.operator);
                FeedEvent::Hello(private.greeting(&greeting))
            }
            FeedEvent::Presence(others) => {
                let theirs = others.iter().map(|it| private.onlooker(it)).collect();
                private.others = others.into_iter().filter(|it| it.operator != private.operator).collect();
                FeedEvent::Presence(theirs)
            }
            FeedEvent::Down { reason, retry_at } => FeedEvent::Down { reason: private.text(&reason), retry_at },
            FeedEvent::Refused(reason) => FeedEvent::Refused(private.text(&reason)),
            FeedEvent::Connecting
            | FeedEvent::Reset(_)
            | FeedEvent::Past(_)
            | FeedEvent::Snapshot(_)
            | FeedEvent::Entries(_)
            | FeedEvent::CaughtUp
            | FeedEvent::Heartbeat(_)
            | FeedEvent::History(_)
            | FeedEvent::Refusing(_) => feed,
        }
    }

    /// An answer of the gate, without anybody's name in what it says.
    pub(super) fn covered_answer(&self, answer: GateAnswer) -> GateAnswer {
        match (&self.private, answer) {
            (Some(private), GateAnswer::Replied { status, body }) => {
                GateAnswer::Replied { status, body: private.text(&body) }
            }
            (Some(private), GateAnswer::Lost { sent, error }) => GateAnswer::Lost { sent, error: private.text(&error) },
            (None, answer) => answer,
        }
    }

    /// A call as it is called here.
    pub(super) fn covered_call(&self, call: &CallId) -> CallId {
        self.private.as_ref().map_or_else(|| call.clone(), |it| it.veil.call_id(call))
    }

    /// A sentence of the message line, without anybody's name.
    pub(super) fn covered_text(&self, text: String) -> String {
        match &self.private {
            Some(private) => private.text(&text),
            None => text,
        }
    }

    /// What leaves the desk, about the true ones.
    pub(super) fn uncovered(&self, effects: Vec<Effect>) -> Vec<Effect> {
        let Some(private) = &self.private else { return effects };
        let call = |it: &CallId| private.true_call(it);
        let truly = |effect| match effect {
            Effect::Send(mut send) => {
                send.action = truly_about(private, send.action);
                Effect::Send(send)
            }
            Effect::Reread { call: it, roster } => Effect::Reread { call: call(&it), roster },
            Effect::Look(it) => Effect::Look(it.as_ref().map(call)),
            Effect::Control(_)
            | Effect::Wake
            | Effect::Reload
            | Effect::Read { .. }
            | Effect::Copy(_)
            | Effect::Alarm(..)
            | Effect::Export(..)
            | Effect::Quit => effect,
        };
        effects.into_iter().map(truly).collect()
    }
}

fn truly_about(private: &PrivacyMode, action: GraphAction) -> GraphAction {
    use GraphAction::{
        GetCall, GetOperation, GetParticipant, HangUp, KeepAlive, ListParticipants, MuteParticipant, MuteSelf,
        RemoveParticipant, StartHoldMusic, StopHoldMusic, UnmuteSelf,
    };
    let call = private.true_call(action.call());
    let person = |it: &ParticipantId| private.true_person(it);
    match action {
        MuteSelf(_) => MuteSelf(call),
        UnmuteSelf(_) => UnmuteSelf(call),
        MuteParticipant(_, it) => MuteParticipant(call, person(&it)),
        StartHoldMusic(_, it) => StartHoldMusic(call, person(&it)),
        StopHoldMusic(_, it) => StopHoldMusic(call, person(&it)),
        RemoveParticipant(_, it) => RemoveParticipant(call, person(&it)),
        HangUp(_) => HangUp(call),
        KeepAlive(_) => KeepAlive(call),
        GetCall(_) => GetCall(call),
        ListParticipants(_) => ListParticipants(call),
        GetParticipant(_, it) => GetParticipant(call, person(&it)),
        GetOperation(_, operation) => GetOperation(call, operation),
    }
}

/// A text with another name wherever a name stands as a whole word.
fn in_place_of(text: &str, name: &str, other: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(name) {
        let inside = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
        let whole = !inside(before.chars().next_back()) && !inside(after.chars().next());
        out.push_str(before);
        out.push_str(if whole { other } else { name });
        rest = after;
    }
    out.push_str(rest);
    out
}
