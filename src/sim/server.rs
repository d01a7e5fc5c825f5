//! The simulator's HTTP side: one listener for Graph's paths, the token endpoint, the OpenID document and the
//! control API. This module routes requests; the submodules answer them.

mod body;
mod control;
mod graph;
mod http;
mod listener;
mod login;
mod public_address;
mod state;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use tokio_util::sync::CancellationToken;

pub use login::assertion::{RegisteredCertificate, RegistrationError};
pub(super) use public_address::PublicAddress;
pub(super) use state::{ControlState, GraphState, LoginState};

use super::error::SimError;
use body::MAX_BODY;
use http::without_empty_segments;

/// Serves until `stop`.
pub(super) async fn serve(
    (graph, control): (GraphState, ControlState),
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), std::io::Error> {
    listener::run(tokio::net::TcpListener::from_std(listener)?, router(graph, control), stop).await;
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

fn router(graph: GraphState, control: ControlState) -> Router {
    let login = login::router(Arc::clone(&graph.login));
    let graph = Router::new()
        .route("/recordings/{id}", get(graph::recordings::fetch))
        .fallback(graph_or_openid)
        .with_state(graph);
    Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(login)
        .nest("/sim", control::endpoints::router(control.clone()))
        .merge(control::endpoints::root(control))
        .merge(graph)
        .layer(map_response(with_challenge))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
}

/// Adds the authentication scheme to an answer with 401. \[unverified\]: the other parts of Graph's header.
async fn with_challenge(mut answer: Response) -> Response {
    if answer.status() == StatusCode::UNAUTHORIZED {
        answer.headers_mut().entry(header::WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
    }
    answer
}

/// Answers Graph's paths, and the OpenID document in any case and below any version.
async fn graph_or_openid(State(state): State<GraphState>, request: Request) -> Response {
    let path = without_empty_segments(request.uri().path()).to_ascii_lowercase();
    let tail = path.strip_prefix("/v1").filter(|it| it.starts_with("/.")).unwrap_or(&path);
    match tail {
        "/.well-known/openidconfiguration" | "/.well-known/openid-configuration" => {
            login::openid::webhooks(&state.login, request.headers())
        }
        "/.well-known/keys" => login::openid::webhook_keys(&state.login),
        _ => graph::answer(&state, request).await,
    }
}
