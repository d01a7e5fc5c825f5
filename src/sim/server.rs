//! The simulator's HTTP side: one listener for Graph's paths, the token endpoint, the OpenID document and the
//! control API. It routes requests; the parts decide what they answer.

mod control;
mod graph;
mod http;
mod login;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use axum_server::Handle;
use hyper_util::rt::TokioTimer;

pub use login::assertion::{RegisteredCertificate, RegistrationError};

use super::error::SimError;
use super::runtime::SimRuntime;
use http::{LARGEST, require_body_in_time};

/// How long a client may take to send a request's head.
const HEAD: Duration = Duration::from_secs(10);

/// Serves until the handle stops it.
pub(super) async fn serve(
    runtime: Arc<SimRuntime>,
    listener: TcpListener,
    handle: Handle<SocketAddr>,
) -> Result<(), std::io::Error> {
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    server.serve(router(runtime).into_make_service()).await
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

fn router(runtime: Arc<SimRuntime>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/{tenant}/oauth2/v2.0/token", post(login::token).layer(from_fn(require_body_in_time)))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(login::openid::tenant))
        .route("/{tenant}/discovery/v2.0/keys", get(login::openid::token_keys))
        .route("/recordings/{id}", get(graph::recordings::fetch))
        .nest("/sim", control::endpoints::router(Arc::clone(&runtime)))
        .merge(control::endpoints::root(Arc::clone(&runtime)))
        .fallback(graph_or_openid)
        .layer(map_response(with_challenge))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST))
        .with_state(runtime)
}

/// Adds the scheme to an answer with 401. \[unverified\]: what Graph's header holds beside the scheme.
async fn with_challenge(mut answer: Response) -> Response {
    if answer.status() == StatusCode::UNAUTHORIZED {
        answer.headers_mut().entry(header::WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
    }
    answer
}

/// Answers Graph's paths, and the OpenID document in any case and below any version.
async fn graph_or_openid(State(runtime): State<Arc<SimRuntime>>, request: Request) -> Response {
    let path = request.uri().path().to_ascii_lowercase();
    let tail = path.strip_prefix("/v1").filter(|it| it.starts_with("/.")).unwrap_or(&path);
    match tail {
        "/.well-known/openidconfiguration" | "/.well-known/openid-configuration" => login::openid::webhooks(&runtime),
        "/.well-known/keys" => login::openid::webhook_keys(&runtime),
        _ => graph::answer(&runtime, request).await,
    }
}
