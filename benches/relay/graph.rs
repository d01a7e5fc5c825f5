//! A stand-in for Graph with as many calls as are asked for: it makes each answer from the id.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::routing::get;

use crate::intake::people;

const JSON: (HeaderName, &str) = (CONTENT_TYPE, "application/json");

/// Returns the id of a call.
pub(crate) fn call_id(call: usize) -> String {
    format!("44444444-0000-0000-0000-{call:012}")
}

/// Returns a group call as Graph sends it.
pub(crate) fn call(id: &str) -> String {
    format!(
        r##"{{"@odata.type":"#microsoft.graph.call","id":"{id}","state":"established","direction":"outgoing","callbackUri":"https://bot.example/callback","chatInfo":{{"threadId":"19:{id}@thread.v2","messageId":"0"}},"requestedModalities":["audio"],"tenantId":"33333333-0000-0000-0000-000000000000","myParticipantId":"bot"}}"##
    )
}

/// Serves calls, their participants, and the number of calls that were read.
pub(crate) fn router() -> Router {
    let reads = Arc::new(AtomicU64::new(0));
    let read_call = move |State(reads): State<Arc<AtomicU64>>, Path(id): Path<String>| async move {
        reads.fetch_add(1, Ordering::Relaxed);
        ([JSON], call(&id))
    };
    let read_people = move |Path(id): Path<String>| async move {
        let call = id.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).expect("a call of ours");
        ([JSON], format!(r#"{{"value":[{}]}}"#, people(call, 0)))
    };
    Router::new()
        .route("/communications/calls/{id}", get(read_call))
        .route("/communications/calls/{id}/participants", get(read_people))
        .route("/reads", get(async |State(reads): State<Arc<AtomicU64>>| reads.load(Ordering::Relaxed).to_string()))
        .with_state(reads)
}
