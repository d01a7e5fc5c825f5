//! A line whose other end must take something now and then: who never reads an answer does not keep its place. Who
//! heeds a stall is told of it first, and may say good-bye.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;

/// What becomes of a line that takes nothing.
#[derive(Debug, Clone)]
pub(in super::super) struct Stall(Arc<Told>);

#[derive(Debug)]
struct Told {
    patience: Duration,
    heeded: AtomicBool,
    stalled: CancellationToken,
}

impl Stall {
    pub(super) fn after(patience: Duration) -> Self {
        Self(Arc::new(Told { patience, heeded: AtomicBool::new(false), stalled: CancellationToken::new() }))
    }

    /// From now on a stall does not break the line but cancels this, once: whoever heeds it sees to it that the line
    /// ends.
    pub(in super::super) fn heed(&self) -> CancellationToken {
        self.0.heeded.store(true, Ordering::Release);
        self.0.stalled.clone()
    }

    /// Tells who heeds it; false when nobody does.
    fn tell(&self) -> bool {
        let heeded = self.0.heeded.load(Ordering::Acquire);
        if heeded {
            self.0.stalled.cancel();
        }
        heeded
    }
}

/// A stream whose writes fail once none has made progress for so long, unless that is heeded.
pub(super) struct Patient<S> {
    stream: S,
    stall: Stall,
    waits: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) const fn new(stream: S, stall: Stall) -> Self {
        Self { stream, stall, waits: None }
    }

    fn timed<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.waits = None;
            return done;
        }
        let patience = self.stall.0.patience;
        let waits = self.waits.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(waits.as_mut().poll(cx));
        self.waits = None;
        if self.stall.tell() {
            return Poll::Pending;
        }
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the other end takes nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
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
