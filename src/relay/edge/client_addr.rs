//! A caller's address, also behind a proxy. Trusts `X-Forwarded-For` only from the proxies in the settings.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// The address of a connection's peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::relay) struct PeerAddr(pub(in crate::relay) IpAddr);

/// Determines a caller's address.
#[derive(Debug, Clone)]
pub(in crate::relay) struct ClientAddrs {
    pub(in crate::relay) behind_proxy: bool,
    pub(in crate::relay) trusted: BTreeSet<IpAddr>,
}

impl ClientAddrs {
    /// Returns the caller's address for rate limits, or `None` if no trusted proxy reports it. Then no limit by address
    /// applies, because it would apply to everyone behind the proxy together.
    pub(in crate::relay) fn of(&self, peer: Option<PeerAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let PeerAddr(peer) = peer?;
        let peer = peer.to_canonical();
        if !self.behind_proxy {
            return Some(rate_limit_prefix(peer));
        }
        if !self.trusted.contains(&peer) {
            return None;
        }
        // Each proxy appends an address. Those before the last untrusted one are the caller's claim.
        let values = headers.get_all("x-forwarded-for").iter().filter_map(|it| it.to_str().ok());
        let hops: Vec<&str> = values.flat_map(|it| it.split(',')).map(str::trim).collect();
        for hop in hops.into_iter().rev() {
            let address = address(hop)?;
            if !self.trusted.contains(&address) {
                return Some(rate_limit_prefix(address));
            }
        }
        None
    }
}

/// Parses an address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

/// Returns the prefix one subscriber controls: an IPv4 address, or the first 64 bits of an IPv6 address.
pub(in crate::relay) fn rate_limit_prefix(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(it) => IpAddr::V6(Ipv6Addr::from_bits(it.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_sets_the_callers_address() {
        let proxy = Some(PeerAddr("10.0.0.1".parse().unwrap()));
        let stranger = Some(PeerAddr("203.0.113.9".parse().unwrap()));
        let v6 = Some(PeerAddr("2001:db8:1:2:3:4:5:6".parse().unwrap()));
        let trusted = BTreeSet::from(["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]);
        let direct = ClientAddrs { behind_proxy: false, trusted: trusted.clone() };
        let behind = ClientAddrs { behind_proxy: true, trusted };
        let cases = [
            (&direct, stranger, &["198.51.100.7"] as &[&str], Some("203.0.113.9")),
            (&direct, proxy, &["198.51.100.7"], Some("10.0.0.1")),
            (&direct, v6, &[], Some("2001:db8:1:2::")),
            (&direct, None, &[], None),
            (&behind, stranger, &["198.51.100.7"], None),
            (&behind, proxy, &[], None),
            (&behind, proxy, &["198.51.100.7"], Some("198.51.100.7")),
            (&behind, proxy, &["1.1.1.1, 198.51.100.7"], Some("198.51.100.7")),
            (&behind, proxy, &["1.1.1.1", "198.51.100.7:4711, 10.0.0.2"], Some("198.51.100.7")),
            (&behind, proxy, &["1.1.1.1, not an address"], None),
            (&behind, proxy, &["[2001:db8::1]:443"], Some("2001:db8::")),
            (&behind, proxy, &["::ffff:198.51.100.7"], Some("198.51.100.7")),
        ];
        for (callers, peer, forwarded, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            let found = callers.of(peer, &headers);
            assert_eq!(found, expected.map(|it| it.parse().unwrap()), "{peer:?} {forwarded:?}");
        }
    }
}
