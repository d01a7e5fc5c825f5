//! The simulator's address as its clients see it. Every absolute address in an answer begins with it: behind a proxy or
//! in a container, the address that the simulator listens on is not one that a client can reach.

use axum::http::HeaderMap;
use axum::http::uri::Authority;
use url::Url;

use crate::sim::error::SimError;

use super::http::header_text;

/// How the addresses in answers begin.
#[derive(Debug, Clone)]
pub(in crate::sim) struct PublicAddress {
    /// The address that the command line names, without a slash at its end. It wins over the headers of a request.
    fixed: Option<String>,
    /// The address that the simulator listens on, for example `http://127.0.0.1:4711`.
    listening: String,
}

impl PublicAddress {
    /// Creates the address of a simulator that listens at `listening`, and that its clients reach at `public` or at
    /// whatever address their requests name.
    ///
    /// Fails if `public` is neither http nor https, or has a name, a password, a query or a fragment.
    pub(in crate::sim) fn new(public: Option<&Url>, listening: String) -> Result<Self, SimError> {
        let fixed = public.map(|url| {
            let is_plain = url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none();
            if is_plain && matches!(url.scheme(), "http" | "https") && url.has_host() {
                Ok(url.as_str().trim_end_matches('/').to_owned())
            } else {
                Err(SimError::public_address(url))
            }
        });
        Ok(Self { fixed: fixed.transpose()?, listening })
    }

    /// Returns the address where no request says another: for the ready line, and for notifications.
    pub(in crate::sim) fn usual(&self) -> &str {
        self.fixed.as_deref().unwrap_or(&self.listening)
    }

    /// Returns the address through which a client reached the simulator: the one that the command line names, or else
    /// what a proxy says in `X-Forwarded-Host`, `X-Forwarded-Port` and `X-Forwarded-Proto`, or else `Host`.
    pub(super) fn of_request(&self, headers: &HeaderMap) -> String {
        if let Some(fixed) = &self.fixed {
            return fixed.clone();
        }
        let forwarded = |name: &str| first(header_text(headers, name)?);
        let is_https = forwarded("x-forwarded-proto").is_some_and(|it| it.eq_ignore_ascii_case("https"));
        let scheme = if is_https { "https" } else { "http" };
        let host = forwarded("x-forwarded-host").or_else(|| header_text(headers, "host"));
        let Some(host) = host.and_then(|it| it.parse::<Authority>().ok()).filter(is_host) else {
            return self.listening.clone();
        };
        let port = forwarded("x-forwarded-port").and_then(|it| it.parse::<u16>().ok());
        match port.filter(|it| host.port_u16().is_none() && *it != if is_https { 443 } else { 80 }) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }
}

/// Returns the first of the values that a chain of proxies has written: the client's own.
fn first(values: &str) -> Option<&str> {
    values.split(',').map(str::trim).find(|it| !it.is_empty())
}

/// Returns whether it is a host, perhaps with a port, and without a name and a password.
fn is_host(authority: &Authority) -> bool {
    !authority.host().is_empty() && !authority.as_str().contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(public: Option<&str>) -> Result<PublicAddress, SimError> {
        let url = public.map(|it| it.parse::<Url>().unwrap());
        PublicAddress::new(url.as_ref(), "http://127.0.0.1:4711".into())
    }

    #[test]
    fn an_address_follows_the_command_line_then_the_proxy_then_the_host() {
        let cases: [(&[(&'static str, &str)], &str); 12] = [
            (&[], "http://127.0.0.1:4711"),
            (&[("host", "sim:8080")], "http://sim:8080"),
            (&[("host", "[::1]:4711")], "http://[::1]:4711"),
            (&[("host", "sim"), ("x-forwarded-proto", "https")], "https://sim"),
            (&[("host", "sim"), ("x-forwarded-host", "graph.test:8443, inner")], "http://graph.test:8443"),
            (
                &[("host", "sim"), ("x-forwarded-proto", "HTTPS, http"), ("x-forwarded-port", "8443")],
                "https://sim:8443",
            ),
            (&[("host", "sim"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "443")], "https://sim"),
            (&[("host", "sim:81"), ("x-forwarded-port", "8443")], "http://sim:81"),
            (&[("host", "sim"), ("x-forwarded-port", "many")], "http://sim"),
            (&[("host", "sim"), ("x-forwarded-host", " , ")], "http://sim"),
            (&[("host", "me@sim")], "http://127.0.0.1:4711"),
            (&[("host", "two words")], "http://127.0.0.1:4711"),
        ];
        for (given, expected) in cases {
            let headers = given.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            assert_eq!(address(None).unwrap().of_request(&headers), expected, "{given:?}");
            assert_eq!(
                address(Some("https://sim.test/graph/")).unwrap().of_request(&headers),
                "https://sim.test/graph"
            );
        }
        assert_eq!(address(None).unwrap().usual(), "http://127.0.0.1:4711");
        assert_eq!(address(Some("https://sim.test")).unwrap().usual(), "https://sim.test");
    }

    #[test]
    fn a_public_address_is_a_plain_one() {
        for bad in
            ["ftp://sim.test", "https://me:secret@sim.test", "https://sim.test/?a=1", "https://sim.test/#a", "data:x"]
        {
            let error = address(Some(bad)).unwrap_err().to_string();
            assert!(error.contains("--public-url") && !error.contains("secret"), "{bad}: {error}");
        }
    }
}
