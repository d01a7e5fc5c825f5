//! The ops listener: liveness, readiness with reasons, and metrics. The checks send requests, but change nothing.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::metrics::{GaugeReadings, RelayMetrics};
use crate::floor::Cursor;
use crate::journal::Journal;
use crate::relay::edge::limits::RelayLimits;
use crate::relay::edge::listener;
use crate::relay::edge::listener::ListenerConfig;
use crate::relay::edge::tls::ServedCertificate;
use crate::relay::feed::ConsoleSlots;
use crate::relay::graph::client::GraphClient;
use crate::relay::live::projection::LiveFloor;
use crate::relay::record::journal_writer::JournalWriter;
use crate::relay::webhooks::dedup::RecentItems;
use crate::relay::webhooks::verify::TokenVerifier;
use crate::time::clock;

/// The state of the ops router.
pub(in crate::relay) struct OpsState {
    pub(in crate::relay) journal: Arc<dyn Journal>,
    pub(in crate::relay) live: Arc<LiveFloor>,
    pub(in crate::relay) writer: Arc<JournalWriter>,
    pub(in crate::relay) verifier: Arc<TokenVerifier>,
    pub(in crate::relay) recent: Arc<RecentItems>,
    pub(in crate::relay) graph: Arc<GraphClient>,
    pub(in crate::relay) consoles: Arc<ConsoleSlots>,
    pub(in crate::relay) certificate: Option<Arc<ServedCertificate>>,
    pub(in crate::relay) metrics: Arc<RelayMetrics>,
}

/// Serves until the relay stops.
pub(in crate::relay) async fn run(listener: TcpListener, state: OpsState, stop: CancellationToken) {
    let config = ListenerConfig {
        limits: RelayLimits { connections: MAX_CONNECTIONS, ..RelayLimits::default() },
        tls: None,
        behind_proxy: true,
        metrics: Arc::clone(&state.metrics),
        stop,
    };
    let router = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(state))
        .layer(from_fn(require_loopback_host));
    listener::run(listener, router, config).await;
}

/// Middleware: refuses requests that name another host than this machine. A web page can make a browser on this machine
/// ask here under the page's own name (DNS rebinding), and would read the answer.
async fn require_loopback_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|it| it.to_str().ok());
    if host.is_some_and(names_this_machine) {
        return next.run(request).await;
    }
    let why = "this listener answers only to localhost, 127.0.0.1 and [::1] as the Host of a request\n";
    (StatusCode::MISDIRECTED_REQUEST, why).into_response()
}

/// Returns whether a `Host` names this machine, with or without a port.
fn names_this_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|it| it.to_canonical().is_loopback())
}

/// The maximum number of connections to this listener.
const MAX_CONNECTIONS: usize = 64;
/// The time-out of one check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(4);
/// The maximum number of entries that a ready floor may be behind the journal.
const MAX_BEHIND: u64 = 10_000;

/// The answer of `/healthz`: the positions of the journal and the floor.
#[derive(Serialize)]
struct HealthReport {
    ok: bool,
    head: Cursor,
    folded: Cursor,
    consoles: usize,
    repeats: u64,
}

async fn health(State(state): State<Arc<OpsState>>) -> Response {
    axum::Json(HealthReport {
        ok: true,
        head: state.journal.head().cursor,
        folded: state.live.folded().cursor,
        consoles: state.consoles.count(),
        repeats: state.recent.dropped(),
    })
    .into_response()
}

/// The answer of `/readyz`: the result of each check.
#[derive(Serialize)]
struct ReadinessReport {
    ready: bool,
    checks: ReadinessChecks,
}

#[derive(Serialize)]
struct ReadinessChecks {
    /// The last append succeeded.
    journal: ReadinessCheck,
    /// The floor has caught up with the journal.
    floor: ReadinessCheck,
    /// There are keys to verify webhooks.
    keys: ReadinessCheck,
    /// The application has a token for Graph.
    token: ReadinessCheck,
    /// The relay's own certificate has not expired; absent without TLS.
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

async fn ready(State(state): State<Arc<OpsState>>) -> Response {
    let (keys, token) = tokio::join!(
        in_time(async { state.verifier.ensure_keys().await.map_err(|error| error.to_string()) }),
        in_time(state.graph.ensure_token()),
    );
    let (head, folded) = (state.journal.head().cursor.0, state.live.folded().cursor.0);
    let behind = head.saturating_sub(folded);
    let floor = if behind > MAX_BEHIND { Err(format!("it is {behind} entries behind the journal")) } else { Ok(()) };
    let checks = ReadinessChecks {
        journal: ReadinessCheck::of(state.writer.recent_failure().map_or(Ok(()), Err)),
        floor: ReadinessCheck::of(floor),
        keys: ReadinessCheck::of(keys),
        token: ReadinessCheck::of(token),
        certificate: state.certificate.as_ref().map(|it| ReadinessCheck::of(it.check(clock::wall()))),
    };
    let required = [&checks.journal, &checks.floor, &checks.keys, &checks.token];
    let ready = required.into_iter().chain(&checks.certificate).all(|it| it.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(ReadinessReport { ready, checks })).into_response()
}

async fn in_time(check: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let late = || Err(format!("it took longer than {} s", CHECK_TIMEOUT.as_secs()));
    tokio::time::timeout(CHECK_TIMEOUT, check).await.unwrap_or_else(|_elapsed| late())
}

async fn metrics(State(state): State<Arc<OpsState>>) -> Response {
    state.metrics.set_gauges(GaugeReadings {
        head: state.journal.head().cursor.0,
        folded: state.live.folded().cursor.0,
        consoles: state.consoles.count(),
        repeats: state.recent.dropped(),
        unreadable: state.live.with_floor(|floor| floor.counts().unreadable),
        keys_age: state.verifier.keys_age(),
        token_left: state.graph.token_left(),
        circuits: Some(state.graph.circuits()),
        certificate_left: state.certificate.as_ref().and_then(|it| it.left(clock::wall())),
    });
    let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (kind, state.metrics.text()).into_response()
}
