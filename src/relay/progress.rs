//! Whether a line moves: counts what its other end has taken, so that slow can be told from stalled. Knows no frames.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much of a connection's output was taken so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicU64>);

/// A connection that counts.
#[derive(Debug)]
pub(super) struct Counted<S> {
    stream: S,
    progress: Progress,
}

/// Nothing was taken for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stalled;

impl Progress {
    /// Waits for a write; it may take as long as it moves, and `patience` without moving at all.
    pub(super) async fn in_time<T>(&self, patience: Duration, write: impl Future<Output = T>) -> Result<T, Stalled> {
        tokio::pin!(write);
        loop {
            let before = self.0.load(Ordering::Acquire);
            match tokio::time::timeout(patience, write.as_mut()).await {
                Ok(done) => return Ok(done),
                Err(_elapsed) if self.0.load(Ordering::Acquire) != before => {}
                Err(_elapsed) => return Err(Stalled),
            }
        }
    }

    fn taken(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &outcome {
            self.0.fetch_add(u64::try_from(*bytes).unwrap_or(u64::MAX), Ordering::AcqRel);
        }
        outcome
    }
}

impl<S> Counted<S> {
    /// Counts what is written to a stream.
    pub(super) fn new(stream: S) -> (Self, Progress) {
        let progress = Progress::default();
        (Self { stream, progress: progress.clone() }, progress)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.progress.taken(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.progress.taken(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(250);

    #[tokio::test]
    async fn a_slow_reader_that_moves_is_waited_for_however_long() {
        let (near, mut far) = tokio::io::duplex(8 * 1_024);
        let (mut near, progress) = Counted::new(near);
        let reader = tokio::spawn(async move {
            let mut piece = vec![0; 8 * 1_024];
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            let mut all = 0;
            while all < 400 * 1_024 {
                pace.tick().await;
                all += far.read(&mut piece).await.unwrap();
            }
        });
        let began = crate::clock::instant();
        progress.in_time(PATIENCE, near.write_all(&vec![7; 400 * 1_024])).await.unwrap().unwrap();
        assert!(began.elapsed() > PATIENCE * 2, "it was not slow at all");
        reader.await.unwrap();
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_more_is_not_waited_for() {
        let (near, mut far) = tokio::io::duplex(8 * 1_024);
        let (mut near, progress) = Counted::new(near);
        let mut first = vec![0; 4 * 1_024];
        let long = vec![7; 400 * 1_024];
        let (written, _) = tokio::join!(progress.in_time(PATIENCE, near.write_all(&long)), far.read(&mut first));
        assert_eq!(written.unwrap_err(), Stalled);
    }
}
