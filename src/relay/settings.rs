//! The relay's settings: its addresses, its journal, Graph, and forwarding to the bot.

pub(super) mod network;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::error::RelayError;
use super::graph::credential::AppCredential;
use super::graph::http_client::is_protected;
use super::operators::OperatorRegistry;
use crate::journal::RetentionPolicy;
use crate::protocol::HEARTBEAT_SECONDS;
use crate::time::Millis;
use crate::time::clock::Clock;
use network::NetworkSettings;

/// The settings of a relay.
#[derive(Debug)]
pub struct RelaySettings {
    /// The address to listen on; port 0 takes a free port.
    pub listen: SocketAddr,
    /// The clock of floor time.
    pub clock: Clock,
    /// The location of the journal.
    pub journal: JournalChoice,
    /// The retention of the journal.
    pub retention: RetentionPolicy,
    /// The first line of each console: "SIMULATOR" or the tenant's label.
    pub label: String,
    /// The application's id: the audience of webhooks' tokens, and the client of the token endpoint.
    pub app_id: String,
    /// The OpenID metadata, which contains the address of the keys that sign webhooks.
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
    /// Settings with defaults, for Graph, consoles and the bot.
    pub tuning: GraphSettings,
    /// TLS, proxies and limits.
    pub net: NetworkSettings,
}

/// The location of a journal.
#[derive(Debug, Clone)]
pub enum JournalChoice {
    /// The folder with this path.
    Dir(PathBuf),
    /// A temporary folder that is removed when the relay stops. Appends do not wait for the disk.
    Temporary,
}

/// Settings with defaults.
#[derive(Debug, Clone)]
pub struct GraphSettings {
    /// The scope of the application's token; national clouds have other scopes.
    pub scope: String,
    /// Accepted audiences of webhooks' tokens, in addition to the application's id.
    pub audiences: Vec<String>,
    /// The tolerated clock difference in webhooks' tokens.
    pub skew: Duration,
    /// The shortest time between two requests to the key server for unknown signing keys, in wall time.
    pub unknown_keys: Duration,
    /// The maximum number of requests a second to Graph, from operators and relay together; Graph documents
    /// 50,000 in 15 seconds.
    pub rate: u32,
    /// The floor time without a notification after which the relay reads a call from Graph.
    pub quiet: Millis,
    /// The longest time between two frames to a console, in wall time; whole seconds.
    pub heartbeat: Duration,
    /// The lag in entries beyond which a console receives a snapshot, after a reconnect or while it is slow.
    pub lag_limit: u64,
    /// The bot that receives a copy of each webhook.
    pub forward: Option<ForwardSettings>,
}

/// The settings for forwarding webhooks.
#[derive(Debug, Clone)]
pub struct ForwardSettings {
    /// The bot's own address for webhooks.
    pub url: Url,
    /// Additional certificate authorities for the bot's certificate, in PEM.
    pub ca: Option<Vec<u8>>,
    /// The time from the webhook's arrival to the bot's reply; an incoming call must be answered within 15 seconds.
    pub budget: Duration,
    /// The reply to Graph when the bot does not answer.
    pub unreached: UnreachedReply,
}

/// The relay's reply to Graph if the bot does not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnreachedReply {
    /// 502, 503 or 504, depending on the cause.
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
            if !is_protected(url) {
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

/// Returns the documented issuers of the tokens of Graph's webhooks.
#[must_use]
pub fn default_issuers() -> Vec<String> {
    vec!["https://api.botframework.com".to_owned(), "https://graph.microsoft.com".to_owned()]
}
