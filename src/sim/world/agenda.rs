//! What happens in the world when its time has come.

use crate::graph::{
    CallId, CallState, CommsOperationStatus, MediaState, OperationId, OperationKind, ParticipantId, ResultInfo,
};
use crate::sim::scenario::{PersonAction, PlannedCallKind, PlannedDirection, ReactionTrigger};
use crate::sim::settings::MediaNews;
use crate::time::{Millis, Timestamp};

use super::calls::call::{LiveCall, Presence, result};
use super::calls::transfer::TransferStep;
use super::faults::fault_rng::FaultDraw;
use super::{OutgoingNotification, WebhookPost, World};

/// Something that is going to happen. What is about a call or a person that is gone by then does nothing.
#[derive(Debug)]
pub(super) enum ScheduledEvent {
    /// A call arrives or is placed.
    Arrive(Box<LiveCall>),
    /// An incoming call has rung long enough.
    Unanswered(CallId),
    /// The call is being set up.
    Establish(CallId),
    /// The call is there.
    Established(CallId),
    /// Someone does something.
    Person(CallId, ParticipantId, PersonAction),
    /// The roster is told, if it changed.
    Show(CallId),
    /// A hold, a release or an invitation comes to its end.
    Settle(CallId, OperationId),
    /// The call begins to end.
    End(CallId, ResultInfo),
    /// The call has ended.
    Ended(CallId, ResultInfo),
    /// Everyone has left; ends the call unless someone came back.
    Deserted(CallId),
    /// Somebody under a recording policy is about to come.
    Joining(CallId, ParticipantId),
    /// A recorder has not replied about somebody.
    Unheard(CallId, ParticipantId),
    /// It is checked whether the call was kept alive.
    Kept(CallId),
    /// Someone in a call that lives by chance does something.
    Stir(CallId),
    /// A transfer goes one step on.
    Transfer(CallId, TransferStep),
    /// Audio begins to flow, and is told by itself.
    Audio(CallId),
    /// Another call comes by itself.
    Traffic,
    /// A late notification leaves.
    Send(OutgoingNotification),
    /// A webhook that was not taken leaves again.
    Resend(WebhookPost),
}

impl World {
    /// Lets one thing happen.
    pub(super) fn happen(&mut self, at: Timestamp, happening: ScheduledEvent) {
        match happening {
            ScheduledEvent::Arrive(call) => self.arrive(at, *call),
            ScheduledEvent::Unanswered(id) => self.give_up(at, &id),
            ScheduledEvent::Establish(id) => self.establish(at, &id),
            ScheduledEvent::Established(id) => self.established(at, &id),
            ScheduledEvent::Person(call, who, does) => {
                self.person(at, &call, &who, does);
            }
            ScheduledEvent::Show(id) => {
                self.touched.insert(id);
            }
            ScheduledEvent::Settle(call, operation) => self.settle(at, &call, &operation),
            ScheduledEvent::End(id, result) => self.end(at, &id, result),
            ScheduledEvent::Ended(id, result) => self.ended(at, &id, result),
            ScheduledEvent::Deserted(id) => {
                if self.live(&id).is_some_and(|it| it.company() == 0) {
                    self.end(at, &id, result(200, 5002, "All other participants have left."));
                }
            }
            ScheduledEvent::Joining(call, who) => self.joining(at, &call, &who),
            ScheduledEvent::Unheard(call, who) => self.unheard(at, &call, &who),
            ScheduledEvent::Kept(id) => self.check_kept(at, &id),
            ScheduledEvent::Stir(id) => self.stir(at, &id),
            ScheduledEvent::Transfer(id, step) => self.transfer_step(at, &id, step),
            ScheduledEvent::Audio(id) => self.notify_audio(at, &id),
            ScheduledEvent::Traffic => self.another_call(at),
            ScheduledEvent::Send(outgoing) => self.outbox.push(outgoing),
            ScheduledEvent::Resend(letter) => self.returning.push(letter),
        }
    }

    fn arrive(&mut self, at: Timestamp, call: LiveCall) {
        let id = call.id.clone();
        let incoming = call.direction == PlannedDirection::Incoming;
        self.calls.insert(id.clone(), call);
        if incoming {
            self.notify_incoming(at, &id);
        } else {
            self.establish(at, &id);
        }
    }

    fn establish(&mut self, at: Timestamp, id: &CallId) {
        if let Some(call) = self.live(id) {
            call.state = CallState::Establishing;
            self.notify_state(at, id);
        }
    }

    fn established(&mut self, at: Timestamp, id: &CallId) {
        let Some(call) = self.live(id) else { return };
        call.state = CallState::Established;
        let me = call.me.clone();
        if let Some(me) = call.member(&me).filter(|it| it.presence == Presence::Expected) {
            me.presence = Presence::Here;
        }
        call.audio(MediaState::Active);
        self.notify_state(at, id);
        if self.faults.media_state == MediaNews::Separate {
            self.plan(at + Millis(40), ScheduledEvent::Audio(id.clone()));
        }
        self.touched.insert(id.clone());
    }

    /// Someone does something; the id that they have afterwards, which is new for one who comes again.
    pub(super) fn person(
        &mut self,
        at: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        does: PersonAction,
    ) -> Option<ParticipantId> {
        let another = self.casting.id();
        let live = self.live(call)?;
        let peer_left = live.kind == PlannedCallKind::OneToOne && does == PersonAction::Leave;
        let held = live.held.as_ref() == Some(who);
        let member = live.member(who)?;
        let here = member.is_present();
        match (does, here) {
            (PersonAction::Join | PersonAction::Lobby, false) => {
                if member.presence == Presence::Gone {
                    member.id = another;
                    (member.muted, member.server_muted, member.away) = (false, false, false);
                }
                member.presence = if does == PersonAction::Join { Presence::Here } else { Presence::Lobby };
            }
            (PersonAction::Admit, true) if member.presence == Presence::Lobby => member.presence = Presence::Here,
            (PersonAction::Leave, true) => member.presence = Presence::Gone,
            (PersonAction::Mute, true) => member.muted = true,
            (PersonAction::Unmute, true) => (member.muted, member.server_muted) = (false, false),
            (PersonAction::Hold, true) => member.away = true,
            (PersonAction::Resume, true) => member.away = false,
            _ => return None,
        }
        let id = member.id.clone();
        if does == PersonAction::Leave {
            if held {
                live.held = None;
            }
            let empty = live.company() == 0;
            self.recorded_left(at, call, who);
            if peer_left {
                self.end(at, call, result(200, 4521, "The other party ended the call."));
            } else if empty {
                self.plan(at + Millis::seconds(1), ScheduledEvent::Deserted(call.clone()));
            }
        }
        self.touched.insert(call.clone());
        Some(id)
    }

    /// Plans what a person does because something was done to them.
    pub(super) fn react(&mut self, at: Timestamp, call: &CallId, who: &ParticipantId, trigger: ReactionTrigger) {
        let Some(member) = self.live(call).and_then(|it| it.member(who)) else { return };
        let doings: Vec<_> =
            member.reactions.iter().filter(|it| it.on == trigger).map(|it| (it.after, it.does)).collect();
        for (after, does) in doings {
            self.plan(at + after, ScheduledEvent::Person(call.clone(), who.clone(), does));
        }
    }

    fn settle(&mut self, at: Timestamp, call: &CallId, operation: &OperationId) {
        let Some(live) = self.live(call) else { return };
        let Some(asked) = live.operation(operation).cloned() else { return };
        if asked.status != CommsOperationStatus::Running {
            return;
        }
        let nth = self.fortune.next("operations");
        if self.fortune.falls(FaultDraw::Finish, nth, self.faults.never_finished) {
            return;
        }
        let Some(live) = self.live(call) else { return };
        if super::media::is_media(&asked.kind) {
            self.settle_media(at, call, operation);
            return;
        }
        let whom = asked.whom.clone();
        let there = whom.as_ref().is_some_and(|it| live.present(it).is_some());
        let (outcome, trigger) = match (asked.kind.clone(), there) {
            (OperationKind::StartHoldMusic, true) if live.held.is_none() || live.held == whom => {
                live.held.clone_from(&whom);
                (None, Some(ReactionTrigger::Held))
            }
            (OperationKind::StopHoldMusic, true) if live.held == whom => {
                live.held = None;
                (None, Some(ReactionTrigger::Released))
            }
            (OperationKind::InviteParticipants, _) => (asked.result.clone(), None),
            _ => (Some(result(400, 8508, "The operation was cancelled.")), None),
        };
        if let Some(asked) = live.operation(operation) {
            asked.status =
                if outcome.is_some() { CommsOperationStatus::Failed } else { CommsOperationStatus::Completed };
            asked.result = outcome;
        }
        self.notify_operation(at, call, operation);
        self.drop_replaced(at, &asked);
        if let (Some(who), Some(trigger)) = (whom, trigger) {
            self.react(at, call, &who, trigger);
        }
    }

    /// Begins to end a call.
    pub(super) fn end(&mut self, at: Timestamp, id: &CallId, result: ResultInfo) {
        let Some(call) = self.live(id) else { return };
        call.state = CallState::Terminating;
        let clears = call.clears;
        self.touched.remove(id);
        self.hush(id);
        self.notify_state(at, id);
        self.plan(at + clears, ScheduledEvent::Ended(id.clone(), result));
    }

    /// Decides whether a call ends without a word.
    pub(super) fn hush(&mut self, id: &CallId) {
        let nth = self.fortune.next("ends");
        let unheard = self.fortune.falls(FaultDraw::End, nth, self.faults.never_terminated);
        if let Some(call) = self.calls.get_mut(id) {
            call.unheard = unheard;
        }
    }

    /// Ends a call and forgets it.
    pub(super) fn ended(&mut self, at: Timestamp, id: &CallId, result: ResultInfo) {
        if let Some(call) = self.calls.get_mut(id) {
            call.state = CallState::Terminated;
            call.facts.result_info = Some(result);
            self.notify_ended(at, id);
            self.calls.shift_remove(id);
        }
    }

    fn check_kept(&mut self, at: Timestamp, id: &CallId) {
        let Some(until) = self.live(id).and_then(|it| it.kept_until) else { return };
        if until > at {
            self.plan(until, ScheduledEvent::Kept(id.clone()));
        } else {
            self.end(at, id, result(408, 8537, "No keepAlive was received in time."));
        }
    }
}
