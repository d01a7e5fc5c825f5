//! What the journal holds of one operation: each try, Graph's answer, and the notifications that are about it.
//!
//! Asked of the relay when the operation's details open, and taken from the feed while they lie there.

use crate::desk::modal::evidence::{PATIENCE, pretty};
use crate::floor::{Cursor, Entry, Fact, Noted, Operation, OperationNumber, Outcome};
use crate::graph::ParticipantId;
use crate::time::Timestamp;

/// What is known of an operation beyond what the floor keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationTrace {
    state: TraceState,
    steps: Vec<TraceStep>,
    of: OperationNumber,
    until: Cursor,
    /// In wall time.
    since: Timestamp,
}

impl OperationTrace {
    /// What is being asked for since `wall`: up to which entry, of which operation.
    pub(in crate::desk) const fn asked(of: OperationNumber, until: Cursor, wall: Timestamp) -> Self {
        Self { state: TraceState::Asking, steps: Vec::new(), of, until, since: wall }
    }

    /// How much of it is here.
    #[must_use]
    pub const fn state(&self) -> &TraceState {
        &self.state
    }

    /// What was found, in the journal's order.
    #[must_use]
    pub fn steps(&self) -> &[TraceStep] {
        &self.steps
    }

    pub(in crate::desk) const fn operation(&self) -> OperationNumber {
        self.of
    }

    /// The entry that makes it whole.
    pub(in crate::desk) const fn until(&self) -> Cursor {
        self.until
    }

    pub(in crate::desk) fn is_asking(&self) -> bool {
        self.state == TraceState::Asking
    }

    /// Whether the relay is asked, and has not answered by `wall` although it should have.
    pub(in crate::desk) fn is_overdue(&self, wall: Timestamp) -> bool {
        self.is_asking() && wall.since(self.since) >= PATIENCE
    }

    /// Ends the wait, for this reason.
    pub(in crate::desk) fn fail(&mut self, why: String) {
        self.state = TraceState::Failed(why);
    }

    /// Takes what entries say of its operation: entries that the relay read, or that are news.
    pub(in crate::desk) fn extend(&mut self, entries: &[Entry], operation: &Operation, read: bool) {
        for entry in entries {
            let known = self.steps.iter().any(|it| it.cursor == entry.cursor);
            if let Some(step) = step(entry, operation).filter(|_| !known && self.steps.len() < STEPS) {
                self.steps.push(step);
            }
        }
        self.steps.sort_by_key(|it| it.cursor);
        if read && self.is_asking() && entries.iter().any(|it| it.cursor >= self.until) {
            self.state = TraceState::Whole;
        }
    }
}

/// How much of a trail is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceState {
    /// The relay is asked.
    Asking,
    /// It cannot be had, or not whole, for this reason.
    Failed(String),
    /// It is here, up to now.
    Whole,
}

/// An entry of the journal that is about the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// Where it is in the journal.
    pub cursor: Cursor,
    /// When it was journalled.
    pub at: Timestamp,
    /// What it is.
    pub kind: TraceStepKind,
    /// What it says, indented, a line each; untrusted text.
    pub lines: Vec<String>,
}

/// What an entry is to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceStepKind {
    /// The request went out, for the n-th time.
    Try(u8),
    /// What came back of it, in words.
    Answer(String),
    /// A notification that is about it.
    Notice,
    /// What proves it.
    Proof,
}

/// An entry is shown to this many lines; `i` shows the proof whole.
const LINES: usize = 40;
/// More entries are not about one operation.
const STEPS: usize = 64;

/// What an entry is to an operation; none when it is not about it.
fn step(entry: &Entry, operation: &Operation) -> Option<TraceStep> {
    let proves = operation.proof.as_ref().is_some_and(|it| it.cursor == entry.cursor);
    let (kind, text) = match &entry.fact {
        Fact::Noted(Noted::AttemptStarted { ticket, attempt }) if *ticket == operation.ticket => {
            (TraceStepKind::Try(*attempt), String::new())
        }
        Fact::Answered(answered) if answered.ticket == operation.ticket => match &answered.outcome {
            Outcome::Replied { status, location, body } => {
                let place = location.as_ref().map(|it| format!(", Location: {it}")).unwrap_or_default();
                let body = body.as_ref().map(|it| pretty(it.get())).unwrap_or_default();
                let empty = if body.is_empty() { ", without a body" } else { "" };
                (TraceStepKind::Answer(format!("{status}{place}{empty}")), body)
            }
            Outcome::Refused { reason } => {
                (TraceStepKind::Answer(format!("refused by the gate: {reason}")), String::new())
            }
            Outcome::Lost { error, .. } => (TraceStepKind::Answer(format!("none came: {error}")), String::new()),
        },
        Fact::Notification(received) => {
            let item = received.item().get();
            let id = operation.operation_id.as_ref().map(ToString::to_string);
            let named = item.contains(&*operation.ticket.to_string()) || id.is_some_and(|it| item.contains(&*it));
            let kind = if proves { TraceStepKind::Proof } else { TraceStepKind::Notice };
            if !proves && !named {
                return None;
            }
            (kind, part(item, operation.participant.as_ref()))
        }
        Fact::Observed(observed) if proves => {
            let read = serde_json::to_string(&observed.read).unwrap_or_default();
            (TraceStepKind::Proof, part(&read, operation.participant.as_ref()))
        }
        Fact::Asked(_) | Fact::Answered(_) | Fact::Observed(_) | Fact::Rejected(_) | Fact::Noted(_) => return None,
    };
    let lines = text.lines().take(LINES).map(str::to_owned).collect();
    Some(TraceStep { cursor: entry.cursor, at: entry.at, kind, lines })
}

/// A record, or of one that lists many people what it says of this one.
fn part(text: &str, person: Option<&ParticipantId>) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let named = person.map(ToString::to_string);
    let is = |it: &serde_json::Value| it.get("id").and_then(serde_json::Value::as_str) == named.as_deref();
    let people = value.get("resourceData").or(value.get("participants")).and_then(|it| it.as_array());
    match people.and_then(|it| it.iter().find(|it| named.is_some() && is(it))) {
        Some(found) => serde_json::to_string_pretty(found).unwrap_or_default(),
        None => pretty(text),
    }
}
