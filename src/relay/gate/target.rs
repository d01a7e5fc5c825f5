//! Classifies the path of a request at the gate: a listed action, another path of the calls API, or an unknown path.

use crate::graph::{GraphAction, Method, Route};

/// The gate's path, below which Graph's own paths follow.
pub(in crate::relay) const PREFIX: &str = "/graph/v1.0";

/// What a request addresses.
pub(super) enum GateTarget {
    /// One of the actions that the gate allows.
    Listed(GraphAction),
    /// Another path of the calls API.
    Unlisted(Route),
    /// No path of the calls API.
    Unknown,
}

/// Classifies a method and a path, which includes [`PREFIX`].
pub(super) fn target(method: &axum::http::Method, path: &str) -> GateTarget {
    let Some(route) = Route::parse(path.strip_prefix(PREFIX).unwrap_or_default()) else { return GateTarget::Unknown };
    let method = match method.as_str() {
        "GET" => Some(Method::Get),
        "POST" => Some(Method::Post),
        "DELETE" => Some(Method::Delete),
        _ => None,
    };
    match method.and_then(|it| GraphAction::of(it, &route)) {
        Some(action) => GateTarget::Listed(action),
        None => GateTarget::Unlisted(route),
    }
}

/// Returns whether a path has no escapes, empty segments or dot segments.
pub(super) fn is_plain(path: &str) -> bool {
    let rest = path.strip_prefix(PREFIX).unwrap_or_default();
    let mut segments = rest.split('/').skip(1);
    segments.all(|it| !it.is_empty() && it != "." && it != ".." && !it.contains(['%', '\\', ';', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_escapes_or_dot_segments_are_not_plain() {
        let call = "/graph/v1.0/communications/calls/a";
        assert!(is_plain(call) && is_plain("/graph/v1.0/communications/calls/19:x@thread.v2/mute"));
        for tail in ["/", "//mute", "/../b", "/./mute", "/%2e%2e/b", "%2Fmute", "/a%252Fb", "/a\\b", ";x=1/mute"] {
            assert!(!is_plain(&format!("{call}{tail}")), "{tail}");
        }
        assert!(!is_plain("/graph/v1.0/https://evil.example/communications/calls/a"));
    }
}
