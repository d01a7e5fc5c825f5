//! A relay's address and token, and the rule that keeps a token off the network in the clear.

use secrecy::SecretString;
use url::Url;

use crate::feed::CaTrust;

/// A relay's address, and the operator's token for it.
#[derive(Debug, Clone)]
pub struct RelayAccess {
    /// `http(s)://HOST[:PORT]`, with the feed at `/feed` and the gate at `/graph/v1.0`; or `ws(s)://…` for a plain
    /// source, which has no gate and may have an empty token.
    pub url: Url,
    /// The operator's token.
    pub token: SecretString,
    /// The authorities that may sign the relay's certificate; `None` means the system's.
    pub trust: Option<CaTrust>,
}

/// A relay's address that the console refuses.
#[derive(Debug, thiserror::Error)]
pub enum RelayAddressError {
    /// The scheme is neither HTTP nor WebSocket.
    #[error("{0} is not the address of a relay: give http://HOST:PORT or https://HOST:PORT")]
    Address(Url),
    /// Plain HTTP beyond this machine would expose the operator's token.
    #[error("the token is not sent over plain HTTP to {0}, which is not this machine: give https://HOST:PORT")]
    Plain(Url),
}

/// The base address that requests name: the relay's gate, or Graph itself for a plain source, which has no gate.
pub(super) fn graph_base_url(relay: &Url) -> String {
    let gate = matches!(relay.scheme(), "http" | "https").then(|| relay.join("graph/v1.0").ok()).flatten();
    gate.map_or_else(|| "https://graph.microsoft.com/v1.0".to_owned(), String::from)
}

/// The address of a relay's feed, or of a plain source.
///
/// Fails when the scheme is unknown, or the token would travel in the clear beyond this machine.
pub(super) fn feed_url(relay: &Url) -> Result<Url, RelayAddressError> {
    let scheme = match relay.scheme() {
        "ws" | "wss" => return Ok(relay.clone()),
        "http" if !is_loopback(relay) => return Err(RelayAddressError::Plain(relay.clone())),
        "http" => "ws",
        "https" => "wss",
        _ => return Err(RelayAddressError::Address(relay.clone())),
    };
    let mut url = relay.join("feed").ok().ok_or_else(|| RelayAddressError::Address(relay.clone()))?;
    url.set_scheme(scheme).map_err(|()| RelayAddressError::Address(relay.clone()))?;
    Ok(url)
}

/// Whether a relay is on this machine: its host is a loopback address or `localhost`.
pub(super) fn is_loopback(relay: &Url) -> bool {
    match relay.host() {
        Some(url::Host::Ipv4(it)) => it.is_loopback(),
        Some(url::Host::Ipv6(it)) => it.to_canonical().is_loopback(),
        Some(url::Host::Domain(it)) => it == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_crosses_a_network_only_inside_tls() {
        for (relay, feed) in [
            ("http://127.0.0.1:8443", "ws://127.0.0.1:8443/feed"),
            ("http://[::1]:8443", "ws://[::1]:8443/feed"),
            ("http://localhost", "ws://localhost/feed"),
            ("https://relay.example", "wss://relay.example/feed"),
        ] {
            assert_eq!(feed_url(&Url::parse(relay).unwrap()).unwrap().as_str(), feed);
        }
        for relay in
            ["http://relay.example", "http://10.0.0.1:8443", "http://127.0.0.1.example", "http://localhost.example"]
        {
            assert!(matches!(feed_url(&Url::parse(relay).unwrap()), Err(RelayAddressError::Plain(_))), "{relay}");
        }
        assert!(matches!(feed_url(&Url::parse("ftp://127.0.0.1").unwrap()), Err(RelayAddressError::Address(_))));
    }
}
