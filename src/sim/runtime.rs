//! The stage: the world, the clock that moves it and the post office that carries what it says.
//!
//! Every way into the world goes through here, so that what leaves keeps the order in which it happened.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::Clock;
use crate::time::Timestamp;

use super::keyring::KeyRing;
use super::keys::SigningKey;
use super::restart::WorldRestart;
use super::scenario::{ProgressSheet, Scenario, StepError, StepProgress, StepTarget};
use super::server::RegisteredCertificate;
use super::webhooks::WebhookSender;
use super::world::{OutgoingNotification, World};

/// What all parts of a running simulator share, and what happens among them.
#[derive(Debug)]
pub(super) struct SimRuntime {
    /// What stays as it is.
    pub(super) parts: SimParts,
    /// Held by a restart from its beginning to its end.
    pub(super) restarting: tokio::sync::Mutex<()>,
    world: Mutex<SimState>,
    lead: Mutex<Option<mpsc::Sender<WorldRestart>>>,
    changed: watch::Sender<()>,
    hearing: Mutex<()>,
}

/// What stays as it is while a simulator runs.
#[derive(Debug)]
pub(super) struct SimParts {
    /// The clock of the world.
    pub(super) clock: Clock,
    /// Signs application tokens.
    pub(super) tokens: SigningKey,
    /// Signs webhooks.
    pub(super) keys: Arc<KeyRing>,
    /// Opens the control API.
    pub(super) control: SecretString,
    /// The certificate that the application may prove itself with.
    pub(super) client: Option<RegisteredCertificate>,
    /// Where the simulator listens, for example `http://127.0.0.1:4711`.
    pub(super) base: String,
    /// Carries notifications.
    pub(super) post: Arc<WebhookSender>,
}

/// What is played, and for whom.
#[derive(Debug)]
pub(super) struct SimState {
    world: World,
    callback: Option<SimCallback>,
    scenario: Scenario,
    prompter: StepProgress,
    /// Another one with each restart: the same ids would be calls that have ended.
    seed: u64,
}

/// Where the simulator's own calls notify.
#[derive(Debug, Clone)]
pub(super) struct SimCallback {
    /// The address.
    pub(super) url: Url,
    /// Whether somebody else's bot listens there, which answers calls itself.
    pub(super) bot: bool,
}

impl SimState {
    pub(super) fn new(world: World, callback: Option<SimCallback>, scenario: Scenario, seed: u64) -> Self {
        let prompter = StepProgress::new(&scenario);
        Self { world, callback, scenario, prompter, seed }
    }
}

impl SimRuntime {
    pub(super) fn new(parts: SimParts, scene: SimState) -> Self {
        let (restarting, lead, changed) = (tokio::sync::Mutex::default(), Mutex::default(), watch::Sender::new(()));
        Self { parts, restarting, world: Mutex::new(scene), lead, changed, hearing: Mutex::new(()) }
    }

    /// Does something with the world, now, and sends what leaves.
    pub(super) fn with<T>(&self, does: impl FnOnce(&mut World, Timestamp) -> (T, Vec<OutgoingNotification>)) -> T {
        let mut scene = self.scene();
        let (now, in_order) = (self.parts.clock.now(), self.parts.clock.speed() == 0.0);
        for letter in self.parts.post.returned() {
            scene.world.send_again(now, letter);
        }
        let (result, leaving) = does(&mut scene.world, now);
        for letter in scene.world.batch(leaving) {
            let to = match letter.callback.as_deref() {
                Some(own) => Url::parse(own).ok(),
                None => scene.callback.as_ref().map(|it| it.url.clone()),
            };
            self.parts.post.send(to, letter, in_order);
        }
        let SimState { world, prompter, .. } = &mut *scene;
        prompter.look(|expected| world.is_visible(expected));
        drop(scene);
        self.changed.send_replace(());
        result
    }

    /// Looks at the world without changing it.
    pub(super) fn look<T>(&self, sees: impl FnOnce(&World) -> T) -> T {
        sees(&self.scene().world)
    }

    /// Where the presentation is, and the seed of what is played.
    pub(super) fn sheet(&self) -> (ProgressSheet, u64) {
        let scene = self.scene();
        (scene.prompter.sheet(), scene.seed)
    }

    /// Goes to a step, and lets happen what belongs to it; what could not be done, in words.
    pub(super) fn turn(&self, to: StepTarget) -> Result<Vec<String>, StepError> {
        let cues = self.scene().prompter.turn(to)?;
        Ok(self.with(|world, now| world.cue(now, &cues)))
    }

    /// Ends every call and puts a new world in place of the old one; what it plays, and when its prelude is over.
    pub(super) fn begin_again(&self, scenario: Option<Scenario>) -> (Scenario, Timestamp) {
        let (scenario, seed) = {
            let mut scene = self.scene();
            if let Some(scenario) = scenario {
                scene.scenario = scenario;
            }
            scene.seed = scene.seed.wrapping_add(1);
            (scene.scenario.clone(), scene.seed)
        };
        let start = self.with(|world, now| {
            let leaving = world.end_all(now);
            world.start_over(&scenario, seed, now);
            (world.start(), leaving)
        });
        // Only now: what the old world shows is not to be seen in a step of the new one.
        self.scene().prompter = StepProgress::new(&scenario);
        (scenario, start)
    }

    /// Names who plays preludes with the supervisors' acts.
    pub(super) fn set_lead(&self, lead: mpsc::Sender<WorldRestart>) {
        *self.lead.lock() = Some(lead);
    }

    pub(super) fn lead(&self) -> Option<mpsc::Sender<WorldRestart>> {
        self.lead.lock().clone()
    }

    /// Names where the simulator's own calls notify, if anywhere.
    pub(super) fn set_callback(&self, callback: Option<SimCallback>) {
        self.scene().callback = callback;
    }

    /// Where the simulator's own calls notify.
    pub(super) fn callback(&self) -> Option<SimCallback> {
        self.scene().callback.clone()
    }

    /// Lets everything happen that is due, until all of it is done and delivered.
    pub(super) async fn settle(&self) {
        loop {
            self.with(|world, now| ((), world.advance(now)));
            self.parts.post.idle().await;
            self.hear();
            let quiet = self.look(World::next_due).is_none_or(|due| due > self.parts.clock.now());
            if quiet && self.parts.post.is_idle() && !self.parts.post.has_returned() {
                return;
            }
        }
    }

    /// Tells the world what recorders replied.
    fn hear(&self) {
        // Held until the world has heard all, so that nobody takes the queue for empty before that.
        let _turn = self.hearing.lock();
        for reply in &self.parts.post.replies() {
            self.with(|world, now| ((), world.replied(now, &reply.call, &reply.who, &reply.body)));
        }
    }

    /// Moves the world with its clock until stopped.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let (mut changed, mut replied) = (self.changed.subscribe(), self.parts.post.replied.subscribe());
        let mut returned = self.parts.post.returns();
        loop {
            changed.mark_unchanged();
            replied.mark_unchanged();
            returned.mark_unchanged();
            self.hear();
            let due = self.look(World::next_due);
            if self.parts.post.has_returned() || due.is_some_and(|it| it <= self.parts.clock.now()) {
                self.with(|world, now| ((), world.advance(now)));
                continue;
            }
            let next = async {
                match due {
                    Some(due) => self.parts.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = next => {}
                _ = changed.changed() => {}
                _ = replied.changed() => {}
                _ = returned.changed() => {}
            }
        }
    }

    fn scene(&self) -> MutexGuard<'_, SimState> {
        self.world.lock()
    }
}
