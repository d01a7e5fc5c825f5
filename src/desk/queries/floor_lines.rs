//! The lines of the Floor pane: the event log with one line for each operation and one for each repeated note, and a line
//! for each call that is quiet.

use std::collections::BTreeMap;

use crate::desk::Desk;
use crate::floor::{Act, Cursor, FloorCall, LoggedEvent, LoggedEventKind, OperationNumber};
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// How long the same note about the same call stays one line.
const SAME_NOTE: Millis = Millis::seconds(60);

/// The most quiet calls that have a line, those that became quiet last: while no notification comes at all, they all do.
const MOST_QUIET: usize = 20;

/// One line of the Floor pane.
#[derive(Debug, Clone, Copy)]
pub struct FloorLine<'a> {
    /// When it happened.
    pub at: Timestamp,
    /// What the line says.
    pub news: FloorNews<'a>,
}

/// What a line of the Floor pane says.
#[derive(Debug, Clone, Copy)]
pub enum FloorNews<'a> {
    /// An event; of several about one operation, the newest.
    Event(&'a LoggedEvent),
    /// Nothing was heard of a live call for this long, and nothing has been since.
    Quiet(&'a FloorCall, Millis),
}

/// The events that share a line.
#[derive(Debug, Clone, Copy)]
struct LoggedLine<'a> {
    /// The event that gives the line its place and its time.
    first: &'a LoggedEvent,
    /// The event that gives it its text: the newest one about the same operation, or else `first`.
    newest: &'a LoggedEvent,
}

/// A proved operation: what it changed needs no line of its own.
struct ProvedAct<'a> {
    act: Act,
    call: Option<&'a CallId>,
    participant: Option<&'a ParticipantId>,
    /// The entries of its request and of its proof.
    span: (Cursor, Cursor),
}

/// Returns the lines of the Floor pane, newest first.
///
/// What becomes of an operation replaces its line in place. The change that an operation proved has no line of its
/// own, and a note that is repeated within a minute has one. A quiet call has its line until something is heard of it.
#[must_use]
pub fn floor_lines(desk: &Desk) -> Vec<FloorLine<'_>> {
    let logged = logged_lines(desk).into_iter().rev();
    let mut lines: Vec<FloorLine<'_>> =
        logged.map(|it| FloorLine { at: it.first.at, news: FloorNews::Event(it.newest) }).collect();
    let limits = desk.limits();
    for call in desk.quiet_calls().take(MOST_QUIET) {
        let line = FloorLine { at: call.heard + limits.quiet, news: FloorNews::Quiet(call, limits.quiet) };
        let place = lines.iter().position(|it| it.at <= line.at).unwrap_or(lines.len());
        lines.insert(place, line);
    }
    lines
}

/// Returns the newest event of each line of the event log about one call, newest first.
#[must_use]
pub fn events_of<'a>(desk: &'a Desk, call: &FloorCall) -> Vec<&'a LoggedEvent> {
    let of_call = |it: &LoggedLine<'_>| it.newest.call.as_ref().is_some_and(|(id, _)| *id == call.id);
    logged_lines(desk).into_iter().rev().filter(of_call).map(|it| it.newest).collect()
}

/// Returns the lines of the event log, oldest first.
fn logged_lines(desk: &Desk) -> Vec<LoggedLine<'_>> {
    let mut lines: Vec<LoggedLine<'_>> = Vec::new();
    let mut operations: BTreeMap<OperationNumber, usize> = BTreeMap::new();
    for event in desk.floor().event_log() {
        if let LoggedEventKind::Operation { number, .. } = &event.what {
            let at = *operations.entry(*number).or_insert(lines.len());
            if let Some(line) = lines.get_mut(at) {
                line.newest = event;
                continue;
            }
        } else if is_repeated(&lines, event) {
            continue;
        }
        lines.push(LoggedLine { first: event, newest: event });
    }
    let proved: Vec<ProvedAct<'_>> = lines.iter().filter_map(ProvedAct::of).collect();
    lines.retain(|it| !proved.iter().any(|act| explains(desk, act, it.newest)));
    lines
}

/// Returns whether an event is the change that a proved operation brought.
fn explains(desk: &Desk, proved: &ProvedAct<'_>, event: &LoggedEvent) -> bool {
    let call = event.call.as_ref().map(|(id, _)| id);
    let participant = event.participant.as_ref();
    // An act on the application names no participant.
    let is_ours = || match (call.and_then(|id| desk.floor().call(id)), participant) {
        (_, None) => true,
        (Some(call), Some(id)) => call.is_own_participant(id),
        (None, Some(_)) => false,
    };
    let (asked, proof) = proved.span;
    (asked..=proof).contains(&event.cursor)
        && brings(proved.act, &event.what)
        && proved.call == call
        && (proved.participant == participant || proved.participant.is_none() && is_ours())
}

impl<'a> ProvedAct<'a> {
    fn of(line: &LoggedLine<'a>) -> Option<Self> {
        let LoggedEventKind::Operation { act, word, .. } = &line.newest.what else { return None };
        (**word == *LoggedEventKind::CONFIRMED).then(|| Self {
            act: *act,
            call: line.newest.call.as_ref().map(|(id, _)| id),
            participant: line.newest.participant.as_ref(),
            span: (line.first.cursor, line.newest.cursor),
        })
    }
}

/// Returns whether an act leads to this change.
const fn brings(act: Act, change: &LoggedEventKind) -> bool {
    match act {
        Act::Mute | Act::MuteSelf => matches!(change, LoggedEventKind::Muted { .. }),
        Act::UnmuteSelf => matches!(change, LoggedEventKind::Unmuted { .. }),
        Act::Hold => matches!(change, LoggedEventKind::Held),
        Act::Release => matches!(change, LoggedEventKind::Resumed),
        Act::Remove => matches!(change, LoggedEventKind::Left),
        Act::HangUp => matches!(change, LoggedEventKind::CallEnded(_)),
    }
}

/// Returns whether a note repeats one that has a line already, a short time before.
fn is_repeated(lines: &[LoggedLine<'_>], event: &LoggedEvent) -> bool {
    let recent = lines.iter().rev().take_while(|it| event.at.since(it.first.at) < SAME_NOTE);
    let same = |it: &LoggedLine<'_>| it.first.what == event.what && it.first.call == event.call;
    matches!(event.what, LoggedEventKind::Noted(_)) && recent.into_iter().any(same)
}
