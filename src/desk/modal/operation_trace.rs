//! The trace of an operation: the journal's entries of its attempts, Graph's answer and the notifications about it.
//!
//! Read from the relay when the details open, and extended from the feed while they are open.

use crate::desk::modal::evidence::PATIENCE;
use crate::desk::modal::journal_text::{part_about, pretty};
use crate::floor::{Cursor, Entry, Fact, Noted, Operation, OperationNumber, Outcome};
use crate::time::Timestamp;

/// The entries of an operation that the floor does not keep.
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
    /// Makes the trace of an operation that was requested at `wall`, up to an entry.
    pub(in crate::desk) const fn asked(of: OperationNumber, until: Cursor, wall: Timestamp) -> Self {
        Self { state: TraceState::Asking, steps: Vec::new(), of, until, since: wall }
    }

    /// Returns whether the trace is complete.
    #[must_use]
    pub const fn state(&self) -> &TraceState {
        &self.state
    }

    /// Returns the entries that were found, in the journal's order.
    #[must_use]
    pub fn steps(&self) -> &[TraceStep] {
        &self.steps
    }

    pub(in crate::desk) const fn operation(&self) -> OperationNumber {
        self.of
    }

    /// Returns the entry that completes it.
    pub(in crate::desk) const fn until(&self) -> Cursor {
        self.until
    }

    pub(in crate::desk) fn is_asking(&self) -> bool {
        self.state == TraceState::Asking
    }

    /// Returns whether the relay should have answered by `wall` and has not.
    pub(in crate::desk) fn is_overdue(&self, wall: Timestamp) -> bool {
        self.is_asking() && wall.since(self.since) >= PATIENCE
    }

    /// Ends the wait, with the reason.
    pub(in crate::desk) fn fail(&mut self, why: String) {
        self.state = TraceState::Failed(why);
    }

    /// Adds the entries about its operation; `read` if they come from a read and not from the feed.
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

/// How complete a trace is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceState {
    /// The relay has not answered yet.
    Asking,
    /// The trace is missing or incomplete, for this reason.
    Failed(String),
    /// The trace is complete, up to now.
    Whole,
}

/// An entry of the journal that is about the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// Its place in the journal.
    pub cursor: Cursor,
    /// When it was journalled.
    pub at: Timestamp,
    /// Its role in the operation.
    pub kind: TraceStepKind,
    /// Its text, indented, one string per line; untrusted text.
    pub lines: Vec<String>,
}

/// What an entry is to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceStepKind {
    /// The request was sent, for the n-th time.
    Try(u8),
    /// Graph's answer, in words.
    Answer(String),
    /// A notification about it.
    Notice,
    /// The entry that proves the operation.
    Proof,
}

/// The maximum number of lines of an entry that are shown; the evidence shows the proof whole.
const LINES: usize = 40;
/// The maximum number of entries of one operation.
const STEPS: usize = 64;

/// Returns the role of an entry in an operation; `None` if it is not about it.
fn step(entry: &Entry, operation: &Operation) -> Option<TraceStep> {
    let proves = operation.proof.as_ref().is_some_and(|it| it.cursor == entry.cursor);
    // Of a roster with many people, only the part about this one is shown.
    let part = |text: &str| {
        let person = operation.participant.as_ref();
        person.and_then(|it| part_about(text, it)).unwrap_or_else(|| pretty(text))
    };
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
            Outcome::Refused { reason, .. } => {
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
            (kind, part(item))
        }
        Fact::Observed(observed) if proves => {
            let read = serde_json::to_string(&observed.read).unwrap_or_default();
            (TraceStepKind::Proof, part(&read))
        }
        Fact::Asked(_) | Fact::Answered(_) | Fact::Observed(_) | Fact::Rejected(_) | Fact::Noted(_) => return None,
    };
    let lines = text.lines().take(LINES).map(str::to_owned).collect();
    Some(TraceStep { cursor: entry.cursor, at: entry.at, kind, lines })
}
