//! The evidence overlay: the journal's own record of the selected row, read from the relay, and its difference from the
//! previous record of the same resource.
//!
//! The relay answers a read with entries and no end mark. The read is complete once the newest wanted entry is there;
//! without it, the wait ends with a reason.

use similar::TextDiff;

use crate::desk::modal::journal_text::{json, part_about, pretty};
use crate::desk::modal::scroll::ScrollOffset;
use crate::floor::{Cursor, Entry, Fact, GraphReading, Outcome, Ticket};
use crate::graph::{self, Call, CallId, CommsOperation, Participant, ParticipantId};
use crate::time::{Millis, Timestamp};

/// The evidence overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceView {
    of: String,
    state: EvidenceState,
    scroll: ScrollOffset,
    /// Whether the whole record is shown instead of its part.
    shows_whole: bool,
    wanted: EvidenceQuery,
}

/// The state of the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceState {
    /// The relay has not answered yet.
    Asking,
    /// There is no evidence, for this reason.
    Failed(String),
    /// The record was found.
    Shown(JournalRecord),
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
}

/// Where an evidence view was closed, to open it there again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct EvidencePlace {
    about: EvidenceSubject,
    cursor: Cursor,
    scroll: ScrollOffset,
    shows_whole: bool,
}

/// Which record to find.
#[derive(Debug, Clone, PartialEq, Eq)]
struct EvidenceQuery {
    about: EvidenceSubject,
    /// The newest entry to consider.
    until: Cursor,
    /// In wall time.
    asked: Timestamp,
    read: Vec<SeenEntry>,
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

/// An entry that was read, reduced to what the evidence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SeenEntry {
    cursor: Cursor,
    at: Timestamp,
    how: String,
    /// What it is about; records of the same resource are compared.
    resource: String,
    ticket: Option<Ticket>,
    text: String,
    unreadable: Vec<String>,
}

/// The maximum number of entries that are read.
pub(in crate::desk) const WINDOW: u32 = 500;
/// How long to wait for the relay's answer, in wall time.
pub(in crate::desk) const PATIENCE: Millis = Millis::seconds(5);
/// The maximum number of lines of a record that are shown.
const LINES: usize = 2_000;

impl EvidenceView {
    /// Makes an evidence view that waits since `wall` for the record: its subject, and the newest entry to consider.
    pub(in crate::desk) fn asked(of: String, about: EvidenceSubject, until: Cursor, wall: Timestamp) -> Self {
        let wanted = EvidenceQuery { about, until, asked: wall, read: Vec::new() };
        Self { of, state: EvidenceState::Asking, scroll: ScrollOffset::default(), shows_whole: false, wanted }
    }

    /// Returns where it stands; `None` if no record is shown.
    pub(in crate::desk) fn place(&self) -> Option<EvidencePlace> {
        let EvidenceState::Shown(record) = &self.state else { return None };
        let (about, shows_whole) = (self.wanted.about.clone(), self.shows_whole);
        Some(EvidencePlace { about, cursor: record.cursor, scroll: self.scroll, shows_whole })
    }

    /// Goes to a place, if it is one in the same record of the same subject.
    pub(in crate::desk) fn return_to(&mut self, place: &EvidencePlace) {
        if self.place().is_some_and(|it| it.about == place.about && it.cursor == place.cursor) {
            (self.scroll, self.shows_whole) = (place.scroll, place.shows_whole);
        }
    }

    /// Returns the person whom it is about, if it is about one.
    #[must_use]
    pub const fn person(&self) -> Option<&ParticipantId> {
        match &self.wanted.about {
            EvidenceSubject::Person(_, person) => Some(person),
            EvidenceSubject::Call(_) | EvidenceSubject::Entry(_) | EvidenceSubject::Act(_) => None,
        }
    }

    /// Returns the subject of the evidence; untrusted text.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.of
    }

    /// Returns the record, or why there is none yet.
    #[must_use]
    pub const fn state(&self) -> &EvidenceState {
        &self.state
    }

    /// Returns how many lines are scrolled out above.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll.lines()
    }

    pub(in crate::desk) const fn offset(&self) -> &ScrollOffset {
        &self.scroll
    }

    pub(in crate::desk) const fn offset_mut(&mut self) -> &mut ScrollOffset {
        &mut self.scroll
    }

    /// Returns whether the record is a part of one, so that the whole can be shown too.
    #[must_use]
    pub fn is_part(&self) -> bool {
        matches!(&self.state, EvidenceState::Shown(record) if !record.whole.is_empty())
    }

    /// Returns whether the whole record is shown instead of the part.
    #[must_use]
    pub const fn shows_whole(&self) -> bool {
        self.shows_whole
    }

    /// Shows the whole record instead of the part, or the part again.
    pub(in crate::desk) fn toggle_whole(&mut self) {
        self.shows_whole = !self.shows_whole;
        self.scroll = ScrollOffset::default();
    }

    /// Returns the newest entry to consider.
    pub(in crate::desk) const fn until(&self) -> Cursor {
        self.wanted.until
    }

    /// Returns whether the relay should have answered by `wall` and has not.
    pub(in crate::desk) fn is_overdue(&self, wall: Timestamp) -> bool {
        self.is_asking() && wall.since(self.wanted.asked) >= PATIENCE
    }

    pub(in crate::desk) fn is_asking(&self) -> bool {
        self.state == EvidenceState::Asking
    }

    /// Ends the wait, with the reason.
    pub(in crate::desk) fn fail(&mut self, why: String) {
        self.state = EvidenceState::Failed(why);
    }

    /// Adds entries that the relay read. After the newest wanted entry, the evidence is complete or known to be missing.
    pub(in crate::desk) fn take(&mut self, entries: &[Entry]) {
        if !self.is_asking() {
            return;
        }
        let until = self.wanted.until;
        let room = usize::try_from(WINDOW).unwrap_or_default().saturating_sub(self.wanted.read.len());
        let read = entries.iter().filter(|it| it.cursor <= until).take(room);
        self.wanted.read.extend(read.filter_map(SeenEntry::of));
        if entries.iter().any(|it| it.cursor >= until) {
            self.state = self.wanted.found();
            self.wanted.read.clear();
        }
    }
}

impl EvidenceQuery {
    fn found(&self) -> EvidenceState {
        let Some(at) = self.read.iter().rposition(|it| self.about.is(it)) else {
            let count = self.read.len();
            return EvidenceState::Failed(format!("none of the {count} entries before {} is about this", self.until));
        };
        let Some(seen) = self.read.get(at) else { return EvidenceState::Asking };
        let part = self.about.part_of(seen);
        let before = self.read.iter().take(at).rev().filter(|it| it.resource == seen.resource);
        // Only a record that names a person shows what changed about them.
        let before = before.map(|it| (it, self.about.part_of(it))).find(|(_, other)| part.is_none() || other.is_some());
        let text = part.as_deref().unwrap_or(&seen.text);
        let changed = |(it, part): &(&SeenEntry, Option<String>)| changes(part.as_deref().unwrap_or(&it.text), text);
        let lines = |text: &str| text.lines().take(LINES).map(str::to_owned).collect();
        EvidenceState::Shown(JournalRecord {
            cursor: seen.cursor,
            at: seen.at,
            how: seen.how.clone(),
            lines: lines(text),
            whole: part.as_ref().map(|_| lines(&seen.text)).unwrap_or_default(),
            unreadable: seen.unreadable.clone(),
            before: before.as_ref().map(|(it, _)| it.cursor),
            changes: before.as_ref().map(changed).unwrap_or_default(),
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

    /// Returns the part of a record that is about the person; `None` where the whole record is the evidence.
    fn part_of(&self, seen: &SeenEntry) -> Option<String> {
        match self {
            Self::Person(_, person) => part_about(&seen.text, person),
            Self::Call(_) | Self::Entry(_) | Self::Act(_) => None,
        }
    }
}

impl SeenEntry {
    /// Returns what an entry is evidence of; `None` for the relay's own notes.
    fn of(entry: &Entry) -> Option<Self> {
        let of_act = |ticket: &Ticket| (format!("act {ticket}"), Some(ticket.clone()));
        let (how, (resource, ticket), text) = match &entry.fact {
            Fact::Notification(received) => {
                let from = received.message.as_ref().map(|it| format!(" of POST {it}")).unwrap_or_default();
                let how = format!("a notification from Graph, item {}{from}", received.index);
                (how, (resource(received.item().get()), None), pretty(received.item().get()))
            }
            Fact::Asked(asked) => ("an operator's request".to_owned(), of_act(&asked.ticket), json(asked)),
            Fact::Answered(answered) => {
                let how = match &answered.outcome {
                    Outcome::Replied { status, .. } => format!("Graph's answer, {status}"),
                    Outcome::Refused { expired: true, .. } => "the gate's refusal: EXPIRED".to_owned(),
                    Outcome::Refused { .. } => "the gate's refusal".to_owned(),
                    Outcome::Lost { .. } => "no answer".to_owned(),
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
        let unreadable = unreadable_of(&entry.fact);
        Some(Self { cursor: entry.cursor, at: entry.at, how, resource, ticket, text, unreadable })
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
    let (item, _): (serde_json::Value, _) = graph::decode_partly(item).unwrap_or_default();
    let named = ["resourceUrl", "resource"].iter().find_map(|it| item.get(*it)?.as_str());
    let path = named.unwrap_or_default().trim_start_matches('/');
    // Graph writes the address with and without its first segment.
    format!("/{}", path.strip_prefix("app/").unwrap_or(path))
}

/// Returns the lines that differ, with two unchanged lines around each.
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
