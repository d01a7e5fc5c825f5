//! The OpenID documents of the webhooks' issuer and of the token endpoint. Some credential classes
//! fetch the second one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::refusal::LoginRefusal;
use super::tenant::NamedTenant;
use crate::sim::server::state::LoginState;
use crate::sim::settings::Served;
use crate::sim::webhooks::ISSUER;

/// Answers the document of the webhooks' issuer (graph-contract.md, "Who signs webhooks").
pub(in crate::sim::server) fn webhooks(state: &LoginState, headers: &HeaderMap) -> Response {
    let document = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://invalid.botframework.com",
        "jwks_uri": format!("{}/.well-known/keys", state.address.of_request(headers)),
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    });
    served(state.runtime.read(|world| world.settings().openid), document)
}

/// Answers the keys that sign webhooks.
pub(in crate::sim::server) fn webhook_keys(state: &LoginState) -> Response {
    served(state.runtime.read(|world| world.settings().jwks), json!({ "keys": state.keys.public() }))
}

/// Answers the document of a tenant's token endpoint. \[unverified\]: which members credential classes need.
pub(in crate::sim::server) async fn tenant(
    State(state): State<Arc<LoginState>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    let home = state.runtime.read(|world| world.application().tenant.clone());
    // A document that is for no particular tenant has a placeholder in its issuer.
    let (segment, issuer) = match NamedTenant::read(&tenant, &home) {
        NamedTenant::One(id) => (id.clone(), id),
        NamedTenant::Any => (tenant.to_ascii_lowercase().into(), "{tenantid}".into()),
        NamedTenant::Malformed => {
            let error =
                format!("AADSTS90002: Tenant {tenant:?} not found. Check to make sure you have the correct tenant ID.");
            return LoginRefusal::bad("invalid_tenant", error).answer(&headers);
        }
    };
    let origin = state.address.of_request(&headers);
    let own = format!("{origin}/{segment}");
    Json(json!({
        "issuer": format!("{origin}/{issuer}/v2.0"),
        "authorization_endpoint": format!("{own}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{own}/oauth2/v2.0/token"),
        "jwks_uri": format!("{own}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
    .into_response()
}

/// Answers the key that signs application tokens.
pub(in crate::sim::server) async fn token_keys(State(state): State<Arc<LoginState>>) -> Json<Value> {
    Json(json!({ "keys": [state.tokens.public()] }))
}

/// Answers a document, unless the setting makes it unavailable.
fn served(served: Served, document: Value) -> Response {
    match served {
        Served::Served => Json(document).into_response(),
        Served::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
