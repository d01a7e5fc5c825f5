//! The values that filters and sorts read from each row: by word of the vocabulary, and by column.

use std::collections::BTreeSet;

use crate::desk::Desk;
use crate::desk::acts::bulk::LedgerRow;
use crate::desk::board::filter::FilterFields;
use crate::desk::board::sort_key::SortKey;
use crate::desk::vocab::ParticipantRow;
use crate::floor::{AlertLevel, CallKind, FloorCall, MicState, Operation, OperationStatus, Person, Uncertainty};
use crate::graph::{CallId, IdentityKind};
use crate::time::Millis;

/// The values of a call.
pub(in crate::desk) struct CallFields<'a> {
    desk: &'a Desk,
    call: &'a FloorCall,
    /// The calls with operations of ours, if they were looked up for many calls at once.
    own_calls: Option<&'a BTreeSet<&'a CallId>>,
}

/// The values of a participant.
pub(in crate::desk) struct ParticipantFields<'a>(&'a Desk, &'a FloorCall, &'a ParticipantRow<'a>);

/// The values of a row of the operations pane.
pub(in crate::desk) struct OperationFields<'a>(&'a Desk, &'a LedgerRow<'a>);

impl<'a> CallFields<'a> {
    pub(in crate::desk) const fn of(desk: &'a Desk, call: &'a FloorCall) -> Self {
        Self { desk, call, own_calls: None }
    }

    /// Returns the values of one of many calls, of which these have operations of ours.
    pub(in crate::desk) const fn among(
        desk: &'a Desk,
        call: &'a FloorCall,
        own_calls: Option<&'a BTreeSet<&'a CallId>>,
    ) -> Self {
        Self { desk, call, own_calls }
    }

    fn is_ours(&self) -> bool {
        match self.own_calls {
            Some(own_calls) => own_calls.contains(&self.call.id),
            None => own_operations(self.desk).any(|it| it.call == self.call.id),
        }
    }
}

impl<'a> ParticipantFields<'a> {
    pub(in crate::desk) const fn of(desk: &'a Desk, call: &'a FloorCall, row: &'a ParticipantRow<'a>) -> Self {
        Self(desk, call, row)
    }
}

impl<'a> OperationFields<'a> {
    pub(in crate::desk) const fn of(desk: &'a Desk, row: &'a LedgerRow<'a>) -> Self {
        Self(desk, row)
    }
}

/// Returns the operations that we asked for, the newest first.
pub(in crate::desk) fn own_operations(desk: &Desk) -> impl Iterator<Item = &Operation> {
    desk.floor().operations().rev().filter(|it| *it.by == *desk.link.operator())
}

fn seconds(span: Millis) -> i64 {
    span.0.div_euclid(1_000)
}

/// Returns the kind of a call in a word.
#[must_use]
pub fn call_kind(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Group => "group",
        CallKind::OneToOne => "1:1",
        CallKind::Unknown => "?",
    }
}

/// Returns a short reason why what the board says of a call may be wrong.
#[must_use]
pub const fn doubt_word(doubt: Uncertainty) -> &'static str {
    match doubt {
        Uncertainty::FirstSight => "not read yet",
        Uncertainty::PartialRoster => "roster may be partial",
        Uncertainty::UnknownSelf => "own participant unknown",
        Uncertainty::Nameless => "somebody has no id",
        Uncertainty::Gap => "notifications may be missing",
        Uncertainty::Unreadable => "part of a notification is unreadable",
    }
}

/// Returns the state of a microphone in words.
#[must_use]
pub const fn mic_word(mic: MicState) -> &'static str {
    match mic {
        MicState::Live => "live",
        MicState::MutedSelf => "muted",
        MicState::MutedServer => "MUTED",
        MicState::Lobby => "(lobby)",
        MicState::Left => "(left)",
    }
}

/// Returns a short word for a kind of identity; `?` where it is not known.
#[must_use]
pub const fn kind_word(kind: Option<IdentityKind>) -> &'static str {
    match kind {
        Some(IdentityKind::User) => "user",
        Some(IdentityKind::Guest) => "guest",
        Some(IdentityKind::Phone) => "phone",
        Some(IdentityKind::Application | IdentityKind::ApplicationInstance) => "app",
        Some(IdentityKind::Device) => "device",
        Some(IdentityKind::OnPremises) => "onprem",
        Some(IdentityKind::Encrypted) => "hidden",
        Some(IdentityKind::AzureCommunicationServicesUser) => "acs",
        Some(IdentityKind::Asserted) => "claims",
        None => "?",
    }
}

impl CallFields<'_> {
    /// Returns the value of a column to sort by.
    pub(in crate::desk) fn rank(&self, column: &str) -> SortKey {
        let Self { desk, call, .. } = self;
        match column {
            "number" => SortKey::Number(i64::from(call.number.0)),
            "alert" => SortKey::Number(-(desk.limits().call(call, desk.shown_at()) as i64)),
            "state" => SortKey::text(call.state.to_string()),
            "kind" => SortKey::text(call_kind(call.kind)),
            "subject" => SortKey::text(call.party_or_title()),
            "people" => SortKey::count(call.present().count().max(call.parties.len())),
            "held" => SortKey::since(call.oldest_hold()),
            "muted" => SortKey::count(call.present().filter(|it| it.muted).count()),
            "lobby" => SortKey::since(call.oldest_lobby()),
            "heard" => SortKey::Number(call.heard.0),
            "age" => SortKey::Number(call.began.at.0),
            _ => SortKey::text(&*call.id.0.short()),
        }
    }
}

impl FilterFields for CallFields<'_> {
    fn texts(&self, field: &str) -> Vec<String> {
        let call = self.call;
        let people = || call.people.iter().map(|it| it.name.to_string());
        let parties = || call.parties.iter().map(|it| it.name.to_string());
        match field {
            "subject" => vec![call.title()],
            "person" => people().chain(parties()).collect(),
            "state" => vec![call.state.to_string()],
            "number" => vec![call.number.0.to_string()],
            "kind" => vec![call_kind(call.kind).to_owned()],
            "direction" => call.direction.iter().map(ToString::to_string).collect(),
            "id" => vec![call.id.to_string()],
            _ => {
                let own = [call.title(), call.state.to_string(), format!("#{}", call.number.0)];
                own.into_iter().chain(people()).chain(parties()).collect()
            }
        }
    }

    fn is(&self, state: &str) -> bool {
        let Self { desk, call, .. } = self;
        let now = desk.shown_at();
        match state {
            "alert" => desk.limits().call(call, now) > AlertLevel::None,
            "held" => call.oldest_hold().is_some(),
            "muted" => call.present().any(|it| it.muted),
            "lobby" => call.oldest_lobby().is_some(),
            "quiet" => call.is_live() && now.since(call.heard) >= desk.limits().quiet,
            "mine" => self.is_ours(),
            "live" => call.is_live(),
            "ended" => !call.is_live(),
            "doubtful" => call.doubt.is_some(),
            _ => false,
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        let Self { desk, call, .. } = self;
        let now = desk.shown_at();
        match name {
            "people" => i64::try_from(call.present().count().max(call.parties.len())).ok(),
            "held" => call.oldest_hold().map(|it| seconds(it.span(now))),
            "lobby" => call.oldest_lobby().map(|it| seconds(it.span(now))),
            "age" => Some(seconds(call.began.span(call.ended.unwrap_or(now)))),
            "quiet" => Some(seconds(now.since(call.heard))),
            _ => None,
        }
    }
}

impl ParticipantFields<'_> {
    fn person(&self) -> Option<&Person> {
        match self.2 {
            ParticipantRow::Person(person) => Some(person),
            ParticipantRow::Party(..) => None,
        }
    }

    fn kind(&self) -> String {
        let kind = match self.2 {
            ParticipantRow::Person(person) if self.1.is_own_participant(&person.id) => return "self".to_owned(),
            ParticipantRow::Person(person) => person.kind,
            ParticipantRow::Party(_, party) => Some(party.kind),
        };
        kind.map(|it| format!("{it:?}").to_lowercase()).unwrap_or_default()
    }

    /// Returns the value of a column to sort by.
    pub(in crate::desk) fn rank(&self, column: &str) -> SortKey {
        match column {
            "name" => SortKey::text(self.2.name()),
            "kind" => SortKey::text(self.kind()),
            "mic" => self.person().map_or(SortKey::Nothing, |it| SortKey::Number(it.mic() as i64)),
            "hold" => SortKey::since(self.person().and_then(|it| it.hold.as_ref()).map(|it| it.since)),
            "time" => self.person().map_or(SortKey::Nothing, |it| SortKey::Number(it.joined.at.0)),
            _ => self.person().map_or(SortKey::Nothing, |it| SortKey::text(&*it.id.0.short())),
        }
    }
}

impl FilterFields for ParticipantFields<'_> {
    fn texts(&self, field: &str) -> Vec<String> {
        let mic = self.person().map(|it| mic_word(it.mic()).to_owned());
        match field {
            "name" => vec![self.2.name().to_owned()],
            "kind" => vec![self.kind()],
            "mic" => mic.into_iter().collect(),
            "id" => self.person().map(|it| it.id.to_string()).into_iter().collect(),
            _ => [Some(self.2.name().to_owned()), Some(self.kind()), mic].into_iter().flatten().collect(),
        }
    }

    fn is(&self, state: &str) -> bool {
        let Some(person) = self.person() else { return state == "here" };
        match state {
            "alert" => self.0.limits().person(person, self.0.shown_at()) > AlertLevel::None,
            "held" => person.hold.is_some(),
            "muted" => person.muted,
            "lobby" => person.lobby.is_some(),
            "left" => person.left.is_some(),
            "here" => person.left.is_none(),
            _ => false,
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        let now = self.0.shown_at();
        let person = self.person()?;
        match name {
            "held" => person.hold.as_ref().map(|it| seconds(it.since.span(now))),
            "lobby" => person.lobby.map(|it| seconds(it.span(now))),
            "time" => Some(seconds(person.joined.span(person.left.unwrap_or(now)))),
            _ => None,
        }
    }
}

impl OperationFields<'_> {
    fn result(&self) -> String {
        match self.1 {
            LedgerRow::Operation(operation) => operation.standing(self.0.shown_at()).word().to_owned(),
            LedgerRow::Pending(pending) => pending.state.sentence(),
            LedgerRow::Bulk(bulk) => self.0.tally(bulk),
        }
    }

    /// Returns the value of a column to sort by.
    pub(in crate::desk) fn rank(&self, column: &str) -> SortKey {
        let latency = |span: Option<Millis>| span.map_or(SortKey::Nothing, |it| SortKey::Number(it.0));
        match (self.1, column) {
            (LedgerRow::Operation(operation), "op") => SortKey::Number(i64::from(operation.number.0)),
            (LedgerRow::Operation(operation), "by") => SortKey::text(&*operation.by),
            (LedgerRow::Operation(operation), "action") => SortKey::text(operation.act.to_string()),
            (LedgerRow::Operation(operation), "target") => SortKey::text(&*operation.target),
            (LedgerRow::Operation(operation), "accept") => latency(operation.accept_latency()),
            (LedgerRow::Operation(operation), "proof") => latency(operation.proof_latency()),
            (LedgerRow::Operation(operation), "time") => SortKey::Number(operation.pressed.0),
            (LedgerRow::Bulk(bulk), "time") => SortKey::Number(bulk.at.0),
            (LedgerRow::Bulk(bulk), "action") => SortKey::text(bulk.act.to_string()),
            (LedgerRow::Pending(pending), "time") => SortKey::Number(pending.at.0),
            (LedgerRow::Pending(pending), "action") => SortKey::text(pending.act.to_string()),
            (LedgerRow::Pending(pending), "target") => SortKey::text(&*pending.label),
            (_, "result") => SortKey::text(self.result()),
            _ => SortKey::Nothing,
        }
    }
}

impl FilterFields for OperationFields<'_> {
    fn texts(&self, field: &str) -> Vec<String> {
        let (by, act, target, number) = match self.1 {
            LedgerRow::Operation(it) => (it.by.to_string(), it.act, it.target.to_string(), it.number.0.to_string()),
            LedgerRow::Pending(it) => (self.0.link.operator().to_owned(), it.act, it.label.clone(), String::new()),
            LedgerRow::Bulk(it) => {
                let names: Vec<&str> = it.members.iter().map(|it| &*it.name).collect();
                (self.0.link.operator().to_owned(), it.act, names.join(", "), String::new())
            }
        };
        match field {
            "by" => vec![by],
            "act" => vec![act.to_string()],
            "target" => vec![target],
            "result" => vec![self.result()],
            "number" => vec![number],
            _ => vec![by, act.to_string(), target, self.result(), format!("op {number}")],
        }
    }

    fn is(&self, state: &str) -> bool {
        let operation = match self.1 {
            LedgerRow::Operation(operation) => operation,
            LedgerRow::Pending(_) => return matches!(state, "mine" | "failed"),
            LedgerRow::Bulk(bulk) => {
                let within = |row: LedgerRow<'_>| OperationFields(self.0, &row).is(state);
                return state == "mine" || self.0.rows_of(bulk).any(within);
            }
        };
        let standing = operation.standing(self.0.shown_at());
        match state {
            "mine" => self.0.link.is_own(&operation.by),
            "open" => standing.is_in_progress(),
            "confirmed" => standing == OperationStatus::Confirmed,
            "failed" => standing.is_failure(),
            "unconfirmed" => standing == OperationStatus::Unconfirmed,
            _ => false,
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        let LedgerRow::Operation(operation) = self.1 else { return None };
        match name {
            "accept" => operation.accept_latency().map(|it| it.0),
            "proof" => operation.proof_latency().map(|it| it.0),
            _ => None,
        }
    }
}
