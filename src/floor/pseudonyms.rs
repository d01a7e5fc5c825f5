//! The floor under other names: for a screen that others see. The same identity has the same other name wherever it
//! stands, and another one in the next session; what happened, when, and its proof stay as they are.
//!
//! A veiled floor is to be looked at: it takes no entries. The true floor takes them and is veiled again.

use std::collections::VecDeque;

use uuid::Uuid;

use super::call::{FloorCall, HoldSource, Party, Person};
use super::event_log::{LoggedEvent, LoggedEventKind};
use super::operation::{Operation, OperationOutcome};
use super::{BoardRank, Floor};
use crate::bounded::Ring;
use crate::graph::{CallId, OperationId, ParticipantId, ResourceId};

/// Gives other names, by the key of a session.
#[derive(Debug, Clone)]
pub struct Pseudonyms {
    key: Uuid,
}

/// What people are called after; with three digits, so that a floor has hardly two of one name.
const BIRD_NAMES: [&str; 32] = [
    "Avocet", "Bittern", "Bunting", "Buzzard", "Curlew", "Dipper", "Dunlin", "Falcon", "Finch", "Gannet", "Godwit",
    "Goshawk", "Grebe", "Harrier", "Heron", "Hoopoe", "Kestrel", "Lapwing", "Linnet", "Merlin", "Nuthatch", "Oriole",
    "Osprey", "Petrel", "Pipit", "Plover", "Puffin", "Shrike", "Siskin", "Swift", "Warbler", "Wigeon",
];

/// From so many digits in a row on, a number in free text is somebody's.
const LONG_NUMBER_DIGITS: usize = 5;

impl Pseudonyms {
    /// The veil of a session.
    #[must_use]
    pub fn new(key: u64) -> Self {
        Self { key: Uuid::from_u64_pair(key, !key) }
    }

    /// Another call id, of the usual form.
    #[must_use]
    pub fn call_id(&self, id: &CallId) -> CallId {
        CallId(self.id(&id.0))
    }

    /// Another participant id, of the usual form.
    #[must_use]
    pub fn participant_id(&self, id: &ParticipantId) -> ParticipantId {
        ParticipantId(self.id(&id.0))
    }

    /// Another name for an operator; none for nobody.
    #[must_use]
    pub fn operator_name(&self, name: &str) -> String {
        if name.is_empty() { String::new() } else { format!("Operator {:03}", self.hash_bits(name) % 1_000) }
    }

    /// Another name for a participant: a number has a number's.
    #[must_use]
    pub fn person_name(&self, id: &ParticipantId, name: &str) -> String {
        self.pseudonym_of(&normalised_id(&id.0), name)
    }

    /// A text in which the ids are others, and long numbers are gone.
    #[must_use]
    pub fn anonymise_text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut token = String::new();
        let part = |it: char| it.is_ascii_alphanumeric() || it == '-';
        for letter in text.chars() {
            if part(letter) {
                token.push(letter);
            } else {
                self.push_token(&mut out, &std::mem::take(&mut token));
                out.push(letter);
            }
        }
        self.push_token(&mut out, &token);
        out
    }

    fn push_token(&self, out: &mut String, token: &str) {
        let guid = matches!(token.len(), 32 | 36).then(|| ResourceId::new(token)).flatten();
        let digits = token.chars().filter(char::is_ascii_digit).count();
        match guid {
            Some(id) => out.push_str(&self.id(&id).to_string()),
            None if digits >= LONG_NUMBER_DIGITS => {
                out.extend(token.chars().map(|it| if it.is_ascii_digit() { '#' } else { it }))
            }
            None => out.push_str(token),
        }
    }

    /// The floor under other names.
    #[must_use]
    pub fn anonymise_floor(&self, floor: &Floor) -> Floor {
        let calls = floor.calls.values().map(|it| (self.call_id(&it.id), self.anonymise_call(it))).collect();
        let order = floor.order.iter().map(|it| BoardRank { call: self.call_id(&it.call), ..it.clone() }).collect();
        let operations =
            floor.operations.iter().map(|(number, it)| (*number, self.anonymise_operation(floor, it))).collect();
        let mut counts = floor.counts.clone();
        counts.refused =
            counts.refused.iter().map(|(reason, count)| (self.anonymise_text(reason).into(), *count)).collect();
        Floor {
            head: floor.head,
            sum: floor.sum,
            at: floor.at,
            calls,
            order,
            tally: floor.tally.clone(),
            endings: VecDeque::new(),
            leavings: VecDeque::new(),
            operations,
            tickets: floor.tickets.clone(),
            open: floor.open.iter().map(|(call, open)| (self.call_id(call), open.clone())).collect(),
            early: Ring::default(),
            latencies: floor.latencies.clone(),
            hour: floor.hour.clone(),
            lines: floor.lines.iter().map(|it| self.anonymise_event(it)).collect::<VecDeque<_>>().into(),
            counts,
            gap: floor.gap.clone(),
            last_call: floor.last_call,
            last_operation: floor.last_operation,
        }
    }

    /// What a floor calls whom: each true name that is long enough to be told from a word, and the other one.
    #[must_use]
    pub fn name_pairs(&self, floor: &Floor) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for call in floor.calls.values() {
            let title = call.subject.iter().map(|it| (it.to_string(), call_title(call)));
            let people = call.people.values().map(|it| (it.name.to_string(), self.person_name(&it.id, &it.name)));
            let parties = call.parties.iter().map(|it| (it.name.to_string(), self.party_name(call, it)));
            let ids = std::iter::once((call.id.to_string(), self.call_id(&call.id).to_string()));
            let tenant = call.tenant.iter().map(|it| (it.to_string(), self.tenant_name(it)));
            pairs.extend(title.chain(people).chain(parties).chain(ids).chain(tenant));
        }
        pairs.retain(|(name, _)| name.chars().count() > 1);
        pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        pairs.dedup();
        pairs
    }

    fn anonymise_call(&self, call: &FloorCall) -> FloorCall {
        let mut veiled = call.clone();
        veiled.id = self.call_id(&call.id);
        veiled.subject = call.subject.as_ref().map(|_| call_title(call).into());
        veiled.my_participant = call.my_participant.as_ref().map(|it| self.participant_id(it));
        veiled.people =
            call.people.values().map(|it| (self.participant_id(&it.id), self.anonymise_person(it))).collect();
        for (party, was) in veiled.parties.iter_mut().zip(&call.parties) {
            party.name = self.party_name(call, was).into();
        }
        veiled.result = call.result.as_deref().map(|it| self.anonymise_text(it).into());
        veiled.chain = call.chain.as_deref().map(|it| self.text_id(it));
        veiled.thread = call.thread.as_deref().map(|it| self.text_id(it));
        veiled.tenant = call.tenant.as_deref().map(|it| self.tenant_name(it).into());
        veiled
    }

    fn anonymise_person(&self, person: &Person) -> Person {
        let mut veiled = person.clone();
        veiled.id = self.participant_id(&person.id);
        veiled.name = self.person_name(&person.id, &person.name).into();
        if let Some(HoldSource::Ours { by, .. }) = veiled.hold.as_mut().map(|it| &mut it.source) {
            *by = self.operator_name(by).into();
        }
        veiled
    }

    fn anonymise_operation(&self, floor: &Floor, operation: &Operation) -> Operation {
        let mut veiled = operation.clone();
        veiled.by = self.operator_name(&operation.by).into();
        veiled.target = match &operation.participant {
            Some(id) => self.person_name(id, &operation.target).into(),
            None => floor.calls.get(&operation.call).map_or_else(|| "a call".to_owned(), call_title).into(),
        };
        veiled.call = self.call_id(&operation.call);
        veiled.participant = operation.participant.as_ref().map(|it| self.participant_id(it));
        veiled.operation_id = operation.operation_id.as_ref().map(|it| OperationId(self.id(&it.0)));
        let pairs = [
            Some((operation.call.to_string(), veiled.call.to_string())),
            operation
                .participant
                .as_ref()
                .zip(veiled.participant.as_ref())
                .map(|(it, is)| (it.to_string(), is.to_string())),
        ];
        let request = operation.request.split_inclusive('/').map(|part| {
            let (id, slash) = part.strip_suffix('/').map_or((part, ""), |it| (it, "/"));
            let other = pairs.iter().flatten().find(|(true_id, _)| true_id == id);
            other.map_or_else(|| self.anonymise_text(part), |(_, other)| format!("{other}{slash}"))
        });
        veiled.request = request.collect::<String>().into();
        veiled.failure = operation.failure.as_deref().map(|it| reason_kind(&self.anonymise_text(it)).into());
        veiled.outcome = match &operation.outcome {
            OperationOutcome::Failed(why) => OperationOutcome::Failed(reason_kind(&self.anonymise_text(why)).into()),
            OperationOutcome::Refused(why) => OperationOutcome::Refused(reason_kind(&self.anonymise_text(why)).into()),
            OperationOutcome::Unknown(why) => OperationOutcome::Unknown(reason_kind(&self.anonymise_text(why)).into()),
            OperationOutcome::Pending
            | OperationOutcome::Accepted
            | OperationOutcome::Confirmed
            | OperationOutcome::Left => operation.outcome.clone(),
        };
        veiled
    }

    fn anonymise_event(&self, line: &LoggedEvent) -> LoggedEvent {
        let mut veiled = line.clone();
        veiled.call = line.call.as_ref().map(|(id, number)| (self.call_id(id), *number));
        veiled.place = line.call.as_ref().map(|(_, number)| format!("Call {}", number.0)).unwrap_or_default().into();
        if let Some(id) = &line.participant {
            veiled.participant = Some(self.participant_id(id));
            veiled.name = if line.name.is_empty() { "".into() } else { self.person_name(id, &line.name).into() };
        }
        match &mut veiled.what {
            LoggedEventKind::CallEnded(why) => *why = self.anonymise_text(why).into(),
            LoggedEventKind::Unmuted { by: Some(by), .. } => *by = self.operator_name(by).into(),
            LoggedEventKind::Operation { by, why, .. } => {
                *by = self.operator_name(by).into();
                *why = reason_kind(&self.anonymise_text(why)).into();
            }
            LoggedEventKind::Noted(text) => *text = reason_kind(text).into(),
            LoggedEventKind::CallSeen
            | LoggedEventKind::CallEstablished
            | LoggedEventKind::CallFoundAgain
            | LoggedEventKind::Joined
            | LoggedEventKind::Waits
            | LoggedEventKind::Admitted
            | LoggedEventKind::Left
            | LoggedEventKind::Muted { .. }
            | LoggedEventKind::Unmuted { by: None, .. }
            | LoggedEventKind::Held
            | LoggedEventKind::Resumed
            | LoggedEventKind::ForeignHold { .. } => {}
        }
        veiled
    }

    fn party_name(&self, call: &FloorCall, party: &Party) -> String {
        self.pseudonym_of(&format!("{}{}", normalised_id(&call.id.0), party.name), &party.name)
    }

    fn tenant_name(&self, tenant: &str) -> String {
        format!("Tenant {:03}", self.hash_bits(&tenant.to_lowercase()) % 1_000)
    }

    fn pseudonym_of(&self, identity: &str, name: &str) -> String {
        let bits = self.hash_bits(identity);
        let digits = name.chars().filter(char::is_ascii_digit).count();
        if digits >= LONG_NUMBER_DIGITS && !name.chars().any(char::is_alphabetic) {
            return format!("Caller {:04}", bits % 10_000);
        }
        let bird = usize::try_from(bits / 1_000 % 32).ok().and_then(|at| BIRD_NAMES.get(at)).unwrap_or(&"Wren");
        format!("{bird} {:03}", bits % 1_000)
    }

    fn text_id(&self, id: &str) -> Box<str> {
        Uuid::new_v5(&self.key, id.to_lowercase().as_bytes()).to_string().into()
    }

    fn id(&self, id: &ResourceId) -> ResourceId {
        ResourceId::from_bits(Uuid::new_v5(&self.key, normalised_id(id).as_bytes()).as_u128())
    }

    fn hash_bits(&self, identity: &str) -> u128 {
        Uuid::new_v5(&self.key, identity.as_bytes()).as_u128() >> 64
    }
}

/// What a veiled call is about: its number, which people say aloud anyway.
fn call_title(call: &FloorCall) -> String {
    format!("Call {}", call.number.0)
}

/// The beginning of a reason, before what it says about somebody.
fn reason_kind(why: &str) -> String {
    match why.split_once([':', ';', '"']) {
        Some((kind, _)) => format!("{kind} (private)"),
        None if why.split_whitespace().count() > 4 => "(private)".to_owned(),
        None => why.to_owned(),
    }
}

/// An id in the one spelling that all of its spellings have in common.
fn normalised_id(id: &ResourceId) -> String {
    id.to_string().chars().filter(|it| *it != '-').flat_map(char::to_lowercase).collect()
}
