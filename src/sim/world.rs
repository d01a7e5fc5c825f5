//! The world that stands behind the simulated Graph: calls, the people in them, and what happens next.
//!
//! Pure: time, requests and wishes come in as data, answers and notifications go out as data. The same seed,
//! scenario, requests and times give the same ids and notifications in the same order. Knows no network, no clock
//! and nothing of what a board makes of all this.

mod agenda;
mod api;
mod calls;
mod control;
mod faults;
mod media;
mod notify;
mod rng;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use crate::graph::{CallId, CallState, ParticipantId};
use crate::time::{Millis, Timestamp};

use super::scenario::{RandomTraffic, Scenario};
use super::settings::SimSettings;

pub use api::answer::{AnswerContent, RequestCaller, WorldAnswer, WorldRequest};
pub use calls::create::allowed_callback;
pub use control::people::{CallView, PersonView, TooManyCalls, UnknownTarget};
pub use faults::request_outcome::{RequestOutcome, TokenOutcome};
pub use notify::webhook_queue::WebhookPost;

use agenda::ScheduledEvent;
use calls::call::LiveCall;
use faults::fault_rng::FaultRng;
use rng::RandomStream;

/// A notification that leaves for a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct OutgoingNotification {
    /// The call that it is about.
    pub call: CallId,
    /// Where it goes; to wherever the scenario's calls notify when absent.
    pub callback: Option<Box<str>>,
    /// When it leaves, in floor time.
    pub due: Timestamp,
    /// The tenant of its call.
    pub tenant: Box<str>,
    /// The id that all legs of its call share.
    pub chain: Box<str>,
    /// What its receiver's answer may mean beyond that it arrived.
    pub expects: ExpectedReply,
    /// One item of an envelope.
    pub notification: Value,
}

/// What a receiver's answer may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedReply {
    /// Nothing: the notification arrived, or did not.
    Nothing,
    /// The place where an incoming call is taken: 302 or 307 names another one.
    Place,
    /// A reply about somebody who wants to come into a recorded call.
    Reply(ParticipantId),
}

/// The application that owns every call of a world.
#[derive(Debug, Clone)]
pub struct SimApplication {
    /// Its id: `clientId`, and the audience of webhook tokens.
    pub id: Box<str>,
    /// Its tenant.
    pub tenant: Box<str>,
    /// What it is called in rosters.
    pub name: Box<str>,
    /// Its secret, made from the seed and worth nothing outside the simulator.
    pub secret: secrecy::SecretString,
}

/// The calls and what happens next.
#[derive(Debug)]
pub struct World {
    application: SimApplication,
    faults: SimSettings,
    start: Timestamp,
    calls: IndexMap<CallId, LiveCall>,
    /// What happens next, in order of time and then of planning. Bounded: every planned thing belongs to a call of
    /// a bounded plan, each live call plans itself at most one stir and one keepAlive check, requests plan at most
    /// a few things each, all soon due, and of prompts and tones a call runs a bounded number.
    agenda: BTreeMap<(Timestamp, u64), ScheduledEvent>,
    planned: u64,
    touched: BTreeSet<CallId>,
    outbox: Vec<OutgoingNotification>,
    /// Webhooks that leave again. Bounded: the post office gives back a bounded number.
    returning: Vec<WebhookPost>,
    sent: u64,
    window: faults::throttle::ThrottleWindow,
    recordings: media::RecordingStore,
    company: bool,
    traffic: Option<RandomTraffic>,
    casting: RandomStream,
    timing: RandomStream,
    background: RandomStream,
    fortune: FaultRng,
}

impl World {
    /// A world at `now`, the beginning of the scenario's prelude; its start is a prelude later.
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

    /// A world of this application's.
    fn of(application: SimApplication, scenario: &Scenario, seed: u64, now: Timestamp) -> Self {
        let mut world = Self {
            application,
            faults: SimSettings::default(),
            start: now + scenario.prelude,
            calls: IndexMap::new(),
            agenda: BTreeMap::new(),
            planned: 0,
            touched: BTreeSet::new(),
            outbox: Vec::new(),
            returning: Vec::new(),
            sent: 0,
            window: faults::throttle::ThrottleWindow::default(),
            recordings: media::RecordingStore::default(),
            company: scenario.company,
            traffic: scenario.traffic.clone(),
            casting: RandomStream::new(seed, 1),
            timing: RandomStream::new(seed, 2),
            background: RandomStream::new(seed, 3),
            fortune: FaultRng::new(seed),
        };
        let start = world.start;
        for plan in &scenario.calls {
            world.cast(plan, start);
        }
        if let Some(traffic) = &scenario.traffic {
            let first = world.background.around(traffic.every);
            world.plan(start + first, ScheduledEvent::Traffic);
        }
        world
    }

    /// When the scenario starts, after its prelude.
    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// Who owns the calls.
    #[must_use]
    pub const fn application(&self) -> &SimApplication {
        &self.application
    }

    /// The settings.
    #[must_use]
    pub const fn faults(&self) -> &SimSettings {
        &self.faults
    }

    /// Sets other settings, from now on.
    pub fn set_faults(&mut self, faults: SimSettings) {
        self.faults = faults;
    }

    /// When the next thing happens.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }

    /// Lets everything happen that is due at `now`, and gives the notifications that leave, in order.
    pub fn advance(&mut self, now: Timestamp) -> Vec<OutgoingNotification> {
        while let Some(next) = self.agenda.first_entry() {
            let (at, _) = *next.key();
            if at > now {
                break;
            }
            let happening = next.remove();
            self.happen(at, happening);
            if self.next_due() != Some(at) {
                self.show_rosters(at);
            }
        }
        std::mem::take(&mut self.outbox)
    }

    fn plan(&mut self, at: Timestamp, happening: ScheduledEvent) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), happening);
    }

    /// Whether there are as many calls as the settings allow.
    fn is_full(&self) -> bool {
        u32::try_from(self.calls.len()).map_or(true, |it| it >= self.faults.most_calls)
    }

    /// A live call that Graph would still know: not one that is ending.
    fn live(&mut self, id: &CallId) -> Option<&mut LiveCall> {
        self.calls.get_mut(id).filter(|it| !matches!(it.state, CallState::Terminating | CallState::Terminated))
    }

    fn soon(&mut self, least: i64, most: i64) -> Millis {
        self.timing.span(least, most)
    }
}

#[cfg(test)]
mod tests;
