//! The relay's paths: the handler of each, and the checks before it. Does not know calls.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};

use super::middleware::{self, CallerChecks};
use crate::protocol::TIME_PATH;
use crate::relay::feed::{self, FeedState};
use crate::relay::gate::{self, GateState};
use crate::relay::webhooks::intake::{self, WebhookIntake};
use crate::relay::webhooks::misdirected;

/// The state of each router.
pub(in crate::relay) struct RouterStates {
    pub(in crate::relay) checks: CallerChecks,
    pub(in crate::relay) intake: Arc<WebhookIntake>,
    pub(in crate::relay) gate: Arc<GateState>,
    pub(in crate::relay) feed: Arc<FeedState>,
}

/// Returns all public paths.
pub(in crate::relay) fn router(states: RouterStates) -> Router {
    let RouterStates { checks, intake, gate, feed } = states;
    let metrics = Arc::clone(&checks.metrics);
    let webhooks = Router::new()
        .route("/notifications", post(intake::receive))
        // A bot may add a slash, or a path of its own by which it tells its calls or its instances apart.
        .route("/notifications/", post(intake::receive))
        .route("/notifications/{*path}", post(intake::receive))
        .route_layer(from_fn_with_state(Arc::clone(&metrics), intake::count_outcome))
        .with_state(Arc::clone(&intake));
    let acts = Router::new()
        .route("/graph/v1.0/{*path}", any(gate::pass))
        .route_layer(from_fn_with_state(Arc::clone(&metrics), gate::outcome::check_and_count))
        .with_state(Arc::clone(&gate));
    let time = Router::new().route(TIME_PATH, get(gate::time)).with_state(gate);
    let operators = Router::new()
        .route("/feed", get(feed::upgrade))
        .with_state(feed)
        .merge(acts)
        .merge(time)
        .route_layer(from_fn_with_state(checks.clone(), middleware::require_operator));
    let anonymous = Router::new()
        // It shows only that the relay runs; the ops listener has the details.
        .route("/healthz", get(async || "ok\n"))
        .fallback(misdirected::no_such_path)
        .layer(from_fn_with_state(checks, middleware::limit_anonymous))
        .with_state(intake);
    anonymous.merge(webhooks).merge(operators)
}
