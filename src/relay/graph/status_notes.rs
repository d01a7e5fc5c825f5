//! Journals notes for operators when the circuit to Graph opens and closes.

use std::time::Duration;

use super::client::GraphClient;
use crate::floor::{Fact, Noted};
use crate::relay::record::journal_writer::{JournalWriter, LARGEST_REASON, truncated};

/// The shortest time between two notes.
const NOTE_EVERY: Duration = Duration::from_secs(2);

/// Journals a note whenever the cause of the open circuit changes.
pub(in crate::relay) async fn run(graph: &GraphClient, writer: &JournalWriter) {
    let mut status = graph.watch_status();
    let mut noted = None;
    while status.changed().await.is_ok() {
        let (cause, words) = status.borrow_and_update().clone().unzip();
        if cause == noted {
            continue;
        }
        noted = cause;
        let words = words
            .map_or_else(|| "Graph answers again".to_owned(), |it| format!("{it}; the relay sends it fewer requests"));
        tracing::warn!(%words, "the Graph connection state changed");
        let words = truncated(&words, LARGEST_REASON).into();
        if let Err(error) = writer.write(vec![Fact::Noted(Noted::Graph { words })]).await {
            tracing::error!(%error, "could not record the Graph connection state");
        }
        // If the state changes often, only the state after this pause is noted.
        tokio::time::sleep(NOTE_EVERY).await;
    }
}
