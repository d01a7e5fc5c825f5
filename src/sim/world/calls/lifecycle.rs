//! The life of a call: what people do in it, and how it ends.

use crate::graph::{CallId, CallState, ParticipantId, ResultInfo};
use crate::sim::scenario::{PersonAction, PlannedCallKind};
use crate::sim::settings::EndResult;
use crate::time::{Millis, Timestamp};

use super::member::Presence;
use super::operation::result;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::faults::fault_rng::FaultDraw;
use crate::sim::world::meeting;
use crate::sim::world::state::World;

/// The time after which a call without a keepAlive ends (graph-contract.md, "Timers and limits").
pub(in crate::sim::world) const KEEP_ALIVE_TIMEOUT: Millis = Millis::minutes(45);

impl World {
    /// Performs a person's action. Returns the person's id, which is new after a rejoin, or `None` if the
    /// action is impossible now.
    pub(in crate::sim::world) fn perform_action(
        &mut self,
        at: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        action: PersonAction,
    ) -> Option<ParticipantId> {
        let new_id = self.ids.id();
        let live = self.calls.live(call)?;
        let is_peer_leaving = live.kind == PlannedCallKind::OneToOne && action == PersonAction::Leave;
        let is_held = live.roster.is_held(who);
        let member = live.roster.member(who)?;
        match (action, member.is_present()) {
            (PersonAction::Join | PersonAction::Lobby, false) => {
                if member.presence == Presence::Gone {
                    member.id = new_id;
                    (member.muted, member.server_muted, member.away) = (false, false, false);
                }
                member.presence = if action == PersonAction::Join { Presence::Here } else { Presence::Lobby };
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
        if action == PersonAction::Leave {
            if is_held {
                live.roster.held = None;
            }
            let is_empty = live.roster.people_here() == 0;
            let legs = live.roster.other_legs.clone();
            self.notify_recorder_of_leave(at, call, who);
            meeting::end_removed_leg(self, at, call, who);
            if is_peer_leaving {
                self.end(at, call, result(200, 4521, "The other party ended the call."));
            } else if is_empty {
                for leg in std::iter::once(call).chain(&legs) {
                    self.agenda.plan(at + Millis::seconds(1), ScheduledEvent::EndIfEmpty(leg.clone()));
                }
            }
        }
        self.calls.mark_changed(call);
        Some(id)
    }

    /// Moves a call to `terminating`, and plans its end.
    pub(in crate::sim::world) fn end(&mut self, at: Timestamp, id: &CallId, result: ResultInfo) {
        let Some(call) = self.calls.live(id) else { return };
        call.state = CallState::Terminating;
        let clears = call.lifetime.clears;
        self.calls.unmark(id);
        meeting::leave(self, id);
        self.suppress_end_notice(id);
        self.notify_state(at, id);
        self.agenda.plan(at + clears, ScheduledEvent::Ended(id.clone(), result));
    }

    /// Draws, by the setting `neverTerminated`, whether the last notification of a call is suppressed.
    pub(in crate::sim::world) fn suppress_end_notice(&mut self, id: &CallId) {
        let nth = self.fault_rng.next("ends");
        let is_silent = self.fault_rng.hits(FaultDraw::End, nth, self.settings.never_terminated);
        if let Some(call) = self.calls.get_mut(id) {
            call.lifetime.ends_silently = is_silent;
        }
    }

    /// Moves a call to `terminated`, sends the notification of its end, and removes it.
    pub(in crate::sim::world) fn ended(&mut self, at: Timestamp, id: &CallId, result: ResultInfo) {
        meeting::leave(self, id);
        let observed = observed_end(self.settings.end_result);
        if let Some(call) = self.calls.get_mut(id) {
            call.state = CallState::Terminated;
            call.facts.result_info = Some(observed.unwrap_or(result));
            self.notify_ended(at, id);
            self.calls.remove(id);
        }
    }
}

/// Returns the result of every call's end by the setting `endResult`. \[unverified\]: the text.
fn observed_end(setting: EndResult) -> Option<ResultInfo> {
    let (code, subcode) = match setting {
        EndResult::Usual => return None,
        EndResult::Code3002 => (500, 3_002),
        EndResult::Code3003 => (500, 3_003),
        EndResult::Code7106 => (500, 7_106),
        EndResult::Code1203002 => (500, 1_203_002),
        EndResult::Code13025 => (408, 13_025),
    };
    Some(result(code, subcode, "The call has ended."))
}
