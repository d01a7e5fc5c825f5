//! What the journal holds of one operation: each try, Graph's answer, and the notifications that are about it.
//!
//! Asked of the relay when the operation's details open, and taken from the feed while they lie there.

use super::evidence::pretty;
use crate::desk::{Desk, DetailsView, Effect, Modal, RowId};
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
    of: OperationNumber,
    until: Cursor,
    since: Timestamp,
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
const WINDOW: u32 = 500;
/// What the relay has not answered by now it does not answer.
const PATIENCE: Millis = Millis::seconds(5);
/// An entry is shown to this many lines; `i` shows the proof whole.
const LINES: usize = 40;
/// More entries are not about one operation.
const STEPS: usize = 64;

impl Desk {
    /// Opens the details of an operation, and asks for what the journal holds of it. In stage mode the journal is not
    /// asked: it holds the true names.
    pub(in crate::desk) fn open_operation(&mut self, number: OperationNumber) -> Vec<Effect> {
        let mut details = DetailsView::of_row(RowId::Operation(number));
        let mut reads = Vec::new();
        if let (false, Some(operation)) = (self.is_private(), self.live().operation(number)) {
            let first = Cursor(operation.asked.1.0.saturating_sub(1));
            let proof = operation.proof.as_ref().map(|it| it.cursor);
            let near = Cursor(first.0.saturating_add(u64::from(WINDOW))).min(self.live().head());
            let until = proof.unwrap_or(near);
            let mut trail =
                OperationTrace { state: TraceState::Asking, steps: Vec::new(), of: number, until, since: self.wall };
            if self.link.is_live() {
                let count = u32::try_from(near.0.saturating_sub(first.0)).unwrap_or(WINDOW);
                reads.push(Effect::Read { after: first, count });
                if let Some(proof) = proof.filter(|it| *it > near) {
                    reads.push(Effect::Read { after: Cursor(proof.0.saturating_sub(1)), count: 1 });
                }
            } else {
                trail.state = TraceState::Failed("the line to the relay is down, so it cannot be asked".to_owned());
            }
            details.trail = Some(Box::new(trail));
        }
        self.overlay = Modal::Details(details);
        reads
    }

    /// Takes entries that the relay read, or that are news.
    pub(in crate::desk) fn hear_trail(&mut self, entries: &[Entry], read: bool) {
        let Modal::Details(DetailsView { trail: Some(trail), .. }) = &mut self.overlay else { return };
        // In stage mode there is no trail: this floor is the true one.
        let Some(operation) = self.floor.operation(trail.of) else { return };
        for entry in entries {
            let known = trail.steps.iter().any(|it| it.cursor == entry.cursor);
            if let Some(step) = step(entry, operation).filter(|_| !known && trail.steps.len() < STEPS) {
                trail.steps.push(step);
            }
        }
        trail.steps.sort_by_key(|it| it.cursor);
        if read && trail.state == TraceState::Asking && entries.iter().any(|it| it.cursor >= trail.until) {
            trail.state = TraceState::Whole;
        }
    }

    /// Ends a wait that the relay does not.
    pub(in crate::desk) fn watch_trail(&mut self) {
        let (wall, live) = (self.wall, self.link.is_live());
        let Modal::Details(DetailsView { trail: Some(trail), .. }) = &mut self.overlay else { return };
        if trail.state != TraceState::Asking {
            return;
        }
        if !live {
            trail.state = TraceState::Failed("the line to the relay broke before it answered".to_owned());
        } else if wall.since(trail.since) >= PATIENCE {
            let why = format!("the relay did not send entry {} within 5 s: it may keep it no longer", trail.until);
            trail.state = TraceState::Failed(why);
        }
    }
}

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
