//! The relay: receives Graph's webhooks, keeps the journal, tells consoles, and acts for operators.
//!
//! It stands where a public address and the application's secret are: Graph posts to its intake, consoles read its
//! feed and act through its gate, and its keeper reads from Graph what is in doubt. Everything it learns is in the
//! journal before anyone is told.

mod acting;
mod app_token;
mod attempts;
mod feed;
mod gate;
mod hub;
mod intake;
mod keeper;
mod keys;
pub mod operators;
mod outbound;
mod progress;
mod reading;
mod recorder;
mod repeats;
mod server;
#[cfg(test)]
mod tests;
mod token;
mod upkeep;

pub use crate::feed::Role;
pub use crate::journal::Retention;
pub use operators::{Operator, Operators, OperatorsError};

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use self::hub::Hub;
use self::intake::Intake;
use self::keys::Keys;
use self::outbound::Outbound;
use self::recorder::Recorder;
use self::token::Verifier;
use crate::clock::Clock;
use crate::floor::{Fact, Noted, Ticket};
use crate::journal::{Journal, JournalError, Store};

/// How a relay is set up.
#[derive(Debug)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Floor time.
    pub clock: Clock,
    /// Where its journal is.
    pub journal: JournalChoice,
    /// How much of the journal is kept.
    pub retention: Retention,
    /// What is real here, in the console's first line.
    pub label: String,
    /// The application's id: the audience of webhooks, and who asks for tokens.
    pub app_id: String,
    /// The OpenID metadata that names the keys of webhooks.
    pub openid: Url,
    /// Graph, with its version: `https://graph.microsoft.com/v1.0`.
    pub graph: Url,
    /// The token endpoint.
    pub token_url: Url,
    /// The application's secret.
    pub client_secret: SecretString,
    /// The tenants whose webhooks are taken.
    pub tenants: Vec<String>,
    /// Who may issue webhooks' tokens; see [`default_issuers`].
    pub issuers: Vec<String>,
    /// Who may look and act.
    pub operators: Operators,
}

/// Where a journal is.
#[derive(Debug, Clone)]
pub enum JournalChoice {
    /// In this folder.
    Dir(PathBuf),
    /// In a folder that goes with the relay: its promise ends with the process, and nothing waits for the disk.
    Temporary,
}

/// What a relay serves, as its ready line says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// The relay itself.
    pub relay: String,
    /// Where webhooks go.
    pub intake: String,
    /// Where consoles listen.
    pub feed: String,
    /// Where operators act.
    pub gate: String,
}

/// Why a relay can't start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Its journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Its address.
    #[error("the relay cannot listen on {address}: {error}; choose another address or port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
    /// A folder for a journal that goes with it.
    #[error("no folder can be made for a temporary journal: {0}; check the space for temporary files")]
    Temporary(std::io::Error),
    /// The way out.
    #[error("the relay cannot make requests: {0}; check the system's certificates")]
    Client(#[from] reqwest::Error),
}

/// A relay that runs. Dropping it leaves it running; see [`Relay::stop`].
#[derive(Debug)]
pub struct Relay {
    ready: Ready,
    stop: CancellationToken,
    tasks: TaskTracker,
    temporary: Option<PathBuf>,
}

/// What all parts of the relay share.
struct Shared {
    journal: Arc<dyn Journal>,
    retention: Retention,
    clock: Clock,
    label: String,
    hub: Hub,
    recorder: Recorder,
    intake: Intake,
    operators: Operators,
    outbound: Outbound,
    consoles: feed::Consoles,
    /// The tickets of acts that are under way.
    acting: Mutex<BTreeSet<Ticket>>,
    stop: CancellationToken,
    /// Everything that runs: a stopped relay waits for it, so that its journal is closed and may be opened again.
    tasks: TaskTracker,
}

/// Who issues the tokens of Graph's webhooks.
#[must_use]
pub fn default_issuers() -> Vec<String> {
    vec!["https://api.botframework.com".to_owned(), "https://graph.microsoft.com".to_owned()]
}

/// Starts a relay; it serves when this returns.
///
/// # Errors
/// When its journal can't be opened or its address is taken.
pub async fn start(settings: Settings) -> Result<Relay, RelayError> {
    let (store, temporary) = match &settings.journal {
        JournalChoice::Dir(folder) => (Store::open(folder)?, None),
        JournalChoice::Temporary => {
            let folder = std::env::temp_dir().join(format!("callboard-{}", uuid::Uuid::now_v7()));
            private_folder(&folder).map_err(RelayError::Temporary)?;
            (Store::temporary(&folder)?, Some(folder))
        }
    };
    start_over(settings, Arc::new(store), temporary).await
}

/// Starts a relay over a journal that is open.
async fn start_over(
    settings: Settings,
    journal: Arc<dyn Journal>,
    temporary: Option<PathBuf>,
) -> Result<Relay, RelayError> {
    let address = settings.listen;
    let fault = |error| RelayError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let ready = Ready::at(listener.local_addr().map_err(fault)?);
    let shared = Arc::new(shared(settings, journal)?);
    upkeep::restore(&shared).await?;
    // What Graph sent since the last entry may be missing: live calls become doubtful, and the keeper reads them.
    shared.recorder.write(vec![Fact::Noted(Noted::Opened)]).await?;
    shared.hub.catch_up().await?;

    let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
    until(&tasks, &stop, Arc::clone(&shared), |it| async move { it.hub.follow().await });
    until(&tasks, &stop, Arc::clone(&shared), |it| async move { it.recorder.settle().await });
    until(&tasks, &stop, Arc::clone(&shared), |it| async move { it.hub.announce().await });
    until(&tasks, &stop, Arc::clone(&shared), keeper::run);
    until(&tasks, &stop, Arc::clone(&shared), upkeep::run);
    tasks.spawn(server::run(listener, shared));
    tasks.close();
    tracing::info!(relay = %ready.relay, "the relay serves");
    Ok(Relay { ready, stop, tasks, temporary })
}

impl Relay {
    /// What it serves.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Stops: no new connections, consoles are told, what has begun is done, the journal is closed.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
        if let Some(folder) = self.temporary
            && let Err(error) = std::fs::remove_dir_all(&folder)
        {
            tracing::warn!(%error, folder = %folder.display(), "a temporary journal was left behind");
        }
    }
}

impl Ready {
    fn at(address: SocketAddr) -> Self {
        Self {
            ready: true,
            relay: format!("http://{address}"),
            intake: format!("http://{address}/notifications"),
            feed: format!("ws://{address}/feed"),
            gate: format!("http://{address}{}", gate::PREFIX),
        }
    }
}

fn shared(settings: Settings, journal: Arc<dyn Journal>) -> Result<Shared, RelayError> {
    let keys = Arc::new(Keys::new(settings.openid.clone(), outbound::client(&settings.openid)?));
    let verifier = Verifier::new(keys, &settings.app_id, &settings.issuers, settings.tenants);
    let token = app_token::AppToken::new(
        outbound::client(&settings.token_url)?,
        settings.token_url,
        settings.app_id,
        settings.client_secret,
    );
    Ok(Shared {
        hub: Hub::new(Arc::clone(&journal)),
        recorder: Recorder::new(Arc::clone(&journal), settings.clock.clone()),
        intake: Intake { verifier, repeats: Mutex::default() },
        outbound: Outbound::new(&settings.graph, outbound::client(&settings.graph)?, token),
        operators: settings.operators,
        retention: settings.retention,
        clock: settings.clock,
        label: settings.label,
        consoles: feed::Consoles::default(),
        acting: Mutex::default(),
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
        journal,
    })
}

/// Runs a part of the relay until it stops.
fn until<F: Future<Output = ()> + Send + 'static>(
    tasks: &TaskTracker,
    stop: &CancellationToken,
    shared: Arc<Shared>,
    part: impl FnOnce(Arc<Shared>) -> F,
) {
    let (stop, part) = (stop.clone(), part(shared));
    tasks.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = part => tracing::error!("a part of the relay ended by itself"),
        }
    });
}

fn private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(folder)
}
