//! Privacy mode: every real name, number and id has a pseudonym on this screen.
//!
//! While it is on, the whole desk works with pseudonyms: it shows, selects, filters and keeps them. The true floor
//! stays behind it, and ids become true again only in effects, so an act reaches the person it names.

use crate::desk::board::filter::Filter;
use crate::desk::vocab::Pane;
use crate::floor::{Floor, Pseudonyms};
use crate::graph::{CallId, GraphAction, ParticipantId};
use crate::protocol::{ConnectedOperator, HelloFrame};

/// The pseudonyms of this desk, and the true state while privacy mode is on.
#[derive(Debug)]
pub(super) struct Privacy {
    /// The pseudonyms of this desk.
    pub(super) pseudonyms: Pseudonyms,
    /// The true state, while privacy mode is on.
    pub(super) mode: Option<Box<PrivacyMode>>,
}

impl Privacy {
    pub(super) fn new(seed: u64) -> Self {
        Self { pseudonyms: Pseudonyms::new(seed), mode: None }
    }

    /// Returns a message without true names.
    pub(super) fn anonymise_text(&self, text: String) -> String {
        match &self.mode {
            Some(mode) => mode.text(&text),
            None => text,
        }
    }
}

/// The true state behind a desk in privacy mode.
#[derive(Debug)]
pub(super) struct PrivacyMode {
    pub(in crate::desk) pseudonyms: Pseudonyms,
    pub(in crate::desk) floor: Floor,
    pub(in crate::desk) paused: Option<Floor>,
    pub(in crate::desk) label: String,
    pub(in crate::desk) operator: String,
    pub(in crate::desk) others: Vec<ConnectedOperator>,
    /// The suspended filters, which may contain true names.
    pub(in crate::desk) filters: Vec<(Pane, Filter)>,
}

/// Functions that replace ids.
pub(in crate::desk) struct IdPseudonyms<'a> {
    pub(in crate::desk) call: &'a dyn Fn(&CallId) -> CallId,
    pub(in crate::desk) person: &'a dyn Fn(&ParticipantId) -> ParticipantId,
}

impl PrivacyMode {
    /// Replaces whole names of the floor, ids and long numbers in a text.
    pub(in crate::desk) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, other) in self.pseudonyms.name_pairs(&self.floor) {
            if text.contains(&name) {
                text = in_place_of(&text, &name, &other);
            }
        }
        self.pseudonyms.anonymise_text(&text)
    }

    pub(in crate::desk) fn true_call(&self, call: &CallId) -> CallId {
        self.floor
            .calls()
            .find(|it| self.pseudonyms.call_id(&it.id) == *call)
            .map_or_else(|| call.clone(), |it| it.id.clone())
    }

    pub(in crate::desk) fn true_person(&self, person: &ParticipantId) -> ParticipantId {
        let mut people = self.floor.calls().flat_map(|it| it.people.keys());
        people.find(|it| self.pseudonyms.participant_id(it) == *person).unwrap_or(person).clone()
    }

    pub(in crate::desk) fn greeting(&self, greeting: &HelloFrame) -> HelloFrame {
        let label =
            if greeting.label.starts_with("SIMULATOR") { "SIMULATOR".to_owned() } else { "a tenant".to_owned() };
        HelloFrame { label, operator: self.pseudonyms.operator_name(&greeting.operator), ..greeting.clone() }
    }

    pub(in crate::desk) fn online_operator(&self, other: &ConnectedOperator) -> ConnectedOperator {
        let looking = other.looking.as_ref().map(|it| self.pseudonyms.call_id(it));
        ConnectedOperator { operator: self.pseudonyms.operator_name(&other.operator), role: other.role, looking }
    }
}

pub(in crate::desk) fn truly_about(private: &PrivacyMode, action: GraphAction) -> GraphAction {
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

/// Replaces a name wherever it is a whole word.
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
