//! Notifications that arrive before the answer to their request. The simulator performs the first event of the request
//! immediately, and sends its webhook while the client still waits for the answer.

use crate::graph::{CallId, Method, Route};
use crate::sim::settings::{First, SimSettings};
use crate::time::Timestamp;

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{WorldAnswer, WorldRequest};
use crate::sim::world::faults::request_outcome::action;
use crate::sim::world::state::World;

/// Returns the call whose notifications arrive before this answer, or `None` unless the settings ask for this
/// order and the request was performed.
pub(in crate::sim::world) fn call_to_notify_first(
    settings: &SimSettings,
    ask: &WorldRequest<'_>,
    answer: &WorldAnswer,
) -> Option<CallId> {
    let applies = settings.arrives_first == First::Notification && ask.method != Method::Get;
    if !applies || !(200..300).contains(&answer.status) || !settings.faults_apply_to(action(ask.method, ask.route)) {
        return None;
    }
    answer.location.as_ref().and_then(Route::call).or_else(|| ask.route.call()).cloned()
}

/// Performs immediately the first event that the request has planned, unless a notification is queued already. Only
/// events planned after `after_sequence` count. Events of the scenario's people keep their time.
pub(in crate::sim::world) fn bring_forward(world: &mut World, now: Timestamp, route: &Route, after_sequence: u64) {
    if !world.webhooks.is_empty() {
        return;
    }
    let removes_participant = matches!(route, Route::Participant(..));
    let is_caused_by_request = |it: &ScheduledEvent| match it {
        ScheduledEvent::Establish(_)
        | ScheduledEvent::NotifyRoster(_)
        | ScheduledEvent::Settle(..)
        | ScheduledEvent::Transfer(..) => true,
        ScheduledEvent::Person(..) => removes_participant,
        ScheduledEvent::Arrive(_)
        | ScheduledEvent::RingTimeout(_)
        | ScheduledEvent::Redirected(_)
        | ScheduledEvent::Established(_)
        | ScheduledEvent::End(..)
        | ScheduledEvent::Ended(..)
        | ScheduledEvent::EndIfEmpty(_)
        | ScheduledEvent::AskRecorder(..)
        | ScheduledEvent::RecorderTimeout(..)
        | ScheduledEvent::KeepAliveCheck(_)
        | ScheduledEvent::RandomActivity(_)
        | ScheduledEvent::Audio(_)
        | ScheduledEvent::RandomCall
        | ScheduledEvent::Send(_)
        | ScheduledEvent::Resend(_) => false,
    };
    if let Some(event) = world.agenda.take_planned_after(after_sequence, is_caused_by_request) {
        world.agenda.plan(now, event);
        let leaving = world.advance(now);
        world.webhooks.put_back(leaving);
    }
}
