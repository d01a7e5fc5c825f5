//! The simulator's HTTP side: one listener for Graph's paths, the token endpoint, the OpenID document and the
//! control API. It routes; what is answered is decided elsewhere.

mod control;
mod graph;
mod listener;
mod login;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio_util::sync::CancellationToken;

pub use login::assertion::{RegisteredCertificate, RegistrationError};

use super::SimError;
use super::runtime::SimRuntime;

/// The largest body that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// How long a request's body may take before 408 is said. \[unverified\]: Graph's own time, and that it says so.
const BODY: Duration = Duration::from_secs(10);

/// Why a body was not read.
enum BodyReadError {
    /// It is larger than [`LARGEST`], or the line broke; then nobody hears the answer.
    Unwhole,
    /// It did not arrive within [`BODY`].
    Late,
}

/// A request's whole body.
async fn whole(body: Body) -> Result<Bytes, BodyReadError> {
    match tokio::time::timeout(BODY, to_bytes(body, LARGEST)).await {
        Ok(read) => read.map_err(|_broken| BodyReadError::Unwhole),
        Err(_elapsed) => Err(BodyReadError::Late),
    }
}

/// Serves until `stop`.
pub(super) async fn serve(
    stage: Arc<SimRuntime>,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), std::io::Error> {
    listener::run(tokio::net::TcpListener::from_std(listener)?, router(stage), stop).await;
    Ok(())
}

/// Opens the listener.
pub(super) fn listen(at: SocketAddr) -> Result<(TcpListener, String), SimError> {
    let failed = |error| SimError::Listen { at, error };
    let listener = TcpListener::bind(at).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let mut local = listener.local_addr().map_err(failed)?;
    if local.ip().is_unspecified() {
        local.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    Ok((listener, format!("http://{local}")))
}

fn router(stage: Arc<SimRuntime>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/{tenant}/oauth2/v2.0/token", post(login::token).layer(from_fn(in_time)))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(login::openid::tenant))
        .route("/{tenant}/discovery/v2.0/keys", get(login::openid::token_keys))
        .route("/recordings/{id}", get(graph::recordings::fetch))
        .nest("/sim", control::endpoints::router(Arc::clone(&stage)))
        .merge(control::endpoints::root(Arc::clone(&stage)))
        .fallback(other)
        .layer(map_response(challenged))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST))
        .with_state(stage)
}

/// Lets a request on once its body is here.
async fn in_time(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match whole(body).await {
        Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
        Err(BodyReadError::Unwhole) => {
            sentence(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB, or did not arrive")
        }
        Err(BodyReadError::Late) => sentence(StatusCode::REQUEST_TIMEOUT, "the body did not arrive within 10 seconds"),
    }
}

/// An answer; one of 401 names the scheme that would open it. \[unverified\]: what Graph says beside the scheme.
async fn challenged(mut answer: Response) -> Response {
    if answer.status() == StatusCode::UNAUTHORIZED {
        answer.headers_mut().entry(header::WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
    }
    answer
}

/// Graph's paths, and the OpenID document in whatever case and below whatever version it is asked for.
async fn other(State(stage): State<Arc<SimRuntime>>, request: Request) -> Response {
    let path = request.uri().path().to_ascii_lowercase();
    let tail = path.strip_prefix("/v1").filter(|it| it.starts_with("/.")).unwrap_or(&path);
    match tail {
        "/.well-known/openidconfiguration" | "/.well-known/openid-configuration" => login::openid::webhooks(&stage),
        "/.well-known/keys" => login::openid::webhook_keys(&stage),
        _ => graph::answer(&stage, request).await,
    }
}

/// The token of an `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A refusal of the simulator itself, not of Graph: a sentence.
fn sentence(status: StatusCode, said: &str) -> Response {
    (status, Json(json!({ "error": said }))).into_response()
}
