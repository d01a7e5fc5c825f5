//! A running world: the clock that moves it, and the sender of its webhooks.
//!
//! Every access to the world goes through [`SimRuntime`], so that webhooks are sent in the order of their events.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::time::Timestamp;
use crate::time::clock::Clock;

use super::scenario::{ProgressReport, Scenario, StepError, StepProgress, StepTarget};
use super::settings::SettingsChange;
use super::webhooks::WebhookSender;
use super::world::{OutgoingNotification, World};
use super::world_restart::WorldRestart;

/// The state that all parts of a running simulator share.
#[derive(Debug)]
pub(super) struct SimRuntime {
    /// The clock of the world: floor time.
    pub(super) clock: Clock,
    /// Sends notifications to the callback addresses.
    pub(super) webhooks: Arc<WebhookSender>,
    /// A restart holds this lock until it has ended.
    pub(super) restarting: tokio::sync::Mutex<()>,
    state: Mutex<SimState>,
    prelude_driver: Mutex<Option<mpsc::Sender<WorldRestart>>>,
    /// Changes when the world does.
    changed: watch::Sender<()>,
    /// Held while recorders' replies are passed to the world.
    replying: Mutex<()>,
}

/// The current world, its scenario, and the callback address of its calls.
#[derive(Debug)]
pub(super) struct SimState {
    world: World,
    callback: Option<SimCallback>,
    scenario: Scenario,
    progress: StepProgress,
    /// The settings that the current step has changed.
    step_faults: Option<SettingsChange>,
    /// Changes with each restart. With the same seed, new calls would have the ids of calls of the previous run.
    seed: u64,
}

/// The receiver of notifications about the simulator's own calls.
#[derive(Debug, Clone)]
pub(super) struct SimCallback {
    /// The address of the webhooks.
    pub(super) url: Url,
    /// Whether the receiver is a bot that answers calls.
    pub(super) bot: bool,
}

impl SimState {
    pub(super) fn new(world: World, callback: Option<SimCallback>, scenario: Scenario, seed: u64) -> Self {
        let progress = StepProgress::new(&scenario);
        Self { world, callback, scenario, progress, step_faults: None, seed }
    }

    /// Sets a step's own faults. They are valid, because the scenario was checked.
    fn set_step_faults(&mut self, faults: &Map<String, Value>) {
        let before = self.world.settings().clone();
        if let Ok(after) = before.changed(faults)
            && !faults.is_empty()
        {
            self.world.set_settings(after.clone());
            self.step_faults = Some(SettingsChange::new(before, after));
        }
    }

    /// Puts back what the current step has set.
    fn put_back_faults(&mut self) {
        if let Some(change) = self.step_faults.take() {
            let settings = change.taken_back(self.world.settings());
            self.world.set_settings(settings);
        }
    }
}

impl SimRuntime {
    pub(super) fn new(clock: Clock, webhooks: Arc<WebhookSender>, state: SimState) -> Self {
        let restarting = tokio::sync::Mutex::default();
        let (state, prelude_driver, replying) = (Mutex::new(state), Mutex::default(), Mutex::default());
        Self { clock, webhooks, restarting, state, prelude_driver, changed: watch::Sender::new(()), replying }
    }

    /// Changes the world at the current time, and sends the resulting notifications.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut World, Timestamp) -> (T, Vec<OutgoingNotification>)) -> T {
        self.with_state(|state, now| change(&mut state.world, now))
    }

    /// Changes the world, or the presentation with it, like [`Self::with`].
    fn with_state<T>(&self, change: impl FnOnce(&mut SimState, Timestamp) -> (T, Vec<OutgoingNotification>)) -> T {
        let mut state = self.state.lock();
        let (now, in_order) = (self.clock.now(), self.clock.speed() == 0.0);
        for refused in self.webhooks.take_refused() {
            state.world.send_again(now, refused);
        }
        let (result, leaving) = change(&mut state, now);
        for post in state.world.batch(leaving) {
            let to = match post.callback.as_deref() {
                Some(own) => Url::parse(own).ok(),
                None => state.callback.as_ref().map(|it| it.url.clone()),
            };
            self.webhooks.send(to, post, in_order);
        }
        let SimState { world, progress, .. } = &mut *state;
        progress.note_visible(|expected| world.is_visible(expected));
        drop(state);
        self.changed.send_replace(());
        result
    }

    /// Reads the world.
    pub(super) fn read<T>(&self, read: impl FnOnce(&World) -> T) -> T {
        read(&self.state.lock().world)
    }

    /// Returns the progress of the presentation, and the seed of the world.
    pub(super) fn progress_report(&self) -> (ProgressReport, u64) {
        let state = self.state.lock();
        (state.progress.report(|selected| state.world.find_selection(selected)), state.seed)
    }

    /// Goes to a step: puts back what the step before has set, sets the faults of this one, and plays its events.
    /// Returns a sentence for each event that was impossible.
    pub(super) fn go_to_step(&self, to: StepTarget) -> Result<Vec<String>, StepError> {
        self.with_state(|state, now| match state.progress.go_to(to) {
            Err(error) => (Err(error), Vec::new()),
            Ok(begun) => {
                state.put_back_faults();
                state.set_step_faults(&begun.faults);
                let (impossible, leaving) = state.world.play_cues(now, &begun.cues);
                (Ok(impossible), leaving)
            }
        })
    }

    /// Ends every call and replaces the world. Returns the new world's scenario and the end of its prelude.
    pub(super) fn replace_world(&self, scenario: Option<Scenario>) -> (Scenario, Timestamp) {
        let (scenario, seed) = {
            let mut state = self.state.lock();
            if let Some(scenario) = scenario {
                state.scenario = scenario;
            }
            state.seed = state.seed.wrapping_add(1);
            (state.scenario.clone(), state.seed)
        };
        let start = self.with_state(|state, now| {
            state.put_back_faults();
            let world = &mut state.world;
            let leaving = world.end_all(now);
            world.start_over(&scenario, seed, now);
            (world.start(), leaving)
        });
        // Reset after the old world's last change, whose observations must not count for the new world.
        self.state.lock().progress = StepProgress::new(&scenario);
        (scenario, start)
    }

    /// Sets the driver that plays preludes with the supervisors' acts.
    pub(super) fn set_prelude_driver(&self, driver: mpsc::Sender<WorldRestart>) {
        *self.prelude_driver.lock() = Some(driver);
    }

    /// Returns the driver that plays preludes with the supervisors' acts, if there is one.
    pub(super) fn prelude_driver(&self) -> Option<mpsc::Sender<WorldRestart>> {
        self.prelude_driver.lock().clone()
    }

    /// Sets or removes the receiver of notifications about the simulator's own calls.
    pub(super) fn set_callback(&self, callback: Option<SimCallback>) {
        self.state.lock().callback = callback;
    }

    /// Returns the receiver of notifications about the simulator's own calls, if there is one.
    pub(super) fn callback(&self) -> Option<SimCallback> {
        self.state.lock().callback.clone()
    }

    /// Performs every due event, and returns when its notifications were answered or have failed.
    pub(super) async fn settle(&self) {
        loop {
            self.with(|world, now| ((), world.advance(now)));
            self.webhooks.wait_until_idle().await;
            self.take_replies();
            let nothing_is_due = self.read(World::next_due).is_none_or(|due| due > self.clock.now());
            if nothing_is_due && self.webhooks.is_idle() && !self.webhooks.has_refused() {
                return;
            }
        }
    }

    /// Passes the replies of recorders to the world.
    fn take_replies(&self) {
        // The lock is held until the world has every reply. Otherwise `settle` could see an empty queue too early.
        let _replying = self.replying.lock();
        for reply in &self.webhooks.take_replies() {
            self.with(|world, now| ((), world.take_reply(now, &reply.call, &reply.who, &reply.body)));
        }
    }

    /// Performs events when they are due, until `stop`.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let (mut changed, mut replied) = (self.changed.subscribe(), self.webhooks.replied.subscribe());
        let mut refused = self.webhooks.refused.subscribe();
        loop {
            changed.mark_unchanged();
            replied.mark_unchanged();
            refused.mark_unchanged();
            self.take_replies();
            let due = self.read(World::next_due);
            if self.webhooks.has_refused() || due.is_some_and(|it| it <= self.clock.now()) {
                self.with(|world, now| ((), world.advance(now)));
                continue;
            }
            let next = async {
                match due {
                    Some(due) => self.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = next => {}
                _ = changed.changed() => {}
                _ = replied.changed() => {}
                _ = refused.changed() => {}
            }
        }
    }
}
