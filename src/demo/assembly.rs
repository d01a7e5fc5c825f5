//! Everything of a demo but the console: simulator and relay on one clock, the prelude played, the other
//! supervisors at their desks. Tests set the same stage.

use std::net::SocketAddr;

use secrecy::SecretString;
use tokio::task::JoinHandle;
use url::Url;

use super::supervisors::ScriptedActs;
use super::{DemoError, DemoSettings};
use crate::clock::{Clock, wall};
use crate::console::{self, HeadlessDesk, RelayAddressError};
use crate::desk::DeskSetup;
use crate::relay::{self, JournalChoice, OperatorRegistry, Relay, Role};
use crate::sim::{self, PreludeDriver, Scenario, Simulator};
use crate::time::Timestamp;

/// Whose desk the presenter sits at.
pub const PRESENTER: &str = "dana";
/// The supervisors of a demo, each with a desk.
const SUPERVISORS: [&str; 2] = [PRESENTER, "lee"];

/// The supervisors' places at the relay.
#[derive(Debug, Clone)]
struct SupervisorLogins {
    relay: Url,
    tokens: Vec<(&'static str, SecretString)>,
    clock: Clock,
}

/// The supervisors, who play their parts, and play them anew when the simulator starts over.
struct Supervisors {
    lead: PreludeDriver,
    seats: SupervisorLogins,
    clock: Clock,
}

/// A running simulator and relay, in the middle of things.
#[derive(Debug)]
pub struct RunningDemo {
    /// The one clock.
    pub clock: Clock,
    /// When the prelude was over.
    pub begin: Timestamp,
    /// The simulator.
    pub sim: Simulator,
    /// The relay.
    pub relay: Relay,
    /// What is played.
    pub scenario: Scenario,
    seats: SupervisorLogins,
    acting: Option<JoinHandle<()>>,
}

impl RunningDemo {
    /// Starts everything on free ports of loopback and plays the prelude, with floor time stepped, through the real
    /// intake; then floor time runs.
    ///
    /// # Errors
    /// When a part does not start.
    pub async fn set(settings: DemoSettings) -> Result<Self, DemoError> {
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
        let seats = SupervisorLogins { relay: Url::parse(&relay.ready().relay)?, tokens, clock: clock.clone() };
        let mut company = Supervisors { lead: sim.prelude_driver(), seats: seats.clone(), clock: clock.clone() };
        let mut cast = ScriptedActs::seat(&scenario, begin, |name| seats.desk(name))?;
        cast.play_prelude(&clock, &company.lead).await;
        clock.set_speed(speed);
        let acting = Some(tokio::spawn(async move { company.play(cast).await }));
        Ok(Self { clock, begin, sim, relay, scenario, seats, acting })
    }

    /// How the relay knows a supervisor; `None` for a name that has no desk.
    #[must_use]
    pub fn seat(&self, name: &str) -> Option<console::RelayAccess> {
        self.seats.seat(name)
    }

    /// The simulator's control.
    #[must_use]
    pub fn control(&self) -> console::ControlAccess {
        let ready = self.sim.ready();
        console::ControlAccess { url: ready.control.clone(), token: ready.control_token.clone() }
    }

    /// A headless desk for a supervisor; `None` for a name that has no desk.
    #[must_use]
    pub fn desk(&self, name: &str) -> Option<Result<HeadlessDesk, RelayAddressError>> {
        self.seats.desk(name)
    }

    /// Ends everything.
    pub async fn strike(self) {
        if let Some(acting) = self.acting {
            acting.abort();
        }
        self.relay.stop().await;
        self.sim.stop().await;
    }
}

impl SupervisorLogins {
    fn seat(&self, name: &str) -> Option<console::RelayAccess> {
        let (_, token) = self.tokens.iter().find(|(it, _)| *it == name)?;
        Some(console::RelayAccess { url: self.relay.clone(), token: token.clone(), trust: None })
    }

    fn desk(&self, name: &str) -> Option<Result<HeadlessDesk, RelayAddressError>> {
        let setup = DeskSetup { seed: rand::random(), ..DeskSetup::default() };
        Some(HeadlessDesk::connect(self.seat(name)?, self.clock.clone(), setup))
    }
}

impl Supervisors {
    async fn play(&mut self, cast: ScriptedActs) {
        let mut playing = Some(cast);
        loop {
            let acts = async {
                match playing.take() {
                    Some(cast) => cast.play(self.clock.clone()).await,
                    None => std::future::pending().await,
                }
            };
            let restart = tokio::select! {
                () = acts => continue,
                restart = self.lead.restarted() => restart,
            };
            let Some(restart) = restart else { return };
            // Without desks the simulator plays its prelude alone: dropping the restart says so.
            match ScriptedActs::seat(&restart.scenario, restart.start, |name| self.seats.desk(name)) {
                Ok(mut cast) => {
                    cast.play_prelude(&self.clock, &self.lead).await;
                    restart.played();
                    playing = Some(cast);
                }
                Err(error) => tracing::warn!(%error, "the supervisors do not find their desks again"),
            }
        }
    }
}
