//! Requests to a path that the relay does not have. A genuine webhook among them shows that a bot named a wrong
//! `callbackUri`: its notifications are lost until somebody corrects that, so the log and the journal say so.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::intake::{WebhookIntake, authorization};
use crate::relay::record::journal_writer::{RefusedParty, truncated};
use crate::time::clock;

/// The longest path in a log line, in bytes.
const MAX_PATH: usize = 200;

/// Answers a request to an unknown path.
pub(in crate::relay) async fn no_such_path(State(intake): State<Arc<WebhookIntake>>, request: Request) -> Response {
    let parts = &intake.parts;
    parts.metrics.refused("noSuchPath");
    let (head, _body) = request.into_parts();
    let caller = parts.guard.caller(&head.extensions, &head.headers);
    let token = authorization(&head.headers).filter(|_| head.method == Method::POST);
    if token.is_none() || parts.guard.forger_wait(caller).is_some() {
        return StatusCode::NOT_FOUND.into_response();
    }
    match parts.verifier.check(token).await {
        Ok(_genuine) => {
            let why = "the platform posts to a path that the relay does not have; correct the bot's callbackUri";
            parts.metrics.refused("webhookPath");
            parts.writer.note_refusal(RefusedParty::Sender, why.to_owned());
            if let Some(webhooks) = intake.misdirected.failed(clock::instant()) {
                let path = truncated(head.uri.path(), MAX_PATH);
                tracing::error!(path, webhooks, "{why} to …/notifications");
            }
        }
        Err(denial) if denial.is_forged() => parts.guard.count_forgery(caller),
        Err(_denial) => {}
    }
    StatusCode::NOT_FOUND.into_response()
}
