//! HTTP clients for the relay's requests, and the check whether a server's address is secure.

use std::time::Duration;

use url::Url;

/// The time-out for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Creates a client for a server, without redirects, and without a proxy for this machine.
pub(in crate::relay) fn client(server: &Url) -> Result<reqwest::Client, reqwest::Error> {
    client_trusting(server, None)
}

/// Returns whether requests to a server are protected from others: over TLS, or on this machine.
pub(in crate::relay) fn is_protected(server: &Url) -> bool {
    matches!(server.scheme(), "https" | "wss") || is_loopback(server)
}

/// Returns whether a server is on this machine.
pub(in crate::relay) fn is_loopback(server: &Url) -> bool {
    match server.host() {
        Some(url::Host::Ipv4(it)) => it.is_loopback(),
        Some(url::Host::Ipv6(it)) => it.to_canonical().is_loopback(),
        Some(url::Host::Domain(it)) => it == "localhost",
        None => false,
    }
}

/// Creates a [`client`] that also trusts these certificates, in PEM.
pub(in crate::relay) fn client_trusting(server: &Url, ca: Option<&[u8]>) -> Result<reqwest::Client, reqwest::Error> {
    let builder =
        reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(reqwest::redirect::Policy::none());
    let builder = match ca {
        Some(ca) => builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(ca)?),
        None => builder,
    };
    if is_loopback(server) { builder.no_proxy().build() } else { builder.build() }
}
