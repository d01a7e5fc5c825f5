//! The relay's door: which path leads where, how many connections there may be, and how long a caller may take to
//! say what it wants. Knows HTTP and nothing of calls.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::progress::Counted;
use super::{Shared, feed, gate, intake};
use crate::floor::Cursor;

/// What a door allows.
#[derive(Clone, Copy)]
struct Limits {
    /// At most so many connections at once; past that, new ones wait in the system's queue. A feed's connection
    /// stops counting once it is upgraded: consoles have their own limit.
    connections: usize,
    /// The time for a request's head from the first moment on, and between requests: who says nothing gives its
    /// place to the next one.
    head: Duration,
}

const LIMITS: Limits = Limits { connections: 1_024, head: Duration::from_secs(10) };
const ENDING: Duration = Duration::from_secs(5);

/// Serves until it is told to stop, and then until what has begun is done.
pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    keep_door(listener, router(shared), LIMITS, stop).await;
}

async fn keep_door(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let cut = CancellationToken::new();
    let connections = Arc::new(Semaphore::new(limits.connections));
    let tasks = TaskTracker::new();
    loop {
        let Ok(turn) = Arc::clone(&connections).acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let serving = serve(stream, router.clone(), limits.head, stop.clone());
                let cut = cut.clone();
                tasks.spawn(async move {
                    // When it is cut off, whoever waits for the answer learns that the line is gone.
                    let _ = cut.run_until_cancelled(serving).await;
                    drop(turn);
                });
            }
            Err(error) => {
                // Out of descriptors, as a rule: it passes when callers leave.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(ENDING, tasks.wait()).await.is_err() {
        tracing::warn!(open = tasks.len(), "some connections were cut off");
        cut.cancel();
        tasks.wait().await;
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/notifications", post(intake::receive))
        .route("/feed", get(feed::upgrade))
        .route("/healthz", get(health))
        .route("/graph/v1.0/{*path}", any(gate::pass))
        .with_state(shared)
}

async fn serve(stream: TcpStream, router: Router, head: Duration, stop: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    // HTTP/1 only: telling versions apart would wait for a caller's first bytes without a limit.
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head);
    // A feed tells a slow console from a stalled one by it.
    let (stream, progress) = Counted::new(stream);
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(progress.clone());
        hyper::service::Service::call(&router, request)
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let connection = connection.with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn callers_who_say_nothing_do_not_shut_others_out() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "good day"));
        let limits = Limits { connections: 3, head: Duration::from_millis(100) };
        let stop = CancellationToken::new();
        let door = tokio::spawn(keep_door(listener, router, limits, stop.clone()));
        let mut silent = Vec::new();
        for _ in 0..6 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let good = async {
            let mut caller = TcpStream::connect(address).await.unwrap();
            caller.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
            let mut heard = String::new();
            caller.read_to_string(&mut heard).await.unwrap();
            heard
        };
        let heard = tokio::time::timeout(Duration::from_secs(10), good).await.unwrap();
        assert!(heard.ends_with("good day"), "{heard}");
        for mut caller in silent {
            assert_eq!(caller.read(&mut [0; 1]).await.unwrap_or(0), 0);
        }
        stop.cancel();
        door.await.unwrap();
    }
}
