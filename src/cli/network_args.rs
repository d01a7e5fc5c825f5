//! How a relay stands in its network, on the command line.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use crate::relay::{NetworkSettings, RelayLimits, TlsFiles};

#[derive(Debug, Args)]
#[command(next_help_heading = "The network")]
pub(super) struct NetArgs {
    /// The relay's certificate and those between it and its root, in PEM; read again when it changes and on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key in PEM, readable by its owner only.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy that ends TLS stands before the relay: it may speak plain HTTP off loopback.
    #[arg(long)]
    behind_proxy: bool,
    /// A proxy whose X-Forwarded-For is believed; may be given several times. Without one, nothing is limited by
    /// address behind a proxy.
    #[arg(long, value_name = "ADDR")]
    trust_forwarded_for: Vec<IpAddr>,
    /// A web page, by its Origin, that may open the feed; may be given several times.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Serve /readyz and /metrics here, on loopback.
    #[arg(long, value_name = "ADDR:PORT")]
    ops_listen: Option<SocketAddr>,
    /// Set a limit, such as body-bytes=1048576; may be given several times. callboard guide operating-a-relay lists
    /// them.
    #[arg(long, value_name = "NAME=VALUE")]
    limit: Vec<String>,
}

impl NetArgs {
    /// The settings that the arguments are.
    pub(super) fn net(self) -> anyhow::Result<NetworkSettings> {
        let tls = self.tls_cert.zip(self.tls_key).map(|(cert, key)| TlsFiles { cert, key });
        Ok(NetworkSettings {
            tls,
            behind_proxy: self.behind_proxy,
            trusted: self.trust_forwarded_for,
            origins: self.allow_origin,
            limits: RelayLimits::with(&self.limit)?,
            ops: self.ops_listen,
        })
    }
}
