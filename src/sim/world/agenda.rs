//! The queue of planned events.

use std::collections::BTreeMap;

use crate::graph::{CallId, OperationId, ParticipantId, ResultInfo};
use crate::sim::scenario::PersonAction;
use crate::time::Timestamp;

use super::calls::call::{LiveCall, TransferStep};
use super::notify::notification::{OutgoingNotification, WebhookPost};

/// A planned event. It has no effect if its call or person is gone when it is due.
#[derive(Debug)]
pub(super) enum ScheduledEvent {
    /// An incoming call arrives, or an outgoing call is placed.
    Arrive(Box<LiveCall>),
    /// An incoming call ends unless it was answered.
    RingTimeout(CallId),
    /// A redirected call ends.
    Redirected(CallId),
    /// A call becomes `establishing`.
    Establish(CallId),
    /// A call becomes `established`.
    Established(CallId),
    /// A person performs an action.
    Person(CallId, ParticipantId, PersonAction),
    /// The notification of the roster is sent if the roster has changed.
    NotifyRoster(CallId),
    /// An operation ends: a hold, a release, an invitation or a prompt.
    Settle(CallId, OperationId),
    /// The call becomes `terminating`.
    End(CallId, ResultInfo),
    /// The call becomes `terminated`.
    Ended(CallId, ResultInfo),
    /// The call ends unless a person has joined again since everyone left.
    EndIfEmpty(CallId),
    /// A person under a recording policy is about to join.
    AskRecorder(CallId, ParticipantId),
    /// The recorder has not replied about a person in time.
    RecorderTimeout(CallId, ParticipantId),
    /// The call ends unless it was kept alive.
    KeepAliveCheck(CallId),
    /// A random person performs a random action.
    RandomActivity(CallId),
    /// A transfer takes its next step.
    Transfer(CallId, TransferStep),
    /// The notification of the audio's state is sent.
    Audio(CallId),
    /// A background call starts.
    RandomCall,
    /// A delayed notification is sent.
    Send(OutgoingNotification),
    /// A webhook that its receiver refused is sent again.
    Resend(WebhookPost),
}

impl ScheduledEvent {
    /// Returns the call whose people the event may change.
    pub(super) const fn changes_people_of(&self) -> Option<&CallId> {
        match self {
            Self::Established(call)
            | Self::Person(call, ..)
            | Self::Settle(call, _)
            | Self::RandomActivity(call)
            | Self::RecorderTimeout(call, _)
            | Self::AskRecorder(call, _) => Some(call),
            Self::Arrive(_)
            | Self::RingTimeout(_)
            | Self::Redirected(_)
            | Self::Establish(_)
            | Self::NotifyRoster(_)
            | Self::End(..)
            | Self::Ended(..)
            | Self::EndIfEmpty(_)
            | Self::KeepAliveCheck(_)
            | Self::Transfer(..)
            | Self::Audio(_)
            | Self::RandomCall
            | Self::Send(_)
            | Self::Resend(_) => None,
        }
    }
}

/// The planned events, ordered by time. Events of the same time keep the order in which they were planned.
///
/// Bounded: a scenario's plan is bounded; a live call has at most one random activity and one keepAlive check; a
/// request plans a few events, all due within seconds; and a call runs a bounded number of prompts and tones.
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

    /// Returns the number of the event that was planned last.
    pub(super) const fn last_planned(&self) -> u64 {
        self.planned
    }

    /// Returns when the next event is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    /// Removes and returns the next event that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, ScheduledEvent)> {
        let next = self.events.first_entry().filter(|it| it.key().0 <= now)?;
        let (at, _) = *next.key();
        Some((at, next.remove()))
    }

    /// Removes and returns the earliest event that was planned after event `number` and satisfies the predicate.
    pub(super) fn take_planned_after(
        &mut self,
        number: u64,
        fits: impl Fn(&ScheduledEvent) -> bool,
    ) -> Option<ScheduledEvent> {
        let first = self.events.iter().find(|((_, nth), it)| *nth > number && fits(it)).map(|(key, _)| *key);
        first.and_then(|key| self.events.remove(&key))
    }

    /// Returns the number of calls that have not arrived yet.
    pub(super) fn arrivals(&self) -> usize {
        self.events.values().filter(|it| matches!(it, ScheduledEvent::Arrive(_))).count()
    }

    /// Returns a call that has not arrived yet.
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

    /// Makes what is planned for people of one call happen in another call of the same meeting.
    pub(super) fn hand_over(&mut self, from: &CallId, to: &CallId) {
        for event in self.events.values_mut() {
            if let ScheduledEvent::Person(call, ..) | ScheduledEvent::RandomActivity(call) = event
                && call == from
            {
                call.clone_from(to);
            }
        }
    }

    /// Drops every event.
    pub(super) fn clear(&mut self) {
        self.events.clear();
    }
}
