//! Accepts connections, with or without TLS. Limits their number, in total and for each address, and the time for a
//! request's head. Does not know any path.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{Request, StatusCode, header};
use axum::response::IntoResponse as _;
use hyper::server::conn::http1::Builder;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::client_addr::{PeerAddr, rate_limit_prefix};
use super::limits::RelayLimits;
use super::write_stall::TimedStream;
pub(in crate::relay) use super::write_stall::{StallSignal, StallTimer};
use crate::relay::ops::metrics::RelayMetrics;

/// The configuration of a listener.
pub(in crate::relay) struct ListenerConfig {
    pub(in crate::relay) limits: RelayLimits,
    pub(in crate::relay) tls: Option<TlsAcceptor>,
    /// Whether callers connect through a proxy. Then all have the same address, so there is no limit by address.
    pub(in crate::relay) behind_proxy: bool,
    pub(in crate::relay) metrics: Arc<RelayMetrics>,
    pub(in crate::relay) stop: CancellationToken,
}

/// Open connections by address; an address without one has no entry, so the connection limit bounds the map.
type PeerCounts = Arc<Mutex<BTreeMap<IpAddr, usize>>>;

/// Connections that have not sent a request yet, in the order of their arrival. When all slots are in use, a new
/// connection evicts the oldest of them, so that many silent callers cannot keep others out.
#[derive(Clone, Default)]
struct IdleQueue(Arc<Mutex<BTreeMap<u64, CancellationToken>>>);

impl IdleQueue {
    fn enter(&self, serial: u64, abort: &CancellationToken) {
        self.0.lock().insert(serial, abort.clone());
    }

    fn leave(&self, serial: u64) {
        self.0.lock().remove(&serial);
    }

    /// Closes the oldest silent connection.
    fn make_room(&self) {
        if let Some((_, abort)) = self.0.lock().pop_first() {
            abort.cancel();
        }
    }
}

/// Keeps a connection in the idle queue until its first complete request head, or until it ends.
struct IdleGuard {
    queue: IdleQueue,
    serial: u64,
}

impl IdleGuard {
    fn begin(queue: &IdleQueue, serial: u64, abort: &CancellationToken) -> Self {
        queue.enter(serial, abort);
        Self { queue: queue.clone(), serial }
    }

    fn end(&self) {
        self.queue.leave(self.serial);
    }
}

impl Drop for IdleGuard {
    fn drop(&mut self) {
        self.end();
    }
}

/// A connection's slot; dropping it frees the slot.
struct ConnectionSlot {
    peers: PeerCounts,
    address: IpAddr,
    _permit: OwnedSemaphorePermit,
    metrics: Arc<RelayMetrics>,
}

/// The time for open connections to finish when the listener stops.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(5);
/// The maximum number of headers of a request.
const MAX_HEADERS: usize = 64;

/// The pause after a failed accept.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves until the relay stops, then until all running requests are answered.
pub(in crate::relay) async fn run(listener: TcpListener, router: Router, config: ListenerConfig) {
    let abort = CancellationToken::new();
    let connections = Arc::new(Semaphore::new(config.limits.connections));
    let (tasks, peers, config) = (TaskTracker::new(), PeerCounts::default(), Arc::new(config));
    let (idle_queue, mut serial) = (IdleQueue::default(), 0_u64);
    loop {
        let accepted = tokio::select! {
            () = config.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                if connections.available_permits() == 0 {
                    idle_queue.make_room();
                    config.metrics.refused("silent");
                }
                let permit = tokio::select! {
                    () = config.stop.cancelled() => break,
                    permit = Arc::clone(&connections).acquire_owned() => permit,
                };
                let Ok(permit) = permit else { break };
                let address = from.ip().to_canonical();
                let Some(slot) = ConnectionSlot::take(&peers, address, permit, &config) else { continue };
                serial += 1;
                let abort = abort.child_token();
                let idle = IdleGuard::begin(&idle_queue, serial, &abort);
                let serving = serve(stream, router.clone(), (address, idle), Arc::clone(&config));
                tasks.spawn(async move {
                    // Cancelling drops the connection, which ends its handlers.
                    let _ = abort.run_until_cancelled(serving).await;
                    drop(slot);
                });
            }
            Err(error) => {
                // Usually the process has no free descriptors. Closing idle connections frees some.
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(SHUTDOWN_WAIT, tasks.wait()).await.is_err() {
        tracing::warn!(open = tasks.len(), "closed connections that did not finish in time");
        abort.cancel();
        tasks.wait().await;
    }
}

impl ConnectionSlot {
    /// Takes a slot, or counts a refusal if the address has reached its limit.
    fn take(
        peers: &PeerCounts,
        address: IpAddr,
        permit: OwnedSemaphorePermit,
        config: &ListenerConfig,
    ) -> Option<Self> {
        let address = rate_limit_prefix(address);
        let mut counts = peers.lock();
        let open = counts.get(&address).copied().unwrap_or_default();
        if !config.behind_proxy && open >= config.limits.connections_per_address {
            config.metrics.refused("connectionsOfAddress");
            return None;
        }
        counts.insert(address, open + 1);
        drop(counts);
        config.metrics.connections.inc();
        Some(Self { peers: Arc::clone(peers), address, _permit: permit, metrics: Arc::clone(&config.metrics) })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut peers = self.peers.lock();
        match peers.get_mut(&self.address) {
            Some(open) if *open > 1 => *open -= 1,
            Some(_) | None => drop(peers.remove(&self.address)),
        }
        self.metrics.connections.dec();
    }
}

async fn serve(stream: TcpStream, router: Router, from: (IpAddr, IdleGuard), config: Arc<ListenerConfig>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY");
    }
    let stall = StallTimer::after(Duration::from_secs(config.limits.stall_seconds));
    let stream = TimedStream::new(stream, stall.clone());
    let Some(tls) = &config.tls else { return serve_http(stream, router, from, stall, &config).await };
    let handshake = tokio::time::timeout(Duration::from_secs(config.limits.handshake_seconds), tls.accept(stream));
    let handshaken = tokio::select! {
        () = config.stop.cancelled() => return,
        handshaken = handshake => handshaken,
    };
    match handshaken {
        Ok(Ok(stream)) => serve_http(stream, router, from, stall, &config).await,
        Ok(Err(error)) => {
            config.metrics.refused("handshake");
            tracing::debug!(%error, "a TLS handshake failed");
        }
        Err(_elapsed) => config.metrics.refused("slowHandshake"),
    }
}

async fn serve_http<S>(
    stream: S,
    router: Router,
    (address, idle): (IpAddr, IdleGuard),
    stall: StallTimer,
    config: &ListenerConfig,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // HTTP/1 only, because version detection waits for a caller's first bytes without a time-out.
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(config.limits.head());
    builder.max_headers(MAX_HEADERS).max_buf_size(config.limits.head_bytes);
    let router = TowerToHyperService::new(router);
    let served = Arc::new(AtomicBool::new(false));
    let (serving, head_bytes, metrics) = (Arc::clone(&served), config.limits.head_bytes, Arc::clone(&config.metrics));
    let service = service_fn(move |mut request: Request<hyper::body::Incoming>| {
        idle.end();
        serving.store(true, Ordering::Release);
        request.extensions_mut().insert(PeerAddr(address));
        if request.headers().contains_key(header::UPGRADE) {
            request.extensions_mut().insert(stall.clone());
        }
        // The library limits only its buffer, so it accepts a larger head that arrives in pieces.
        let is_large = head_size(&request) > head_bytes;
        if is_large {
            metrics.refused("largeHead");
        }
        let answering = (!is_large).then(|| router.call(request));
        async move {
            match answering {
                Some(answering) => answering.await.map_err(|never: Infallible| never),
                None => Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response()),
            }
        }
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = config.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // The library answered these requests itself, without a handler.
        let reason = match () {
            // An idle keep-alive connection is not a refusal.
            () if error.is_timeout() && served.load(Ordering::Acquire) => return,
            () if error.is_timeout() => "slowHead",
            () if error.is_parse_too_large() => "largeHead",
            () if error.is_parse() => "malformedHead",
            () => {
                tracing::debug!(%error, "a caller disconnected");
                return;
            }
        };
        config.metrics.refused(reason);
        tracing::debug!(%error, reason, "a connection ended with an error");
    }
}

/// Returns the approximate size of a request's head in bytes.
fn head_size<B>(request: &Request<B>) -> usize {
    // The separator `: ` and the line end.
    const SEPARATORS: usize = 4;
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + SEPARATORS);
    let target = request.uri().path_and_query().map_or(0, |it| it.as_str().len());
    target + fields.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Returns a listener that answers "good day", and its address.
    async fn start_listener(limits: RelayLimits) -> (std::net::SocketAddr, Arc<RelayMetrics>, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let large = "x".repeat(1 << 20);
        let router =
            Router::new().route("/", get(async || "good day")).route("/large", get(async move || large.clone()));
        let (metrics, stop) = (Arc::new(RelayMetrics::new()), CancellationToken::new());
        let (tls, behind_proxy) = (None, false);
        let config = ListenerConfig { limits, tls, behind_proxy, metrics: Arc::clone(&metrics), stop: stop.clone() };
        tokio::spawn(run(listener, router, config));
        (address, metrics, stop)
    }

    async fn good_day(address: std::net::SocketAddr) -> String {
        let asking = async {
            let mut caller = TcpStream::connect(address).await.unwrap();
            caller.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
            let mut heard = String::new();
            caller.read_to_string(&mut heard).await.unwrap();
            heard
        };
        tokio::time::timeout(Duration::from_secs(10), asking).await.unwrap()
    }

    #[tokio::test]
    async fn silent_callers_do_not_keep_others_out() {
        let (address, metrics, _stop) =
            start_listener(RelayLimits { connections: 3, head_seconds: 3_600, ..RelayLimits::default() }).await;
        let mut silent = Vec::new();
        for _ in 0..6 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let heard = good_day(address).await;
        assert!(heard.ends_with("good day"), "{heard}");
        assert!(metrics.text().contains(r#"refusals_total{reason="silent"}"#), "{}", metrics.text());
    }

    #[tokio::test]
    async fn connections_from_one_address_are_limited_without_affecting_others() {
        let limits = RelayLimits { connections: 100, connections_per_address: 2, ..RelayLimits::default() };
        let (address, metrics, _stop) = start_listener(limits).await;
        let greedy = || async {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.9:0".parse().unwrap()).unwrap();
            socket.connect(address).await.unwrap()
        };
        let _held = (greedy().await, greedy().await);
        let mut third = greedy().await;
        let closed = tokio::time::timeout(Duration::from_secs(10), third.read(&mut [0; 1])).await.unwrap();
        assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
        assert!(good_day(address).await.ends_with("good day"));
        assert!(metrics.text().contains(r#"refusals_total{reason="connectionsOfAddress"} 1"#));
    }

    #[tokio::test]
    async fn a_caller_that_never_reads_its_answer_is_disconnected() {
        let limits = RelayLimits { connections: 1, stall_seconds: 1, ..RelayLimits::default() };
        let (address, _metrics, _stop) = start_listener(limits).await;
        let mut slow_reader = TcpStream::connect(address).await.unwrap();
        // More than the buffers of both ends hold.
        for _ in 0..64 {
            slow_reader.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        }
        assert!(good_day(address).await.ends_with("good day"));
        drop(slow_reader);
    }

    #[tokio::test]
    async fn a_caller_that_disconnects_is_not_counted_as_refused() {
        let (address, metrics, _stop) = start_listener(RelayLimits::default()).await;
        for begun in ["", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"] {
            let mut caller = TcpStream::connect(address).await.unwrap();
            caller.write_all(begun.as_bytes()).await.unwrap();
            drop(caller);
            // The later connection takes its slot after the earlier one.
            assert!(good_day(address).await.ends_with("good day"), "{begun}");
        }
        let ended = async {
            while !metrics.text().contains("callboard_connections 0") {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ended).await.expect("all connections must end");
        assert!(!metrics.text().contains("refusals_total{"), "{}", metrics.text());
    }

    #[tokio::test]
    async fn an_idle_keep_alive_connection_is_no_refusal_and_heads_are_limited() {
        let limits = RelayLimits { head_seconds: 1, head_bytes: 10_000, ..RelayLimits::default() };
        let (address, metrics, _stop) = start_listener(limits).await;
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut heard = String::new();
        let closed = tokio::time::timeout(Duration::from_mins(1), caller.read_to_string(&mut heard)).await;
        closed.expect("an idle connection must be closed").unwrap();
        assert!(heard.ends_with("good day"), "{heard}");
        assert!(!metrics.text().contains("refusals_total{"), "{}", metrics.text());

        let mut caller = TcpStream::connect(address).await.unwrap();
        let large = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: {}\r\n\r\n", "x".repeat(10_000));
        caller.write_all(large.as_bytes()).await.unwrap();
        let mut heard = String::new();
        caller.read_to_string(&mut heard).await.unwrap();
        assert!(heard.starts_with("HTTP/1.1 431"), "{heard}");
        assert!(metrics.text().contains(r#"refusals_total{reason="largeHead"} 1"#), "{}", metrics.text());
    }
}
