//! Finds the record behind a row among the entries that the relay sent, and its difference from the previous record of the
//! same resource. Rosters can be large, so the console searches in a task, and the desk shows what it has found.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde::Deserialize;

use crate::desk::modal::evidence::changes::{LINES, changes};
use crate::desk::modal::journal_text::{cut_lines, json, part_about, pretty};
use crate::floor::{Cursor, Entry, Fact, GraphReading, Outcome, Ticket};
use crate::graph::{self, Call, CallId, CommsOperation, Participant, ParticipantId};
use crate::time::Timestamp;

/// The entries of one read, and which record to find among them.
#[derive(Debug, Clone)]
pub struct EvidenceSearch {
    wanted: EvidenceQuery,
    entries: VecDeque<Entry>,
    /// The size of the texts of the entries.
    bytes: usize,
    /// The number of entries that were dropped, the oldest first, because all together were too large.
    left_out: usize,
}

/// What a search has found: the record, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFound {
    pub(super) wanted: EvidenceQuery,
    pub(super) record: Result<Box<JournalRecord>, String>,
}

/// A record of the journal, and its difference from the previous record of the same resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecord {
    /// Its place in the journal.
    pub cursor: Cursor,
    /// When it arrived.
    pub at: Timestamp,
    /// How it arrived.
    pub how: String,
    /// Its text, indented and with its secrets masked, one string per line; of a roster, the part about the person who
    /// was asked about. Untrusted text.
    pub lines: Vec<String>,
    /// The whole record, where `lines` is only a part of it; else empty.
    pub whole: Vec<String>,
    /// What of it could not be read, each with its place and the reason; untrusted text.
    pub unreadable: Vec<String>,
    /// The previous record of the same resource, if it was among the entries that were read.
    pub before: Option<Cursor>,
    /// The lines that differ, each with `+`, `-` or a space before it; untrusted text.
    pub changes: Vec<(char, String)>,
    /// Whether both records could be compared; they cannot if they are too large and no rosters.
    pub is_compared: bool,
    /// What is left out of all this because it is too large, and where to see it.
    pub left_out: Vec<String>,
}

/// Which record to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct EvidenceQuery {
    pub(super) about: EvidenceSubject,
    /// The newest entry to consider.
    pub(super) until: Cursor,
    /// In wall time.
    pub(super) asked: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) enum EvidenceSubject {
    /// The newest record of a call.
    Call(CallId),
    /// The newest record that names a person of a call.
    Person(CallId, ParticipantId),
    /// The entry at this cursor.
    Entry(Cursor),
    /// The newest record of an act.
    Act(Ticket),
}

/// An entry that can be evidence.
struct Candidate<'a> {
    entry: &'a Entry,
    /// What it is about; records of the same resource are compared.
    resource: String,
    ticket: Option<&'a Ticket>,
    /// Its text as the journal has it.
    raw: Cow<'a, str>,
}

/// The maximum number of entries that are read.
pub(in crate::desk) const WINDOW: u32 = 500;
/// The maximum size of the texts of the entries that are kept for a search.
const MAX_BYTES: usize = 64 * 1_024 * 1_024;

/// Two searches are equal if they look for the same among the same entries.
impl PartialEq for EvidenceSearch {
    fn eq(&self, other: &Self) -> bool {
        let cursors = |it: &Self| it.entries.iter().map(|entry| entry.cursor).collect::<Vec<_>>();
        self.wanted == other.wanted && cursors(self) == cursors(other)
    }
}

impl Eq for EvidenceSearch {}

impl EvidenceSearch {
    pub(super) const fn new(wanted: EvidenceQuery) -> Self {
        Self { wanted, entries: VecDeque::new(), bytes: 0, left_out: 0 }
    }

    /// Adds entries that the relay read, and returns whether the newest wanted one has come.
    pub(super) fn take(&mut self, entries: Vec<Entry>) -> bool {
        let until = self.wanted.until;
        let is_complete = entries.iter().any(|it| it.cursor >= until);
        for entry in entries.into_iter().filter(|it| it.cursor <= until) {
            self.bytes += entry.fact.text_bytes();
            self.entries.push_back(entry);
        }
        let most = usize::try_from(WINDOW).unwrap_or_default();
        while self.entries.len() > most || self.bytes > MAX_BYTES && self.entries.len() > 1 {
            let dropped = self.entries.pop_front().map_or(0, |it| it.fact.text_bytes());
            self.bytes = self.bytes.saturating_sub(dropped);
            self.left_out += 1;
        }
        is_complete
    }

    /// Finds the record. It takes some hundred milliseconds where the rosters have thousands of people.
    #[must_use]
    pub fn run(self) -> EvidenceFound {
        let record = self.found().map(Box::new);
        EvidenceFound { wanted: self.wanted, record }
    }

    /// Returns what the desk shows, instead of waiting, if the search breaks off.
    #[must_use]
    pub fn failed(&self) -> EvidenceFound {
        let why = "the search for it failed, which is a fault of the console: its log says more".to_owned();
        EvidenceFound { wanted: self.wanted.clone(), record: Err(why) }
    }

    fn found(&self) -> Result<JournalRecord, String> {
        let about = &self.wanted.about;
        let mut older = self.entries.iter().rev().filter_map(Candidate::of);
        let Some(seen) = older.by_ref().find(|it| about.is(it)) else { return Err(self.not_found()) };
        let part = about.part_of(&seen);
        // Only a record that names a person shows what changed about them.
        let before = older.filter(|it| it.resource == seen.resource).map(|it| (about.part_of(&it), it));
        let before = before.into_iter().find(|(other, _)| part.is_none() || other.is_some());
        let mut left_out = Vec::new();
        if before.is_none() && self.left_out > 0 {
            let (count, most) = (self.left_out, MAX_BYTES / 1_024 / 1_024);
            left_out
                .push(format!("{count} older entries were not searched, because all together have over {most} MiB"));
        }
        let changed = before.as_ref().map(|(other, it)| match (&part, other) {
            (Some(part), Some(other)) => changes(other, part),
            (Some(_), None) | (None, _) => changes(&it.raw, &seen.raw),
        });
        let (changed, note) = changed.unwrap_or_default();
        let is_compared = before.is_some() && (!changed.is_empty() || note.is_none());
        left_out.extend(note);
        let whole = pretty(&seen.raw);
        let whole = seen.lines(&whole, &mut left_out);
        let (lines, whole) = match &part {
            Some(part) => (cut_lines(part, LINES).0, whole),
            None => (whole, Vec::new()),
        };
        Ok(JournalRecord {
            cursor: seen.entry.cursor,
            at: seen.entry.at,
            how: how(&seen.entry.fact),
            lines,
            whole,
            unreadable: unreadable_of(&seen.entry.fact),
            before: before.as_ref().map(|(_, it)| it.entry.cursor),
            changes: changed,
            is_compared,
            left_out,
        })
    }

    fn not_found(&self) -> String {
        let count = self.entries.iter().filter(|it| !matches!(it.fact, Fact::Rejected(_) | Fact::Noted(_))).count();
        let until = self.wanted.until;
        format!("none of the {count} entries before {until} is about this")
    }
}

impl EvidenceSubject {
    fn is(&self, seen: &Candidate<'_>) -> bool {
        match self {
            Self::Call(call) => seen.resource.contains(&*call.to_string()),
            Self::Person(call, person) => {
                seen.resource.contains(&*call.to_string())
                    && seen.ticket.is_none()
                    && seen.raw.contains(&*person.to_string())
            }
            Self::Entry(cursor) => seen.entry.cursor == *cursor,
            Self::Act(ticket) => seen.ticket == Some(ticket),
        }
    }

    /// Returns the part of a record that is about the person; `None` where the whole record is the evidence.
    fn part_of(&self, seen: &Candidate<'_>) -> Option<String> {
        match self {
            Self::Person(_, person) => part_about(&seen.raw, person),
            Self::Call(_) | Self::Entry(_) | Self::Act(_) => None,
        }
    }
}

impl<'a> Candidate<'a> {
    /// Returns what an entry is evidence of; `None` for the relay's own notes.
    fn of(entry: &'a Entry) -> Option<Self> {
        let of_act = |ticket: &'a Ticket, raw: String| (format!("act {ticket}"), Some(ticket), Cow::Owned(raw));
        let (resource, ticket, raw) = match &entry.fact {
            Fact::Notification(received) => {
                (resource(received.item().get()), None, Cow::Borrowed(received.item().get()))
            }
            Fact::Asked(asked) => of_act(&asked.ticket, json(asked)),
            Fact::Answered(answered) => of_act(&answered.ticket, json(answered)),
            Fact::Observed(observed) => {
                let path = format!("/communications/calls/{}", observed.call);
                let (path, raw) = match &observed.read {
                    GraphReading::Call(text) => (path, text.get()),
                    GraphReading::Participants(text) => (format!("{path}/participants"), text.get()),
                    GraphReading::Operation(id, text) => (format!("{path}/operations/{id}"), text.get()),
                    GraphReading::Gone => (path, "404: Graph does not know the call"),
                };
                (path, None, Cow::Borrowed(raw))
            }
            Fact::Rejected(_) | Fact::Noted(_) => return None,
        };
        Some(Self { entry, resource, ticket, raw })
    }

    /// Returns the first lines of its text, and adds a note if there are more.
    fn lines(&self, text: &str, left_out: &mut Vec<String>) -> Vec<String> {
        let (lines, more) = cut_lines(text, LINES);
        if more > 0 {
            let cursor = self.entry.cursor;
            left_out.push(format!(
                "the record has {} lines, of which the first {LINES} are here; the relay's journal has all of entry {cursor}",
                LINES + more
            ));
        }
        lines
    }
}

/// Returns how an entry arrived.
fn how(fact: &Fact) -> String {
    match fact {
        Fact::Notification(received) => {
            let from = received.message.as_ref().map(|it| format!(" of POST {it}")).unwrap_or_default();
            format!("a notification from Graph, item {}{from}", received.index)
        }
        Fact::Asked(_) => "an operator's request".to_owned(),
        Fact::Answered(answered) => match &answered.outcome {
            Outcome::Replied { status, .. } => format!("Graph's answer, {status}"),
            Outcome::Refused { expired: true, .. } => "the gate's refusal: EXPIRED".to_owned(),
            Outcome::Refused { .. } => "the gate's refusal".to_owned(),
            Outcome::Lost { .. } => "no answer".to_owned(),
        },
        Fact::Observed(_) => "read from Graph by the relay".to_owned(),
        Fact::Rejected(_) | Fact::Noted(_) => String::new(),
    }
}

/// Returns what of a record could not be read.
fn unreadable_of(fact: &Fact) -> Vec<String> {
    let read = match fact {
        Fact::Notification(received) => received.notification().map(|it| it.unreadable.clone()).unwrap_or_default(),
        Fact::Observed(observed) => match &observed.read {
            GraphReading::Call(raw) => graph::decode_partly::<Call>(raw.get()).map(|it| it.1).unwrap_or_default(),
            GraphReading::Participants(raw) => {
                graph::decode_partly::<Vec<Participant>>(raw.get()).map(|it| it.1).unwrap_or_default()
            }
            GraphReading::Operation(_, raw) => {
                graph::decode_partly::<CommsOperation>(raw.get()).map(|it| it.1).unwrap_or_default()
            }
            GraphReading::Gone => Vec::new(),
        },
        Fact::Asked(_) | Fact::Answered(_) | Fact::Rejected(_) | Fact::Noted(_) => Vec::new(),
    };
    read.into_iter().map(|it| format!("{}: {}", it.place, it.why)).collect()
}

/// Returns the address of the resource in a notification.
fn resource(item: &str) -> String {
    /// The address alone; every other member is skipped.
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ItemAddress<'a> {
        #[serde(borrow)]
        resource_url: Option<Cow<'a, str>>,
        #[serde(borrow)]
        resource: Option<Cow<'a, str>>,
    }
    let named = match serde_json::from_str::<ItemAddress<'_>>(item) {
        Ok(address) => address.resource_url.or(address.resource).map(Cow::into_owned),
        Err(_unreadable) => {
            let (item, _): (serde_json::Value, _) = graph::decode_partly(item).unwrap_or_default();
            ["resourceUrl", "resource"].iter().find_map(|it| item.get(*it)?.as_str().map(str::to_owned))
        }
    };
    let named = named.unwrap_or_default();
    let path = named.trim_start_matches('/');
    // Graph writes the address with and without its first segment.
    format!("/{}", path.strip_prefix("app/").unwrap_or(path))
}
