//! The signals of the system: to end, to stop and continue, and for a new terminal size.

use std::io;
use std::pin::Pin;

use rustix::process::{Signal, getpgrp, getpid, getsid, kill_current_process_group, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// The signals of a console in a terminal.
pub(super) struct TerminalSignals {
    /// Receives when the process is asked to end. Kept apart from the others, because it must not wait behind anything,
    /// while a flood of the others must not keep the console from its work.
    pub(super) end: mpsc::Receiver<()>,
    pub(super) others: mpsc::Receiver<ProcessSignal>,
}

/// A signal that a console acts on and survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProcessSignal {
    /// The process is asked to stop until it is continued.
    Stop,
    /// The process continues after a stop.
    Continue,
    /// The terminal's size has changed.
    Resize,
}

/// Pending signals; repeated ones of a kind count once.
const SIGNALS: usize = 8;

/// Listens to the signals of a console in a terminal.
pub(super) fn terminal_signals() -> TerminalSignals {
    let (ends, end) = mpsc::channel(1);
    let (sender, others) = mpsc::channel(SIGNALS);
    forward_end(&ends);
    forward(SignalKind::from_raw(Signal::TSTP.as_raw()), ProcessSignal::Stop, &sender);
    forward(SignalKind::from_raw(Signal::CONT.as_raw()), ProcessSignal::Continue, &sender);
    forward(SignalKind::window_change(), ProcessSignal::Resize, &sender);
    TerminalSignals { end, others }
}

/// Waits for what a console does next; `None` as soon as the process is asked to end, however much else there is to do.
pub(super) async fn unless_ended<T>(end: &mut mpsc::Receiver<()>, next: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        Some(()) = end.recv() => None,
        next = next => Some(next),
    }
}

/// Completes when a signal asks the process to end.
pub(super) fn end_signal() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let (sender, mut signals) = mpsc::channel(1);
    forward_end(&sender);
    Box::pin(async move {
        // A closed channel means that no signal can be received here: then only the operator can end the console.
        if signals.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    })
}

fn forward_end(sender: &mpsc::Sender<()>) {
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        forward(kind, (), sender);
    }
}

/// Forwards the signals of a kind until the receiver is gone.
fn forward<T: Copy + Send + 'static>(kind: SignalKind, meaning: T, sender: &mpsc::Sender<T>) {
    let sender = sender.clone();
    match signal(kind) {
        Ok(mut signals) => {
            tokio::spawn(async move {
                loop {
                    tokio::select! {
                        received = signals.recv() => {
                            if received.is_none() || sender.send(meaning).await.is_err() {
                                return;
                            }
                        }
                        () = sender.closed() => return,
                    }
                }
            });
        }
        Err(error) => tracing::warn!(%error, "a signal handler could not be installed"),
    }
}

/// Asks the whole job to stop, as ctrl-z does in a shell; [`ProcessSignal::Stop`] follows.
///
/// If the job is the group of the session's leader, no shell could continue it, and the system does not stop such a
/// group at ctrl-z either. Then nothing is sent, and the error is the reason.
pub(super) fn stop_job() -> Result<(), String> {
    let shell = getsid(None).is_ok_and(|session| session != getpgrp());
    if !shell {
        return Err("there is no shell to suspend to".to_owned());
    }
    kill_current_process_group(Signal::TSTP).map_err(|error| format!("the job cannot be stopped: {error}"))
}

/// Stops this process until it is continued.
pub(super) fn stop_process() -> io::Result<()> {
    Ok(kill_process(getpid(), Signal::STOP)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_comes_before_everything_else_that_is_ready() {
        for _ in 0..200 {
            let (sender, mut end) = mpsc::channel(1);
            assert_eq!(unless_ended(&mut end, std::future::ready("input")).await, Some("input"));
            sender.send(()).await.unwrap();
            assert_eq!(unless_ended(&mut end, std::future::ready("input")).await, None);
        }
    }
}
