//! Starts a demo without its console: a simulator and a relay on one clock, with the prelude played and the supervisors
//! connected. Tests start the same demo.

use std::net::SocketAddr;

use secrecy::SecretString;
use tokio::task::JoinHandle;
use url::Url;

use super::error::DemoError;
use super::settings::DemoSettings;
use super::supervisors::ScriptedActs;
use crate::console::{self, HeadlessDesk, RelayAddressError};
use crate::desk::DeskSetup;
use crate::relay::{self, JournalChoice, OperatorRegistry, Relay, Role};
use crate::sim::{self, PreludeDriver, Scenario, Simulator};
use crate::time::Timestamp;
use crate::time::clock::{Clock, wall};

/// The supervisor whose desk the presenter uses.
pub const PRESENTER: &str = "dana";
/// The names of a demo's supervisors. Each can connect desks.
const SUPERVISORS: [&str; 2] = [PRESENTER, "lee"];

/// The relay's address, and the supervisors' tokens for it.
#[derive(Debug, Clone)]
struct SupervisorLogins {
    relay: Url,
    tokens: Vec<(&'static str, SecretString)>,
    clock: Clock,
}

/// Plays the supervisors' acts. Starts again whenever the simulator restarts.
struct SupervisorPlayer {
    driver: PreludeDriver,
    logins: SupervisorLogins,
    clock: Clock,
}

/// A running simulator and relay. The prelude has been played.
#[derive(Debug)]
pub struct RunningDemo {
    /// The floor clock that all parts share.
    pub clock: Clock,
    /// The floor time at which the scenario starts, after its prelude.
    pub start: Timestamp,
    /// The running simulator.
    pub sim: Simulator,
    /// The running relay.
    pub relay: Relay,
    /// The scenario that is played.
    pub scenario: Scenario,
    logins: SupervisorLogins,
    supervisor_task: Option<JoinHandle<()>>,
}

impl RunningDemo {
    /// Starts all parts on free loopback ports, and plays the prelude through the real intake while the floor clock
    /// moves in steps. Then sets the clock to the demo's speed.
    ///
    /// # Errors
    /// Fails if a part does not start.
    pub async fn start(settings: DemoSettings) -> Result<Self, DemoError> {
        let DemoSettings { scenario, seed, speed, faults } = settings;
        // Whole seconds, so that times of day are the same in each run of a scenario.
        let start = Timestamp(wall().0.div_euclid(1_000) * 1_000);
        let clock = Clock::starting_at(start - scenario.prelude, 0.0);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let sim = sim::start(sim::SimStart {
            scenario: scenario.clone(),
            seed,
            clock: clock.clone(),
            settings: faults,
            listen,
            callback: None,
            public_url: None,
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
        let mut player =
            SupervisorPlayer { driver: sim.prelude_driver(), logins: logins.clone(), clock: clock.clone() };
        let mut acts = ScriptedActs::with_desks(&scenario, start, |name| logins.connect_desk(name))?;
        acts.play_prelude(&clock, &player.driver).await;
        clock.set_speed(speed);
        let supervisor_task = Some(tokio::spawn(async move { player.play(acts).await }));
        Ok(Self { clock, start, sim, relay, scenario, logins, supervisor_task })
    }

    /// Returns the relay's address and a supervisor's token, or `None` if there is no supervisor of this name.
    #[must_use]
    pub fn relay_access(&self, name: &str) -> Option<console::RelayAccess> {
        self.logins.relay_access(name)
    }

    /// Returns the address and the token of the simulator's control API.
    #[must_use]
    pub fn control(&self) -> console::ControlAccess {
        let ready = self.sim.ready();
        console::ControlAccess { url: ready.control.clone(), token: ready.control_token.clone() }
    }

    /// Connects a new headless desk of a supervisor. Returns `None` if there is no supervisor of this name.
    #[must_use]
    pub fn connect_desk(&self, name: &str) -> Option<Result<HeadlessDesk, RelayAddressError>> {
        self.logins.connect_desk(name)
    }

    /// Stops the supervisors, then the relay, then the simulator.
    pub async fn shut_down(self) {
        if let Some(task) = self.supervisor_task {
            task.abort();
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

    fn connect_desk(&self, name: &str) -> Option<Result<HeadlessDesk, RelayAddressError>> {
        let setup = DeskSetup { seed: rand::random(), ..DeskSetup::default() };
        Some(HeadlessDesk::connect(self.relay_access(name)?, self.clock.clone(), setup))
    }
}

impl SupervisorPlayer {
    async fn play(&mut self, first: ScriptedActs) {
        let mut playing = Some(first);
        loop {
            let play_acts = async {
                match playing.take() {
                    Some(acts) => acts.play(self.clock.clone()).await,
                    None => std::future::pending().await,
                }
            };
            let restart = tokio::select! {
                () = play_acts => continue,
                restart = self.driver.restarted() => restart,
            };
            let Some(restart) = restart else { return };
            // If this is dropped, the simulator plays its prelude without the supervisors.
            match ScriptedActs::with_desks(&restart.scenario, restart.start, |name| self.logins.connect_desk(name)) {
                Ok(mut acts) => {
                    acts.play_prelude(&self.clock, &self.driver).await;
                    restart.played();
                    playing = Some(acts);
                }
                Err(error) => tracing::warn!(%error, "after a restart, the supervisors cannot connect their desks"),
            }
        }
    }
}
