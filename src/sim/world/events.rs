//! Performs planned events when they are due.

use crate::graph::{CallId, CallState, CommsOperationStatus, MediaState, OperationId, OperationKind};
use crate::sim::scenario::{PlannedDirection, ReactionTrigger};
use crate::sim::settings::MediaNews;
use crate::time::{Millis, Timestamp};

use super::agenda::ScheduledEvent;
use super::calls::call::LiveCall;
use super::calls::member::Presence;
use super::calls::operation::result;
use super::calls::{invite, ring, transfer};
use super::faults::fault_rng::FaultDraw;
use super::meeting;
use super::notify::notification::OutgoingNotification;
use super::state::World;

/// The time from a call's `established` to the separate notification of its audio.
const AUDIO_DELAY: Millis = Millis(40);

impl World {
    /// Performs every event that is due at `now`, and returns the notifications to send, in order.
    pub fn advance(&mut self, now: Timestamp) -> Vec<OutgoingNotification> {
        while let Some((at, event)) = self.agenda.pop_due(now) {
            let changed = event.changes_people_of().cloned();
            self.perform(at, event);
            if let Some(call) = changed {
                meeting::share_people(self, &call);
            }
            if self.next_due() != Some(at) {
                self.notify_rosters(at);
            }
        }
        self.webhooks.take()
    }

    fn perform(&mut self, at: Timestamp, event: ScheduledEvent) {
        match event {
            ScheduledEvent::Arrive(call) => self.arrive(at, *call),
            ScheduledEvent::RingTimeout(id) => self.end_ring(at, &id),
            ScheduledEvent::Redirected(id) => ring::end_redirected(self, at, &id),
            ScheduledEvent::Establish(id) => self.establish(at, &id),
            ScheduledEvent::Established(id) => self.established(at, &id),
            ScheduledEvent::Person(call, who, action) => {
                self.perform_action(at, &call, &who, action);
            }
            ScheduledEvent::NotifyRoster(id) => self.calls.mark_changed(&id),
            ScheduledEvent::Settle(call, operation) => self.settle(at, &call, &operation),
            ScheduledEvent::End(id, result) => self.end(at, &id, result),
            ScheduledEvent::Ended(id, result) => self.ended(at, &id, result),
            ScheduledEvent::EndIfEmpty(id) => {
                if self.calls.live(&id).is_some_and(|it| it.roster.people_here() == 0) {
                    self.end(at, &id, result(200, 5002, "All other participants have left."));
                }
            }
            ScheduledEvent::AskRecorder(call, who) => self.ask_recorder(at, &call, &who),
            ScheduledEvent::RecorderTimeout(call, who) => self.recorder_timeout(at, &call, &who),
            ScheduledEvent::KeepAliveCheck(id) => self.check_keep_alive(at, &id),
            ScheduledEvent::RandomActivity(id) => self.random_activity(at, &id),
            ScheduledEvent::Transfer(id, step) => transfer::step(self, at, &id, step),
            ScheduledEvent::Audio(id) => self.notify_audio(at, &id),
            ScheduledEvent::RandomCall => self.random_call(at),
            ScheduledEvent::Send(outgoing) => self.webhooks.push(outgoing),
            ScheduledEvent::Resend(post) => self.webhooks.push_again(post),
        }
    }

    fn arrive(&mut self, at: Timestamp, call: LiveCall) {
        let id = call.id.clone();
        let is_incoming = call.direction == PlannedDirection::Incoming;
        self.calls.insert(call);
        if is_incoming {
            self.notify_incoming(at, &id);
        } else {
            self.establish(at, &id);
        }
    }

    /// Ends a call that still rings. \[unverified\]: its result.
    fn end_ring(&mut self, at: Timestamp, id: &CallId) {
        if self.calls.live(id).is_some_and(|it| it.state == CallState::Incoming) {
            self.ended(at, id, result(408, 10_057, "The call was not answered."));
        }
    }

    /// Moves a call to `establishing`.
    fn establish(&mut self, at: Timestamp, id: &CallId) {
        if let Some(call) = self.calls.live(id) {
            call.state = CallState::Establishing;
            self.notify_state(at, id);
        }
    }

    /// Moves a call to `established`.
    fn established(&mut self, at: Timestamp, id: &CallId) {
        let Some(call) = self.calls.live(id) else { return };
        call.state = CallState::Established;
        if let Some(me) = call.roster.own_member().filter(|it| it.presence == Presence::Expected) {
            me.presence = Presence::Here;
        }
        call.set_audio(MediaState::Active);
        self.notify_state(at, id);
        if self.settings.media_state == MediaNews::Separate {
            self.agenda.plan(at + AUDIO_DELAY, ScheduledEvent::Audio(id.clone()));
        }
        self.calls.mark_changed(id);
    }

    /// Ends a running operation, sends the notification of its end, and plans the reactions of its participant.
    fn settle(&mut self, at: Timestamp, call: &CallId, id: &OperationId) {
        let Some(live) = self.calls.live(call) else { return };
        let Some(operation) = live.operations.get_mut(id).filter(|it| it.is_running()).cloned() else { return };
        let nth = self.fault_rng.next("operations");
        if self.fault_rng.hits(FaultDraw::Finish, nth, self.settings.never_finished) {
            return;
        }
        if operation.is_media() {
            self.settle_media(at, call, id);
            return;
        }
        let participant = operation.participant.clone();
        let is_present = participant.as_ref().is_some_and(|it| live.roster.present(it).is_some());
        let (failure, trigger) = match (operation.kind.clone(), is_present) {
            (OperationKind::StartHoldMusic, true) if live.roster.held.is_none() || live.roster.held == participant => {
                live.roster.held.clone_from(&participant);
                (None, Some(ReactionTrigger::Held))
            }
            (OperationKind::StopHoldMusic, true) if live.roster.held == participant => {
                live.roster.held = None;
                (None, Some(ReactionTrigger::Released))
            }
            (OperationKind::InviteParticipants, _) => (operation.result.clone(), None),
            _ => (Some(result(400, 8508, "The operation was cancelled.")), None),
        };
        if let Some(settled) = live.operations.get_mut(id) {
            settled.status =
                if failure.is_some() { CommsOperationStatus::Failed } else { CommsOperationStatus::Completed };
            settled.result = failure;
        }
        self.notify_operation(at, call, id);
        invite::drop_replaced(self, at, &operation);
        if let (Some(participant), Some(trigger)) = (participant, trigger) {
            self.plan_reactions(at, call, &participant, trigger);
        }
    }

    fn check_keep_alive(&mut self, at: Timestamp, id: &CallId) {
        let Some(until) = self.calls.live(id).and_then(|it| it.lifetime.kept_until) else { return };
        if until > at {
            self.agenda.plan(until, ScheduledEvent::KeepAliveCheck(id.clone()));
        } else {
            self.end(at, id, result(408, 8537, "No keepAlive was received in time."));
        }
    }
}
