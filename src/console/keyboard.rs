//! What comes from the terminal and from the system: keys, pastes, sizes, signals.

use crossterm::event::{Event as Terminal, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::desk::Event;

/// Turns what the terminal says into events until nobody listens.
pub(super) fn listen(events: mpsc::Sender<Event>) {
    tokio::spawn(async move {
        let mut heard = EventStream::new();
        while let Some(Ok(said)) = heard.next().await {
            let event = match said {
                Terminal::Key(key) => Event::Pressed(key),
                Terminal::Paste(text) => Event::Pasted(text),
                Terminal::Resize(columns, rows) => Event::Resized(columns, rows),
                Terminal::FocusGained | Terminal::FocusLost | Terminal::Mouse(_) => continue,
            };
            if events.send(event).await.is_err() {
                return;
            }
        }
    });
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
