//! Applies one entry to the floor, and drops expired calls, people and operations.

mod calls;
mod clock;
mod operations;
mod proof;
mod roster;
mod stamp;

use super::call::{CallKind, CallNumber, FloorCall, People, Uncertainty};
use super::entry::{Cursor, Entry, Fact, GraphReading, Observed, ReceivedItem};
use super::event_log::{LoggedEvent, LoggedEventKind};
use super::noted::Noted;
use super::operation::ProofSource;
use super::start_time::StartTime;
use super::statistics::CallFootprint;
use super::{Applied, BoardRank, Floor, Gap, NOBODY_WAITS};
use crate::graph::{
    self, CallId, CallState, Notification, NotifiedResource, ParticipantId, RejectReason, UnreadableMember,
};
use crate::time::{Millis, Timestamp};
use stamp::FactStamp;

/// How long an ended call stays on the floor, and a person who left stays in the call.
const KEPT_AFTER_END: Millis = Millis::minutes(10);
/// The maximum number of operations on the floor. The journal keeps all of them.
const MOST_OPERATIONS: usize = 10_000;

impl Floor {
    /// Folds one entry. Total: any entry leaves a consistent floor.
    ///
    /// Invariant: an entry at or before the head changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> Applied {
        if entry.cursor <= self.head {
            return Applied::Repeated;
        }
        let stamp = FactStamp { cursor: entry.cursor, at: entry.at };
        let before = if self.head == Cursor(0) { entry.at } else { self.at };
        self.hour.advance(entry.at, self.tally.counts());
        if entry.after != self.head {
            self.note_gap(stamp, before, &format!("entries {} to {} are missing", self.head.0 + 1, entry.after));
        }
        self.head = entry.cursor;
        self.sum = entry.sum;
        self.at = entry.at;
        match &entry.fact {
            Fact::Notification(received) => self.notification_received(stamp, received),
            Fact::Asked(asked) => self.asked(stamp, asked),
            Fact::Answered(answered) => self.answered(stamp, answered),
            Fact::Observed(observed) => self.observed(stamp, observed),
            Fact::Rejected(rejected) => {
                *self.counts.rejected.entry(rejected.reason).or_default() += 1;
                self.log_event(
                    stamp,
                    None,
                    LoggedEventKind::Noted(format!("notification rejected: {}", rejected.detail).into()),
                );
            }
            Fact::Noted(noted) => self.noted(stamp, before, noted),
        }
        self.hour.raise_maxima(self.tally.counts());
        self.drop_expired(entry.at);
        Applied::Changed
    }

    fn notification_received(&mut self, stamp: FactStamp, received: &ReceivedItem) {
        match received.notification() {
            Ok(notification) => {
                self.counts.notifications += 1;
                self.apply_notification(stamp, notification);
            }
            Err(reject) => *self.counts.rejected.entry(reject.reason).or_default() += 1,
        }
    }

    fn apply_notification(&mut self, stamp: FactStamp, notification: &Notification) {
        let Notification { change, call, resource, unreadable } = notification;
        if calls::shows_live_call(resource, change) {
            self.restore_call(stamp, call, None);
        }
        match resource {
            NotifiedResource::Call(part) => self.merge_call_part(stamp, call, part, Some(change)),
            NotifiedResource::Roster(people) => {
                self.apply_roster(stamp, call, people, roster::RosterSource::Notification);
            }
            NotifiedResource::Delta(delta) => self.apply_delta_roster(stamp, call, delta),
            NotifiedResource::Operation(id, operation) => {
                self.touch_call(stamp, call);
                let id = id.clone().or_else(|| operation.id.clone());
                self.operation_notice(stamp, (call, id), operation, ProofSource::Notice);
            }
            NotifiedResource::ContentSharing(_) | NotifiedResource::Joining(_) | NotifiedResource::Left(_) => {
                self.touch_call(stamp, call);
            }
        }
        self.note_unreadable(stamp, call, unreadable);
        if let Some(found) = self.calls.get_mut(call) {
            found.news = stamp.cursor;
            self.changed.add(call);
        }
    }

    /// Counts what of a notification could not be read, and makes the call doubtful, so that the relay reads it.
    fn note_unreadable(&mut self, stamp: FactStamp, call: &CallId, unreadable: &[UnreadableMember]) {
        if unreadable.is_empty() {
            return;
        }
        self.counts.unreadable += u64::try_from(unreadable.len()).unwrap_or(u64::MAX);
        if self.calls.get(call).is_some_and(FloorCall::is_live) {
            self.change_call(stamp, call, |it| it.doubt = it.doubt.or(Some(Uncertainty::Unreadable)));
        }
    }

    fn observed(&mut self, stamp: FactStamp, observed: &Observed) {
        let call = &observed.call;
        if self.note_if_overtaken(stamp, observed) {
            return;
        }
        let mut left_out = 0;
        let read = match &observed.read {
            GraphReading::Call(raw) => graph::decode_call(raw.get()).map(|(part, unreadable)| {
                left_out = unreadable.len();
                self.counts.unreadable += u64::try_from(unreadable.len()).unwrap_or(u64::MAX);
                if calls::part_shows_live_call(&part, None) {
                    self.restore_call(stamp, call, observed.since);
                }
                self.merge_call_part(stamp, call, &part, None);
            }),
            GraphReading::Participants(raw) => graph::decode_people(raw.get()).map(|people| {
                left_out = people.iter().map(|it| it.unreadable.len()).sum();
                self.counts.unreadable += u64::try_from(left_out).unwrap_or(u64::MAX);
                self.restore_call(stamp, call, observed.since);
                self.apply_roster(stamp, call, &people, roster::RosterSource::Read);
            }),
            GraphReading::Operation(id, raw) => {
                graph::decode_partly(raw.get()).map(|(operation, unreadable): (graph::CommsOperation, _)| {
                    self.counts.unreadable += u64::try_from(unreadable.len()).unwrap_or(u64::MAX);
                    self.operation_notice(stamp, (call, Some(id.clone())), &operation, ProofSource::Read);
                })
            }
            GraphReading::Gone => {
                self.end_call_by_404(stamp, call);
                Ok(())
            }
        };
        if read.is_err() {
            *self.counts.rejected.entry(RejectReason::Shape).or_default() += 1;
            return;
        }
        let has_people = match observed.read {
            GraphReading::Participants(_) => true,
            GraphReading::Call(_) | GraphReading::Gone => false,
            // A read of an operation is no evidence about the call.
            GraphReading::Operation(..) => return,
        };
        self.change_call(stamp, call, |call| {
            call.read = Some(stamp.at);
            // What was unreadable stays so; reading it again says the same until there is news.
            if left_out > 0 {
                call.doubt = Some(Uncertainty::Unreadable);
            } else if has_people || call.kind == CallKind::OneToOne {
                call.doubt = None;
            }
        });
        self.note_resync(stamp);
    }

    /// Returns whether a notification overtook a read. The notification is then newer, and a 404 only
    /// marks the call doubtful.
    fn note_if_overtaken(&mut self, stamp: FactStamp, observed: &Observed) -> bool {
        let call = &observed.call;
        let newer = |since| self.calls.get(call).is_some_and(|it| it.news > since);
        let is_overtaken = observed.since.is_some_and(newer);
        match observed.read {
            GraphReading::Call(_) | GraphReading::Operation(..) => false,
            GraphReading::Participants(_) => is_overtaken,
            GraphReading::Gone => {
                if is_overtaken && self.calls.get(call).is_some_and(FloorCall::is_live) {
                    self.change_call(stamp, call, |it| it.doubt = it.doubt.or(Some(Uncertainty::Gap)));
                }
                is_overtaken
            }
        }
    }

    /// Folds a note. `before` is the time of the entry before it.
    fn noted(&mut self, stamp: FactStamp, before: Timestamp, noted: &Noted) {
        match noted {
            Noted::RelayStarted if stamp.cursor == Cursor(1) => {}
            Noted::RelayStarted => {
                self.note_gap(stamp, before, "the relay was restarted");
                self.settle_pending_as_unknown(stamp);
            }
            Noted::Gap { reason, from } => self.note_gap(stamp, from.unwrap_or(before), reason),
            Noted::ClockMoved(moved) => self.clock_moved(stamp, *moved),
            Noted::AttemptStarted { ticket, attempt } => self.attempt_started(stamp, ticket, *attempt),
            Noted::Refused { reason, count } => {
                *self.counts.refused.entry(reason.clone()).or_default() += count;
                let plural = if *count == 1 { "" } else { "s" };
                self.log_event(
                    stamp,
                    None,
                    LoggedEventKind::Noted(format!("{count} notification{plural} refused: {reason}").into()),
                );
            }
            Noted::ForwardFailed { reason, count } => {
                *self.counts.unforwarded.entry(reason.clone()).or_default() += count;
                let plural = if *count == 1 { "" } else { "s" };
                let text = format!("{count} notification{plural} did not reach the bot: {reason}");
                self.log_event(stamp, None, LoggedEventKind::Noted(text.into()));
            }
            Noted::Graph { words } => self.log_event(stamp, None, LoggedEventKind::Noted(words.clone())),
            Noted::CallersRefused { reason, count } => {
                let what = format!("{count} requests turned away at the relay: {reason}");
                self.log_event(stamp, None, LoggedEventKind::Noted(what.into()));
            }
            Noted::ReadFailed { call, error } => {
                let what = LoggedEventKind::Noted(format!("could not be read from Graph: {error}").into());
                self.log_event(stamp, Some((call, None)), what);
            }
        }
    }

    fn note_gap(&mut self, stamp: FactStamp, from: Timestamp, reason: &str) {
        self.counts.gaps += 1;
        let from = from.min(stamp.at);
        self.gap = Some(Gap { from: Some(from), at: stamp.at, reason: reason.into(), resynced: None });
        self.calls.doubt_all_live();
        self.changed.add_all();
        self.log_event(stamp, None, LoggedEventKind::Noted(format!("gap: {reason}").into()));
        if let Some(line) = self.lines.newest_mut() {
            line.from = Some(from);
        }
        self.note_resync(stamp);
    }

    /// Ends the gap if no live call is doubtful because of it any more.
    fn note_resync(&mut self, stamp: FactStamp) {
        let Some(gap) = self.gap.as_mut().filter(|gap| gap.resynced.is_none()) else { return };
        if self.calls.doubted_by_gap() == 0 {
            gap.resynced = Some(stamp.at);
        }
    }

    /// Changes one call, and updates the board's order and the tally.
    fn change_call<R>(&mut self, stamp: FactStamp, id: &CallId, change: impl FnOnce(&mut FloorCall) -> R) -> R {
        let number = &mut self.last_call;
        let is_new = !self.calls.contains(id);
        let call = self.calls.get_or_insert_with(id, || {
            number.0 += 1;
            new_call(id, *number, stamp.at)
        });
        let before = if is_new { CallFootprint::default() } else { CallFootprint::of(call) };
        let (rank_before, was_doubted) = (board_rank(call), call.is_doubted_by_gap());
        let result = change(call);
        self.changed.add(id);
        call.record_lanes(stamp.at);
        self.tally.replace_footprint(&before, &CallFootprint::of(call));
        let (rank_now, is_doubted) = (board_rank(call), call.is_doubted_by_gap());
        self.calls.count_doubt(was_doubted, is_doubted);
        if is_new || rank_before != rank_now {
            self.order.remove(&rank_before);
            self.order.insert(rank_now);
        }
        result
    }

    /// Records that an entry was about a call; adds the call if it is new.
    fn touch_call(&mut self, stamp: FactStamp, id: &CallId) {
        if !self.calls.contains(id) {
            self.change_call(stamp, id, |_| ());
            self.log_event(stamp, Some((id, None)), LoggedEventKind::CallSeen);
        }
        if let Some(call) = self.calls.get_mut(id) {
            call.heard = stamp.at;
            self.changed.add(id);
        }
    }

    fn log_event(&mut self, stamp: FactStamp, about: Option<(&CallId, Option<&ParticipantId>)>, what: LoggedEventKind) {
        let call = about.and_then(|(id, _)| self.calls.get(id));
        let participant = about.and_then(|(_, participant)| participant);
        let person = participant.and_then(|id| call?.people.get(id));
        let event = LoggedEvent {
            cursor: stamp.cursor,
            at: stamp.at,
            from: None,
            call: call.map(|it| (it.id.clone(), it.number)),
            place: call.map(FloorCall::title).unwrap_or_default().into(),
            participant: participant.cloned(),
            name: person.map(|it| it.name.clone()).unwrap_or_default(),
            what,
        };
        self.lines.push(event);
    }

    /// Drops ended calls, people who left and old operations, so that no history grows the floor without bound.
    fn drop_expired(&mut self, now: Timestamp) {
        while self.people_to_drop.front().is_some_and(|(left, ..)| now.since(*left) >= KEPT_AFTER_END) {
            let Some((left, call, person)) = self.people_to_drop.pop_front() else { break };
            self.changed.add(&call);
            let Some(call) = self.calls.get_mut(&call) else { continue };
            if call.people.get(&person).is_some_and(|it| it.left == Some(left)) {
                call.people.remove(&person);
            }
        }
        while self.calls_to_drop.front().is_some_and(|(ended, _)| now.since(*ended) >= KEPT_AFTER_END) {
            let Some((_, id)) = self.calls_to_drop.pop_front() else { break };
            if let Some(call) = self.calls.remove(&id) {
                self.changed.add(&id);
                self.order.remove(&board_rank(&call));
                self.open_operations.remove(&id);
            }
        }
        while self.operations.len() > MOST_OPERATIONS {
            let Some(old) = self.operations.pop_first() else { break };
            self.tickets.remove(&old.ticket);
            self.changed.add(&old.call);
            if let Some(open) = self.open_operations.get_mut(&old.call) {
                open.remove(&old.number);
            }
        }
    }
}

fn board_rank(call: &FloorCall) -> BoardRank {
    BoardRank {
        ended: !call.is_live(),
        waiting_since: call.waiting_since().unwrap_or(NOBODY_WAITS),
        began: call.began.at,
        number: call.number,
        call: call.id.clone(),
    }
}

fn new_call(id: &CallId, number: CallNumber, at: Timestamp) -> FloorCall {
    FloorCall {
        id: id.clone(),
        number,
        state: CallState::Unknown("".into()),
        kind: CallKind::Unknown,
        direction: None,
        subject: None,
        my_participant: None,
        people: People::default(),
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
        people_seen: 0,
    }
}
