//! How calls live and end: what people do in them, and the notifications of their end.

use crate::graph::{CallId, CallState, ParticipantId, ResultInfo};
use crate::sim::scenario::{PersonAction, PlannedCallKind};
use crate::time::{Millis, Timestamp};

use super::member::Presence;
use super::operation::result;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::faults::fault_rng::FaultDraw;
use crate::sim::world::state::World;

/// How long a call lives without a keepAlive (graph-contract.md, "Timers and limits").
pub(in crate::sim::world) const KEPT: Millis = Millis::minutes(45);

impl World {
    /// Lets a person act. Returns the id that they have afterwards, which is new for a person who rejoins;
    /// `None` when they cannot do it now.
    pub(in crate::sim::world) fn perform_action(
        &mut self,
        at: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        does: PersonAction,
    ) -> Option<ParticipantId> {
        let another = self.ids.id();
        let live = self.calls.live(call)?;
        let peer_left = live.kind == PlannedCallKind::OneToOne && does == PersonAction::Leave;
        let held = live.roster.is_held(who);
        let member = live.roster.member(who)?;
        match (does, member.is_present()) {
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
                live.roster.held = None;
            }
            let empty = live.roster.company() == 0;
            self.recorded_left(at, call, who);
            if peer_left {
                self.end(at, call, result(200, 4521, "The other party ended the call."));
            } else if empty {
                self.agenda.plan(at + Millis::seconds(1), ScheduledEvent::Deserted(call.clone()));
            }
        }
        self.calls.mark_changed(call);
        Some(id)
    }

    /// Begins to end a call.
    pub(in crate::sim::world) fn end(&mut self, at: Timestamp, id: &CallId, result: ResultInfo) {
        let Some(call) = self.calls.live(id) else { return };
        call.state = CallState::Terminating;
        let clears = call.lifetime.clears;
        self.calls.unmark(id);
        self.suppress_end_notice(id);
        self.notify_state(at, id);
        self.agenda.plan(at + clears, ScheduledEvent::Ended(id.clone(), result));
    }

    /// Decides, by the setting `neverTerminated`, whether the end of a call goes without a notification.
    pub(in crate::sim::world) fn suppress_end_notice(&mut self, id: &CallId) {
        let nth = self.fault_rng.next("ends");
        let is_silent = self.fault_rng.hits(FaultDraw::End, nth, self.settings.never_terminated);
        if let Some(call) = self.calls.get_mut(id) {
            call.lifetime.ends_silently = is_silent;
        }
    }

    /// Ends a call and drops it.
    pub(in crate::sim::world) fn ended(&mut self, at: Timestamp, id: &CallId, result: ResultInfo) {
        if let Some(call) = self.calls.get_mut(id) {
            call.state = CallState::Terminated;
            call.facts.result_info = Some(result);
            self.notify_ended(at, id);
            self.calls.remove(id);
        }
    }
}
