//! The state of a world, its creation, and its restart.

use secrecy::SecretString;

use crate::graph::{CallId, IdentitySet, Method, Route};
use crate::sim::scenario::{PersonKind, Scenario};
use crate::sim::settings::SimSettings;
use crate::time::{Millis, Timestamp};

use super::agenda::{Agenda, ScheduledEvent};
use super::calls::member::identity;
use super::calls::table::LiveCalls;
use super::faults::fault_rng::FaultRng;
use super::faults::request_outcome::{RequestOutcome, TokenOutcome};
use super::faults::throttle::ThrottleWindow;
use super::media::recordings::RecordingStore;
use super::notify::notification::{OutgoingNotification, WebhookPost};
use super::notify::webhook_queue::WebhookQueue;
use super::rng::{BackgroundRng, RandomStream};

/// The application that owns every call of a world.
#[derive(Debug, Clone)]
pub struct SimApplication {
    /// Its `clientId`, which is the audience of webhook tokens.
    pub id: Box<str>,
    /// The id of its home tenant.
    pub tenant: Box<str>,
    /// Its display name in rosters.
    pub name: Box<str>,
    /// Its client secret, derived from the seed. Only the simulator accepts it.
    pub secret: SecretString,
}

/// The live calls and the planned events.
#[derive(Debug)]
pub struct World {
    pub(super) application: SimApplication,
    pub(super) settings: SimSettings,
    /// The end of the prelude.
    pub(super) start: Timestamp,
    pub(super) calls: LiveCalls,
    pub(super) agenda: Agenda,
    pub(super) webhooks: WebhookQueue,
    pub(super) throttle: ThrottleWindow,
    pub(super) recordings: RecordingStore,
    /// Random traffic, in addition to the scenario's plan.
    pub(super) background: BackgroundRng,
    /// The stream that makes the ids of calls, people and operations.
    pub(super) ids: RandomStream,
    /// The stream that makes the delays between a request and its effects.
    pub(super) timing: RandomStream,
    pub(super) fault_rng: FaultRng,
}

impl World {
    /// Creates a world. The prelude of the scenario begins at `now`.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64, now: Timestamp) -> Self {
        let mut names = RandomStream::new(seed, 0);
        let secret = format!("{}{}", names.id::<CallId>(), names.id::<CallId>()).replace('-', "");
        let application = SimApplication {
            id: names.id::<CallId>().to_string().into(),
            tenant: names.id::<CallId>().to_string().into(),
            name: "Support Bot".into(),
            secret: secret.into(),
        };
        Self::of(application, scenario, seed, now)
    }

    fn of(application: SimApplication, scenario: &Scenario, seed: u64, now: Timestamp) -> Self {
        let mut world = Self {
            application,
            settings: SimSettings::default(),
            start: now + scenario.prelude,
            calls: LiveCalls::default(),
            agenda: Agenda::default(),
            webhooks: WebhookQueue::default(),
            throttle: ThrottleWindow::default(),
            recordings: RecordingStore::default(),
            background: BackgroundRng::new(seed, scenario),
            ids: RandomStream::new(seed, 1),
            timing: RandomStream::new(seed, 2),
            fault_rng: FaultRng::new(seed),
        };
        let start = world.start;
        for plan in &scenario.calls {
            world.spawn_call(plan, start);
        }
        if let Some(traffic) = &scenario.traffic {
            let first = world.background.rng.around(traffic.every);
            world.agenda.plan(start + first, ScheduledEvent::RandomCall);
        }
        world
    }

    /// Restarts with a scenario whose prelude begins at `now`. The application and the settings stay.
    pub fn start_over(&mut self, scenario: &Scenario, seed: u64, now: Timestamp) {
        let mut next = Self::of(self.application.clone(), scenario, seed, now);
        next.settings = std::mem::take(&mut self.settings);
        next.recordings = std::mem::take(&mut self.recordings);
        next.throttle = std::mem::take(&mut self.throttle);
        next.webhooks.continue_from(&self.webhooks);
        *self = next;
    }

    /// Returns the time at which the scenario starts, after its prelude.
    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// Returns the application that owns the calls.
    #[must_use]
    pub const fn application(&self) -> &SimApplication {
        &self.application
    }

    /// Returns the current settings.
    #[must_use]
    pub const fn settings(&self) -> &SimSettings {
        &self.settings
    }

    /// Replaces the settings.
    pub fn set_settings(&mut self, settings: SimSettings) {
        self.settings = settings;
    }

    /// Returns when the next event is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.agenda.next_due()
    }

    /// Decides the outcome of a request to Graph's paths before the body is read.
    pub fn request_outcome(&mut self, method: Option<Method>, route: Option<&Route>) -> RequestOutcome {
        RequestOutcome::draw(&mut self.fault_rng, &self.settings, method, route)
    }

    /// Decides the outcome of a request for a token.
    pub fn token_outcome(&mut self) -> TokenOutcome {
        TokenOutcome::draw(&mut self.fault_rng, &self.settings)
    }

    /// Returns the token that fetches a recorded file; `None` when there is no such file.
    #[must_use]
    pub fn recording_token(&self, id: &str) -> Option<&SecretString> {
        self.recordings.token(id)
    }

    /// Packs notifications into webhooks, in order. Webhooks to send again come first.
    pub fn batch(&mut self, leaving: Vec<OutgoingNotification>) -> Vec<WebhookPost> {
        self.webhooks.batch(leaving, &self.settings, &mut self.fault_rng)
    }

    /// Plans the next delivery of a refused webhook, if it has a retry left.
    pub fn send_again(&mut self, now: Timestamp, post: WebhookPost) {
        if post.retries_left > 0 {
            let post = WebhookPost { retries_left: post.retries_left - 1, ..post };
            let later = now + Millis(self.settings.redeliver_after_ms.max(0));
            self.agenda.plan(later, ScheduledEvent::Resend(post));
        }
    }

    /// Sends a notification now, later or never, as the settings say.
    pub(super) fn send(&mut self, at: Timestamp, outgoing: OutgoingNotification) {
        self.webhooks.send(at, outgoing, (&self.settings, &self.fault_rng), &mut self.agenda);
    }

    /// Returns whether the number of calls has reached the maximum in the settings.
    pub(super) fn is_full(&self) -> bool {
        u32::try_from(self.calls.len()).map_or(true, |it| it >= self.settings.most_calls)
    }

    /// Returns a random delay from `least` to `most`, in milliseconds.
    pub(super) fn random_delay(&mut self, least: i64, most: i64) -> Millis {
        self.timing.span(least, most)
    }

    /// Returns the application's identity, as rosters show it.
    pub(super) fn application_identity(&self) -> IdentitySet {
        identity(PersonKind::Application, &self.application.name, &self.application.id)
    }
}
