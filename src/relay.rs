//! The relay: receives Graph's webhooks, keeps the journal, tells consoles, and acts for operators.
//!
//! It stands where a public address and the application's secret are: Graph posts to its intake, consoles read its
//! feed and act through its gate, and its keeper reads from Graph what is in doubt. Everything it learns is in the
//! journal before anyone is told.

mod edge;
mod feed;
mod file_mode;
mod gate;
mod graph;
mod live;
mod network;
pub mod operators;
mod ops;
mod reconcile;
mod record;
mod settings;
mod supervise;
#[cfg(test)]
mod tests;
mod webhooks;

pub use crate::journal::RetentionPolicy;
pub use crate::protocol::Role;
pub use file_mode::is_private;
pub use graph::credential::{AppCertificate, AppCredential, CredentialError, SigningAlgorithm};
pub use network::{LimitError, NetworkError, NetworkSettings, RelayLimits, TlsError, TlsFiles};
pub use operators::{OperatorRegistry, OperatorToken, OperatorsError};
pub use settings::{ForwardSettings, GraphSettings, UnreachedReply};
pub use webhooks::forward::ForwardError;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::clock::Clock;
use crate::floor::{Fact, Noted, Ticket};
use crate::journal::{Journal, JournalError, JournalStore};
use crate::time::Millis;
use edge::client_addr::ClientAddrs;
use edge::middleware::CallerGuard;
use edge::tls::ServedCertificate as ServerCertificate;
use graph::app_token::{AppToken, TokenRequest};
use graph::client::GraphClient;
use graph::read_cache::ReadCache;
use live::projection::LiveFloor;
use ops::metrics::RelayMetrics;
use record::journal_writer::JournalWriter;
use supervise::restart_until_stopped;
use webhooks::forward::Forwarder;
use webhooks::intake::WebhookIntake;
use webhooks::signing_keys::SigningKeys;
use webhooks::verify::TokenVerifier;

/// How a relay is set up.
#[derive(Debug)]
pub struct RelaySettings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Floor time.
    pub clock: Clock,
    /// Where its journal is.
    pub journal: JournalChoice,
    /// How much of the journal is kept.
    pub retention: RetentionPolicy,
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
    /// What the application proves itself with.
    pub credential: AppCredential,
    /// The tenants whose webhooks are taken.
    pub tenants: Vec<String>,
    /// Who may issue webhooks' tokens; see [`default_issuers`].
    pub issuers: Vec<String>,
    /// Who may look and act.
    pub operators: OperatorRegistry,
    /// What has a good default.
    pub tuning: GraphSettings,
    /// How it stands in its network.
    pub net: NetworkSettings,
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
pub struct RelayReady {
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
    /// Where readiness and metrics are, if anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ops: Option<String>,
}

/// Why a relay can't start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// A server that the relay would tell secrets, or believe, over plain HTTP.
    #[error(
        "{what} {url} is plain HTTP to another machine, where anybody on the way can read and change it; use https"
    )]
    Plain {
        /// Which.
        what: &'static str,
        /// Its address.
        url: Url,
    },
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
    /// Its place in the network.
    #[error(transparent)]
    Net(#[from] NetworkError),
    /// The bot behind it.
    #[error(transparent)]
    Forward(#[from] ForwardError),
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
    ready: RelayReady,
    stop: CancellationToken,
    tasks: TaskTracker,
    certificate: Option<Arc<ServerCertificate>>,
    temporary: Option<PathBuf>,
}

/// What all parts of the relay share.
struct Shared {
    journal: Arc<dyn Journal>,
    retention: RetentionPolicy,
    clock: Clock,
    label: String,
    hub: LiveFloor,
    recorder: JournalWriter,
    intake: WebhookIntake,
    readings: ReadCache,
    operators: OperatorRegistry,
    outbound: GraphClient,
    forwarder: Option<Arc<Forwarder>>,
    quiet: Millis,
    consoles: feed::ConsoleSlots,
    /// The web pages that may open the feed.
    origins: Vec<String>,
    behind_proxy: bool,
    guard: CallerGuard,
    metrics: Arc<RelayMetrics>,
    certificate: Option<Arc<ServerCertificate>>,
    /// How much of a request's body the gate reads, and for how long.
    bodies: gate::BodyLimits,
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
pub async fn start(settings: RelaySettings) -> Result<Relay, RelayError> {
    settings.net.check(settings.listen)?;
    graph::client::check(&settings)?;
    let (store, temporary) = match &settings.journal {
        JournalChoice::Dir(folder) => (record::maintenance::open(folder)?, None),
        JournalChoice::Temporary => {
            let folder = std::env::temp_dir().join(format!("callboard-{}", uuid::Uuid::now_v7()));
            file_mode::make_folder(&folder).map_err(RelayError::Temporary)?;
            (JournalStore::temporary(&folder)?, Some(folder))
        }
    };
    start_over(settings, Arc::new(store), temporary).await
}

/// Starts a relay over a journal that is open.
async fn start_over(
    settings: RelaySettings,
    journal: Arc<dyn Journal>,
    temporary: Option<PathBuf>,
) -> Result<Relay, RelayError> {
    let certificate =
        settings.net.tls.clone().map(ServerCertificate::read).transpose().map_err(NetworkError::Tls)?.map(Arc::new);
    let tls = certificate.as_ref().map(ServerCertificate::acceptor).transpose().map_err(NetworkError::Tls)?;
    let (listener, address) = bind(settings.listen).await?;
    if let Some(to) = &settings.tuning.forward {
        Forwarder::check(&to.url, address)?;
    }
    let mut ready = RelayReady::at(address, tls.is_some());
    let ops = match settings.net.ops {
        None => None,
        Some(wanted) => {
            let (listener, address) = bind(wanted).await?;
            ready.ops = Some(format!("http://{address}"));
            Some(listener)
        }
    };
    let limits = settings.net.limits.clone();
    let shared = Arc::new(shared(settings, journal, certificate.clone())?);
    record::maintenance::restore(&shared).await?;
    // What Graph sent since the last entry may be missing: live calls become doubtful, and the keeper reads them.
    shared.recorder.write(vec![Fact::Noted(Noted::RelayStarted)]).await?;
    shared.hub.catch_up().await?;

    let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), |it| async move { it.hub.follow().await });
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), |it| async move { it.recorder.flush_notes().await });
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), |it| async move { it.hub.announce().await });
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), reconcile::reconciler::run);
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), |it| async move { it.outbound.keep_fresh().await });
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), |it| async move { it.operators.watch().await });
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), graph::status_notes::run);
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), webhooks::intake::follow_keys);
    if let Some(certificate) = certificate.clone() {
        restart_until_stopped(&tasks, &stop, Arc::clone(&shared), move |_| {
            let certificate = Arc::clone(&certificate);
            async move { certificate.follow().await }
        });
    }
    if let Some(listener) = ops {
        tasks.spawn(ops::endpoints::run(listener, Arc::clone(&shared)));
    }
    restart_until_stopped(&tasks, &stop, Arc::clone(&shared), record::maintenance::run);
    tasks.spawn(edge::router::run(listener, shared, limits, tls));
    tasks.close();
    tracing::info!(relay = %ready.relay, "the relay serves");
    Ok(Relay { ready, stop, tasks, certificate, temporary })
}

impl Relay {
    /// What it serves.
    #[must_use]
    pub const fn ready(&self) -> &RelayReady {
        &self.ready
    }

    /// Reads the certificate again now; it is also read when its files change.
    pub fn reload_certificate(&self) {
        if let Some(certificate) = &self.certificate {
            certificate.look_now();
        }
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

impl RelayReady {
    fn at(address: SocketAddr, tls: bool) -> Self {
        let (http, ws) = if tls { ("https", "wss") } else { ("http", "ws") };
        Self {
            ready: true,
            relay: format!("{http}://{address}"),
            intake: format!("{http}://{address}/notifications"),
            feed: format!("{ws}://{address}/feed"),
            gate: format!("{http}://{address}{}", gate::PREFIX),
            ops: None,
        }
    }
}

/// A listener, and where it is.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), RelayError> {
    let fault = |error| RelayError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let bound = listener.local_addr().map_err(fault)?;
    Ok((listener, bound))
}

fn shared(
    settings: RelaySettings,
    journal: Arc<dyn Journal>,
    certificate: Option<Arc<ServerCertificate>>,
) -> Result<Shared, RelayError> {
    let tuning = settings.tuning;
    let keys = graph::client::client(&settings.openid)?;
    let keys = Arc::new(SigningKeys::new(settings.openid, keys, tuning.unknown_keys));
    let verifier = TokenVerifier::new(keys, &settings.app_id, &settings.issuers, settings.tenants);
    let verifier = verifier.tuned(&settings.app_id, &tuning);
    let applicant = TokenRequest {
        url: settings.token_url.clone(),
        app_id: settings.app_id,
        scope: tuning.scope,
        credential: settings.credential,
    };
    let token = AppToken::new(graph::client::client(&settings.token_url)?, applicant);
    let forwarder = tuning.forward.map(Forwarder::new).transpose()?.map(Arc::new);
    let NetworkSettings { limits, origins, behind_proxy, trusted, .. } = settings.net;
    let metrics = Arc::new(RelayMetrics::new());
    let graph = graph::client::client(&settings.graph)?;
    let rarely = Duration::from_secs(limits.refusals_noted_seconds);
    let callers = ClientAddrs { behind_proxy, trusted: trusted.into_iter().map(|it| it.to_canonical()).collect() };
    Ok(Shared {
        hub: LiveFloor::new(Arc::clone(&journal)),
        recorder: JournalWriter::new(Arc::clone(&journal), settings.clock.clone(), Arc::clone(&metrics), rarely),
        intake: WebhookIntake::new(verifier, &limits),
        readings: ReadCache::default(),
        outbound: GraphClient::new(&settings.graph, graph, token, tuning.rate, Arc::clone(&metrics)),
        forwarder,
        quiet: tuning.quiet,
        operators: settings.operators,
        retention: settings.retention,
        clock: settings.clock,
        label: settings.label,
        consoles: feed::ConsoleSlots::of(&limits, tuning.heartbeat),
        origins,
        behind_proxy,
        bodies: gate::BodyLimits::of(&limits),
        guard: CallerGuard::new(callers, &limits),
        metrics,
        certificate,
        acting: Mutex::default(),
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
        journal,
    })
}
