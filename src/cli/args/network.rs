//! The relay's options for its network: TLS, proxies, origins and limits.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use crate::relay::{NetworkSettings, RelayLimits, TlsFiles};

#[derive(Debug, Args)]
#[command(next_help_heading = "The network")]
pub(in crate::cli) struct NetArgs {
    /// The relay's certificate chain in PEM, reloaded when the file changes and on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key in PEM, readable by its owner only.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Allow plain HTTP beyond loopback, because a proxy in front of the relay terminates TLS.
    #[arg(long)]
    behind_proxy: bool,
    /// A proxy whose X-Forwarded-For is trusted; may be given several times. Without one, a relay behind a proxy limits
    /// nothing by address.
    #[arg(long, value_name = "ADDR")]
    trust_forwarded_for: Vec<IpAddr>,
    /// The Origin of a web page that may open the feed; may be given several times.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Serve /readyz and /metrics here, on loopback.
    #[arg(long, value_name = "ADDR:PORT")]
    ops_listen: Option<SocketAddr>,
    /// Set a limit, such as body-bytes=1048576; may be given several times.
    /// callboard guide operating-a-relay lists them.
    #[arg(long, value_name = "NAME=VALUE")]
    limit: Vec<String>,
}

impl NetArgs {
    /// Converts the options to the relay's settings.
    pub(in crate::cli) fn net(self) -> anyhow::Result<NetworkSettings> {
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
