//! The token endpoint, in Entra's format. It issues a token of one hour for an application's id together with its
//! secret or with an assertion signed by its certificate.

pub(super) mod assertion;
pub(super) mod openid;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::http::require_body_in_time;
use super::state::LoginState;
use crate::sim::world::{RequestCaller, SimApplication, TokenOutcome, World};
use crate::time::clock;

/// The audience of application tokens.
const AUDIENCE: &str = "https://graph.microsoft.com";
/// The lifetime of application tokens, in seconds.
const TOKEN_LIFETIME: i64 = 3_599;

/// The claims of an application token.
#[derive(Debug, Serialize, Deserialize)]
struct AppTokenClaims {
    aud: Box<str>,
    iss: Box<str>,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: Box<str>,
    tid: Box<str>,
    roles: Vec<Box<str>>,
}

/// Returns the routes of the token endpoint and its documents.
pub(super) fn router(state: Arc<LoginState>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token).layer(from_fn(require_body_in_time)))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(openid::tenant))
        .route("/{tenant}/discovery/v2.0/keys", get(openid::token_keys))
        .with_state(state)
}

/// Answers a client-credentials form. Any GUID is accepted as a tenant, as for a multi-tenant application.
async fn token(State(state): State<Arc<LoginState>>, Path(tenant): Path<String>, form: String) -> Response {
    let refuse = |status, error, description: &str| Err((status, error, description.to_owned()));
    let granted = match state.runtime.with(|world, _now| (world.token_outcome(), Vec::new())) {
        TokenOutcome::Granted => grant(&state, &tenant, &form),
        TokenOutcome::Unavailable => {
            refuse(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "AADSTS90033: Try again later.")
        }
        TokenOutcome::InvalidClient => {
            refuse(StatusCode::BAD_REQUEST, "invalid_client", "AADSTS7000215: Invalid client secret is provided.")
        }
    };
    match granted {
        Ok(token) => {
            let body = json!({ "token_type": "Bearer", "expires_in": TOKEN_LIFETIME, "ext_expires_in": TOKEN_LIFETIME, "access_token": token });
            ([(header::CACHE_CONTROL, "no-store, no-cache")], Json(body)).into_response()
        }
        Err((status, error, description)) => {
            let body = json!({
                "error": error,
                "error_description": description,
                "correlation_id": Uuid::new_v4(),
                "trace_id": Uuid::new_v4(),
            });
            (status, Json(body)).into_response()
        }
    }
}

type TokenRefused = (StatusCode, &'static str, String);

fn grant(state: &LoginState, tenant: &str, form: &str) -> Result<String, TokenRefused> {
    let refuse = |error, description: &str| Err((StatusCode::BAD_REQUEST, error, description.to_owned()));
    let field = |name: &str| url::form_urlencoded::parse(form.as_bytes()).find(|(it, _)| it == name).map(|(_, it)| it);
    if Uuid::parse_str(tenant).is_err() {
        return refuse("invalid_request", "AADSTS90002: Tenant not found; use the tenant's id.");
    }
    if field("grant_type").as_deref() != Some("client_credentials") {
        return refuse("unsupported_grant_type", "AADSTS70003: Only grant_type client_credentials is served.");
    }
    let scope = field("scope").unwrap_or_default();
    // A documented sample has two slashes.
    if !matches!(scope.strip_prefix(AUDIENCE), Some("/.default" | "//.default")) {
        return refuse("invalid_scope", "AADSTS1002012: The scope must be https://graph.microsoft.com/.default.");
    }
    let id = field("client_id").unwrap_or_default();
    let application = state.runtime.read(|world| world.application().clone());
    if !id.eq_ignore_ascii_case(&application.id) {
        let description = format!("AADSTS700016: Application {id:?} was not found in the directory.");
        return Err((StatusCode::BAD_REQUEST, "unauthorized_client", description));
    }
    let now = clock::wall().0 / 1_000;
    let denied = |description: String| (StatusCode::UNAUTHORIZED, "invalid_client", description);
    match (field("client_assertion"), field("client_secret")) {
        (Some(assertion), None) => {
            if field("client_assertion_type").as_deref() != Some(assertion::KIND) {
                return refuse("invalid_request", &format!("The client_assertion_type must be {}.", assertion::KIND));
            }
            let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", state.base);
            let Some(certificate) = &state.certificate else {
                let description =
                    "AADSTS700027: No certificate is registered; give the simulator --client-certificate FILE.";
                return Err(denied(description.to_owned()));
            };
            certificate.take(&assertion, &id, &endpoint, now).map_err(denied)?;
        }
        (None, Some(secret)) if is_secret(&application, &secret) => {}
        (None, Some(_)) => return Err(denied("AADSTS7000215: Invalid client secret is provided.".to_owned())),
        (None, None) => {
            let description = "AADSTS7000218: The form must have client_assertion or client_secret.";
            return Err(denied(description.to_owned()));
        }
        (Some(_), Some(_)) => return refuse("invalid_request", "Give client_assertion or client_secret, not both."),
    }
    let claims = AppTokenClaims {
        aud: AUDIENCE.into(),
        iss: format!("https://sts.windows.net/{tenant}/").into(),
        iat: now,
        nbf: now,
        exp: now + TOKEN_LIFETIME,
        appid: application.id,
        tid: tenant.into(),
        roles: state.runtime.read(|world| world.settings().roles.iter().map(|it| it.as_str().into()).collect()),
    };
    let failed = |description: String| (StatusCode::INTERNAL_SERVER_ERROR, "server_error", description);
    let claims = serde_json::to_value(claims).map_err(|error| failed(error.to_string()))?;
    state.tokens.sign(&claims).map_err(|error| failed(error.to_string()))
}

fn is_secret(application: &SimApplication, secret: &str) -> bool {
    bool::from(secret.as_bytes().ct_eq(application.secret.expose_secret().as_bytes()))
}

/// Returns the caller of an application token, or `None` if we did not issue the token or it has expired.
pub(super) fn caller(state: &LoginState, token: &str) -> Option<RequestCaller> {
    let claims: AppTokenClaims = state.tokens.verify(token, &[AUDIENCE, "https://graph.microsoft.com/"])?;
    let is_known = state.runtime.read(|world: &World| world.application().id.eq_ignore_ascii_case(&claims.appid));
    is_known.then_some(RequestCaller { tenant: claims.tid, roles: claims.roles })
}
