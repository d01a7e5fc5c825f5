//! Why a relay cannot start.

use std::net::SocketAddr;

use url::Url;

use super::settings::network::NetworkError;
use crate::journal::JournalError;

/// The reason why a relay cannot start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The relay would send secrets to this server, or trust its answers, over plain HTTP.
    #[error("{what} {url} is plain HTTP to another machine, where anyone in between can read and change it; use https")]
    Plain {
        /// The server's role, such as "the token endpoint".
        what: &'static str,
        /// The server's address.
        url: Url,
    },
    /// The journal cannot be opened or read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The relay cannot listen on its address.
    #[error("the relay cannot listen on {address}: {error}; choose another address or port")]
    Listen {
        /// The address from the settings.
        address: SocketAddr,
        /// The system's error.
        error: std::io::Error,
    },
    /// The network settings contradict each other or cannot be used.
    #[error(transparent)]
    Net(#[from] NetworkError),
    /// Webhooks cannot be forwarded to the configured address.
    #[error(transparent)]
    Forward(#[from] ForwardError),
    /// The folder for a temporary journal cannot be made.
    #[error("no folder can be made for a temporary journal: {0}; check the space for temporary files")]
    Temporary(std::io::Error),
    /// The HTTP client cannot be set up.
    #[error("the relay cannot make requests: {0}; check the system's certificates")]
    Client(#[from] reqwest::Error),
}

/// The reason why the relay cannot forward webhooks to an address.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// The address is the relay's own: each webhook would return to it for ever.
    #[error("--forward {0} is the relay itself, so each webhook would come back for ever; give the bot's own address")]
    Itself(Url),
}
