//! A notification that arrives before the answer to the request that it follows from: what was asked happens at once,
//! so that its webhook can be on its way, and be answered, while the client still waits.

use crate::graph::{CallId, Method, Route};
use crate::sim::settings::First;
use crate::time::Timestamp;

use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{WorldAnswer, WorldRequest};
use crate::sim::world::faults::request_outcome::action;

impl World {
    /// The call whose notifications arrive before this answer, if the settings say so and something was performed.
    #[must_use]
    pub fn told_first(&self, ask: &WorldRequest<'_>, answer: &WorldAnswer) -> Option<CallId> {
        let asked = self.faults.arrives_first == First::Notification && ask.method != Method::Get;
        if !asked || !(200..300).contains(&answer.status) || !self.faults.strike(action(ask.method, ask.route)) {
            return None;
        }
        answer.location.as_ref().and_then(Route::call).or_else(|| ask.route.call()).cloned()
    }

    /// Lets the first of what was planned since then happen now, unless something was told already. What people do of
    /// themselves keeps its time.
    pub(in crate::sim::world) fn hurry(&mut self, now: Timestamp, route: &Route, since: u64) {
        if !self.outbox.is_empty() {
            return;
        }
        let removes = matches!(route, Route::Participant(..));
        let follows = |it: &ScheduledEvent| match it {
            ScheduledEvent::Establish(_)
            | ScheduledEvent::Show(_)
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
            | ScheduledEvent::Unheard(..)
            | ScheduledEvent::Kept(_)
            | ScheduledEvent::Stir(_)
            | ScheduledEvent::Audio(_)
            | ScheduledEvent::Traffic
            | ScheduledEvent::Send(_)
            | ScheduledEvent::Resend(_) => false,
        };
        let first = self.agenda.iter().find(|((_, nth), it)| *nth > since && follows(it)).map(|(key, _)| *key);
        if let Some(happening) = first.and_then(|key| self.agenda.remove(&key)) {
            self.plan(now, happening);
            self.outbox = self.advance(now);
        }
    }
}
