//! Pseudonyms for a screen that others see: kinds and numbers. The number of a call and the number of a person are the
//! fold's own ([`FloorCall::number`], [`Person::ordinal`]), so every console shows the same, and the record can be read
//! beside them. Ids, operators and tenants have pseudonyms of the session. Events, times and proofs do not change.
//!
//! An anonymised floor is only displayed. Entries are applied to the real floor, which is then anonymised again.

use std::collections::VecDeque;

use uuid::Uuid;

use super::call::{FloorCall, HoldSource, Party, Person};
use super::event_log::{LoggedEvent, LoggedEventKind};
use super::operation::{Operation, OperationOutcome};
use super::{BoardRank, ChangedCalls, Floor};
use crate::bounded::Ring;
use crate::graph::{CallId, IdentityKind, OperationId, ParticipantId, ResourceId};

/// Derives pseudonyms from the key of a session.
#[derive(Debug, Clone)]
pub struct Pseudonyms {
    key: Uuid,
}

/// The letters of operators' pseudonyms: consonants, so that no word results.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// A number in free text with this many digits may be a phone number or an id.
const LONG_NUMBER_DIGITS: usize = 5;

impl Pseudonyms {
    /// Returns the pseudonyms of a session.
    #[must_use]
    pub fn new(key: u64) -> Self {
        Self { key: Uuid::from_u64_pair(key, !key) }
    }

    /// Returns the pseudonym of a call id, a GUID.
    #[must_use]
    pub fn call_id(&self, id: &CallId) -> CallId {
        CallId(self.id(&id.0))
    }

    /// Returns the pseudonym of a participant id, a GUID.
    #[must_use]
    pub fn participant_id(&self, id: &ParticipantId) -> ParticipantId {
        ParticipantId(self.id(&id.0))
    }

    /// Returns the pseudonym of an operator, `Desk KX`, which fits every column; empty for an empty name.
    #[must_use]
    pub fn operator_name(&self, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        let bits = self.hash_bits(name);
        let letter = |bits: u128| {
            let at = usize::try_from(bits % 20).unwrap_or_default();
            char::from(LETTERS.get(at).copied().unwrap_or(b'X'))
        };
        format!("Desk {}{}", letter(bits), letter(bits / 20))
    }

    /// Returns the pseudonym of a participant of a call: the kind and the ordinal, `Guest 3`. Somebody whom the floor
    /// no longer has, or of whom it has no ordinal, is `Someone 412`, by a number of the session.
    #[must_use]
    pub fn person_name(&self, call: Option<&FloorCall>, id: &ParticipantId) -> String {
        match call.and_then(|it| it.people.get(id)).filter(|it| it.ordinal > 0) {
            Some(person) => format!("{} {}", kind_noun(person.kind), person.ordinal),
            None => format!("Someone {:03}", self.hash_bits(&normalised_id(&id.0)) % 1_000),
        }
    }

    /// Returns a text with pseudonyms for ids and `#` for the digits of long numbers.
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
                out.extend(token.chars().map(|it| if it.is_ascii_digit() { '#' } else { it }));
            }
            None => out.push_str(token),
        }
    }

    /// Returns the floor with pseudonyms for names, subjects, tenants and ids.
    #[must_use]
    pub fn anonymise_floor(&self, floor: &Floor) -> Floor {
        let calls = floor.calls.iter().map(|it| self.anonymise_call(it)).collect();
        let order = floor.order.iter().map(|it| BoardRank { call: self.call_id(&it.call), ..it.clone() }).collect();
        let operations = floor.operations.values().map(|it| self.anonymise_operation(floor, it)).collect();
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
            calls_to_drop: VecDeque::new(),
            people_to_drop: VecDeque::new(),
            operations,
            tickets: floor.tickets.clone(),
            open_operations: floor
                .open_operations
                .iter()
                .map(|(call, open)| (self.call_id(call), open.clone()))
                .collect(),
            early: Ring::default(),
            latencies: floor.latencies.clone(),
            hour: floor.hour.clone(),
            lines: self.anonymise_events(floor).into(),
            counts,
            gap: floor.gap.clone(),
            wall_moves: floor.wall_moves.clone(),
            last_call: floor.last_call,
            last_operation: floor.last_operation,
            changed: ChangedCalls::default(),
        }
    }

    /// Returns each real name of a floor with its pseudonym, the longest first. Names of one character are left out.
    #[must_use]
    pub fn name_pairs(&self, floor: &Floor) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for call in floor.calls.iter() {
            let title = call.subject.iter().map(|it| (it.to_string(), call_title(call)));
            let people = call.people.iter().map(|it| (it.name.to_string(), self.person_name(Some(call), &it.id)));
            let parties = (1..).zip(&call.parties).map(|(at, it)| (it.name.to_string(), party_name(it, at)));
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
        let mut anonymous = call.clone();
        anonymous.id = self.call_id(&call.id);
        anonymous.subject = call.subject.as_ref().map(|_| call_title(call).into());
        anonymous.my_participant = call.my_participant.as_ref().map(|it| self.participant_id(it));
        anonymous.people = call.people.iter().map(|it| self.anonymise_person(call, it)).collect();
        for (at, party) in (1..).zip(&mut anonymous.parties) {
            party.name = party_name(party, at).into();
        }
        anonymous.result = call.result.as_deref().map(|it| self.anonymise_text(it).into());
        anonymous.chain = call.chain.as_deref().map(|it| self.text_id(it));
        anonymous.thread = call.thread.as_deref().map(|it| self.text_id(it));
        anonymous.tenant = call.tenant.as_deref().map(|it| self.tenant_name(it).into());
        anonymous
    }

    fn anonymise_person(&self, call: &FloorCall, person: &Person) -> Person {
        let mut anonymous = person.clone();
        anonymous.id = self.participant_id(&person.id);
        anonymous.name = self.person_name(Some(call), &person.id).into();
        if let Some(HoldSource::Ours { by, .. }) = anonymous.hold.as_mut().map(|it| &mut it.source) {
            *by = self.operator_name(by).into();
        }
        anonymous
    }

    fn anonymise_operation(&self, floor: &Floor, operation: &Operation) -> Operation {
        let mut anonymous = operation.clone();
        anonymous.by = self.operator_name(&operation.by).into();
        let call = floor.calls.get(&operation.call);
        anonymous.target = match &operation.participant {
            Some(id) => self.person_name(call, id).into(),
            None => call.map_or_else(|| "a call".to_owned(), call_title).into(),
        };
        anonymous.call = self.call_id(&operation.call);
        anonymous.participant = operation.participant.as_ref().map(|it| self.participant_id(it));
        anonymous.operation_id = operation.operation_id.as_ref().map(|it| OperationId(self.id(&it.0)));
        let pairs = [
            Some((operation.call.to_string(), anonymous.call.to_string())),
            operation
                .participant
                .as_ref()
                .zip(anonymous.participant.as_ref())
                .map(|(it, is)| (it.to_string(), is.to_string())),
        ];
        let request = operation.request.split_inclusive('/').map(|part| {
            let (id, slash) = part.strip_suffix('/').map_or((part, ""), |it| (it, "/"));
            let other = pairs.iter().flatten().find(|(true_id, _)| true_id == id);
            other.map_or_else(|| self.anonymise_text(part), |(_, other)| format!("{other}{slash}"))
        });
        anonymous.request = request.collect::<String>().into();
        anonymous.failure = operation.failure.as_deref().map(|it| reason_kind(&self.anonymise_text(it)).into());
        anonymous.outcome = match &operation.outcome {
            OperationOutcome::Failed(why) => OperationOutcome::Failed(reason_kind(&self.anonymise_text(why)).into()),
            OperationOutcome::Refused(why) => OperationOutcome::Refused(reason_kind(&self.anonymise_text(why)).into()),
            OperationOutcome::Unknown(why) => OperationOutcome::Unknown(reason_kind(&self.anonymise_text(why)).into()),
            OperationOutcome::Pending
            | OperationOutcome::Accepted
            | OperationOutcome::Confirmed
            | OperationOutcome::Left => operation.outcome.clone(),
        };
        anonymous
    }

    fn anonymise_events(&self, floor: &Floor) -> VecDeque<LoggedEvent> {
        let mut events: VecDeque<LoggedEvent> = floor.lines.iter().map(|it| self.anonymise_event(floor, it)).collect();
        let mut noted = events
            .iter_mut()
            .filter_map(|it| if let LoggedEventKind::Noted(text) = &mut it.what { Some(text) } else { None });
        // A note is a free text, which may name anyone on the floor.
        if let Some(first) = noted.next() {
            let names = self.name_pairs(floor);
            for text in std::iter::once(first).chain(noted) {
                *text = replace_names(text, &names, false).into();
            }
        }
        events
    }

    fn anonymise_event(&self, floor: &Floor, line: &LoggedEvent) -> LoggedEvent {
        let mut anonymous = line.clone();
        let call = line.call.as_ref().and_then(|(id, _)| floor.calls.get(id));
        anonymous.call = line.call.as_ref().map(|(id, number)| (self.call_id(id), *number));
        anonymous.place = line.call.as_ref().map(|(_, number)| format!("Call {}", number.0)).unwrap_or_default().into();
        if let Some(id) = &line.participant {
            anonymous.participant = Some(self.participant_id(id));
            anonymous.name = if line.name.is_empty() { "".into() } else { self.person_name(call, id).into() };
        }
        match &mut anonymous.what {
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
        anonymous
    }

    fn tenant_name(&self, tenant: &str) -> String {
        format!("Tenant {:03}", self.hash_bits(&tenant.to_lowercase()) % 1_000)
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

/// Returns the title of an anonymised call: its number.
fn call_title(call: &FloorCall) -> String {
    format!("Call {}", call.number.0)
}

/// Returns the pseudonym of somebody in a 1:1 call, by the place among its parties.
fn party_name(party: &Party, at: usize) -> String {
    format!("{} {at}", kind_noun(Some(party.kind)))
}

/// Returns the kind of an identity as the first word of a pseudonym.
const fn kind_noun(kind: Option<IdentityKind>) -> &'static str {
    match kind {
        Some(IdentityKind::User) => "User",
        Some(IdentityKind::Guest) => "Guest",
        Some(IdentityKind::Phone) => "Phone",
        Some(IdentityKind::Application | IdentityKind::ApplicationInstance) => "App",
        Some(IdentityKind::Device) => "Device",
        Some(
            IdentityKind::OnPremises
            | IdentityKind::Encrypted
            | IdentityKind::AzureCommunicationServicesUser
            | IdentityKind::Asserted,
        )
        | None => "Person",
    }
}

/// Replaces names with their pseudonyms, the longest first, in one pass, so that a pseudonym is never taken for a name.
/// With `whole`, only where the name stands as a whole word.
pub(crate) fn replace_names(text: &str, pairs: &[(String, String)], whole: bool) -> String {
    let pairs: Vec<&(String, String)> = pairs.iter().filter(|(name, _)| text.contains(name.as_str())).collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let inside = |it: Option<char>| whole && it.is_some_and(char::is_alphanumeric);
        let before = text.get(..text.len() - rest.len()).and_then(|it| it.chars().next_back());
        let found = pairs.iter().find_map(|(name, other)| {
            let after = rest.strip_prefix(name.as_str())?;
            (!inside(before) && !inside(after.chars().next())).then_some((other, after))
        });
        if let Some((other, after)) = found {
            out.push_str(other);
            rest = after;
        } else {
            out.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// Returns the beginning of a reason, before the part that may name a person.
fn reason_kind(why: &str) -> String {
    match why.split_once([':', ';', '"']) {
        Some((kind, _)) => format!("{kind} (private)"),
        None if why.split_whitespace().count() > 4 => "(private)".to_owned(),
        None => why.to_owned(),
    }
}

/// Returns an id without dashes and in lower case, which is the same for all spellings of it.
fn normalised_id(id: &ResourceId) -> String {
    id.to_string().chars().filter(|it| *it != '-').flat_map(char::to_lowercase).collect()
}
