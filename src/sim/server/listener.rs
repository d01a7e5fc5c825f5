//! Serves HTTP/1 connections until the simulator stops.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The time to receive a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The time for open connections to finish when the simulator stops.
const SHUTDOWN_WAIT: Duration = Duration::from_millis(500);
/// The pause after a failed accept, which usually means that the process has no free descriptors.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Serves until `stop`, then waits up to [`SHUTDOWN_WAIT`] for open connections.
pub(super) async fn run(listener: TcpListener, router: Router, stop: CancellationToken) {
    let (connections, abort) = (TaskTracker::new(), CancellationToken::new());
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (serving, abort) = (serve(stream, router.clone(), stop.clone()), abort.clone());
                connections.spawn(async move { abort.run_until_cancelled_owned(serving).await });
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(SHUTDOWN_WAIT, connections.wait()).await.is_err() {
        abort.cancel();
        connections.wait().await;
    }
}

async fn serve(stream: TcpStream, router: Router, stop: CancellationToken) {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended with an error");
    }
}
