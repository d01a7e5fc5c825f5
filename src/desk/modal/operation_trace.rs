//! What the journal holds of one operation: each try, Graph's answer, and the notifications that are about it.
//!
//! Asked of the relay when the operation's details open, and taken from the feed while they lie there.

use crate::desk::modal::evidence::pretty;
use crate::floor::{Cursor, Entry, Fact, Noted, Operation, OperationNumber, Outcome};
use crate::graph::ParticipantId;
use crate::time::{Millis, Timestamp};

/// What is known of an operation beyond what the floor keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationTrace {
    /// How much of it is here.
    pub state: TraceState,
    /// What was found, in the journal's order.
    pub steps: Vec<TraceStep>,
    pub(in crate::desk) of: OperationNumber,
    pub(in crate::desk) until: Cursor,
    pub(in crate::desk) since: Timestamp,
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

/// As many entries are read from the ask on; a proof further away is read by itself.
pub(in crate::desk) const WINDOW: u32 = 500;
/// What the relay has not answered by now it does not answer.
pub(in crate::desk) const PATIENCE: Millis = Millis::seconds(5);
/// An entry is shown to this many lines; `i` shows the proof whole.
const LINES: usize = 40;
/// More entries are not about one operation.
pub(in crate::desk) const STEPS: usize = 64;

/// What an entry is to an operation; none when it is not about it.
pub(in crate::desk) fn step(entry: &Entry, operation: &Operation) -> Option<TraceStep> {
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
