//! Why a simulator does not start, as a sentence that names the remedy.

use std::net::SocketAddr;

use url::Url;

use super::keys::KeyError;

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

impl SimError {
    /// That no webhook can go to an address, told without what may be secret in it.
    pub(super) fn callback(url: &Url) -> Self {
        Self::Callback(format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()))
    }
}
