//! Starts a demo without its console: simulator and relay on one clock, the prelude played, the supervisors at their
//! desks. Tests start the same.

use std::net::SocketAddr;

use secrecy::SecretString;
use tokio::task::JoinHandle;
use url::Url;

use super::error::DemoError;
use super::settings::DemoSettings;
use super::supervisors::ScriptedActs;
use crate::clock::{Clock, wall};
use crate::console::{self, HeadlessDesk, RelayAddressError};
use crate::desk::DeskSetup;
use crate::relay::{self, JournalChoice, OperatorRegistry, Relay, Role};
use crate::sim::{self, PreludeDriver, Scenario, Simulator};
use crate::time::Timestamp;

/// The supervisor at whose desk the presenter works.
pub const PRESENTER: &str = "dana";
/// The supervisors of a demo; each has a desk.
const SUPERVISORS: [&str; 2] = [PRESENTER, "lee"];

/// The supervisors' tokens for the relay.
#[derive(Debug, Clone)]
struct SupervisorLogins {
    relay: Url,
    tokens: Vec<(&'static str, SecretString)>,
    clock: Clock,
}

/// Plays the supervisors' acts, again from the start whenever the simulator restarts.
struct Supervisors {
    prelude: PreludeDriver,
    logins: SupervisorLogins,
    clock: Clock,
}

/// A running simulator and relay whose prelude has been played.
#[derive(Debug)]
pub struct RunningDemo {
    /// The floor clock that all parts share.
    pub clock: Clock,
    /// The floor time at which the prelude ended.
    pub begin: Timestamp,
    /// The running simulator.
    pub sim: Simulator,
    /// The running relay.
    pub relay: Relay,
    /// The scenario that is played.
    pub scenario: Scenario,
    logins: SupervisorLogins,
    acting: Option<JoinHandle<()>>,
}

impl RunningDemo {
    /// Starts all parts on free loopback ports, plays the prelude through the real intake in stepped floor time, and
    /// then lets floor time run.
    ///
    /// # Errors
    /// When a part fails to start.
    pub async fn start(settings: DemoSettings) -> Result<Self, DemoError> {
        let DemoSettings { scenario, seed, speed, faults } = settings;
        let begin = wall();
        let clock = Clock::starting_at(begin - scenario.prelude, 0.0);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let sim = sim::start(sim::SimStart {
            scenario: scenario.clone(),
            seed,
            clock: clock.clone(),
            settings: faults,
            listen,
            callback: None,
        })
        .await?;
        let tokens = SUPERVISORS.into_iter().map(|name| Ok((name, relay::operators::new_token()?)));
        let tokens: Vec<(&str, SecretString)> = tokens.collect::<Result<_, relay::OperatorsError>>()?;
        let operators = tokens.iter().map(|(name, token)| ((*name).to_owned(), Role::Operator, token.clone()));
        let relay = relay::start(relay::RelaySettings {
            listen,
            clock: clock.clone(),
            operators: OperatorRegistry::in_memory(operators.collect()),
            journal: JournalChoice::Temporary,
            retention: relay::RetentionPolicy::default(),
            label: format!("SIMULATOR {} seed {seed}", scenario.name),
            app_id: sim.ready().client_id.to_string(),
            openid: sim.ready().openid.clone(),
            graph: sim.ready().graph.clone(),
            token_url: sim.ready().token.clone(),
            credential: relay::AppCredential::Secret(sim.ready().client_secret.clone()),
            tenants: vec![sim.ready().tenant.to_string()],
            issuers: relay::default_issuers(),
            tuning: relay::GraphSettings::default(),
            net: relay::NetworkSettings::default(),
        })
        .await?;
        sim.set_callback(Url::parse(&relay.ready().intake)?);
        let logins = SupervisorLogins { relay: Url::parse(&relay.ready().relay)?, tokens, clock: clock.clone() };
        let mut supervisors =
            Supervisors { prelude: sim.prelude_driver(), logins: logins.clone(), clock: clock.clone() };
        let mut acts = ScriptedActs::with_desks(&scenario, begin, |name| logins.desk(name))?;
        acts.play_prelude(&clock, &supervisors.prelude).await;
        clock.set_speed(speed);
        let acting = Some(tokio::spawn(async move { supervisors.play(acts).await }));
        Ok(Self { clock, begin, sim, relay, scenario, logins, acting })
    }

    /// The relay's address and a supervisor's token; `None` for a name without a desk.
    #[must_use]
    pub fn relay_access(&self, name: &str) -> Option<console::RelayAccess> {
        self.logins.relay_access(name)
    }

    /// The address and token of the simulator's control API.
    #[must_use]
    pub fn control(&self) -> console::ControlAccess {
        let ready = self.sim.ready();
        console::ControlAccess { url: ready.control.clone(), token: ready.control_token.clone() }
    }

    /// A new headless desk of a supervisor; `None` for a name without a desk.
    #[must_use]
    pub fn desk(&self, name: &str) -> Option<Result<HeadlessDesk, RelayAddressError>> {
        self.logins.desk(name)
    }

    /// Stops the supervisors, the relay and the simulator, in this order.
    pub async fn shut_down(self) {
        if let Some(acting) = self.acting {
            acting.abort();
        }
        self.relay.stop().await;
        self.sim.stop().await;
    }
}

impl SupervisorLogins {
    fn relay_access(&self, name: &str) -> Option<console::RelayAccess> {
        let (_, token) = self.tokens.iter().find(|(it, _)| *it == name)?;
        Some(console::RelayAccess { url: self.relay.clone(), token: token.clone(), trust: None })
    }

    fn desk(&self, name: &str) -> Option<Result<HeadlessDesk, RelayAddressError>> {
        let setup = DeskSetup { seed: rand::random(), ..DeskSetup::default() };
        Some(HeadlessDesk::connect(self.relay_access(name)?, self.clock.clone(), setup))
    }
}

impl Supervisors {
    async fn play(&mut self, first: ScriptedActs) {
        let mut playing = Some(first);
        loop {
            let acting = async {
                match playing.take() {
                    Some(acts) => acts.play(self.clock.clone()).await,
                    None => std::future::pending().await,
                }
            };
            let restart = tokio::select! {
                () = acting => continue,
                restart = self.prelude.restarted() => restart,
            };
            let Some(restart) = restart else { return };
            // Dropping the restart makes the simulator play its prelude without supervisors.
            match ScriptedActs::with_desks(&restart.scenario, restart.start, |name| self.logins.desk(name)) {
                Ok(mut acts) => {
                    acts.play_prelude(&self.clock, &self.prelude).await;
                    restart.played();
                    playing = Some(acts);
                }
                Err(error) => tracing::warn!(%error, "the supervisors have no desks after a restart"),
            }
        }
    }
}
