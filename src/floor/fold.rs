//! Applying one entry: what each fact does to the floor, and what is forgotten as time goes on.

mod calls;
mod operations;
mod roster;

use serde::{Deserialize, Serialize};

use super::call::{CallKind, CallNumber, FloorCall, StartTime, Uncertainty};
use super::entry::{Cursor, Entry, Fact, GraphReading, Noted, Observed, ReceivedItem};
use super::event_log::{LoggedEvent, LoggedEventKind};
use super::operation::ProofSource;
use super::statistics::CallFootprint;
use super::{Applied, BoardRank, Floor, Gap, lane};
use crate::graph::{self, CallId, CallState, Notification, NotifiedResource, OperationId, ParticipantId, RejectReason};
use crate::time::{Millis, Timestamp};

/// How long an ended call stays on the floor, and how long somebody who left stays in a call.
const LINGER: Millis = Millis::minutes(10);
/// How many operations, event lines, early notices and proof latencies the floor keeps; the journal keeps all.
const MOST_OPERATIONS: usize = 10_000;
const MOST_LINES: usize = 500;
const MOST_EARLY: usize = 256;
const MOST_LATENCIES: usize = 256;

/// An operation's notification that came before the answer that names the operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EarlyNotice {
    id: OperationId,
    at: Timestamp,
    cursor: Cursor,
    failure: Option<Box<str>>,
}

/// Where and when a fact is applied.
#[derive(Debug, Clone, Copy)]
struct FactStamp {
    cursor: Cursor,
    at: Timestamp,
}

impl Floor {
    /// Folds one entry in. Total: whatever the entry says, the floor stays sound.
    ///
    /// Invariant: an entry at or before the head changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> Applied {
        if entry.cursor <= self.head {
            return Applied::Repeated;
        }
        let stamp = FactStamp { cursor: entry.cursor, at: entry.at };
        self.hour.advance(entry.at, self.tally.standing());
        if entry.after != self.head {
            self.note_gap(stamp, &format!("entries {} to {} are missing", self.head.0 + 1, entry.after));
        }
        self.head = entry.cursor;
        self.sum = entry.sum;
        self.at = entry.at;
        match &entry.fact {
            Fact::Notification(received) => self.notified(stamp, received),
            Fact::Asked(asked) => self.asked(stamp, asked),
            Fact::Answered(answered) => self.answered(stamp, answered),
            Fact::Observed(observed) => self.observed(stamp, observed),
            Fact::Rejected(rejected) => {
                *self.counts.rejected.entry(rejected.reason).or_default() += 1;
                self.say(
                    stamp,
                    None,
                    LoggedEventKind::Noted(format!("notification rejected: {}", rejected.detail).into()),
                );
            }
            Fact::Noted(noted) => self.noted(stamp, noted),
        }
        self.hour.mark(self.tally.standing());
        self.forget(entry.at);
        Applied::Changed
    }

    fn notified(&mut self, stamp: FactStamp, received: &ReceivedItem) {
        match received.notification() {
            Ok(notification) => {
                self.counts.notifications += 1;
                self.hear(stamp, notification);
            }
            Err(reject) => *self.counts.rejected.entry(reject.reason).or_default() += 1,
        }
    }

    fn hear(&mut self, stamp: FactStamp, notification: &Notification) {
        let Notification { change, call, resource } = notification;
        if calls::is_of_a_living(resource, change) {
            self.found_again(stamp, call, None);
        }
        match resource {
            NotifiedResource::Call(part) => self.call_changed(stamp, call, part, Some(change)),
            NotifiedResource::Roster(people) => {
                self.roster_heard(stamp, call, people, roster::RosterSource::Notification);
            }
            NotifiedResource::Delta(delta) => self.delta_heard(stamp, call, delta),
            NotifiedResource::Operation(id, operation) => {
                self.seen(stamp, call);
                let id = id.clone().or_else(|| operation.id.clone());
                self.operation_ended(stamp, (call, id), operation, ProofSource::Notice);
            }
            NotifiedResource::ContentSharing(_) | NotifiedResource::Joining(_) | NotifiedResource::Left(_) => {
                self.seen(stamp, call);
            }
        }
        if let Some(call) = self.calls.get_mut(call) {
            call.news = stamp.cursor;
        }
    }

    fn observed(&mut self, stamp: FactStamp, observed: &Observed) {
        let call = &observed.call;
        if self.is_overtaken(stamp, observed) {
            return;
        }
        let read = match &observed.read {
            GraphReading::Call(raw) => graph::decode(raw.get()).map(|part: graph::Call| {
                if calls::is_living(&part, None) {
                    self.found_again(stamp, call, observed.since);
                }
                self.call_changed(stamp, call, &part, None);
            }),
            GraphReading::Participants(raw) => graph::decode(raw.get()).map(|people: Vec<graph::Participant>| {
                self.found_again(stamp, call, observed.since);
                self.roster_heard(stamp, call, &people, roster::RosterSource::Read);
            }),
            GraphReading::Operation(id, raw) => graph::decode(raw.get())
                .map(|operation| self.operation_ended(stamp, (call, Some(id.clone())), &operation, ProofSource::Read)),
            GraphReading::Gone => {
                self.call_unfound(stamp, call);
                Ok(())
            }
        };
        if read.is_err() {
            *self.counts.rejected.entry(RejectReason::Shape).or_default() += 1;
            return;
        }
        let whole = match observed.read {
            GraphReading::Participants(_) => true,
            GraphReading::Call(_) | GraphReading::Gone => false,
            // It tells of itself and not of the call.
            GraphReading::Operation(..) => return,
        };
        self.change(stamp, call, |call| {
            call.read = Some(stamp.at);
            if whole || call.kind == CallKind::OneToOne {
                call.doubt = None;
            }
        });
        self.resynced(stamp);
    }

    /// Whether a notification overtook a read: what it brought is newer, and the call is read again.
    fn is_overtaken(&mut self, stamp: FactStamp, observed: &Observed) -> bool {
        let call = &observed.call;
        let newer = |since| self.calls.get(call).is_some_and(|it| it.news > since);
        let overtaken = observed.since.is_some_and(newer);
        match observed.read {
            GraphReading::Call(_) | GraphReading::Operation(..) => false,
            GraphReading::Participants(_) => overtaken,
            GraphReading::Gone => {
                if overtaken && self.calls.get(call).is_some_and(FloorCall::is_live) {
                    self.change(stamp, call, |it| it.doubt = it.doubt.or(Some(Uncertainty::Gap)));
                }
                overtaken
            }
        }
    }

    fn noted(&mut self, stamp: FactStamp, noted: &Noted) {
        match noted {
            Noted::RelayStarted if stamp.cursor == Cursor(1) => {}
            Noted::RelayStarted => {
                self.note_gap(stamp, "the relay was restarted");
                self.abandon(stamp);
            }
            Noted::Gap { reason } => self.note_gap(stamp, reason),
            Noted::AttemptStarted { ticket, attempt } => self.sent(stamp, ticket, *attempt),
            Noted::Refused { reason, count } => {
                *self.counts.refused.entry(reason.clone()).or_default() += count;
                let plural = if *count == 1 { "" } else { "s" };
                self.say(
                    stamp,
                    None,
                    LoggedEventKind::Noted(format!("{count} notification{plural} refused: {reason}").into()),
                );
            }
            Noted::ForwardFailed { reason, count } => {
                *self.counts.unforwarded.entry(reason.clone()).or_default() += count;
                let plural = if *count == 1 { "" } else { "s" };
                let text = format!("{count} notification{plural} did not reach the bot: {reason}");
                self.say(stamp, None, LoggedEventKind::Noted(text.into()));
            }
            Noted::Graph { words } => self.say(stamp, None, LoggedEventKind::Noted(words.clone())),
            Noted::CallersRefused { reason, count } => {
                let what = format!("{count} requests turned away at the relay: {reason}");
                self.say(stamp, None, LoggedEventKind::Noted(what.into()));
            }
            Noted::ReadFailed { call, error } => {
                let what = LoggedEventKind::Noted(format!("could not be read from Graph: {error}").into());
                self.say(stamp, Some((call, None)), what);
            }
        }
    }

    fn note_gap(&mut self, stamp: FactStamp, reason: &str) {
        self.counts.gaps += 1;
        self.gap = Some(Gap { at: stamp.at, reason: reason.into(), resynced: None });
        for call in self.calls.values_mut().filter(|it| it.is_live()) {
            call.doubt = Some(Uncertainty::Gap);
        }
        self.say(stamp, None, LoggedEventKind::Noted(format!("gap: {reason}").into()));
        self.resynced(stamp);
    }

    fn resynced(&mut self, stamp: FactStamp) {
        let Some(gap) = self.gap.as_mut().filter(|gap| gap.resynced.is_none()) else { return };
        if !self.calls.values().any(|call| call.is_live() && call.doubt == Some(Uncertainty::Gap)) {
            gap.resynced = Some(stamp.at);
        }
    }

    /// Changes one call and keeps the order and the tally true.
    fn change<R>(&mut self, stamp: FactStamp, id: &CallId, change: impl FnOnce(&mut FloorCall) -> R) -> R {
        let number = &mut self.last_call;
        let new = !self.calls.contains_key(id);
        let call = self.calls.entry(id.clone()).or_insert_with(|| {
            number.0 += 1;
            blank(id, *number, stamp.at)
        });
        let before = if new { CallFootprint::default() } else { CallFootprint::of(call) };
        let rank = rank(call);
        let result = change(call);
        lane::record(call, stamp.at);
        self.tally.replace(&before, &CallFootprint::of(call));
        let now = self::rank(call);
        if new || rank != now {
            self.order.remove(&rank);
            self.order.insert(now);
        }
        result
    }

    /// Something was heard of a call, known before or not.
    fn seen(&mut self, stamp: FactStamp, id: &CallId) {
        if !self.calls.contains_key(id) {
            self.change(stamp, id, |_| ());
            self.say(stamp, Some((id, None)), LoggedEventKind::CallSeen);
        }
        if let Some(call) = self.calls.get_mut(id) {
            call.heard = stamp.at;
        }
    }

    fn say(&mut self, stamp: FactStamp, about: Option<(&CallId, Option<&ParticipantId>)>, what: LoggedEventKind) {
        let call = about.and_then(|(id, _)| self.calls.get(id));
        let participant = about.and_then(|(_, participant)| participant);
        let person = participant.and_then(|id| call?.people.get(id));
        let line = LoggedEvent {
            cursor: stamp.cursor,
            at: stamp.at,
            call: call.map(|it| (it.id.clone(), it.number)),
            place: call.map(FloorCall::title).unwrap_or_default().into(),
            participant: participant.cloned(),
            name: person.map(|it| it.name.clone()).unwrap_or_default(),
            what,
        };
        self.lines.push_back(line);
        while self.lines.len() > MOST_LINES {
            self.lines.pop_front();
        }
    }

    /// Drops what has been over for long enough, so that no history grows the floor without bound.
    fn forget(&mut self, now: Timestamp) {
        while self.leavings.front().is_some_and(|(left, ..)| now.since(*left) >= LINGER) {
            let Some((left, call, person)) = self.leavings.pop_front() else { break };
            let Some(call) = self.calls.get_mut(&call) else { continue };
            if call.people.get(&person).is_some_and(|it| it.left == Some(left)) {
                call.people.remove(&person);
            }
        }
        while self.endings.front().is_some_and(|(ended, _)| now.since(*ended) >= LINGER) {
            let Some((_, id)) = self.endings.pop_front() else { break };
            if let Some(call) = self.calls.remove(&id) {
                self.order.remove(&rank(&call));
                self.open.remove(&id);
            }
        }
        while self.operations.len() > MOST_OPERATIONS {
            let Some((number, old)) = self.operations.pop_first() else { break };
            self.tickets.remove(&old.ticket);
            if let Some(open) = self.open.get_mut(&old.call) {
                open.remove(&number);
            }
        }
    }
}

fn rank(call: &FloorCall) -> BoardRank {
    let waits = [call.oldest_hold(), call.oldest_lobby()];
    BoardRank {
        ended: !call.is_live(),
        waiting_since: waits.into_iter().flatten().map(|it| it.at).min().unwrap_or(Timestamp(i64::MAX)),
        began: call.began.at,
        number: call.number,
        call: call.id.clone(),
    }
}

fn blank(id: &CallId, number: CallNumber, at: Timestamp) -> FloorCall {
    FloorCall {
        id: id.clone(),
        number,
        state: CallState::Unknown("".into()),
        kind: CallKind::Unknown,
        direction: None,
        subject: None,
        my_participant: None,
        people: std::collections::BTreeMap::new(),
        parties: Vec::new(),
        began: StartTime::by(at),
        connected: None,
        heard: at,
        news: Cursor::default(),
        ended: None,
        unfound: None,
        result: None,
        doubt: Some(Uncertainty::FirstSight),
        read: None,
        foreign_hold: None,
        chain: None,
        tenant: None,
        thread: None,
        roster_sequence: None,
    }
}
