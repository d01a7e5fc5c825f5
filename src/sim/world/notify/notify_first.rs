//! Notifications that arrive before the answer to their request: the request takes effect at once, so that its webhook
//! can be sent, and be answered, while the client still waits.

use crate::graph::{CallId, Method, Route};
use crate::sim::settings::{First, SimSettings};
use crate::time::Timestamp;

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{WorldAnswer, WorldRequest};
use crate::sim::world::faults::request_outcome::action;
use crate::sim::world::state::World;

/// Returns the call whose notifications arrive before this answer,
/// if the settings say so and the request was performed.
pub(in crate::sim::world) fn told_first(
    settings: &SimSettings,
    ask: &WorldRequest<'_>,
    answer: &WorldAnswer,
) -> Option<CallId> {
    let is_asked_for = settings.arrives_first == First::Notification && ask.method != Method::Get;
    if !is_asked_for || !(200..300).contains(&answer.status) || !settings.faults_apply_to(action(ask.method, ask.route))
    {
        return None;
    }
    answer.location.as_ref().and_then(Route::call).or_else(|| ask.route.call()).cloned()
}

/// Lets the first event that was planned since then happen now, unless a notification leaves already. What people do
/// by themselves keeps its time.
pub(in crate::sim::world) fn bring_forward(world: &mut World, now: Timestamp, route: &Route, since: u64) {
    if !world.webhooks.is_empty() {
        return;
    }
    let removes = matches!(route, Route::Participant(..));
    let follows = |it: &ScheduledEvent| match it {
        ScheduledEvent::Establish(_)
        | ScheduledEvent::NotifyRoster(_)
        | ScheduledEvent::Settle(..)
        | ScheduledEvent::Transfer(..) => true,
        ScheduledEvent::Person(..) => removes,
        ScheduledEvent::Arrive(_)
        | ScheduledEvent::Unanswered(_)
        | ScheduledEvent::Established(_)
        | ScheduledEvent::End(..)
        | ScheduledEvent::Ended(..)
        | ScheduledEvent::Deserted(_)
        | ScheduledEvent::Joining(..)
        | ScheduledEvent::RecorderTimeout(..)
        | ScheduledEvent::KeepAliveCheck(_)
        | ScheduledEvent::RandomActivity(_)
        | ScheduledEvent::Audio(_)
        | ScheduledEvent::RandomCall
        | ScheduledEvent::Send(_)
        | ScheduledEvent::Resend(_) => false,
    };
    if let Some(event) = world.agenda.take_planned_after(since, follows) {
        world.agenda.plan(now, event);
        let leaving = world.advance(now);
        world.webhooks.put_back(leaving);
    }
}
