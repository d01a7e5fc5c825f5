//! The relay's paths: which leads where, and what each passes first. Knows HTTP and nothing of calls.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::limits::RelayLimits;
use super::listener;
use super::listener::ListenerConfig;
use super::middleware;
use crate::relay::webhooks::intake;
use crate::relay::{Shared, feed, gate};

/// Serves until it is told to stop, and then until what has begun is done.
pub(in crate::relay) async fn run(
    listener: TcpListener,
    shared: Arc<Shared>,
    limits: RelayLimits,
    tls: Option<TlsAcceptor>,
) {
    let door = ListenerConfig {
        limits,
        tls,
        behind_proxy: shared.behind_proxy,
        metrics: Arc::clone(&shared.metrics),
        stop: shared.stop.clone(),
    };
    listener::run(listener, router(shared), door).await;
}

fn router(shared: Arc<Shared>) -> Router {
    let state = || Arc::clone(&shared);
    let webhooks = Router::new()
        .route("/notifications", post(intake::receive))
        .route_layer(from_fn_with_state(state(), middleware::webhooks));
    let acts = Router::new()
        .route("/graph/v1.0/{*path}", any(gate::pass))
        .route_layer(from_fn_with_state(state(), middleware::gate));
    let operators = Router::new()
        .route("/feed", get(feed::upgrade))
        .merge(acts)
        .route_layer(from_fn_with_state(state(), middleware::operators));
    let strangers = Router::new()
        // Whether it lives and no more: what it knows is for its keepers.
        .route("/healthz", get(async || "ok\n"))
        .fallback(nothing)
        .layer(from_fn_with_state(state(), middleware::anonymous));
    strangers.merge(webhooks).merge(operators).with_state(shared)
}

async fn nothing(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.metrics.refused("noSuchPath");
    StatusCode::NOT_FOUND
}
