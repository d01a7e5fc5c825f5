//! What comes from the terminal and from the system: keys, pastes, sizes, signals.

use crossterm::event::{Event as Terminal, EventStream, MouseEvent, MouseEventKind};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::desk::Event;

/// Clicks and turns of the wheel; when it is full the next are dropped.
const MOUSE: usize = 16;

/// Turns what the terminal says into events until nobody listens. What the mouse says depends on what is on the
/// screen: it comes as it is.
pub(super) fn listen(events: mpsc::Sender<Event>) -> mpsc::Receiver<MouseEvent> {
    let (mouse, moved) = mpsc::channel(MOUSE);
    tokio::spawn(async move {
        let mut heard = EventStream::new();
        while let Some(Ok(said)) = heard.next().await {
            let event = match said {
                Terminal::Key(key) => Event::Pressed(key),
                Terminal::Paste(text) => Event::Pasted(text),
                Terminal::Resize(columns, rows) => Event::Resized(columns, rows),
                Terminal::Mouse(moved) => {
                    if matters(moved.kind) && mouse.try_send(moved).is_err() {
                        tracing::debug!("the mouse was faster than the screen");
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

fn matters(kind: MouseEventKind) -> bool {
    matches!(kind, MouseEventKind::Down(_) | MouseEventKind::ScrollUp | MouseEventKind::ScrollDown)
}

/// Tells when the process is told to end.
#[cfg(unix)]
pub(super) fn on_signals(told: &mpsc::Sender<()>) {
    use tokio::signal::unix::{SignalKind, signal};

    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let told = told.clone();
        match signal(kind) {
            Ok(mut signals) => {
                tokio::spawn(async move {
                    tokio::select! {
                        _ = signals.recv() => drop(told.send(()).await),
                        () = told.closed() => {}
                    }
                });
            }
            Err(error) => tracing::warn!(%error, "a signal cannot be heard"),
        }
    }
}

/// Tells when the process is told to end.
#[cfg(not(unix))]
pub(super) fn on_signals(told: &mpsc::Sender<()>) {
    let told = told.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            drop(told.send(()).await);
        }
    });
}
