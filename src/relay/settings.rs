//! The relay's settings: its addresses, its journal, Graph, and forwarding to the bot.

pub(super) mod network;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::error::RelayError;
use super::graph::credential::AppCredential;
use super::graph::http_client::is_sealed;
use super::operators::OperatorRegistry;
use crate::clock::Clock;
use crate::journal::RetentionPolicy;
use crate::protocol::HEARTBEAT_SECONDS;
use crate::time::Millis;
use network::NetworkSettings;

/// Everything that a relay needs to start.
#[derive(Debug)]
pub struct RelaySettings {
    /// The address to listen on; port 0 takes a free port.
    pub listen: SocketAddr,
    /// The clock of floor time.
    pub clock: Clock,
    /// The journal's place.
    pub journal: JournalChoice,
    /// How much of the journal is kept.
    pub retention: RetentionPolicy,
    /// The first line of each console: "SIMULATOR" or the tenant's label.
    pub label: String,
    /// The application's id: the audience of webhooks' tokens, and the client of the token endpoint.
    pub app_id: String,
    /// The OpenID metadata that names the keys which sign webhooks.
    pub openid: Url,
    /// Graph, with its version: `https://graph.microsoft.com/v1.0`.
    pub graph: Url,
    /// The token endpoint.
    pub token_url: Url,
    /// The application's secret or certificate.
    pub credential: AppCredential,
    /// The tenants whose webhooks are accepted.
    pub tenants: Vec<String>,
    /// The accepted issuers of webhooks' tokens; see [`default_issuers`].
    pub issuers: Vec<String>,
    /// The operators and their tokens.
    pub operators: OperatorRegistry,
    /// Settings towards Graph, consoles and the bot that have good defaults.
    pub tuning: GraphSettings,
    /// TLS, proxies and limits.
    pub net: NetworkSettings,
}

/// Where a journal is.
#[derive(Debug, Clone)]
pub enum JournalChoice {
    /// In this folder.
    Dir(PathBuf),
    /// In a folder that is removed when the relay stops; an append does not wait for the disk.
    Temporary,
}

/// Settings that have a good default.
#[derive(Debug, Clone)]
pub struct GraphSettings {
    /// The scope of the application's token; national clouds have their own.
    pub scope: String,
    /// Accepted audiences of webhooks' tokens beside the application's id.
    pub audiences: Vec<String>,
    /// The tolerated clock difference in webhooks' tokens.
    pub skew: Duration,
    /// An unknown signing key causes a request to the key server at most this often, in wall time.
    pub unknown_keys: Duration,
    /// The most requests a second to Graph, from operators and relay together; Graph documents 50,000 in 15 seconds.
    pub rate: u32,
    /// The relay reads a call from Graph after this much floor time without a notification.
    pub quiet: Millis,
    /// The longest time between two frames to a console, in wall time; whole seconds.
    pub heartbeat: Duration,
    /// A console that is more than this many entries behind receives a snapshot, after a reconnect or while it is slow.
    pub lag_limit: u64,
    /// The bot that receives a copy of each webhook.
    pub forward: Option<ForwardSettings>,
}

/// Where and how webhooks are forwarded.
#[derive(Debug, Clone)]
pub struct ForwardSettings {
    /// The bot's own address for webhooks.
    pub url: Url,
    /// Certificates, PEM, that may sign the bot's certificate, beside the system's.
    pub ca: Option<Vec<u8>>,
    /// The time from the webhook's arrival to the bot's reply; an incoming call must be answered within 15 seconds.
    pub budget: Duration,
    /// The reply to Graph when the bot does not answer.
    pub unreached: UnreachedReply,
}

/// The relay's reply to Graph when the bot does not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnreachedReply {
    /// 502, 503 or 504, by the cause.
    #[default]
    Tell,
    /// 202, because the journal has the webhook.
    Accept,
}

impl RelaySettings {
    /// Refuses plain HTTP to servers that receive secrets or that the relay trusts.
    pub(super) fn check(&self) -> Result<(), RelayError> {
        self.net.check(self.listen)?;
        let Self { token_url, graph, openid, .. } = self;
        for (what, url) in [("the token endpoint", token_url), ("Graph", graph), ("the OpenID server", openid)] {
            if !is_sealed(url) {
                return Err(RelayError::Plain { what, url: url.clone() });
            }
        }
        Ok(())
    }
}

impl Default for GraphSettings {
    fn default() -> Self {
        Self {
            scope: "https://graph.microsoft.com/.default".to_owned(),
            audiences: Vec::new(),
            skew: Duration::from_mins(5),
            unknown_keys: Duration::from_mins(1),
            rate: 100,
            quiet: Millis::minutes(10),
            heartbeat: Duration::from_secs(u64::from(HEARTBEAT_SECONDS)),
            lag_limit: 200_000,
            forward: None,
        }
    }
}

/// The documented issuers of the tokens of Graph's webhooks.
#[must_use]
pub fn default_issuers() -> Vec<String> {
    vec!["https://api.botframework.com".to_owned(), "https://graph.microsoft.com".to_owned()]
}
