//! Stage mode: everyone and everything that has a name in the world has another one on this screen.
//!
//! While it is on, the desk works under the other names throughout: what it shows, selects, filters, asks and keeps. The
//! true floor stands behind it; ids become true again only in what leaves the desk, so an act reaches whom it named.

use super::board::filter::Filter;
use super::board::selection::ParticipantRef;
use super::event::{Effect, FeedUpdate, GateAnswer, OnlineOperator, RelayGreeting};
use super::{Desk, Modal, Pane};
use crate::floor::{Floor, Pseudonyms};
use crate::graph::{CallId, GraphAction, ParticipantId};

/// What stands behind a desk in stage mode.
#[derive(Debug)]
pub(super) struct PrivacyMode {
    pseudonyms: Pseudonyms,
    floor: Floor,
    paused: Option<Floor>,
    label: String,
    operator: String,
    others: Vec<OnlineOperator>,
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
        for (name, other) in self.pseudonyms.dictionary(&self.floor) {
            if text.contains(&name) {
                text = in_place_of(&text, &name, &other);
            }
        }
        self.pseudonyms.words(&text)
    }

    fn true_call(&self, call: &CallId) -> CallId {
        self.floor
            .calls()
            .find(|it| self.pseudonyms.call(&it.id) == *call)
            .map_or_else(|| call.clone(), |it| it.id.clone())
    }

    fn true_person(&self, person: &ParticipantId) -> ParticipantId {
        let mut people = self.floor.calls().flat_map(|it| it.people.keys());
        people.find(|it| self.pseudonyms.participant(it) == *person).unwrap_or(person).clone()
    }

    fn greeting(&self, greeting: &RelayGreeting) -> RelayGreeting {
        let label =
            if greeting.label.starts_with("SIMULATOR") { "SIMULATOR".to_owned() } else { "a tenant".to_owned() };
        RelayGreeting {
            label,
            operator: self.pseudonyms.operator(&greeting.operator),
            role: greeting.role,
            now: greeting.now,
        }
    }

    fn online_operator(&self, other: &OnlineOperator) -> OnlineOperator {
        let looking = other.looking.as_ref().map(|it| self.pseudonyms.call(it));
        OnlineOperator { name: self.pseudonyms.operator(&other.name), looking }
    }
}

impl Desk {
    /// Whether everything has another name here.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Gives everything another name, or its own again. Filters are put by meanwhile: they may hold true names.
    pub(super) fn toggle_privacy(&mut self) {
        if self.bulk.is_under_way() {
            return self.warn("an act on many is under way: P works when it is done");
        }
        // What holds names and ids of its own is let go of: marks, and how acts on many are gathered into rows.
        (self.marks, self.bulk) = (super::acts::marks::MarkedPeople::default(), super::acts::bulk::BulkActs::default());
        let kept = |pane: &Pane| self.filter(*pane).map(|it| (*pane, it.clone()));
        let filters: Vec<_> = Pane::ALL.iter().filter_map(kept).collect();
        for pane in Pane::ALL {
            self.filter_by(pane, None);
        }
        self.modal = Modal::None;
        match self.private.take() {
            None => self.begin_privacy(filters),
            Some(mut private) => {
                self.end_privacy(&private);
                for (pane, filter) in private.filters.drain(..) {
                    self.filter_by(pane, Some(filter));
                }
            }
        }
        self.settle_view();
    }

    fn begin_privacy(&mut self, filters: Vec<(Pane, Filter)>) {
        let veil = self.pseudonym_seed.clone();
        let floor = std::mem::take(&mut self.floor);
        self.floor = veil.floor(&floor);
        let paused = self.paused.as_mut().map(|it| {
            let veiled = veil.floor(&it.floor);
            std::mem::replace(&mut it.floor, veiled)
        });
        self.rename(&IdPseudonyms { call: &|it| veil.call(it), person: &|it| veil.participant(it) });
        let private = PrivacyMode {
            floor,
            paused,
            label: std::mem::take(&mut self.link.label),
            operator: std::mem::take(&mut self.link.operator),
            others: std::mem::take(&mut self.link.others),
            filters,
            pseudonyms: veil,
        };
        let (label, operator) = (private.label.clone(), private.operator.clone());
        let greeting = RelayGreeting { label, operator, role: self.link.role, now: self.now };
        let RelayGreeting { label, operator, .. } = private.greeting(&greeting);
        (self.link.label, self.link.operator) = (label, operator);
        self.link.others = private.others.iter().map(|it| private.online_operator(it)).collect();
        self.pending.say_anew(|why| private.text(why));
        let put_by = if private.filters.is_empty() { "" } else { "; the filters are put by until P shows true names" };
        self.private = Some(Box::new(private));
        self.label_slips();
        self.say(format!(
            "private: names, numbers, subjects, tenants and ids are others now; acts reach whom they name{put_by}"
        ));
    }

    fn end_privacy(&mut self, private: &PrivacyMode) {
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
        for call in [&mut self.call, &mut self.reported_call].into_iter().flatten() {
            *call = (renames.call)(call);
        }
        if let Some(ParticipantRef::Person(id)) = &mut self.selected_participant {
            *id = (renames.person)(id);
        }
        self.acknowledged.rename(renames.call, renames.person);
        self.notifier.told.rename(renames.call, renames.person);
        self.pending.rename(renames.call, renames.person);
    }

    /// Gives the true floor something new, and the shown one the same under its names.
    pub(super) fn on_true_floor<R>(&mut self, change: impl FnOnce(&mut Floor) -> R) -> R {
        let Some(private) = &mut self.private else { return change(&mut self.floor) };
        let result = change(&mut private.floor);
        self.floor = private.pseudonyms.floor(&private.floor);
        result
    }

    /// What the line says, under other names where it is about operators.
    pub(super) fn anonymise_feed(&mut self, feed: FeedUpdate) -> FeedUpdate {
        let Some(private) = &mut self.private else { return feed };
        match feed {
            FeedUpdate::Hello(greeting) => {
                private.label.clone_from(&greeting.label);
                private.operator.clone_from(&greeting.operator);
                FeedUpdate::Hello(private.greeting(&greeting))
            }
            FeedUpdate::Presence(others) => {
                let theirs = others.iter().map(|it| private.online_operator(it)).collect();
                private.others = others.into_iter().filter(|it| it.name != private.operator).collect();
                FeedUpdate::Presence(theirs)
            }
            FeedUpdate::Down { reason, retry_at } => FeedUpdate::Down { reason: private.text(&reason), retry_at },
            FeedUpdate::Refused(reason) => FeedUpdate::Refused(private.text(&reason)),
            FeedUpdate::Reset(reason) => FeedUpdate::Reset(private.text(&reason)),
            FeedUpdate::Connecting
            | FeedUpdate::Snapshot(_)
            | FeedUpdate::Entries(_)
            | FeedUpdate::CaughtUp
            | FeedUpdate::Heartbeat(_)
            | FeedUpdate::History(_)
            | FeedUpdate::Refusing(_) => feed,
        }
    }

    /// An answer of the gate, without anybody's name in what it says.
    pub(super) fn anonymise_answer(&self, answer: GateAnswer) -> GateAnswer {
        match (&self.private, answer) {
            (Some(private), GateAnswer::Replied { status, body }) => {
                GateAnswer::Replied { status, body: private.text(&body) }
            }
            (Some(private), GateAnswer::Lost { sent, error }) => GateAnswer::Lost { sent, error: private.text(&error) },
            (None, answer) => answer,
        }
    }

    /// A call as it is called here.
    pub(super) fn anonymise_call(&self, call: &CallId) -> CallId {
        self.private.as_ref().map_or_else(|| call.clone(), |it| it.pseudonyms.call(call))
    }

    /// A sentence of the message line, without anybody's name.
    pub(super) fn anonymise_text(&self, text: String) -> String {
        match &self.private {
            Some(private) => private.text(&text),
            None => text,
        }
    }

    /// What leaves the desk, about the true ones.
    pub(super) fn deanonymise(&self, effects: Vec<Effect>) -> Vec<Effect> {
        let Some(private) = &self.private else { return effects };
        let call = |it: &CallId| private.true_call(it);
        let truly = |effect| match effect {
            Effect::Send(mut send) => {
                send.action = truly_about(private, send.action);
                Effect::Send(send)
            }
            Effect::Reread { call: it, roster } => Effect::Reread { call: call(&it), roster },
            Effect::ReportSelection(it) => Effect::ReportSelection(it.as_ref().map(call)),
            Effect::AskSimulator(_)
            | Effect::Wake
            | Effect::Reload
            | Effect::Read { .. }
            | Effect::Copy(_)
            | Effect::Notify(..)
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
