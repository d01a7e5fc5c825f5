//! HTTP clients for the servers that the relay talks to, and which of those servers it may trust.

use std::time::Duration;

use url::Url;

const CONNECTING: Duration = Duration::from_secs(3);

/// A client for a server: no redirects, and no proxy for this machine itself.
pub(in crate::relay) fn client(server: &Url) -> Result<reqwest::Client, reqwest::Error> {
    client_trusting(server, None)
}

/// Whether nobody else can read or change the requests to a server: over TLS, or on this machine.
pub(in crate::relay) fn is_sealed(server: &Url) -> bool {
    matches!(server.scheme(), "https" | "wss") || is_here(server)
}

/// Whether a server is this machine itself.
pub(in crate::relay) fn is_here(server: &Url) -> bool {
    match server.host() {
        Some(url::Host::Ipv4(it)) => it.is_loopback(),
        Some(url::Host::Ipv6(it)) => it.to_canonical().is_loopback(),
        Some(url::Host::Domain(it)) => it == "localhost",
        None => false,
    }
}

/// A [`client`] that also trusts these certificates, PEM.
pub(in crate::relay) fn client_trusting(server: &Url, ca: Option<&[u8]>) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder().connect_timeout(CONNECTING).redirect(reqwest::redirect::Policy::none());
    let builder = match ca {
        Some(ca) => builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(ca)?),
        None => builder,
    };
    if is_here(server) { builder.no_proxy().build() } else { builder.build() }
}
