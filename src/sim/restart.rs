//! Restarts: every call ends with its notification, the world starts again with new ids, and its prelude is played
//! while the clock is stepped. If supervisors take part, their driver plays the prelude together with their acts.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::time::Timestamp;

use super::runtime::SimRuntime;
use super::scenario::Scenario;
use super::world::World;
use super::world_restart::WorldRestart;

/// Plays the prelude of each restart, with the acts of the scenario's supervisors.
#[derive(Debug)]
pub struct PreludeDriver {
    runtime: Arc<SimRuntime>,
    restarts: mpsc::Receiver<WorldRestart>,
}

impl PreludeDriver {
    /// Registers a new driver in place of the previous one, which receives no further restart.
    pub(super) fn register(runtime: &Arc<SimRuntime>) -> Self {
        let (sender, restarts) = mpsc::channel(1);
        runtime.set_prelude_driver(sender);
        Self { runtime: Arc::clone(runtime), restarts }
    }

    /// Waits for the next restart. Returns `None` after another driver has taken over.
    pub async fn restarted(&mut self) -> Option<WorldRestart> {
        self.restarts.recv().await
    }

    /// Returns when the next event of the world is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.runtime.read(World::next_due)
    }

    /// Performs every due event, and returns when its notifications were answered or have failed.
    pub async fn settle(&self) {
        self.runtime.settle().await;
    }
}

impl SimRuntime {
    /// Restarts with the given scenario or the current one, and returns when the prelude has been played and delivered.
    ///
    /// Not cancel-safe: the clock is stopped during the restart. Run it in a separate task.
    pub(super) async fn restart(&self, scenario: Option<Scenario>) {
        let _one_at_a_time = self.restarting.lock().await;
        let speed = self.clock.speed();
        self.clock.set_speed(0.0);
        let (scenario, prelude_end) = self.replace_world(scenario);
        let (over, played) = oneshot::channel();
        let is_driven = match self.prelude_driver() {
            Some(driver) => driver.send(WorldRestart { scenario, start: prelude_end, over }).await.is_ok(),
            None => false,
        };
        // An error means that the driver dropped the restart without playing it.
        if !is_driven || played.await.is_err() {
            self.play_prelude(prelude_end).await;
        }
        self.clock.set_speed(speed);
    }

    /// Returns whether a restart is running. During a restart only the restart moves the clock.
    pub(super) fn is_restarting(&self) -> bool {
        self.restarting.try_lock().is_err()
    }

    /// Plays the events until `prelude_end` by stepping the stopped clock from one event to the next. After one receiver did
    /// not answer in time, it waits for no receiver.
    pub(super) async fn play_prelude(&self, prelude_end: Timestamp) {
        let mut waits = true;
        while let Some(due) = self.read(World::next_due).filter(|it| *it <= prelude_end) {
            self.clock.step(due.since(self.clock.now()));
            waits = self.settle_in_time(waits).await;
        }
        self.clock.step(prelude_end.since(self.clock.now()));
        self.settle_in_time(waits).await;
    }

    /// Performs every due event. If `waits`, waits for the deliveries, and returns whether they completed in time.
    async fn settle_in_time(&self, waits: bool) -> bool {
        if waits && tokio::time::timeout(PATIENCE, self.settle()).await.is_ok() {
            return true;
        }
        while self.read(World::next_due).is_some_and(|it| it <= self.clock.now()) {
            // Advancing gives notifications to send, and no other result.
            self.with(|world, now| ((), world.advance(now)));
        }
        false
    }
}

/// The time that a prelude waits for receivers.
const PATIENCE: Duration = Duration::from_secs(5);
