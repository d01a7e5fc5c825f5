//! The relay: receives Graph's webhooks, keeps the journal, serves consoles, and acts for operators.
//!
//! It has the public address and the application's secret. Graph posts webhooks to its intake, consoles read its feed
//! and act through its gate, and its reconciler re-reads doubtful calls from Graph. Everything is in the journal before
//! any console sees it.

mod assembly;
mod edge;
mod error;
mod feed;
mod file_mode;
mod gate;
mod graph;
mod live;
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
pub use error::{ForwardError, RelayError};
pub(crate) use file_mode::is_private;
pub use graph::credential::{AppCertificate, AppCredential, CredentialError, SigningAlgorithm};
pub use operators::{OperatorRegistry, OperatorToken, OperatorsError};
pub use settings::network::{LimitError, NetworkError, NetworkSettings, RelayLimits, TlsError, TlsFiles};
pub use settings::{ForwardSettings, GraphSettings, JournalChoice, RelaySettings, UnreachedReply, default_issuers};

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tokio::net::{TcpListener, TcpSocket};

use crate::floor::{Fact, Noted};
use crate::journal::{Journal, JournalStore};
use assembly::{Assembly, RelayTasks, assemble};
use edge::listener::{self, ListenerConfig};
use edge::router::router;
use edge::tls::ServedCertificate;
use webhooks::forward::Forwarder;

/// The addresses of a relay, as the ready line prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelayReady {
    /// Always true: the line is printed once the relay listens.
    pub ready: bool,
    /// The base address.
    pub relay: String,
    /// The address for webhooks.
    pub intake: String,
    /// The WebSocket address for consoles.
    pub feed: String,
    /// The address for operators' requests.
    pub gate: String,
    /// The address of readiness and metrics, where they are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ops: Option<String>,
}

/// A running relay. Dropping the value does not stop it; call [`Relay::stop`].
#[derive(Debug)]
pub struct Relay {
    ready: RelayReady,
    tasks: RelayTasks,
    certificate: Option<Arc<ServedCertificate>>,
    temporary: Option<PathBuf>,
}

/// Starts a relay, and returns when it serves.
///
/// # Errors
/// Fails if the settings are refused, the journal can't be opened or the address is taken.
pub async fn start(settings: RelaySettings) -> Result<Relay, RelayError> {
    settings.check()?;
    let (store, temporary) = match &settings.journal {
        JournalChoice::Dir(folder) => (record::maintenance::open(folder)?, None),
        JournalChoice::Temporary => {
            let folder = std::env::temp_dir().join(format!("callboard-{}", uuid::Uuid::now_v7()));
            file_mode::make_folder(&folder).map_err(RelayError::Temporary)?;
            (JournalStore::temporary(&folder)?, Some(folder))
        }
    };
    start_with_journal(settings, Arc::new(store), temporary).await
}

/// Starts a relay over an open journal.
async fn start_with_journal(
    settings: RelaySettings,
    journal: Arc<dyn Journal>,
    temporary: Option<PathBuf>,
) -> Result<Relay, RelayError> {
    let certificate =
        settings.net.tls.clone().map(ServedCertificate::read).transpose().map_err(NetworkError::Tls)?.map(Arc::new);
    let tls = certificate.as_ref().map(ServedCertificate::acceptor).transpose().map_err(NetworkError::Tls)?;
    let (public, address) = bind(settings.listen)?;
    if let Some(to) = &settings.tuning.forward {
        Forwarder::check(&to.url, address)?;
    }
    let mut ready = RelayReady::at(address, tls.is_some());
    let ops_listener = match settings.net.ops {
        None => None,
        Some(wanted) => {
            let (listener, address) = bind(wanted)?;
            ready.ops = Some(format!("http://{address}"));
            Some(listener)
        }
    };
    let (limits, behind_proxy, tasks) = (settings.net.limits.clone(), settings.net.behind_proxy, RelayTasks::default());
    let Assembly { routers, ops, background } = assemble(settings, journal, certificate.clone(), &tasks)?;
    background.maintenance.restore().await?;
    // Notifications since the last entry may be missing. This note makes live calls doubtful, so that the reconciler
    // reads them.
    if let Some(last) = background.maintenance.last_entry_at().await? {
        background.writer.begin_after(last).await?;
    }
    background.writer.write(vec![Fact::Noted(Noted::RelayStarted)]).await?;
    background.live.catch_up().await?;

    let (metrics, stop) = (Arc::clone(&ops.metrics), tasks.stop.clone());
    background.start(&tasks);
    if let Some(listener) = ops_listener {
        tasks.tracker.spawn(ops::endpoints::run(listener, ops, stop.clone()));
    }
    let config = ListenerConfig { limits, tls, behind_proxy, metrics, stop };
    tasks.tracker.spawn(listener::run(public, router(routers), config));
    tasks.tracker.close();
    tracing::info!(relay = %ready.relay, "the relay serves");
    Ok(Relay { ready, tasks, certificate, temporary })
}

impl Relay {
    /// Returns the relay's addresses.
    #[must_use]
    pub const fn ready(&self) -> &RelayReady {
        &self.ready
    }

    /// Reads the certificate's files again. The relay also does so by itself when they change.
    pub fn reload_certificate(&self) {
        if let Some(certificate) = &self.certificate {
            certificate.reload_now();
        }
    }

    /// Stops: refuses new connections, sends `bye` to consoles, finishes running requests and acts,
    /// and closes the journal.
    pub async fn stop(self) {
        self.tasks.stop.cancel();
        self.tasks.tracker.wait().await;
        if let Some(folder) = self.temporary
            && let Err(error) = std::fs::remove_dir_all(&folder)
        {
            tracing::warn!(%error, folder = %folder.display(), "could not remove a temporary journal");
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
            gate: format!("{http}://{address}{}", gate::target::PREFIX),
            ops: None,
        }
    }
}

/// The bytes that the system keeps for each connection until the peer has taken them (Linux doubles the number). It is a
/// limit of its own on what callers that read nothing cost: by default the system keeps megabytes for each.
const SEND_BUFFER: u32 = 128 * 1_024;
/// The maximum number of connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

/// Binds a listener, and returns its address.
fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), RelayError> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // As the standard library does: connections of an earlier relay do not keep the address.
        socket.set_reuseaddr(true)?;
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    bound().map_err(|error| RelayError::Listen { address, error })
}
