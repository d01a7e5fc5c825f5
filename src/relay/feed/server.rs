//! The feed's handshake: checks the caller, and takes a console's slot.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::connection::{FeedState, serve};
use super::slots::ConsoleSlot;
use super::socket::ConsoleSocket;
use super::websocket::handshake;
use crate::protocol::SUBPROTOCOL;
use crate::relay::edge::bearer::operator;
use crate::relay::edge::listener::StallTimer;
use crate::relay::gate::reply::refusal;

/// The maximum size of a console's message, in bytes.
const LARGEST_IN: usize = 64 * 1_024;

/// Handles `GET /feed`: upgrades a console's connection to a web socket.
pub(in crate::relay) async fn upgrade(State(feed): State<Arc<FeedState>>, request: Request) -> Response {
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    if !origins.all(|it| feed.origins.iter().any(|listed| it == listed.as_str())) {
        feed.metrics.refused("origin");
        let why = "the feed is for consoles: a request of a web page that is not listed is refused";
        return refusal(StatusCode::FORBIDDEN, "accessDenied", why);
    }
    if !speaks(request.headers()) {
        feed.metrics.refused("subprotocol");
        let why = format!("the feed speaks {SUBPROTOCOL}, and this console something else: one of the two is too old");
        return refusal(StatusCode::BAD_REQUEST, "invalidRequest", &why);
    }
    let Some(operator) = operator(&feed.operators, request.headers()) else {
        let why = "the relay does not know this token, or it has expired";
        return refusal(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", why);
    };
    let stall = request.extensions().get::<StallTimer>().cloned();
    let (answer, upgrade) = match handshake(request) {
        Ok(shaken) => shaken,
        Err(error) => {
            feed.metrics.refused("noWebSocket");
            let why = format!("the feed is a WebSocket, and this request does not ask for one: {error}");
            return refusal(StatusCode::BAD_REQUEST, "invalidRequest", &why);
        }
    };
    // The slot is taken before the upgrade, so that connecting consoles count too.
    let slot = match ConsoleSlot::take(&feed.consoles, &feed.live, &operator) {
        Ok(slot) => slot,
        Err(why) => {
            feed.metrics.refused("tooManyConsoles");
            return refusal(StatusCode::TOO_MANY_REQUESTS, "tooManyConsoles", &why.to_string());
        }
    };
    feed.tasks.clone().spawn(async move {
        match upgrade.await {
            Ok(stream) => {
                let stall = stall.map(|it| it.watch()).unwrap_or_default();
                let socket = ConsoleSocket::new(stream, LARGEST_IN, stall).await;
                serve(feed, slot, socket, operator).await;
            }
            Err(error) => tracing::debug!(%error, "a console left before its connection was upgraded"),
        }
    });
    answer.map(|()| Body::empty())
}

/// Returns whether a console offers the relay's subprotocol, or offers no subprotocol.
fn speaks(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().peekable();
    let ours =
        |header: &HeaderValue| header.to_str().is_ok_and(|it| it.split(',').any(|name| name.trim() == SUBPROTOCOL));
    named.peek().is_none() || named.any(ours)
}
