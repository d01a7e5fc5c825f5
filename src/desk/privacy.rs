//! Privacy mode: every real name, number and id has a pseudonym on this screen.
//!
//! While it is on, the whole desk works with pseudonyms: it shows, selects, filters and keeps them. The true floor
//! stays behind it, and ids become true again only in effects, so an act reaches the person it names.

use crate::desk::board::filter::Filter;
use crate::desk::event::{Effect, GateAnswer};
use crate::desk::floors::Floors;
use crate::desk::link::{LinkNames, RelayLink};
use crate::desk::vocab::Pane;
use crate::floor::{Floor, Pseudonyms, replace_names};
use crate::graph::{CallId, GraphAction, ParticipantId};
use crate::protocol::{ConnectedOperator, FeedEvent, HelloFrame};

/// The pseudonyms of this desk, and the true state while privacy mode is on.
#[derive(Debug)]
pub(super) struct Privacy {
    /// The pseudonyms of this desk.
    pseudonyms: Pseudonyms,
    /// The true state, while privacy mode is on.
    mode: Option<Box<PrivacyMode>>,
}

/// The true state behind a desk in privacy mode.
#[derive(Debug)]
pub(super) struct PrivacyMode {
    pseudonyms: Pseudonyms,
    floor: Floor,
    /// The floor of the paused display, if it was paused when the mode began.
    paused: Option<Floor>,
    names: LinkNames,
    /// The suspended filters, which may contain true names.
    filters: Vec<(Pane, Filter)>,
}

impl Privacy {
    pub(super) fn new(seed: u64) -> Self {
        Self { pseudonyms: Pseudonyms::new(seed), mode: None }
    }

    /// Returns whether privacy mode is on.
    pub(super) const fn is_on(&self) -> bool {
        self.mode.is_some()
    }

    /// Replaces the names of the floors and the line with pseudonyms, and returns a mode that keeps the true
    /// ones and these filters.
    pub(super) fn cover(&self, floors: &mut Floors, link: &mut RelayLink, filters: Vec<(Pane, Filter)>) -> PrivacyMode {
        let pseudonyms = self.pseudonyms.clone();
        let (floor, paused) = floors.replace(|it| pseudonyms.anonymise_floor(it));
        let names = link.rename(|real| LinkNames {
            label: public_label(&real.label),
            operator: pseudonyms.operator_name(&real.operator),
            others: real.others.iter().map(|it| online_operator(&pseudonyms, it)).collect(),
        });
        PrivacyMode { pseudonyms, floor, paused, names, filters }
    }

    /// Turns privacy mode on: the desk works with pseudonyms from then on.
    pub(super) fn enter(&mut self, mode: PrivacyMode) {
        self.mode = Some(Box::new(mode));
    }

    /// Turns privacy mode off, and returns the true state; `None` if it was not on.
    pub(super) fn leave(&mut self) -> Option<Box<PrivacyMode>> {
        self.mode.take()
    }

    /// Changes the true floor; in privacy mode, the shown floor is rebuilt from it with pseudonyms.
    pub(super) fn change_floor<R>(&mut self, floors: &mut Floors, change: impl FnOnce(&mut Floor) -> R) -> R {
        let Some(mode) = &mut self.mode else { return floors.change_live(change) };
        let result = change(&mut mode.floor);
        floors.change_live(|it| *it = mode.pseudonyms.anonymise_floor(&mode.floor));
        result
    }

    /// Returns a message without true names.
    pub(super) fn anonymise_text(&self, text: String) -> String {
        match &self.mode {
            Some(mode) => mode.text(&text),
            None => text,
        }
    }

    /// Returns a feed event with pseudonyms for operators.
    pub(super) fn anonymise_feed(&mut self, feed: FeedEvent) -> FeedEvent {
        match &mut self.mode {
            Some(mode) => mode.feed(feed),
            None => feed,
        }
    }

    /// Returns an answer of the gate with pseudonyms in its text.
    pub(super) fn anonymise_answer(&self, answer: GateAnswer) -> GateAnswer {
        match (&self.mode, answer) {
            (Some(mode), GateAnswer::Replied { status, body }) => {
                GateAnswer::Replied { status, body: mode.text(&body) }
            }
            (Some(mode), GateAnswer::Lost { sent, error }) => GateAnswer::Lost { sent, error: mode.text(&error) },
            (Some(_), GateAnswer::Unanswered) => GateAnswer::Unanswered,
            (None, answer) => answer,
        }
    }

    /// Returns the shown id of a call.
    pub(super) fn anonymise_call(&self, call: &CallId) -> CallId {
        self.mode.as_ref().map_or_else(|| call.clone(), |it| it.other_call(call))
    }

    /// Returns the shown id of a person.
    pub(super) fn anonymise_person(&self, person: &ParticipantId) -> ParticipantId {
        self.mode.as_ref().map_or_else(|| person.clone(), |it| it.other_person(person))
    }

    /// Returns the effects with true ids in place of pseudonyms.
    pub(super) fn deanonymise(&self, effects: Vec<Effect>) -> Vec<Effect> {
        let Some(mode) = &self.mode else { return effects };
        let call = |it: &CallId| mode.true_call(it);
        let truly = |effect| match effect {
            Effect::Send(mut send) => {
                send.action = truly_about(mode, send.action);
                Effect::Send(send)
            }
            Effect::Reread { call: it, roster } => Effect::Reread { call: call(&it), roster },
            Effect::ReportSelection(it) => Effect::ReportSelection(it.as_ref().map(call)),
            Effect::AskSimulator(_)
            | Effect::Wake(_)
            | Effect::Reload
            | Effect::Redraw
            | Effect::Suspend
            | Effect::Reconnect
            | Effect::Read { .. }
            | Effect::SearchEvidence(_)
            | Effect::Copy(_)
            | Effect::Notify(..)
            | Effect::Export(..)
            | Effect::Quit => effect,
        };
        effects.into_iter().map(truly).collect()
    }
}

impl PrivacyMode {
    /// Replaces whole names of the floor, ids and long numbers in a text.
    pub(in crate::desk) fn text(&self, text: &str) -> String {
        let text = replace_names(text, &self.pseudonyms.name_pairs(&self.floor), true);
        self.pseudonyms.anonymise_text(&text)
    }

    pub(in crate::desk) fn true_call(&self, call: &CallId) -> CallId {
        self.floor
            .calls()
            .find(|it| self.pseudonyms.call_id(&it.id) == *call)
            .map_or_else(|| call.clone(), |it| it.id.clone())
    }

    pub(in crate::desk) fn true_person(&self, person: &ParticipantId) -> ParticipantId {
        let mut people = self.floor.calls().flat_map(|it| it.people.iter().map(|person| &person.id));
        people.find(|it| self.pseudonyms.participant_id(it) == *person).unwrap_or(person).clone()
    }

    pub(in crate::desk) fn other_call(&self, call: &CallId) -> CallId {
        self.pseudonyms.call_id(call)
    }

    pub(in crate::desk) fn other_person(&self, person: &ParticipantId) -> ParticipantId {
        self.pseudonyms.participant_id(person)
    }

    /// Returns whether filters are suspended.
    pub(in crate::desk) const fn holds_filters(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Restores the true names of the floors and the line, and returns the suspended filters.
    pub(in crate::desk) fn uncover(self, floors: &mut Floors, link: &mut RelayLink) -> Vec<(Pane, Filter)> {
        floors.restore((self.floor, self.paused));
        link.rename(|_| self.names);
        self.filters
    }

    fn feed(&mut self, feed: FeedEvent) -> FeedEvent {
        match feed {
            FeedEvent::Hello(greeting) => {
                self.names.label.clone_from(&greeting.label);
                self.names.operator.clone_from(&greeting.operator);
                let operator = self.pseudonyms.operator_name(&greeting.operator);
                FeedEvent::Hello(HelloFrame { label: public_label(&greeting.label), operator, ..greeting })
            }
            FeedEvent::Presence(others) => {
                let theirs = others.iter().map(|it| online_operator(&self.pseudonyms, it)).collect();
                self.names.others = others.into_iter().filter(|it| it.operator != self.names.operator).collect();
                FeedEvent::Presence(theirs)
            }
            FeedEvent::Down { reason, retry_at } => FeedEvent::Down { reason: self.text(&reason), retry_at },
            FeedEvent::Refused(reason) => FeedEvent::Refused(self.text(&reason)),
            FeedEvent::Connecting
            | FeedEvent::Reset(_)
            | FeedEvent::Past(_)
            | FeedEvent::Snapshot(_)
            | FeedEvent::Entries(_)
            | FeedEvent::CaughtUp
            | FeedEvent::Heartbeat(_)
            | FeedEvent::TimeLeapt
            | FeedEvent::History(_)
            | FeedEvent::Refusing(_) => feed,
        }
    }
}

/// Returns a relay's label without a tenant's name.
fn public_label(label: &str) -> String {
    if label.starts_with("SIMULATOR") { "SIMULATOR".to_owned() } else { "a tenant".to_owned() }
}

fn online_operator(pseudonyms: &Pseudonyms, other: &ConnectedOperator) -> ConnectedOperator {
    let looking = other.looking.as_ref().map(|it| pseudonyms.call_id(it));
    ConnectedOperator { operator: pseudonyms.operator_name(&other.operator), role: other.role, looking }
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
