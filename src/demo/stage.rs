//! Everything of a demo but the console: simulator and relay on one clock, the prelude played, the other
//! supervisors at their desks. Tests set the same stage.

use std::net::SocketAddr;

use secrecy::SecretString;
use tokio::task::JoinHandle;
use url::Url;

use super::cast::Cast;
use super::{DemoError, Settings};
use crate::clock::{Clock, wall};
use crate::console::{self, Headless, Lost};
use crate::desk::Setup;
use crate::moment::Moment;
use crate::relay::{self, JournalChoice, Operators, Relay, Role};
use crate::sim::{self, Scenario, Sim};

/// Whose desk the presenter sits at.
pub const PRESENTER: &str = "dana";
/// The supervisors of a demo, each with a desk.
const SUPERVISORS: [&str; 2] = [PRESENTER, "lee"];

/// A running simulator and relay, in the middle of things.
#[derive(Debug)]
pub struct Stage {
    /// The one clock.
    pub clock: Clock,
    /// When the prelude was over.
    pub begin: Moment,
    /// The simulator.
    pub sim: Sim,
    /// The relay.
    pub relay: Relay,
    /// What is played.
    pub scenario: Scenario,
    tokens: Vec<(&'static str, SecretString)>,
    acting: Option<JoinHandle<()>>,
}

impl Stage {
    /// Starts everything on free ports of loopback and plays the prelude, with floor time stepped, through the real
    /// intake; then floor time runs.
    ///
    /// # Errors
    /// When a part does not start.
    pub async fn set(settings: Settings) -> Result<Self, DemoError> {
        let Settings { scenario, seed, speed, faults } = settings;
        let begin = wall();
        let clock = Clock::starting_at(begin - scenario.prelude, 0.0);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let sim = sim::start(sim::Settings {
            scenario: scenario.clone(),
            seed,
            clock: clock.clone(),
            faults,
            listen,
            callback: None,
        })
        .await?;
        let tokens = SUPERVISORS.into_iter().map(|name| Ok((name, relay::operators::new_token()?)));
        let tokens: Vec<(&str, SecretString)> = tokens.collect::<Result<_, relay::OperatorsError>>()?;
        let operators = tokens.iter().map(|(name, token)| ((*name).to_owned(), Role::Operator, token.clone()));
        let relay = relay::start(relay::Settings {
            listen,
            clock: clock.clone(),
            operators: Operators::in_memory(operators.collect()),
            journal: JournalChoice::Temporary,
            retention: relay::Retention::default(),
            label: format!("SIMULATOR {} seed {seed}", scenario.name),
            app_id: sim.ready().client_id.to_string(),
            openid: sim.ready().openid.clone(),
            graph: sim.ready().graph.clone(),
            token_url: sim.ready().token.clone(),
            credential: relay::Credential::Secret(sim.ready().client_secret.clone()),
            tenants: vec![sim.ready().tenant.to_string()],
            issuers: relay::default_issuers(),
            tuning: relay::Tuning::default(),
            net: relay::Net::default(),
        })
        .await?;
        sim.set_callback(Url::parse(&relay.ready().intake)?);
        let mut stage = Self { clock, begin, sim, relay, scenario, tokens, acting: None };
        let mut cast = Cast::seat(&stage.scenario, begin, |name| stage.desk(name))?;
        cast.play_prelude(&stage.clock, &stage.sim).await;
        stage.clock.set_speed(speed);
        stage.acting = Some(tokio::spawn(cast.play(stage.clock.clone())));
        Ok(stage)
    }

    /// How the relay knows a supervisor; `None` for a name that has no desk.
    #[must_use]
    pub fn seat(&self, name: &str) -> Option<console::Relay> {
        let (_, token) = self.tokens.iter().find(|(it, _)| *it == name)?;
        Some(console::Relay { url: Url::parse(&self.relay.ready().relay).ok()?, token: token.clone(), trust: None })
    }

    /// A headless desk for a supervisor; `None` for a name that has no desk.
    #[must_use]
    pub fn desk(&self, name: &str) -> Option<Result<Headless, Lost>> {
        Some(Headless::connect(
            self.seat(name)?,
            self.clock.clone(),
            Setup { seed: rand::random(), ..Setup::default() },
        ))
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
