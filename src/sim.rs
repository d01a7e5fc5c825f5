//! The simulator: stands where Microsoft Graph stands, with the same paths, bodies and signed webhooks.
//!
//! [`world`], [`scenario`] and [`settings`] are pure: what happens, and when, as data. The rest serves it over HTTP.
//! It is never kinder than Graph; what the documentation leaves open is a named setting, marked \[unverified\].
//! It knows Graph's language and a clock, and nothing of what a board makes of it.

mod runtime;
pub mod scenario;
pub mod settings;
mod webhooks;
pub mod world;

mod keyring;
mod keys;
mod reply;
mod restart;
mod server;

use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, Serializer};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::clock::Clock;
use crate::time::Timestamp;

pub use keys::KeyError;
pub use restart::{PreludeDriver, WorldRestart};
pub use scenario::{Scenario, ScenarioError};
pub use server::{RegisteredCertificate, RegistrationError};
pub use settings::SimSettings;
pub use webhooks::DeliveryCounts;

use keyring::KeyRing;
use keys::SigningKey;
use runtime::{SimCallback, SimParts, SimRuntime, SimState};
use webhooks::WebhookSender;
use world::World;

/// How long tokens live, whatever the clock of the calls does: a sentence for people.
pub const TOKENS: &str = "Tokens live by wall time: an application's 3,599 seconds, a webhook's 3,900; neither the speed \
of the clock nor its steps make them older.";

/// What a simulator is started with.
#[derive(Debug)]
pub struct SimStart {
    /// What it plays.
    pub scenario: Scenario,
    /// What its ids, delays and choices are made from.
    pub seed: u64,
    /// What the documentation leaves open, and faults to rehearse; can be set anew while it runs.
    pub faults: SimSettings,
    /// The clock of its world; where it stands is the beginning of the scenario's prelude.
    pub clock: Clock,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the simulator's own calls notify: somebody else's bot, which answers the calls that are brought in while
    /// it runs. Can be named later.
    pub callback: Option<Url>,
}

/// Whom a simulator believes beside those it knows.
#[derive(Debug, Default)]
pub struct TrustedParties {
    /// Authorities of one's own, as PEM, for the certificates of receivers of webhooks.
    pub authorities: Vec<u8>,
    /// The certificate that the application may prove itself with instead of its secret.
    pub client: Option<RegisteredCertificate>,
}

/// A running simulator. Dropping it does not stop it; [`Simulator::stop`] does.
#[derive(Debug)]
pub struct Simulator {
    stage: Arc<SimRuntime>,
    ready: SimReady,
    stop: CancellationToken,
    runner: JoinHandle<()>,
    server: JoinHandle<()>,
}

/// Where a simulator is and how to use it: its ready line, which is the one place that shows its secrets.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimReady {
    /// Always true.
    pub ready: bool,
    /// The base address of Graph's paths.
    #[serde(serialize_with = "address")]
    pub graph: Url,
    /// The token endpoint of the application's tenant.
    #[serde(serialize_with = "address")]
    pub token: Url,
    /// The OpenID document of the webhooks' issuer.
    #[serde(serialize_with = "address")]
    pub openid: Url,
    /// The control API.
    #[serde(serialize_with = "address")]
    pub control: Url,
    /// Opens the control API.
    #[serde(serialize_with = "shown")]
    pub control_token: SecretString,
    /// The application's id.
    pub client_id: Box<str>,
    /// The application's secret, worth nothing outside this simulator.
    #[serde(serialize_with = "shown")]
    pub client_secret: SecretString,
    /// The application's tenant.
    pub tenant: Box<str>,
}

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address that the scenario's calls notify.
    #[error("no webhook can go to {0:?}: give https://HOST, or http://127.0.0.1, without a name and a password in it")]
    Callback(String),
    /// The address cannot be listened on.
    #[error("the simulator cannot listen on {at}: {error}; choose another address, or port 0 for a free one")]
    Listen {
        /// The address.
        at: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
    /// There is no key to sign with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The authorities for webhooks do not read.
    #[error("the authorities that webhooks should trust do not read as certificates: {0}; write them as PEM")]
    Authorities(String),
    /// There is no client for webhooks.
    #[error("the simulator cannot send webhooks: {0}")]
    Client(#[from] reqwest::Error),
    /// Its own address does not read.
    #[error("the simulator's own address is no URL: {0}")]
    Address(#[from] url::ParseError),
    /// A task of it died.
    #[error("the simulator's start was cut short: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Starts a simulator and returns when it listens.
///
/// # Errors
/// When the address is taken, or keys or clients cannot be made.
pub async fn start(settings: SimStart) -> Result<Simulator, SimError> {
    start_trusting(settings, TrustedParties::default()).await
}

impl SimError {
    /// That no webhook can go to an address, told without what may be secret in it.
    fn callback(url: &Url) -> Self {
        Self::Callback(format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()))
    }
}

/// As [`start`], and believes these too.
///
/// # Errors
/// As [`start`], and when the authorities do not read.
pub async fn start_trusting(settings: SimStart, trust: TrustedParties) -> Result<Simulator, SimError> {
    let TrustedParties { authorities, client } = trust;
    let SimStart { scenario, seed, faults, clock, listen, callback } = settings;
    if let Some(url) = callback.as_ref().filter(|it| !world::allowed_callback(it)) {
        return Err(SimError::callback(url));
    }
    let made = tokio::task::spawn_blocking(|| (SigningKey::generate(), SigningKey::generate())).await?;
    let (tokens, keys) = (made.0?, Arc::new(KeyRing::new(made.1?)));
    let mut world = World::new(&scenario, seed, clock.now());
    world.set_faults(faults);
    let application = world.application().clone();
    let post = Arc::new(WebhookSender::new(Arc::clone(&keys), application.id.clone(), &authorities)?);
    let (listener, base) = server::listen(listen)?;
    world.set_base(&base);
    let control = SecretString::from(Uuid::new_v4().simple().to_string());
    let ready = SimReady {
        ready: true,
        graph: Url::parse(&format!("{base}/v1.0"))?,
        token: Url::parse(&format!("{base}/{}/oauth2/v2.0/token", application.tenant))?,
        openid: Url::parse(&format!("{base}/.well-known/OpenIdConfiguration"))?,
        control: Url::parse(&format!("{base}/sim"))?,
        control_token: control.clone(),
        client_id: application.id,
        client_secret: application.secret,
        tenant: application.tenant,
    };
    let parts = SimParts { clock, tokens, keys, control, client, base, post };
    let callback = callback.map(|url| SimCallback { url, bot: true });
    let stage = Arc::new(SimRuntime::new(parts, SimState::new(world, callback, scenario, seed)));
    let stop = CancellationToken::new();
    let runner = tokio::spawn({
        let (stage, stop) = (Arc::clone(&stage), stop.clone());
        async move { stage.run(stop).await }
    });
    let server = tokio::spawn({
        let (stage, stop) = (Arc::clone(&stage), stop.clone());
        async move {
            if let Err(error) = server::serve(stage, listener, stop).await {
                tracing::error!(%error, "the simulator stopped listening");
            }
        }
    });
    Ok(Simulator { stage, ready, stop, runner, server })
}

impl Simulator {
    /// Where it is and how to use it.
    #[must_use]
    pub const fn ready(&self) -> &SimReady {
        &self.ready
    }

    /// Names where the simulator's own calls notify, to be watched and not to be answered there; what left before had
    /// nowhere to go.
    pub fn set_callback(&self, url: Url) {
        self.stage.set_callback(Some(SimCallback { url, bot: false }));
    }

    /// Returns when everything that is due has happened, and every notification of it was answered or has failed.
    pub async fn settle(&self) {
        self.stage.settle().await;
    }

    /// When the next thing happens in its world.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.stage.look(World::next_due)
    }

    /// When its scenario starts, after the prelude.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.stage.look(World::start)
    }

    /// What became of the notifications so far.
    #[must_use]
    pub fn counts(&self) -> DeliveryCounts {
        self.stage.parts.post.counts()
    }

    /// Plays the prelude by stepping the clock, which must stand still (speed 0), from one thing to the next.
    pub async fn play_prelude(&self) {
        self.stage.play_prelude(self.start()).await;
    }

    /// Takes the lead of the scenario's supervisors: preludes of later restarts are played by whoever holds it.
    #[must_use]
    pub fn lead(&self) -> PreludeDriver {
        PreludeDriver::take(&self.stage)
    }

    /// Stops listening and moving; waits for both.
    pub async fn stop(self) {
        self.stop.cancel();
        for ended in [self.runner.await.err(), self.server.await.err()].into_iter().flatten() {
            tracing::warn!(%ended, "a task of the simulator died");
        }
    }
}

fn address<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str())
}

fn shown<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[cfg(test)]
mod tests;
