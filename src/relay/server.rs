//! The relay's paths: which leads where, and what each passes first. Knows HTTP and nothing of calls.

use std::sync::{Arc, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::door::{self, Door};
use super::limits::Limits;
use super::{Shared, feed, gate, guard, intake};
use crate::floor::Cursor;

/// Serves until it is told to stop, and then until what has begun is done.
pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>, limits: Limits, tls: Option<TlsAcceptor>) {
    let door = Door {
        limits,
        tls,
        behind_proxy: shared.behind_proxy,
        metrics: Arc::clone(&shared.metrics),
        stop: shared.stop.clone(),
    };
    door::keep(listener, router(shared), door).await;
}

fn router(shared: Arc<Shared>) -> Router {
    let state = || Arc::clone(&shared);
    let webhooks = Router::new()
        .route("/notifications", post(intake::receive))
        .route_layer(from_fn_with_state(state(), guard::webhooks));
    let acts = Router::new()
        .route("/graph/v1.0/{*path}", any(gate::pass))
        .route_layer(from_fn_with_state(state(), guard::gate));
    let operators = Router::new()
        .route("/feed", get(feed::upgrade))
        .merge(acts)
        .route_layer(from_fn_with_state(state(), guard::operators));
    let strangers = Router::new()
        .route("/healthz", get(health))
        .fallback(nothing)
        .layer(from_fn_with_state(state(), guard::strangers));
    strangers.merge(webhooks).merge(operators).with_state(shared)
}

async fn nothing(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.metrics.refused("noSuchPath");
    StatusCode::NOT_FOUND
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    ok: bool,
    head: Cursor,
    folded: Cursor,
    consoles: usize,
    repeats: u64,
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let repeats = shared.intake.repeats.lock().unwrap_or_else(PoisonError::into_inner).dropped();
    axum::Json(Health {
        ok: true,
        head: shared.journal.head().cursor,
        folded: shared.hub.folded().cursor,
        consoles: shared.consoles.count(),
        repeats,
    })
    .into_response()
}
