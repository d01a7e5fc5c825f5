//! Restarts: every call ends with its notification, then the world begins again with new ids, and its prelude is played
//! with the clock stepped by hand. The driver of the scenario's supervisors plays it with their acts.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::time::Timestamp;

use super::restart::WorldRestart;
use super::runtime::SimRuntime;
use super::scenario::Scenario;
use super::world::World;

/// Plays the prelude of each restart, with the acts of the scenario's supervisors.
#[derive(Debug)]
pub struct PreludeDriver {
    runtime: Arc<SimRuntime>,
    restarts: mpsc::Receiver<WorldRestart>,
}

impl PreludeDriver {
    /// Takes the preludes over from the previous driver, which receives no further restart.
    pub(super) fn take(runtime: &Arc<SimRuntime>) -> Self {
        let (tell, restarts) = mpsc::channel(1);
        runtime.set_prelude_driver(tell);
        Self { runtime: Arc::clone(runtime), restarts }
    }

    /// Waits for the next restart; `None` when another driver has taken over.
    pub async fn restarted(&mut self) -> Option<WorldRestart> {
        self.restarts.recv().await
    }

    /// When the next event of the world is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.runtime.read(World::next_due)
    }

    /// Lets every due event happen, and returns when its notifications were answered or have failed.
    pub async fn settle(&self) {
        self.runtime.settle().await;
    }
}

impl SimRuntime {
    /// Starts over, with another scenario where one is given, and returns when the prelude is over and delivered.
    ///
    /// Not cancel-safe, because the clock is stopped meanwhile: run it in a separate task.
    pub(super) async fn restart(&self, scenario: Option<Scenario>) {
        let _one_at_a_time = self.restarting.lock().await;
        let speed = self.clock.speed();
        self.clock.set_speed(0.0);
        let (scenario, start) = self.replace_world(scenario);
        let (over, played) = oneshot::channel();
        let is_driven = match self.prelude_driver() {
            Some(driver) => driver.send(WorldRestart { scenario, start, over }).await.is_ok(),
            None => false,
        };
        if !is_driven || played.await.is_err() {
            self.play_prelude(start).await;
        }
        self.clock.set_speed(speed);
    }

    /// Whether a restart is running, which then moves the clock.
    pub(super) fn is_restarting(&self) -> bool {
        self.restarting.try_lock().is_err()
    }

    /// Plays the events until `start` by stepping the clock, which must stand still, from one to the next. Waits only
    /// once for a receiver that does not answer.
    pub(super) async fn play_prelude(&self, start: Timestamp) {
        let mut waits = true;
        while let Some(due) = self.read(World::next_due).filter(|it| *it <= start) {
            self.clock.step(due.since(self.clock.now()));
            waits = self.settle_in_time(waits).await;
        }
        self.clock.step(start.since(self.clock.now()));
        self.settle_in_time(waits).await;
    }

    /// Lets every due event happen. Returns whether its notifications were delivered in time, if it `waits` for them.
    async fn settle_in_time(&self, waits: bool) -> bool {
        if waits && tokio::time::timeout(PATIENCE, self.settle()).await.is_ok() {
            return true;
        }
        while self.read(World::next_due).is_some_and(|it| it <= self.clock.now()) {
            self.with(|world, now| ((), world.advance(now)));
        }
        false
    }
}

/// How long a prelude waits for receivers.
const PATIENCE: Duration = Duration::from_secs(5);
