//! Parses the path of a request as strictly as Graph documents it: below a version, with short or qualified action
//! names in any case, and without empty segments, which the caller has removed. [`Route::parse`] is more lenient.

use std::borrow::Cow;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method as HttpMethod};

use crate::graph::{Method, Route};

/// The namespace of qualified action names.
const NAMESPACE: &str = "microsoft.graph";

/// Returns the resource of a path, or `None` if the path is not documented. Only beta has the old path `/app/calls`.
pub(in crate::sim::server) fn route(path: &str) -> Option<Route> {
    let path = with_keys_as_segments(path);
    let rest = path.strip_prefix('/')?;
    let (version, rest) = rest.split_once('/')?;
    let is_beta = version.eq_ignore_ascii_case("beta");
    if !is_beta && !version.eq_ignore_ascii_case("v1.0") {
        return None;
    }
    let mut segments = rest.trim_end_matches('/').split('/');
    let root = segments.next()?;
    let is_old_path = is_beta && root.eq_ignore_ascii_case("app");
    if !is_old_path && !root.eq_ignore_ascii_case("communications") {
        return None;
    }
    let segments: Vec<&str> = segments.collect();
    let is_documented = segments.iter().all(|it| !it.is_empty() && is_short_or_qualified(it));
    let is_malformed = matches!(segments[..], [.., of, item] if item.eq_ignore_ascii_case("participants") && of.eq_ignore_ascii_case("operations"));
    if is_documented && !is_malformed { Route::parse(rest) } else { None }
}

/// Rewrites keys in parentheses as separate segments: `calls('{id}')` becomes `calls/{id}`. Documented addresses in
/// `@odata.context` have such keys. \[unverified\]: that requests may have them too.
fn with_keys_as_segments(path: &str) -> Cow<'_, str> {
    if !path.contains('(') {
        return Cow::Borrowed(path);
    }
    let segments = path.split('/').map(|segment| {
        let key = segment.strip_suffix(')').and_then(|it| it.split_once('('));
        let quoted = key.and_then(|(of, key)| {
            let open = key.strip_prefix('\'').or_else(|| key.strip_prefix("%27"))?;
            Some((of, open.strip_suffix('\'').or_else(|| open.strip_suffix("%27"))?))
        });
        match quoted {
            Some((of, key)) if !of.is_empty() && !key.is_empty() => Cow::Owned(format!("{of}/{key}")),
            _ => Cow::Borrowed(segment),
        }
    });
    Cow::Owned(segments.collect::<Vec<_>>().join("/"))
}

/// Returns whether a segment has no dot, or is qualified with Graph's namespace.
fn is_short_or_qualified(segment: &str) -> bool {
    segment.rsplit_once('.').is_none_or(|(space, _)| space.eq_ignore_ascii_case(NAMESPACE))
}

/// Returns whether the path is below beta.
pub(in crate::sim::server) fn is_beta(path: &str) -> bool {
    path.split('/').nth(1).is_some_and(|it| it.eq_ignore_ascii_case("beta"))
}

/// Returns the method, if any path has it.
pub(in crate::sim::server) fn method(method: &HttpMethod) -> Option<Method> {
    match *method {
        HttpMethod::GET => Some(Method::Get),
        HttpMethod::POST => Some(Method::Post),
        HttpMethod::DELETE => Some(Method::Delete),
        HttpMethod::PATCH => Some(Method::Patch),
        _ => None,
    }
}

/// Returns whether a content type is JSON, in UTF-8 if it names a charset.
pub(in crate::sim::server) fn is_json(headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()) else { return false };
    let mut parts = given.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    let mut charsets = parts.filter_map(|it| it.split_once('=')).filter(|(it, _)| it.eq_ignore_ascii_case("charset"));
    is_json && charsets.all(|(_, it)| it.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";

    #[test]
    fn only_documented_spellings_name_a_resource() {
        let good = [
            format!("/v1.0/communications/calls/{CALL}/mute"),
            format!("/V1.0/Communications/Calls/{CALL}/Microsoft.Graph.MUTE"),
            format!("/beta/app/calls/{CALL}/participants/"),
            format!("/v1.0/communications/calls('{CALL}')/participants('x')/mute"),
            format!("/v1.0/communications/calls(%27{CALL}%27)"),
            format!("/BETA/communications/calls/{CALL}/participants/x/microsoft.graph.startHoldMusic"),
        ];
        for path in good {
            assert!(route(&path).is_some(), "{path}");
        }
        let bad = [
            format!("/communications/calls/{CALL}"),
            format!("/v2.0/communications/calls/{CALL}"),
            format!("/v1.0/app/calls/{CALL}"),
            format!("/v1.0/v1.0/communications/calls/{CALL}"),
            format!("/v1.0/communications//calls/{CALL}"),
            format!("/v1.0/communications/calls({CALL})/x"),
            "/v1.0/communications/calls('')".to_owned(),
            format!("/v1.0/communications/('{CALL}')"),
            format!("/v1.0/communications/calls/{CALL}/contoso.mute"),
            format!("/v1.0/communications/calls/{CALL}/operations/participants"),
        ];
        for path in bad {
            assert_eq!(route(&path), None, "{path}");
        }
    }

    #[test]
    fn bodies_are_json_in_utf_8() {
        let cases = [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=UTF-8"), true),
            (Some("application/json;odata.metadata=minimal;charset=\"utf-8\""), true),
            (Some("application/json; charset=utf-16"), false),
            (Some("text/plain"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (None, false),
        ];
        for (given, json) in cases {
            let headers = given.map(|it| (CONTENT_TYPE, it.parse().unwrap())).into_iter().collect();
            assert_eq!(is_json(&headers), json, "{given:?}");
        }
    }
}
