//! Reads the terminal's keys, pastes, mouse and sizes, and the system's signals.

use std::pin::Pin;

use crossterm::event::{Event as Terminal, EventStream, MouseEvent, MouseEventKind};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::desk::Event;

/// Clicks and wheel steps; when the queue is full the next are dropped.
const MOUSE: usize = 16;

/// Sends the terminal's input as events until the receiver is gone. The meaning of a mouse event depends on what is on
/// the screen, so those arrive raw on a separate channel.
pub(super) fn listen(events: mpsc::Sender<Event>) -> mpsc::Receiver<MouseEvent> {
    let (mouse, moved) = mpsc::channel(MOUSE);
    tokio::spawn(async move {
        let mut stream = EventStream::new();
        while let Some(Ok(input)) = stream.next().await {
            let event = match input {
                Terminal::Key(key) => Event::Pressed(key),
                Terminal::Paste(text) => Event::Pasted(text),
                Terminal::Resize(columns, rows) => Event::Resized(columns, rows),
                Terminal::Mouse(moved) => {
                    if is_used(moved.kind) && mouse.try_send(moved).is_err() {
                        tracing::debug!("a mouse event was dropped: the queue is full");
                    }
                    continue;
                }
                Terminal::FocusGained | Terminal::FocusLost => continue,
            };
            if events.send(event).await.is_err() {
                return;
            }
        }
    });
    moved
}

fn is_used(kind: MouseEventKind) -> bool {
    matches!(kind, MouseEventKind::Down(_) | MouseEventKind::ScrollUp | MouseEventKind::ScrollDown)
}

/// Completes when a signal asks the process to end.
pub(super) fn end_signal() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let (ended, mut signals) = mpsc::channel::<()>(1);
    on_signals(&ended);
    Box::pin(async move {
        // A closed channel means that no signal can be received here: then only the operator ends the console.
        if signals.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    })
}

/// Sends a message when a signal asks the process to end.
#[cfg(unix)]
fn on_signals(ended: &mpsc::Sender<()>) {
    use tokio::signal::unix::{SignalKind, signal};

    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let ended = ended.clone();
        match signal(kind) {
            Ok(mut signals) => {
                tokio::spawn(async move {
                    tokio::select! {
                        _ = signals.recv() => drop(ended.send(()).await),
                        () = ended.closed() => {}
                    }
                });
            }
            Err(error) => tracing::warn!(%error, "a signal handler could not be installed"),
        }
    }
}

/// Sends a message when a signal asks the process to end.
#[cfg(not(unix))]
fn on_signals(ended: &mpsc::Sender<()>) {
    let ended = ended.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            drop(ended.send(()).await);
        }
    });
}
