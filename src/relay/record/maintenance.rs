//! Keeps the journal short to start from and no larger than is wanted: snapshots when they are due, then what may go.
//! It also brings back, at a start, what is not in the floor: which webhooks came last.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::clock;
use crate::floor::{Cursor, Fact, Floor};
use crate::journal::{JournalError, JournalStore, SnapshotPace};
use crate::relay::Shared;
use crate::relay::webhooks::dedup::DeliveredItem;
use crate::time::Timestamp;

/// What is old is looked for so often.
const TRIMMING: Duration = Duration::from_mins(10);
/// Between two steps of removing, so that others come first.
const BREATH: Duration = Duration::from_millis(5);
/// After a disk refused a snapshot.
const PUT_OFF: Duration = Duration::from_secs(30);
/// A webhook that comes again after a restart is recognised among so many of the last entries.
const REMEMBERED: u64 = 2_000;

/// The last snapshot that was kept.
#[derive(Debug, Clone, Copy, Default)]
struct LastSnapshot {
    cursor: Cursor,
    at: Timestamp,
    bytes: u64,
    /// How much the hub had folded when it was taken.
    folded: u64,
}

/// Opens a folder's journal. Where its file was emptied, what it held may be lost: the log says so, as the first entry of
/// the one that begins does. A relay that did not start would lose what comes now too.
pub(in crate::relay) fn open(folder: &Path) -> Result<JournalStore, JournalError> {
    let store = JournalStore::open(folder)?;
    if store.was_emptied() {
        let folder = folder.display();
        tracing::error!(
            "the file of the journal in {folder} was there but empty: a new journal begins, and whatever the old one held \
             is lost unless there is a backup"
        );
    }
    Ok(store)
}

/// Brings the floor back from the newest good snapshot, and remembers the last webhooks.
pub(in crate::relay) async fn restore(shared: &Shared) -> Result<(), JournalError> {
    shared.hub.restore().await?;
    let journal = &shared.journal;
    let kept = Cursor(journal.oldest().0.saturating_sub(1));
    let mut after = Cursor(journal.head().cursor.0.saturating_sub(REMEMBERED)).max(kept);
    loop {
        let rows = journal.read(after, 1_000).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.cursor;
        let mut repeats = shared.intake.repeats.lock().unwrap_or_else(PoisonError::into_inner);
        for item in rows.iter().filter_map(|row| item(row.entry().ok()?.fact)) {
            repeats.keep(item);
        }
    }
}

fn item(fact: Fact) -> Option<DeliveredItem> {
    match fact {
        Fact::Notification(it) => Some(DeliveredItem::new(it.message.as_deref()?, it.index, it.item().get())),
        Fact::Rejected(it) => Some(DeliveredItem::new(it.message.as_deref()?, it.index?, &it.text)),
        Fact::Asked(_) | Fact::Answered(_) | Fact::Observed(_) | Fact::Noted(_) => None,
    }
}

/// Keeps snapshots and removes what may go, for as long as the relay lives.
pub(in crate::relay) async fn run(shared: Arc<Shared>) {
    let mut last = last(&shared).await;
    let mut folded = shared.hub.watch();
    let mut trimmed = clock::instant();
    let mut not_before = trimmed;
    trim(&shared).await;
    loop {
        tokio::select! {
            changed = folded.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(TRIMMING) => {}
        }
        if pace(&shared, last).is_due() && clock::instant() >= not_before {
            match keep(&shared).await {
                Ok(kept) => {
                    last = kept;
                    trim(&shared).await;
                }
                Err(error) => {
                    tracing::error!(%error, "a snapshot was not kept; it is tried again");
                    not_before = clock::instant() + PUT_OFF;
                }
            }
        }
        if trimmed.elapsed() >= TRIMMING {
            trimmed = clock::instant();
            trim(&shared).await;
        }
    }
}

fn pace(shared: &Shared, last: LastSnapshot) -> SnapshotPace {
    let (head, at) = shared.hub.with_floor(|floor| (floor.head(), floor.at()));
    SnapshotPace {
        entries: head.0.saturating_sub(last.cursor.0),
        bytes: shared.hub.folded_bytes().saturating_sub(last.folded),
        age: at.since(last.at),
        last: last.bytes,
    }
}

async fn keep(shared: &Shared) -> Result<LastSnapshot, JournalError> {
    let folded = shared.hub.folded_bytes();
    let snapshot = shared.hub.with_floor(Floor::snapshot);
    let bytes = u64::try_from(snapshot.bytes()).unwrap_or(u64::MAX);
    let last = LastSnapshot { cursor: snapshot.cursor, at: snapshot.at, bytes, folded };
    shared.journal.save_snapshot(snapshot).await?;
    tracing::debug!(cursor = %last.cursor, bytes, "a snapshot was kept");
    Ok(last)
}

/// The snapshot that the floor came from; without one, the time of the first entry.
async fn last(shared: &Shared) -> LastSnapshot {
    if let Some(restored) = shared.hub.restored() {
        let bytes = u64::try_from(restored.bytes).unwrap_or(u64::MAX);
        return LastSnapshot { cursor: restored.cursor, at: restored.at, bytes, folded: 0 };
    }
    let before = Cursor(shared.journal.oldest().0.saturating_sub(1));
    let first = shared.journal.read(before, 1).await.ok().and_then(|rows| rows.first()?.entry().ok());
    let at = first.map_or_else(|| shared.clock.now(), |it| it.at);
    LastSnapshot { cursor: before, at, ..LastSnapshot::default() }
}

async fn trim(shared: &Shared) {
    loop {
        match shared.journal.trim(shared.retention, shared.clock.now()).await {
            Ok(true) => tokio::time::sleep(BREATH).await,
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "older entries could not be removed; it is tried again");
                return;
            }
        }
    }
}
