//! Starting over in place: every call ends and says so, then the world begins again with new ids, and its prelude is
//! played with the clock stepped by hand. Whoever leads the scenario's supervisors plays it with their acts.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::time::Timestamp;

use super::restart::WorldRestart;
use super::runtime::SimRuntime;
use super::scenario::Scenario;
use super::world::World;

/// The lead of the scenario's supervisors: hears of restarts, and plays preludes.
#[derive(Debug)]
pub struct PreludeDriver {
    stage: Arc<SimRuntime>,
    restarts: mpsc::Receiver<WorldRestart>,
}

impl PreludeDriver {
    /// Takes the lead; whoever had it before hears of no restart any more.
    pub(super) fn take(stage: &Arc<SimRuntime>) -> Self {
        let (tell, restarts) = mpsc::channel(1);
        stage.set_lead(tell);
        Self { stage: Arc::clone(stage), restarts }
    }

    /// Waits for the next restart; `None` when somebody else has taken the lead.
    pub async fn restarted(&mut self) -> Option<WorldRestart> {
        self.restarts.recv().await
    }

    /// When the next thing happens in the world.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.stage.look(World::next_due)
    }

    /// Returns when everything that is due has happened, and every notification of it was answered or has failed.
    pub async fn settle(&self) {
        self.stage.settle().await;
    }
}

impl SimRuntime {
    /// Starts over, with another scenario where one is given; returns when the prelude is over and delivered.
    ///
    /// Not cancel-safe: the clock stands still meanwhile. Run it in a task of its own.
    pub(super) async fn restart(&self, scenario: Option<Scenario>) {
        let _one_at_a_time = self.restarting.lock().await;
        let speed = self.parts.clock.speed();
        self.parts.clock.set_speed(0.0);
        let (scenario, start) = self.begin_again(scenario);
        let (over, played) = oneshot::channel();
        let led = match self.lead() {
            Some(lead) => lead.send(WorldRestart { scenario, start, over }).await.is_ok(),
            None => false,
        };
        if !led || played.await.is_err() {
            self.play_prelude(start).await;
        }
        self.parts.clock.set_speed(speed);
    }

    /// Whether a restart is under way: then the clock is its own.
    pub(super) fn is_restarting(&self) -> bool {
        self.restarting.try_lock().is_err()
    }

    /// Plays what happens until `start` by stepping the clock, which must stand still, from one thing to the next. A
    /// receiver that takes nothing is waited for once, and then no more.
    pub(super) async fn play_prelude(&self, start: Timestamp) {
        let mut patient = true;
        while let Some(due) = self.look(World::next_due).filter(|it| *it <= start) {
            self.parts.clock.step(due.since(self.parts.clock.now()));
            patient = self.come_to_rest(patient).await;
        }
        self.parts.clock.step(start.since(self.parts.clock.now()));
        self.come_to_rest(patient).await;
    }

    /// Lets everything happen that is due; whether all of it was delivered in time, if that was waited for.
    async fn come_to_rest(&self, patient: bool) -> bool {
        if patient && tokio::time::timeout(PATIENCE, self.settle()).await.is_ok() {
            return true;
        }
        while self.look(World::next_due).is_some_and(|it| it <= self.parts.clock.now()) {
            self.with(|world, now| ((), world.advance(now)));
        }
        false
    }
}

/// How long a prelude waits for receivers.
const PATIENCE: Duration = Duration::from_secs(5);
