//! Starts, runs and stops a simulator.

use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, Serializer};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::time::Timestamp;
use crate::time::clock::Clock;

use super::error::SimError;
use super::keyring::KeyRing;
use super::keys::SigningKey;
use super::restart::PreludeDriver;
use super::runtime::{SimCallback, SimRuntime, SimState};
use super::scenario::Scenario;
use super::server::{self, ControlState, GraphState, LoginState, PublicAddress, RegisteredCertificate};
use super::settings::SimSettings;
use super::webhooks::{DeliveryCounts, WebhookSender};
use super::world::{self, World};

/// The arguments of a simulator.
#[derive(Debug)]
pub struct SimStart {
    /// The scenario that it plays.
    pub scenario: Scenario,
    /// The seed of its ids, delays and choices.
    pub seed: u64,
    /// Its settings, which can be changed while it runs.
    pub settings: SimSettings,
    /// The clock of its world. The scenario's prelude begins at the clock's time.
    pub clock: Clock,
    /// The address to listen on; port 0 chooses a free port.
    pub listen: SocketAddr,
    /// The callback address of the simulator's own calls: a bot that answers injected calls. Can be set later.
    pub callback: Option<Url>,
    /// The address at which clients reach the simulator, with which every address in an answer begins. Without it,
    /// addresses follow the headers of each request.
    pub public_url: Option<Url>,
}

/// The certificates that a simulator trusts in addition to the system's.
#[derive(Debug, Default)]
pub struct TrustedParties {
    /// Certificate authorities for receivers of webhooks, as PEM.
    pub authorities: Vec<u8>,
    /// The certificate with which the application may authenticate instead of with its secret.
    pub client: Option<RegisteredCertificate>,
}

/// A running simulator. Dropping the value does not stop it; call [`Simulator::stop`].
#[derive(Debug)]
pub struct Simulator {
    pub(super) runtime: Arc<SimRuntime>,
    ready: SimReady,
    stop: CancellationToken,
    runner: JoinHandle<()>,
    server: JoinHandle<()>,
}

/// The ready line of a simulator: its addresses and its secrets. No other output contains the secrets.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimReady {
    /// Always true: the line is printed when the simulator listens.
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
    /// The base address of the control API.
    #[serde(serialize_with = "address")]
    pub control: Url,
    /// The bearer token of the control API.
    #[serde(serialize_with = "shown")]
    pub control_token: SecretString,
    /// The application's id.
    pub client_id: Box<str>,
    /// The application's client secret. Only this simulator accepts it.
    #[serde(serialize_with = "shown")]
    pub client_secret: SecretString,
    /// The application's tenant.
    pub tenant: Box<str>,
}

/// Starts a simulator, and returns when it listens.
///
/// # Errors
/// Fails if the address is in use, if the callback or the public address is not allowed, or if keys or the HTTP client
/// cannot be made.
pub async fn start(start: SimStart) -> Result<Simulator, SimError> {
    start_trusting(start, TrustedParties::default()).await
}

/// Starts a simulator, as [`start`] does, with certificates to trust.
///
/// # Errors
/// Fails if [`start`] fails, or if the authorities cannot be read.
pub async fn start_trusting(start: SimStart, trust: TrustedParties) -> Result<Simulator, SimError> {
    let TrustedParties { authorities, client } = trust;
    let SimStart { scenario, seed, settings, clock, listen, callback, public_url } = start;
    if let Some(url) = callback.as_ref().filter(|it| !world::allowed_callback(it)) {
        return Err(SimError::callback(url));
    }
    let (token_key, webhook_key) =
        tokio::task::spawn_blocking(|| (SigningKey::generate(), SigningKey::generate())).await?;
    let (tokens, keys) = (token_key?, Arc::new(KeyRing::new(webhook_key?)));
    let mut world = World::new(&scenario, seed, clock.now());
    world.set_settings(settings);
    let application = world.application().clone();
    let webhooks = Arc::new(WebhookSender::new(Arc::clone(&keys), application.id.clone(), &authorities)?);
    let (listener, listening) = server::listen(listen)?;
    let address = PublicAddress::new(public_url.as_ref(), listening)?;
    let base = address.usual();
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
    let callback = callback.map(|url| SimCallback { url, bot: true });
    let runtime = Arc::new(SimRuntime::new(clock, webhooks, SimState::new(world, callback, scenario, seed)));
    let stop = CancellationToken::new();
    let runner = tokio::spawn({
        let (runtime, stop) = (Arc::clone(&runtime), stop.clone());
        async move { runtime.run(stop).await }
    });
    let server = tokio::spawn({
        let login =
            LoginState { runtime: Arc::clone(&runtime), tokens, keys: Arc::clone(&keys), certificate: client, address };
        let graph = GraphState { runtime: Arc::clone(&runtime), login: Arc::new(login) };
        let control = ControlState { runtime: Arc::clone(&runtime), keys, token: control };
        let stop = stop.clone();
        async move {
            if let Err(error) = server::serve((graph, control), listener, stop).await {
                tracing::error!(%error, "the simulator stopped listening");
            }
        }
    });
    Ok(Simulator { runtime, ready, stop, runner, server })
}

impl Simulator {
    /// Returns its addresses and secrets.
    #[must_use]
    pub const fn ready(&self) -> &SimReady {
        &self.ready
    }

    /// Sets the callback address of the simulator's own calls. The receiver only observes; it does not answer calls.
    /// Notifications sent before this call were dropped.
    pub fn set_callback(&self, url: Url) {
        self.runtime.set_callback(Some(SimCallback { url, bot: false }));
    }

    /// Performs every due event, and returns when its notifications were answered or have failed.
    pub async fn settle(&self) {
        self.runtime.settle().await;
    }

    /// Returns when the next event of its world is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.runtime.read(World::next_due)
    }

    /// Returns the time at which its scenario starts, after the prelude.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.runtime.read(World::start)
    }

    /// Returns the outcomes of the notifications so far.
    #[must_use]
    pub fn counts(&self) -> DeliveryCounts {
        self.runtime.webhooks.counts()
    }

    /// Plays the prelude by stepping the clock from one event to the next. The clock must be stopped (speed 0).
    pub async fn play_prelude(&self) {
        self.runtime.play_prelude(self.start()).await;
    }

    /// Returns the driver of the preludes of later restarts, with which supervisors can act in them.
    #[must_use]
    pub fn prelude_driver(&self) -> PreludeDriver {
        PreludeDriver::register(&self.runtime)
    }

    /// Stops the listener and the world, and waits for both.
    pub async fn stop(self) {
        self.stop.cancel();
        for ended in [self.runner.await.err(), self.server.await.err()].into_iter().flatten() {
            tracing::warn!(%ended, "a task of the simulator ended early");
        }
    }
}

fn address<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str())
}

fn shown<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}
