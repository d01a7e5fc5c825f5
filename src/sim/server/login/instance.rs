//! Instance discovery: a client asks a known authority whether another authority may be trusted, before it sends a secret.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use url::Url;

use super::refusal::LoginRefusal;
use crate::sim::server::state::LoginState;

/// The hosts of Entra's global cloud, which are aliases of one another.
const ENTRA_HOSTS: [&str; 4] =
    ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];

/// Answers where the documents of an authority are. Entra's own hosts and the simulator are known authorities.
pub(super) async fn discover(
    State(state): State<Arc<LoginState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let origin = state.address.of_request(&headers);
    discovered(&origin, query.as_deref().unwrap_or_default())
        .map_or_else(|refusal| refusal.answer(&headers), |body| Json(body).into_response())
}

fn discovered(origin: &str, query: &str) -> Result<Value, LoginRefusal> {
    let mut fields = url::form_urlencoded::parse(query.as_bytes());
    let asked = fields.find(|(it, _)| it == "authorization_endpoint").map(|(_, it)| it).ok_or_else(|| {
        let error = "AADSTS900144: The request must contain the following parameter: 'authorization_endpoint'.";
        LoginRefusal::bad("invalid_request", error)
    })?;
    let authority = |text: &str| Url::parse(text).ok().and_then(|url| Some((host(&url)?, tenant(&url))));
    let own = Url::parse(origin).ok().and_then(|it| host(&it));
    let known = |host: &str| ENTRA_HOSTS.contains(&host) || own.as_deref() == Some(host);
    let unknown = || LoginRefusal::bad("invalid_instance", "AADSTS50049: Unknown or invalid instance.");
    let (_, tenant) = authority(&asked).filter(|(host, _)| known(host)).ok_or_else(unknown)?;
    let tenant = tenant.ok_or_else(unknown)?;
    let instance = |network: &str, cache: &str, aliases: &[&str]| json!({ "preferred_network": network, "preferred_cache": cache, "aliases": aliases });
    let mut metadata = vec![instance("login.microsoftonline.com", "login.windows.net", &ENTRA_HOSTS)];
    if let Some(own) = own.as_deref().filter(|it| !ENTRA_HOSTS.contains(it)) {
        metadata.push(instance(own, own, &[own]));
    }
    Ok(json!({
        "tenant_discovery_endpoint": format!("{origin}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": metadata,
    }))
}

/// Returns the host of an address, with its port if it names one.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Returns the tenant of the address of an authorization endpoint.
fn tenant(url: &Url) -> Option<String> {
    url.path_segments()?.find(|it| !it.is_empty()).map(str::to_owned)
}
