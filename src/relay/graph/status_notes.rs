//! Tells operators when the way to Graph is shut, and when it is open again. What shuts it is the breaker's.

use std::sync::Arc;
use std::time::Duration;

use crate::floor::{Fact, Noted};
use crate::relay::Shared;
use crate::relay::record::journal_writer;

/// Notes about the way to Graph come at most this often.
const TELLING: Duration = Duration::from_secs(2);

/// Notes for operators when the relay stops asking Graph, and when it asks again.
pub(in crate::relay) async fn run(shared: Arc<Shared>) {
    let mut trouble = shared.outbound.status();
    let mut told = None;
    while trouble.changed().await.is_ok() {
        let (cause, words) = trouble.borrow_and_update().clone().unzip();
        if cause == told {
            continue;
        }
        told = cause;
        let words =
            words.map_or_else(|| "Graph answers again".to_owned(), |it| format!("{it}; it is asked less often"));
        tracing::warn!(%words, "the way to Graph has changed");
        let words = journal_writer::truncated(&words, journal_writer::LARGEST_REASON).into();
        if let Err(error) = shared.recorder.write(vec![Fact::Noted(Noted::Graph { words })]).await {
            tracing::error!(%error, "how the way to Graph stands was not noted");
        }
        // What comes and goes by the second is told as it stands.
        tokio::time::sleep(TELLING).await;
    }
}
