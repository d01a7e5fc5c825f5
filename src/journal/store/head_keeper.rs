//! Keeps the head of a journal beside it, once a second, in a thread of its own: a sync of the disk must not delay
//! appends.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::journal::ChainMark;
use crate::journal::files::identity::FileIdentities;
use crate::journal::files::kept_head;

/// The thread. The writer keeps the last head itself, while it still has the lock.
#[derive(Debug)]
pub(super) struct HeadKeeper {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The time between two writes.
const INTERVAL: Duration = Duration::from_secs(1);

impl HeadKeeper {
    /// Starts to keep the head, while the journal's files are in the folder: the kept head of another journal must not
    /// be overwritten.
    pub(super) fn start(
        folder: PathBuf,
        head: watch::Receiver<ChainMark>,
        files: Arc<Mutex<FileIdentities>>,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new().name("journal-head".to_owned()).spawn(move || {
            let mut kept = kept_head::read(&folder);
            loop {
                match stopped.recv_timeout(INTERVAL) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
                let now = *head.borrow();
                if kept != Some(now) && files.lock().are_in_place() {
                    match kept_head::write(&folder, now) {
                        Ok(()) => kept = Some(now),
                        // A full disk, say: the journal itself reports it.
                        Err(error) => tracing::debug!(%error, "could not keep the head of the journal"),
                    }
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for HeadKeeper {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps the journal's head panicked");
        }
    }
}
