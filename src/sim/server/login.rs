//! The token endpoint, in Entra's format. It issues a token of one hour for an application's id together with its
//! secret or with an assertion signed by its certificate.

pub(super) mod assertion;
mod instance;
pub(super) mod openid;
mod refusal;
mod tenant;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::body::require_body_in_time;
use super::state::LoginState;
use crate::sim::world::{RequestCaller, SimApplication, TokenOutcome, World};
use crate::time::clock;

use refusal::LoginRefusal;
use tenant::NamedTenant;

/// The audience of application tokens.
const AUDIENCE: &str = "https://graph.microsoft.com";
/// The lifetime of application tokens, in seconds.
const TOKEN_LIFETIME: i64 = 3_599;

/// Entra's description of a wrong secret.
const WRONG_SECRET: &str = "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is \
                            the client secret value, not the client secret ID.";

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
        .route("/common/discovery/instance", get(instance::discover))
        .with_state(state)
}

/// Answers a client-credentials form.
async fn token(
    State(state): State<Arc<LoginState>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    form: String,
) -> Response {
    let granted = match state.runtime.with(|world, _now| (world.token_outcome(), Vec::new())) {
        TokenOutcome::Granted => grant(&state, &tenant, &headers, &form),
        TokenOutcome::Unavailable => Err(LoginRefusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "AADSTS90033: A transient error has occurred. Please try again.",
        )),
        TokenOutcome::InvalidClient => Err(LoginRefusal::bad("invalid_client", WRONG_SECRET)),
    };
    match granted {
        Ok(token) => {
            let body = json!({ "token_type": "Bearer", "expires_in": TOKEN_LIFETIME, "ext_expires_in": TOKEN_LIFETIME, "access_token": token });
            ([(header::CACHE_CONTROL, "no-store, no-cache")], Json(body)).into_response()
        }
        Err(refusal) => refusal.answer(&headers),
    }
}

/// Returns an application token for a form, if the form is valid and its credentials are the application's.
fn grant(state: &LoginState, tenant: &str, headers: &HeaderMap, form: &str) -> Result<String, LoginRefusal> {
    let field = |name: &str| url::form_urlencoded::parse(form.as_bytes()).find(|(it, _)| it == name).map(|(_, it)| it);
    let application = state.runtime.read(|world| world.application().clone());
    let id_of_tenant = NamedTenant::read(tenant, &application.tenant).one(tenant)?;
    if field("grant_type").as_deref() != Some("client_credentials") {
        let error = "AADSTS70003: The app requested an unsupported grant type; only client_credentials is served.";
        return Err(LoginRefusal::bad("unsupported_grant_type", error));
    }
    let scope = field("scope").unwrap_or_default();
    // A documented sample has two slashes.
    if !matches!(scope.strip_prefix(AUDIENCE), Some("/.default" | "//.default")) {
        let error = format!(
            "AADSTS1002012: The provided value for scope {scope} is not valid. Client credential flows must have a scope \
             value with /.default suffixed to the resource identifier (application ID URI): {AUDIENCE}/.default."
        );
        return Err(LoginRefusal::bad("invalid_scope", error));
    }
    let id = field("client_id").unwrap_or_default();
    if !id.eq_ignore_ascii_case(&application.id) {
        let error =
            format!("AADSTS700016: Application with identifier {id:?} was not found in the directory {tenant:?}.");
        return Err(LoginRefusal::bad("unauthorized_client", error));
    }
    let now = clock::wall().0 / 1_000;
    let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", state.address.of_request(headers));
    match (field("client_assertion"), field("client_secret")) {
        (Some(assertion), None) => {
            let kind = field("client_assertion_type").unwrap_or_default();
            check_assertion(state, (&kind, &assertion), (&id, &endpoint), now)?;
        }
        (None, Some(secret)) if is_secret(&application, &secret) => {}
        (None, Some(_)) => return Err(LoginRefusal::client(WRONG_SECRET)),
        (None, None) => {
            let error = "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or \
                         'client_secret'.";
            return Err(LoginRefusal::client(error));
        }
        (Some(_), Some(_)) => {
            let error = "AADSTS9002313: Invalid request: give client_assertion or client_secret, not both.";
            return Err(LoginRefusal::bad("invalid_request", error));
        }
    }
    let claims = AppTokenClaims {
        aud: AUDIENCE.into(),
        iss: format!("https://sts.windows.net/{id_of_tenant}/").into(),
        iat: now,
        nbf: now,
        exp: now + TOKEN_LIFETIME,
        appid: application.id,
        tid: id_of_tenant,
        roles: state.runtime.read(|world| world.settings().roles.iter().map(|it| it.as_str().into()).collect()),
    };
    sign(state, &claims)
}

/// Requires an assertion that the application's certificate has signed, for this token endpoint.
fn check_assertion(
    state: &LoginState,
    (kind, assertion): (&str, &str),
    (client, endpoint): (&str, &str),
    now: i64,
) -> Result<(), LoginRefusal> {
    if kind != assertion::KIND {
        let error = format!("AADSTS9002313: Invalid request: the client_assertion_type must be {}.", assertion::KIND);
        return Err(LoginRefusal::bad("invalid_request", error));
    }
    let Some(certificate) = &state.certificate else {
        let error = "AADSTS700027: No certificate is registered; give the simulator --client-certificate FILE.";
        return Err(LoginRefusal::client(error));
    };
    certificate.take(assertion, client, endpoint, now).map_err(LoginRefusal::client)
}

fn sign(state: &LoginState, claims: &AppTokenClaims) -> Result<String, LoginRefusal> {
    let failed = |error: String| LoginRefusal::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", error);
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
