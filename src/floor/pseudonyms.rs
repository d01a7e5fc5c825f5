//! The floor under other names: for a screen that others see. The same identity has the same other name wherever it
//! stands, and another one in the next session; what happened, when, and its proof stay as they are.
//!
//! A veiled floor is to be looked at: it takes no entries. The true floor takes them and is veiled again.

use uuid::Uuid;

use super::call::{FloorCall, HoldSource, Party, Person};
use super::event_log::{LoggedEvent, LoggedEventKind};
use super::fold::EarlyNotice;
use super::operation::{Operation, OperationOutcome};
use super::{BoardRank, Floor};
use crate::graph::{CallId, OperationId, ParticipantId, ResourceId};

/// Gives other names, by the key of a session.
#[derive(Debug, Clone)]
pub struct Pseudonyms {
    key: Uuid,
}

/// What people are called after; with three digits, so that a floor has hardly two of one name.
const BIRDS: [&str; 32] = [
    "Avocet", "Bittern", "Bunting", "Buzzard", "Curlew", "Dipper", "Dunlin", "Falcon", "Finch", "Gannet", "Godwit",
    "Goshawk", "Grebe", "Harrier", "Heron", "Hoopoe", "Kestrel", "Lapwing", "Linnet", "Merlin", "Nuthatch", "Oriole",
    "Osprey", "Petrel", "Pipit", "Plover", "Puffin", "Shrike", "Siskin", "Swift", "Warbler", "Wigeon",
];

/// From so many digits in a row on, a number in free text is somebody's.
const DIGITS: usize = 5;

impl Pseudonyms {
    /// The veil of a session.
    #[must_use]
    pub fn new(key: u64) -> Self {
        Self { key: Uuid::from_u64_pair(key, !key) }
    }

    /// Another call id, of the usual form.
    #[must_use]
    pub fn call(&self, id: &CallId) -> CallId {
        CallId(self.id(&id.0))
    }

    /// Another participant id, of the usual form.
    #[must_use]
    pub fn participant(&self, id: &ParticipantId) -> ParticipantId {
        ParticipantId(self.id(&id.0))
    }

    /// Another name for an operator; none for nobody.
    #[must_use]
    pub fn operator(&self, name: &str) -> String {
        if name.is_empty() { String::new() } else { format!("Operator {:03}", self.bits(name) % 1_000) }
    }

    /// Another name for a participant: a number has a number's.
    #[must_use]
    pub fn person(&self, id: &ParticipantId, name: &str) -> String {
        self.named(&folded(&id.0), name)
    }

    /// A text in which the ids are others, and long numbers are gone.
    #[must_use]
    pub fn words(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut token = String::new();
        let part = |it: char| it.is_ascii_alphanumeric() || it == '-';
        for letter in text.chars() {
            if part(letter) {
                token.push(letter);
            } else {
                self.push(&mut out, &std::mem::take(&mut token));
                out.push(letter);
            }
        }
        self.push(&mut out, &token);
        out
    }

    fn push(&self, out: &mut String, token: &str) {
        let guid = matches!(token.len(), 32 | 36).then(|| ResourceId::new(token)).flatten();
        let digits = token.chars().filter(char::is_ascii_digit).count();
        match guid {
            Some(id) => out.push_str(&self.id(&id).to_string()),
            None if digits >= DIGITS => out.extend(token.chars().map(|it| if it.is_ascii_digit() { '#' } else { it })),
            None => out.push_str(token),
        }
    }

    /// The floor under other names.
    #[must_use]
    pub fn floor(&self, floor: &Floor) -> Floor {
        let calls = floor.calls.values().map(|it| (self.call(&it.id), self.whole_call(it))).collect();
        let order = floor.order.iter().map(|it| BoardRank { call: self.call(&it.call), ..it.clone() }).collect();
        let operations = floor.operations.iter().map(|(number, it)| (*number, self.operation(floor, it))).collect();
        let mut counts = floor.counts.clone();
        counts.refused = counts.refused.iter().map(|(reason, count)| (self.words(reason).into(), *count)).collect();
        Floor {
            head: floor.head,
            sum: floor.sum,
            at: floor.at,
            calls,
            order,
            tally: floor.tally.clone(),
            endings: std::collections::VecDeque::new(),
            leavings: std::collections::VecDeque::new(),
            operations,
            tickets: floor.tickets.clone(),
            open: floor.open.iter().map(|(call, open)| (self.call(call), open.clone())).collect(),
            early: std::collections::VecDeque::<EarlyNotice>::new(),
            latencies: floor.latencies.clone(),
            hour: floor.hour.clone(),
            lines: floor.lines.iter().map(|it| self.line(it)).collect(),
            counts,
            gap: floor.gap.clone(),
            last_call: floor.last_call,
            last_operation: floor.last_operation,
        }
    }

    /// What a floor calls whom: each true name that is long enough to be told from a word, and the other one.
    #[must_use]
    pub fn dictionary(&self, floor: &Floor) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for call in floor.calls.values() {
            let title = call.subject.iter().map(|it| (it.to_string(), place(call)));
            let people = call.people.values().map(|it| (it.name.to_string(), self.person(&it.id, &it.name)));
            let parties = call.parties.iter().map(|it| (it.name.to_string(), self.party(call, it)));
            let ids = std::iter::once((call.id.to_string(), self.call(&call.id).to_string()));
            let tenant = call.tenant.iter().map(|it| (it.to_string(), self.tenant(it)));
            pairs.extend(title.chain(people).chain(parties).chain(ids).chain(tenant));
        }
        pairs.retain(|(name, _)| name.chars().count() > 1);
        pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        pairs.dedup();
        pairs
    }

    fn whole_call(&self, call: &FloorCall) -> FloorCall {
        let mut veiled = call.clone();
        veiled.id = self.call(&call.id);
        veiled.subject = call.subject.as_ref().map(|_| place(call).into());
        veiled.my_participant = call.my_participant.as_ref().map(|it| self.participant(it));
        veiled.people = call.people.values().map(|it| (self.participant(&it.id), self.whole_person(it))).collect();
        for (party, was) in veiled.parties.iter_mut().zip(&call.parties) {
            party.name = self.party(call, was).into();
        }
        veiled.result = call.result.as_deref().map(|it| self.words(it).into());
        veiled.chain = call.chain.as_deref().map(|it| self.text_id(it));
        veiled.thread = call.thread.as_deref().map(|it| self.text_id(it));
        veiled.tenant = call.tenant.as_deref().map(|it| self.tenant(it).into());
        veiled
    }

    fn whole_person(&self, person: &Person) -> Person {
        let mut veiled = person.clone();
        veiled.id = self.participant(&person.id);
        veiled.name = self.person(&person.id, &person.name).into();
        if let Some(HoldSource::Ours { by, .. }) = veiled.hold.as_mut().map(|it| &mut it.source) {
            *by = self.operator(by).into();
        }
        veiled
    }

    fn operation(&self, floor: &Floor, operation: &Operation) -> Operation {
        let mut veiled = operation.clone();
        veiled.by = self.operator(&operation.by).into();
        veiled.target = match &operation.participant {
            Some(id) => self.person(id, &operation.target).into(),
            None => floor.calls.get(&operation.call).map_or_else(|| "a call".to_owned(), place).into(),
        };
        veiled.call = self.call(&operation.call);
        veiled.participant = operation.participant.as_ref().map(|it| self.participant(it));
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
            other.map_or_else(|| self.words(part), |(_, other)| format!("{other}{slash}"))
        });
        veiled.request = request.collect::<String>().into();
        veiled.failure = operation.failure.as_deref().map(|it| reason(&self.words(it)).into());
        veiled.outcome = match &operation.outcome {
            OperationOutcome::Failed(why) => OperationOutcome::Failed(reason(&self.words(why)).into()),
            OperationOutcome::Refused(why) => OperationOutcome::Refused(reason(&self.words(why)).into()),
            OperationOutcome::Unknown(why) => OperationOutcome::Unknown(reason(&self.words(why)).into()),
            OperationOutcome::Pending
            | OperationOutcome::Accepted
            | OperationOutcome::Confirmed
            | OperationOutcome::Left => operation.outcome.clone(),
        };
        veiled
    }

    fn line(&self, line: &LoggedEvent) -> LoggedEvent {
        let mut veiled = line.clone();
        veiled.call = line.call.as_ref().map(|(id, number)| (self.call(id), *number));
        veiled.place = line.call.as_ref().map(|(_, number)| format!("Call {}", number.0)).unwrap_or_default().into();
        if let Some(id) = &line.participant {
            veiled.participant = Some(self.participant(id));
            veiled.name = if line.name.is_empty() { "".into() } else { self.person(id, &line.name).into() };
        }
        match &mut veiled.what {
            LoggedEventKind::CallEnded(why) => *why = self.words(why).into(),
            LoggedEventKind::Unmuted { by: Some(by), .. } => *by = self.operator(by).into(),
            LoggedEventKind::Operation { by, why, .. } => {
                *by = self.operator(by).into();
                *why = reason(&self.words(why)).into();
            }
            LoggedEventKind::Noted(text) => *text = reason(text).into(),
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

    fn party(&self, call: &FloorCall, party: &Party) -> String {
        self.named(&format!("{}{}", folded(&call.id.0), party.name), &party.name)
    }

    fn tenant(&self, tenant: &str) -> String {
        format!("Tenant {:03}", self.bits(&tenant.to_lowercase()) % 1_000)
    }

    fn named(&self, identity: &str, name: &str) -> String {
        let bits = self.bits(identity);
        let digits = name.chars().filter(char::is_ascii_digit).count();
        if digits >= DIGITS && !name.chars().any(char::is_alphabetic) {
            return format!("Caller {:04}", bits % 10_000);
        }
        let bird = usize::try_from(bits / 1_000 % 32).ok().and_then(|at| BIRDS.get(at)).unwrap_or(&"Wren");
        format!("{bird} {:03}", bits % 1_000)
    }

    fn text_id(&self, id: &str) -> Box<str> {
        Uuid::new_v5(&self.key, id.to_lowercase().as_bytes()).to_string().into()
    }

    fn id(&self, id: &ResourceId) -> ResourceId {
        ResourceId::from_bits(Uuid::new_v5(&self.key, folded(id).as_bytes()).as_u128())
    }

    fn bits(&self, identity: &str) -> u128 {
        Uuid::new_v5(&self.key, identity.as_bytes()).as_u128() >> 64
    }
}

/// What a veiled call is about: its number, which people say aloud anyway.
fn place(call: &FloorCall) -> String {
    format!("Call {}", call.number.0)
}

/// The beginning of a reason, before what it says about somebody.
fn reason(why: &str) -> String {
    match why.split_once([':', ';', '"']) {
        Some((kind, _)) => format!("{kind} (private)"),
        None if why.split_whitespace().count() > 4 => "(private)".to_owned(),
        None => why.to_owned(),
    }
}

/// An id in the one spelling that all of its spellings have in common.
fn folded(id: &ResourceId) -> String {
    id.to_string().chars().filter(|it| *it != '-').flat_map(char::to_lowercase).collect()
}
