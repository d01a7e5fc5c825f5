//! The control API's access to the world: it lists calls, injects a call, and makes a person act. Graph
//! has no such API.

use serde::Serialize;

use crate::graph::{CallId, CallState, ParticipantId};
use crate::sim::scenario::{CallPlan, PersonAction, PlannedCallKind};
use crate::time::Timestamp;

use crate::sim::world::calls::member::Presence;
use crate::sim::world::meeting;
use crate::sim::world::notify::notification::OutgoingNotification;
use crate::sim::world::state::World;

/// A call, as the control API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    /// The call's id.
    pub id: CallId,
    /// Its subject; empty when it has no subject.
    pub subject: Box<str>,
    /// Its state, for example `established`.
    pub state: CallState,
    /// The kind of call.
    pub kind: PlannedCallKind,
    /// The application's own participant.
    pub my_participant_id: ParticipantId,
    /// Everyone else who is in the call, has left it, or will join it.
    pub participants: Vec<PersonView>,
}

/// A person, as the control API shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent of each other")]
pub struct PersonView {
    /// The participant's id.
    pub id: ParticipantId,
    /// Their display name, or a phone's number.
    pub name: Box<str>,
    /// `expected`, `lobby`, `here` or `gone`.
    pub presence: &'static str,
    /// Whether their own client has muted them.
    pub muted: bool,
    /// Whether the service has muted them.
    pub server_muted: bool,
    /// Whether startHoldMusic has put them on hold.
    pub held: bool,
    /// Whether they put the call on hold on their own phone.
    pub away: bool,
}

/// The reason why a request of the control API is impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownTarget {
    /// There is no such call, or it is ending.
    #[error("there is no live call {0}; GET /sim/calls lists them")]
    Call(CallId),
    /// There is no such participant, or they cannot do that now.
    #[error("participant {0} cannot do this now; GET /sim/calls lists where everyone is")]
    Participant(ParticipantId),
}

/// There are as many calls as the setting allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are {0} calls or more, the maximum of the setting mostCalls: end some, or raise the setting")]
pub struct TooManyCalls(pub u32);

impl World {
    /// Returns every call, in the order of arrival.
    #[must_use]
    pub fn call_views(&self) -> Vec<CallView> {
        let calls = self.calls.iter().map(|call| CallView {
            id: call.id.clone(),
            subject: call.facts.subject.clone().unwrap_or_default(),
            state: call.state.clone(),
            kind: call.kind,
            my_participant_id: call.roster.me.clone(),
            participants: (call.roster.members.iter().filter(|it| it.id != call.roster.me))
                .map(|it| PersonView {
                    id: it.id.clone(),
                    name: it.identity.name().unwrap_or_default().into(),
                    presence: presence(it.presence),
                    muted: it.muted,
                    server_muted: it.server_muted,
                    held: call.roster.is_held(&it.id),
                    away: it.away,
                })
                .collect(),
        });
        calls.collect()
    }

    /// Injects a call whose times count from `now`, and returns its id and the notifications to send now. Calls that
    /// have not arrived yet count against the setting `mostCalls`.
    pub fn inject(
        &mut self,
        now: Timestamp,
        plan: &CallPlan,
    ) -> (Result<CallId, TooManyCalls>, Vec<OutgoingNotification>) {
        let mut leaving = self.advance(now);
        let coming = self.agenda.arrivals();
        let most = self.settings.most_calls;
        if u32::try_from(self.calls.len() + coming).map_or(true, |it| it >= most) {
            return (Err(TooManyCalls(most)), leaving);
        }
        let id = self.spawn_call(plan, now);
        leaving.append(&mut self.advance(now));
        (Ok(id), leaving)
    }

    /// Performs a person's action. Returns the person's id, which is new after a rejoin, and the
    /// notifications to send now.
    ///
    /// Fails if there is no such call or person, or if the action is impossible now.
    pub(crate) fn direct(
        &mut self,
        now: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        does: PersonAction,
    ) -> Result<(ParticipantId, Vec<OutgoingNotification>), UnknownTarget> {
        let mut leaving = self.advance(now);
        if self.calls.live(call).is_none() {
            return Err(UnknownTarget::Call(call.clone()));
        }
        let id = self.perform_action(now, call, who, does).ok_or_else(|| UnknownTarget::Participant(who.clone()))?;
        meeting::share_people(self, call);
        self.notify_rosters(now);
        leaving.append(&mut self.webhooks.take());
        Ok((id, leaving))
    }
}

const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Expected => "expected",
        Presence::Lobby => "lobby",
        Presence::Here => "here",
        Presence::Gone => "gone",
    }
}
