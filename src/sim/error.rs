//! Why a simulator does not start, as a sentence that names the remedy.

use std::net::SocketAddr;

use url::Url;

use super::keys::KeyError;

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// No webhook may go to the address that the scenario's calls notify.
    #[error("no webhook can go to {0:?}: give https://HOST, or http://127.0.0.1, without a name and a password in it")]
    Callback(String),
    /// The address is taken, or is not this machine's.
    #[error("the simulator cannot listen on {at}: {error}; choose another address, or port 0 for a free one")]
    Listen {
        /// The address to listen on.
        at: SocketAddr,
        /// The system's error.
        error: std::io::Error,
    },
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The certificate authorities for webhooks are not PEM certificates.
    #[error("the certificate authorities for webhooks cannot be read: {0}; write them as PEM")]
    Authorities(String),
    /// The HTTP client for webhooks could not be made.
    #[error("the simulator cannot send webhooks: {0}")]
    Client(#[from] reqwest::Error),
    /// The simulator's own address is not a URL.
    #[error("the simulator's own address is not a URL: {0}")]
    Address(#[from] url::ParseError),
    /// A task of the start ended early.
    #[error("the simulator's start was cut short: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl SimError {
    /// The error about an address, without the parts of it that may be secret.
    pub(super) fn callback(url: &Url) -> Self {
        Self::Callback(format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()))
    }
}
