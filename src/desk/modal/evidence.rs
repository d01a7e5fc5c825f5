//! The evidence for what is shown: the journal's own record of it, asked of the relay, and how it differs from the
//! record of the same resource before.
//!
//! The relay answers a read with entries and no end mark: what came is enough once the newest wanted entry is there,
//! and after a while without it the wait ends in words.

use similar::TextDiff;

use crate::floor::{Cursor, Entry, Fact, GraphReading, Outcome, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::time::Timestamp;

/// The evidence overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceView {
    /// What it is evidence of; untrusted text.
    pub of: String,
    /// What there is of it.
    pub state: EvidenceState,
    /// How many lines are above the first shown.
    pub scroll: usize,
    pub(in crate::desk) wanted: EvidenceQuery,
}

/// How far the evidence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceState {
    /// The relay is asked.
    Asking,
    /// It cannot be had, for this reason.
    Failed(String),
    /// It is here.
    Shown(JournalRecord),
}

/// A record of the journal and how it differs from the one of the same resource before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecord {
    /// Where it is in the journal.
    pub cursor: Cursor,
    /// When it arrived.
    pub at: Timestamp,
    /// How it came.
    pub how: String,
    /// Its own text, indented, a line each; untrusted text.
    pub lines: Vec<String>,
    /// The record before of the same resource, if it is among those that were read.
    pub before: Option<Cursor>,
    /// The lines that differ, each with `+`, `-` or a space before it; untrusted text.
    pub changes: Vec<(char, String)>,
}

/// Which record is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct EvidenceQuery {
    pub(in crate::desk) about: EvidenceSubject,
    /// Nothing newer than this.
    pub(in crate::desk) until: Cursor,
    pub(in crate::desk) asked: Timestamp,
    pub(in crate::desk) read: Vec<SeenEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) enum EvidenceSubject {
    /// The last that was heard of a call.
    Call(CallId),
    /// The last that names somebody of a call.
    Person(CallId, ParticipantId),
    /// This entry.
    Entry(Cursor),
    /// The last record of an act.
    Act(Ticket),
}

/// An entry that was read, as far as evidence needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct SeenEntry {
    cursor: Cursor,
    at: Timestamp,
    how: String,
    /// What it is about: records of one resource can be compared.
    resource: String,
    ticket: Option<Ticket>,
    text: String,
}

/// A record is shown to this many lines.
const LINES: usize = 2_000;

impl EvidenceQuery {
    pub(in crate::desk) fn found(&self) -> EvidenceState {
        let Some(at) = self.read.iter().rposition(|it| self.about.is(it)) else {
            let count = self.read.len();
            return EvidenceState::Failed(format!("none of the {count} entries before {} is about this", self.until));
        };
        let Some(seen) = self.read.get(at) else { return EvidenceState::Asking };
        let before = self.read.iter().take(at).rev().find(|it| it.resource == seen.resource);
        let changes = before.map(|it| changes(&it.text, &seen.text)).unwrap_or_default();
        EvidenceState::Shown(JournalRecord {
            cursor: seen.cursor,
            at: seen.at,
            how: seen.how.clone(),
            lines: seen.text.lines().take(LINES).map(str::to_owned).collect(),
            before: before.map(|it| it.cursor),
            changes,
        })
    }
}

impl EvidenceSubject {
    fn is(&self, seen: &SeenEntry) -> bool {
        match self {
            Self::Call(call) => seen.resource.contains(&*call.to_string()),
            Self::Person(call, person) => {
                seen.resource.contains(&*call.to_string())
                    && seen.ticket.is_none()
                    && seen.text.contains(&*person.to_string())
            }
            Self::Entry(cursor) => seen.cursor == *cursor,
            Self::Act(ticket) => seen.ticket.as_ref() == Some(ticket),
        }
    }
}

impl SeenEntry {
    /// What evidence there is in an entry; none in what the relay notes of itself.
    pub(in crate::desk) fn of(entry: &Entry) -> Option<Self> {
        let of_act = |ticket: &Ticket| (format!("act {ticket}"), Some(ticket.clone()));
        let (how, (resource, ticket), text) = match &entry.fact {
            Fact::Notification(received) => {
                let from = received.message.as_ref().map(|it| format!(" of POST {it}")).unwrap_or_default();
                let how = format!("a notification from Graph, item {}{from}", received.index);
                (how, (resource(received.item().get()), None), pretty(received.item().get()))
            }
            Fact::Asked(asked) => ("an operator's ask".to_owned(), of_act(&asked.ticket), json(asked)),
            Fact::Answered(answered) => {
                let how = match &answered.outcome {
                    Outcome::Replied { status, .. } => format!("Graph's answer, {status}"),
                    Outcome::Refused { expired: true, .. } => "the gate's refusal: EXPIRED".to_owned(),
                    Outcome::Refused { .. } => "the gate's refusal".to_owned(),
                    Outcome::Lost { .. } => "an answer that never came".to_owned(),
                };
                (how, of_act(&answered.ticket), json(answered))
            }
            Fact::Observed(observed) => {
                let path = format!("/communications/calls/{}", observed.call);
                let (path, text) = match &observed.read {
                    GraphReading::Call(text) => (path, pretty(text.get())),
                    GraphReading::Participants(text) => (format!("{path}/participants"), pretty(text.get())),
                    GraphReading::Operation(id, text) => (format!("{path}/operations/{id}"), pretty(text.get())),
                    GraphReading::Gone => (path, "404: Graph does not know the call".to_owned()),
                };
                ("read from Graph by the relay".to_owned(), (path, None), text)
            }
            Fact::Rejected(_) | Fact::Noted(_) => return None,
        };
        Some(Self { cursor: entry.cursor, at: entry.at, how, resource, ticket, text })
    }
}

/// The address of what a notification is about.
fn resource(item: &str) -> String {
    let item: serde_json::Value = serde_json::from_str(item).unwrap_or_default();
    let named = ["resourceUrl", "resource"].iter().find_map(|it| item.get(*it)?.as_str());
    let path = named.unwrap_or_default().trim_start_matches('/');
    // Graph writes the address with and without its first part.
    format!("/{}", path.strip_prefix("app/").unwrap_or(path))
}

pub(in crate::desk) fn pretty(text: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(text);
    value.ok().and_then(|it| serde_json::to_string_pretty(&it).ok()).unwrap_or_else(|| text.to_owned())
}

fn json(record: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(record).unwrap_or_default()
}

/// The lines that differ, with two around each that do not.
fn changes(before: &str, after: &str) -> Vec<(char, String)> {
    let diff = TextDiff::from_lines(before, after);
    let groups = diff.grouped_ops(2);
    let changes = groups.iter().flatten().flat_map(|it| diff.iter_changes(it));
    let sign = |tag| match tag {
        similar::ChangeTag::Insert => '+',
        similar::ChangeTag::Delete => '-',
        similar::ChangeTag::Equal => ' ',
    };
    changes.take(LINES).map(|it| (sign(it.tag()), it.value().trim_end_matches('\n').to_owned())).collect()
}
