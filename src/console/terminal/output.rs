//! Writes to the terminal in a thread, so that a terminal that accepts no output delays neither keys nor signals.
//!
//! One frame is under way at most. The next is not drawn before it is written, so that no frame is stale, and nothing
//! is dropped that a later frame depends on.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::modes;

/// The console's side of the thread.
pub(super) struct TerminalOutput {
    frames: SyncSender<Vec<u8>>,
    sent: u64,
    /// How many frames have been written.
    written: watch::Receiver<u64>,
    failed: Arc<Mutex<Option<io::Error>>>,
}

/// A frame is one write up to this size. Between two writes the thread checks whether the frame is given up.
const WRITE_BYTES: usize = 16 * 1024;
/// The pause before a write to a terminal that another program has made non-blocking is tried again.
const PAUSE: Duration = Duration::from_millis(5);

impl TerminalOutput {
    /// Starts the thread, which writes to standard output.
    pub(super) fn start() -> io::Result<Self> {
        let (frames, queued) = sync_channel(1);
        let (report, written) = watch::channel(0);
        let failed = Arc::new(Mutex::new(None));
        std::thread::Builder::new().name("terminal-output".to_owned()).spawn({
            let failed = Arc::clone(&failed);
            move || write_frames(&queued, &report, &failed)
        })?;
        Ok(Self { frames, sent: 0, written, failed })
    }

    /// Whether everything is written.
    pub(super) fn is_idle(&self) -> bool {
        *self.written.borrow() == self.sent
    }

    /// Completes when everything is written, or the thread has ended.
    pub(super) async fn idle(&self) {
        let sent = self.sent;
        drop(self.written.clone().wait_for(|it| *it == sent).await);
    }

    /// Hands over bytes; only while it is idle.
    ///
    /// Fails if the previous bytes could not be written.
    pub(super) fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        if let Some(error) = self.failed.lock().take() {
            return Err(error);
        }
        self.sent += 1;
        self.frames.try_send(bytes).map_err(|error| io::Error::other(error.to_string()))
    }
}

fn write_frames(queued: &Receiver<Vec<u8>>, report: &watch::Sender<u64>, failed: &Mutex<Option<io::Error>>) {
    while let Ok(frame) = queued.recv() {
        if let Some(_writing) = modes::begin_writing()
            && let Err(error) = write_frame(&frame)
        {
            *failed.lock() = Some(error);
        }
        report.send_modify(|it| *it += 1);
    }
}

/// Writes a frame to its end, unless it is given up.
fn write_frame(mut rest: &[u8]) -> io::Result<()> {
    while !rest.is_empty() && !modes::is_given_up() {
        let piece = rest.get(..WRITE_BYTES).unwrap_or(rest);
        match rustix::io::write(io::stdout(), piece) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => std::thread::sleep(PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
