//! The simulator's HTTP side: one listener for Graph's paths, the token endpoint, the OpenID document and the
//! control API. It routes; what is answered is decided elsewhere.

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
use http::{LARGEST, in_time};

/// How long a client may take to send a request's head.
const HEAD: Duration = Duration::from_secs(10);

/// Serves until the handle is told to stop.
pub(super) async fn serve(
    stage: Arc<SimRuntime>,
    listener: TcpListener,
    handle: Handle<SocketAddr>,
) -> Result<(), std::io::Error> {
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    server.serve(router(stage).into_make_service()).await
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
