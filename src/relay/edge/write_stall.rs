//! A stream whose writes time out without progress, so that a peer that never reads its answer is disconnected. If the
//! stall is watched, the watcher receives a signal instead and can close the connection properly.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::Sleep;

/// The time-out of a stalled connection, shared by its stream and its watcher.
#[derive(Debug, Clone)]
pub(in crate::relay) struct StallTimer(Arc<StallState>);

#[derive(Debug)]
struct StallState {
    timeout: Duration,
    is_watched: AtomicBool,
    stalls: watch::Sender<bool>,
}

/// The signal that a connection stalls.
#[derive(Debug)]
pub(in crate::relay) struct StallSignal(watch::Receiver<bool>);

impl StallTimer {
    pub(crate) fn after(timeout: Duration) -> Self {
        Self(Arc::new(StallState { timeout, is_watched: AtomicBool::new(false), stalls: watch::Sender::new(false) }))
    }

    /// Returns the signal. From now on a stall sends the signal instead of failing the write, and the watcher
    /// must end the connection.
    pub(in crate::relay) fn watch(&self) -> StallSignal {
        self.0.is_watched.store(true, Ordering::Release);
        StallSignal(self.0.stalls.subscribe())
    }

    /// Sends the signal, and returns whether it is watched.
    fn signal(&self) -> bool {
        let is_watched = self.0.is_watched.load(Ordering::Acquire);
        if is_watched {
            self.0.stalls.send_replace(true);
        }
        is_watched
    }

    /// Ends the stall: a write made progress.
    fn end(&self) {
        self.0.stalls.send_if_modified(std::mem::take);
    }
}

impl StallSignal {
    /// Waits until the connection stalls.
    pub(in crate::relay) async fn stalled(&mut self) {
        if self.0.wait_for(|it| *it).await.is_err() {
            // The stream was dropped, so the next write fails.
            std::future::pending::<()>().await;
        }
    }
}

impl Default for StallSignal {
    /// Creates the signal of a connection that never stalls.
    fn default() -> Self {
        Self(watch::Sender::new(false).subscribe())
    }
}

/// A stream whose writes fail after the time-out without progress, unless the stall is watched.
pub(crate) struct TimedStream<S> {
    stream: S,
    stall: StallTimer,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whether a stall was signalled, and no write has made progress since.
    signalled: bool,
}

impl<S> TimedStream<S> {
    pub(crate) const fn new(stream: S, stall: StallTimer) -> Self {
        Self { stream, stall, sleep: None, signalled: false }
    }

    /// Starts, continues or ends the time-out, depending on whether the write made progress.
    fn timed<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.sleep = None;
            if std::mem::take(&mut self.signalled) {
                self.stall.end();
            }
            return done;
        }
        let timeout = self.stall.0.timeout;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(sleep.as_mut().poll(cx));
        self.sleep = None;
        self.signalled = self.stall.signal();
        if self.signalled {
            return Poll::Pending;
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer reads nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.timed(cx, done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.timed(cx, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.timed(cx, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.timed(cx, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_stall_is_signalled_until_a_write_makes_progress() {
        let (near, mut far) = tokio::io::duplex(8);
        let stall = StallTimer::after(Duration::from_millis(20));
        let (mut signal, mut line) = (stall.watch(), TimedStream::new(near, stall));
        line.write_all(&[0; 8]).await.unwrap();
        tokio::select! {
            written = line.write_all(b"more") => panic!("nothing reads it: {written:?}"),
            () = signal.stalled() => {}
        }
        far.read_exact(&mut [0; 8]).await.unwrap();
        line.write_all(b"more").await.unwrap();
        assert!(signal.stalled().now_or_never().is_none(), "the peer reads again");
    }
}
