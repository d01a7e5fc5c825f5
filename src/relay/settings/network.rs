//! The relay's network settings: TLS or a proxy, trusted addresses, limits, and the ops listener. Does not know calls.

use std::net::{IpAddr, SocketAddr};

pub use crate::relay::edge::limits::{LimitError, RelayLimits};
pub use crate::relay::edge::tls::{TlsError, TlsFiles};

/// The network settings of a relay.
#[derive(Debug, Clone, Default)]
pub struct NetworkSettings {
    /// The certificate; without one the relay speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy in front of the relay terminates TLS. Then the relay may serve plain HTTP beyond loopback.
    pub behind_proxy: bool,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted: Vec<IpAddr>,
    /// The `Origin`s of web pages that may open the feed; usually empty.
    pub origins: Vec<String>,
    /// The limits on callers.
    pub limits: RelayLimits,
    /// The loopback address of readiness and metrics; `None` turns them off.
    pub ops: Option<SocketAddr>,
}

/// The reason why the network settings are refused.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// Plain HTTP beyond loopback, where others on the network could read the tokens.
    #[error(
        "the relay does not speak plain HTTP at {0}, which is not loopback: give --tls-cert and --tls-key, or, where \
         a proxy ends TLS before it, --behind-proxy"
    )]
    Plain(SocketAddr),
    /// The ops listener is not on loopback.
    #[error("readiness and metrics are served on loopback only, and {0} is not: choose 127.0.0.1:PORT")]
    Ops(SocketAddr),
    /// Trusted proxies although there is no proxy.
    #[error("--trust-forwarded-for names a proxy, but there is none: add --behind-proxy")]
    NoProxy,
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl NetworkSettings {
    /// Checks that a relay may listen on an address with these settings.
    pub(in crate::relay) fn check(&self, listen: SocketAddr) -> Result<(), NetworkError> {
        if self.tls.is_none() && !self.behind_proxy && !listen.ip().to_canonical().is_loopback() {
            return Err(NetworkError::Plain(listen));
        }
        if let Some(ops) = self.ops.filter(|it| !it.ip().to_canonical().is_loopback()) {
            return Err(NetworkError::Ops(ops));
        }
        if self.behind_proxy || self.trusted.is_empty() { Ok(()) } else { Err(NetworkError::NoProxy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_loopback_unless_a_proxy_ends_tls() {
        let everywhere: SocketAddr = "0.0.0.0:443".parse().unwrap();
        let loopback: SocketAddr = "[::1]:443".parse().unwrap();
        let proxied = NetworkSettings { behind_proxy: true, ..NetworkSettings::default() };
        let error = NetworkSettings::default().check(everywhere).unwrap_err().to_string();
        assert!(error.contains("0.0.0.0:443") && error.contains("--tls-cert") && error.contains("--behind-proxy"));
        assert!(NetworkSettings::default().check(loopback).is_ok() && proxied.check(everywhere).is_ok());
        let tls = TlsFiles { cert: "cert".into(), key: "key".into() };
        assert!(NetworkSettings { tls: Some(tls), ..NetworkSettings::default() }.check(everywhere).is_ok());
        assert!(matches!(
            NetworkSettings { ops: Some(everywhere), ..NetworkSettings::default() }.check(loopback),
            Err(NetworkError::Ops(_))
        ));
        let trusting = NetworkSettings { trusted: vec!["10.0.0.1".parse().unwrap()], ..NetworkSettings::default() };
        assert!(matches!(trusting.check(loopback), Err(NetworkError::NoProxy)));
    }
}
