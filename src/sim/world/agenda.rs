//! The planned events of the world, in order.

use std::collections::BTreeMap;

use crate::graph::{CallId, OperationId, ParticipantId, ResultInfo};
use crate::sim::scenario::PersonAction;
use crate::time::Timestamp;

use super::calls::call::{LiveCall, TransferStep};
use super::notify::notification::{OutgoingNotification, WebhookPost};

/// A planned event. It does nothing if its call or person is gone by then.
#[derive(Debug)]
pub(super) enum ScheduledEvent {
    /// A call arrives or is placed.
    Arrive(Box<LiveCall>),
    /// An incoming call has rung long enough.
    Unanswered(CallId),
    /// A call begins to be set up.
    Establish(CallId),
    /// A call is established.
    Established(CallId),
    /// A person acts.
    Person(CallId, ParticipantId, PersonAction),
    /// The roster is notified, if it changed.
    NotifyRoster(CallId),
    /// A hold, a release, an invitation or a prompt ends.
    Settle(CallId, OperationId),
    /// The call begins to end.
    End(CallId, ResultInfo),
    /// The call has ended.
    Ended(CallId, ResultInfo),
    /// Everyone has left; ends the call unless a person has come back.
    Deserted(CallId),
    /// A person under a recording policy is about to join.
    Joining(CallId, ParticipantId),
    /// The time for a recorder's reply about a person is over.
    RecorderTimeout(CallId, ParticipantId),
    /// The call ends unless it was kept alive.
    KeepAliveCheck(CallId),
    /// A person acts at random.
    RandomActivity(CallId),
    /// A transfer takes its next step.
    Transfer(CallId, TransferStep),
    /// Audio begins to flow, with a separate notification.
    Audio(CallId),
    /// Another background call comes.
    RandomCall,
    /// A late notification leaves.
    Send(OutgoingNotification),
    /// A webhook that its receiver refused leaves again.
    Resend(WebhookPost),
}

/// The planned events, in order of time and then of planning.
///
/// Bounded: every event belongs to a call of a bounded plan; each live call plans at most one random activity and one
/// keepAlive check; requests plan at most a few events each, all soon due;
/// and a call runs a bounded number of prompts and tones.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    events: BTreeMap<(Timestamp, u64), ScheduledEvent>,
    planned: u64,
}

impl Agenda {
    /// Plans an event.
    pub(super) fn plan(&mut self, at: Timestamp, event: ScheduledEvent) {
        self.planned += 1;
        self.events.insert((at, self.planned), event);
    }

    /// The number of the event that was planned last.
    pub(super) const fn last_planned(&self) -> u64 {
        self.planned
    }

    /// When the next event is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next event that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, ScheduledEvent)> {
        let next = self.events.first_entry().filter(|it| it.key().0 <= now)?;
        let (at, _) = *next.key();
        Some((at, next.remove()))
    }

    /// Takes the first event, in order of time, that was planned after `number` and fits.
    pub(super) fn take_planned_after(
        &mut self,
        number: u64,
        fits: impl Fn(&ScheduledEvent) -> bool,
    ) -> Option<ScheduledEvent> {
        let first = self.events.iter().find(|((_, nth), it)| *nth > number && fits(it)).map(|(key, _)| *key);
        first.and_then(|key| self.events.remove(&key))
    }

    /// How many calls have yet to arrive.
    pub(super) fn arrivals(&self) -> usize {
        self.events.values().filter(|it| matches!(it, ScheduledEvent::Arrive(_))).count()
    }

    /// A call that has yet to arrive, the latest first.
    pub(super) fn arriving_mut(&mut self, id: &CallId) -> Option<&mut LiveCall> {
        self.events.values_mut().rev().find_map(|event| {
            if let ScheduledEvent::Arrive(call) = event
                && call.id == *id
            {
                return Some(&mut **call);
            }
            None
        })
    }

    /// Drops every event.
    pub(super) fn clear(&mut self) {
        self.events.clear();
    }
}
