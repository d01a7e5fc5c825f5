//! The error of a simulator that cannot start. Its text says what to do.

use std::net::SocketAddr;

use url::Url;

use super::keys::KeyError;

/// The reason why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The callback address of the scenario's calls is not allowed.
    #[error(
        "webhooks cannot be sent to {0:?}: give https://HOST, or http://127.0.0.1, without a name and a password in it"
    )]
    Callback(String),
    /// The address is in use, or does not belong to this machine.
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
    /// The public address is not one that can begin other addresses.
    #[error(
        "--public-url cannot be {0:?}: give http:// or https:// with a host, perhaps a port and a path, and nothing else"
    )]
    PublicAddress(String),
    /// The simulator's own address is not a URL.
    #[error("the simulator's own address is not a URL: {0}")]
    Address(#[from] url::ParseError),
    /// A task of the start stopped before it was done.
    #[error("the simulator could not start: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl SimError {
    /// Creates the error about an address. The text leaves out the path and query, which may contain a secret.
    pub(super) fn callback(url: &Url) -> Self {
        Self::Callback(without_secrets(url))
    }

    /// Creates the error about a public address. The text leaves out what may be a secret.
    pub(super) fn public_address(url: &Url) -> Self {
        Self::PublicAddress(without_secrets(url))
    }
}

/// Returns the scheme and the host of an address.
fn without_secrets(url: &Url) -> String {
    format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
}
