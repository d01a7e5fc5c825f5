//! What the relay shows its keepers, on a listener of its own: whether it lives, whether it is ready and if not why,
//! and its figures. It asks of others what it must, and changes nothing.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::net::TcpListener;

use super::metrics::GaugeReadings;
use crate::clock;
use crate::floor::Cursor;
use crate::relay::Shared;
use crate::relay::edge::limits::RelayLimits;
use crate::relay::edge::listener;
use crate::relay::edge::listener::ListenerConfig;

/// Serves until the relay stops.
pub(in crate::relay) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    let door = ListenerConfig {
        limits: RelayLimits { connections: CONNECTIONS, ..RelayLimits::default() },
        tls: None,
        behind_proxy: true,
        metrics: Arc::clone(&shared.metrics),
        stop: shared.stop.clone(),
    };
    let router = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(shared);
    listener::run(listener, router, door).await;
}

const CONNECTIONS: usize = 64;
/// A check that takes longer has failed.
const CHECKING: Duration = Duration::from_secs(4);
/// The floor may be so many entries behind the journal while it folds.
const BEHIND: u64 = 10_000;

/// That the relay lives, and how far it is.
#[derive(Serialize)]
struct HealthReport {
    ok: bool,
    head: Cursor,
    folded: Cursor,
    consoles: usize,
    repeats: u64,
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    axum::Json(HealthReport {
        ok: true,
        head: shared.journal.head().cursor,
        folded: shared.hub.folded().cursor,
        consoles: shared.consoles.count(),
        repeats: repeats(&shared),
    })
    .into_response()
}

fn repeats(shared: &Shared) -> u64 {
    shared.intake.repeats.lock().unwrap_or_else(PoisonError::into_inner).dropped()
}

/// Whether the relay can do all that it is for.
#[derive(Serialize)]
struct ReadinessReport {
    ready: bool,
    checks: ReadinessChecks,
}

#[derive(Serialize)]
struct ReadinessChecks {
    /// The journal takes entries.
    journal: ReadinessCheck,
    /// The floor knows what the journal holds.
    floor: ReadinessCheck,
    /// Webhooks can be verified.
    keys: ReadinessCheck,
    /// Graph can be asked.
    token: ReadinessCheck,
    /// The relay's own certificate has not ended; nothing without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<ReadinessCheck>,
}

#[derive(Serialize)]
struct ReadinessCheck {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl ReadinessCheck {
    fn of<E: std::fmt::Display>(result: Result<(), E>) -> Self {
        let reason = result.err().map(|error| error.to_string());
        Self { ok: reason.is_none(), reason }
    }
}

async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let (keys, token) = tokio::join!(
        in_time(async { shared.intake.verifier.ready().await.map_err(|error| error.to_string()) }),
        in_time(shared.outbound.token_obtainable()),
    );
    let (head, folded) = (shared.journal.head().cursor.0, shared.hub.folded().cursor.0);
    let behind = head.saturating_sub(folded);
    let floor = if behind > BEHIND { Err(format!("it is {behind} entries behind the journal")) } else { Ok(()) };
    let checks = ReadinessChecks {
        journal: ReadinessCheck::of(shared.recorder.failing().map_or(Ok(()), Err)),
        floor: ReadinessCheck::of(floor),
        keys: ReadinessCheck::of(keys),
        token: ReadinessCheck::of(token),
        certificate: shared.certificate.as_ref().map(|it| ReadinessCheck::of(it.check(clock::wall()))),
    };
    let needed = [&checks.journal, &checks.floor, &checks.keys, &checks.token];
    let ready = needed.into_iter().chain(&checks.certificate).all(|it| it.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(ReadinessReport { ready, checks })).into_response()
}

async fn in_time(check: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let late = || Err(format!("it took longer than {} s", CHECKING.as_secs()));
    tokio::time::timeout(CHECKING, check).await.unwrap_or_else(|_elapsed| late())
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    shared.metrics.read_gauges(GaugeReadings {
        head: shared.journal.head().cursor.0,
        folded: shared.hub.folded().cursor.0,
        consoles: shared.consoles.count(),
        repeats: repeats(&shared),
        keys_age: shared.intake.verifier.keys_age(),
        token_left: shared.outbound.token_left(),
        circuits: Some(shared.outbound.circuits()),
        certificate_left: shared.certificate.as_ref().and_then(|it| it.left(clock::wall())),
    });
    let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (kind, shared.metrics.text()).into_response()
}
