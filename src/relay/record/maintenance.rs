//! Maintains the journal: takes snapshots, so that a start is quick, and trims old entries. At the start it restores
//! the floor, and the dedup memory of the last webhooks, which is not in the floor.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::floor::{Cursor, Fact, Floor};
use crate::journal::{Journal, JournalError, JournalRow, JournalStore, RetentionPolicy, RetentionTime, SnapshotPace};
use crate::relay::live::projection::LiveFloor;
use crate::relay::webhooks::dedup::{DeliveredItem, RecentItems};
use crate::time::Timestamp;
use crate::time::clock::{self, Clock};

/// Maintains one journal.
pub(in crate::relay) struct JournalMaintenance {
    pub(in crate::relay) journal: Arc<dyn Journal>,
    pub(in crate::relay) live: Arc<LiveFloor>,
    pub(in crate::relay) recent: Arc<RecentItems>,
    pub(in crate::relay) retention: RetentionPolicy,
    pub(in crate::relay) clock: Clock,
}

/// The interval of trims without a snapshot.
const TRIM_EVERY: Duration = Duration::from_mins(10);
/// The pause between two steps of a trim, so that appends come first.
const BETWEEN_TRIM_STEPS: Duration = Duration::from_millis(5);
/// The pause after a failed snapshot.
const SNAPSHOT_RETRY: Duration = Duration::from_secs(30);
/// The number of last entries whose webhooks are recognised as repeats after a restart.
const REMEMBERED_ENTRIES: u64 = 2_000;
/// The number of entries in one read of the journal.
const READ_ENTRIES: usize = 1_000;

/// The newest snapshot.
#[derive(Debug, Clone, Copy, Default)]
struct LastSnapshot {
    cursor: Cursor,
    at: Timestamp,
    bytes: u64,
    /// The number of bytes that the live floor had folded at this snapshot.
    folded: u64,
}

/// Opens a folder's journal. If acknowledged entries are missing, the log and a gap in the journal say so. Refusing to
/// start would lose new webhooks as well.
pub(in crate::relay) fn open(folder: &Path) -> Result<JournalStore, JournalError> {
    let store = JournalStore::open(folder)?;
    if let Some(loss) = store.loss() {
        let folder = folder.display();
        tracing::error!(
            "in {folder}, {loss}: these entries are lost unless there is a backup; the journal goes on with a gap"
        );
    }
    Ok(store)
}

impl JournalMaintenance {
    /// Restores the floor from the newest readable snapshot, and the dedup memory from the journal.
    pub(in crate::relay) async fn restore(&self) -> Result<(), JournalError> {
        self.live.restore().await?;
        let removed = Cursor(self.journal.oldest().0.saturating_sub(1));
        let mut after = Cursor(self.journal.head().cursor.0.saturating_sub(REMEMBERED_ENTRIES)).max(removed);
        loop {
            let rows = self.journal.read(after, READ_ENTRIES).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.cursor;
            self.recent.keep(rows.iter().filter_map(|row| item(row.entry().ok()?.fact)));
        }
    }

    /// Returns the time of the journal's last entry, or `None` for an empty journal.
    pub(in crate::relay) async fn last_entry_at(&self) -> Result<Option<Timestamp>, JournalError> {
        let head = self.journal.head().cursor;
        if head < self.journal.oldest() || head == Cursor(0) {
            return Ok(None);
        }
        let rows = self.journal.read(Cursor(head.0 - 1), 1).await?;
        Ok(rows.first().map(JournalRow::entry).transpose()?.map(|it| it.at))
    }

    /// Takes snapshots when they are due and trims the journal, until the relay stops.
    pub(in crate::relay) async fn run(&self) {
        let mut last = self.last_snapshot().await;
        let mut folded = self.live.watch();
        let mut trimmed = clock::instant();
        let mut not_before = trimmed;
        self.trim().await;
        loop {
            tokio::select! {
                changed = folded.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(TRIM_EVERY) => {}
            }
            if self.pace(last).is_due() && clock::instant() >= not_before {
                match self.take_snapshot().await {
                    Ok(taken) => {
                        last = taken;
                        self.trim().await;
                    }
                    Err(error) => {
                        tracing::error!(%error, "could not write a snapshot; retrying later");
                        not_before = clock::instant() + SNAPSHOT_RETRY;
                    }
                }
            }
            if trimmed.elapsed() >= TRIM_EVERY {
                trimmed = clock::instant();
                self.trim().await;
            }
        }
    }

    fn pace(&self, last: LastSnapshot) -> SnapshotPace {
        let (head, at) = self.live.with_floor(|floor| (floor.head(), floor.at()));
        SnapshotPace {
            entries: head.0.saturating_sub(last.cursor.0),
            bytes: self.live.folded_bytes().saturating_sub(last.folded),
            age: at.since(last.at),
            last: last.bytes,
        }
    }

    async fn take_snapshot(&self) -> Result<LastSnapshot, JournalError> {
        let folded = self.live.folded_bytes();
        // The floor goes on while the text of the clone is written.
        let floor = self.live.with_floor(Floor::clone);
        let (cursor, at) = (floor.head(), floor.at());
        let bytes = self.journal.save_snapshot(floor).await?;
        let last = LastSnapshot { cursor, at, bytes, folded };
        tracing::debug!(cursor = %last.cursor, bytes, "wrote a snapshot");
        Ok(last)
    }

    /// Returns the snapshot from which the floor was restored, or else the time of the first entry.
    async fn last_snapshot(&self) -> LastSnapshot {
        if let Some(restored) = self.live.restored() {
            let bytes = u64::try_from(restored.bytes).unwrap_or(u64::MAX);
            return LastSnapshot { cursor: restored.cursor, at: restored.at, bytes, folded: 0 };
        }
        let before = Cursor(self.journal.oldest().0.saturating_sub(1));
        let first = self.journal.read(before, 1).await.ok().and_then(|rows| rows.first()?.entry().ok());
        let at = first.map_or_else(|| self.clock.now(), |it| it.at);
        LastSnapshot { cursor: before, at, ..LastSnapshot::default() }
    }

    /// Removes the entries that the retention policy does not keep.
    pub(in crate::relay) async fn trim(&self) {
        let now = self.clock.now();
        // The entry of a move is durable before the clock moves. So once the head is folded, the floor has every move
        // that `now` includes.
        self.live.wait_for_head().await;
        let now = RetentionTime { now, wall_moves: self.live.with_floor(|floor| floor.wall_moves().to_vec()) };
        loop {
            match self.journal.trim(self.retention, now.clone()).await {
                Ok(true) => tokio::time::sleep(BETWEEN_TRIM_STEPS).await,
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(%error, "could not remove old entries; retrying later");
                    return;
                }
            }
        }
    }
}

/// Returns the webhook item of a fact, if the platform gave its POST an id.
fn item(fact: Fact) -> Option<DeliveredItem> {
    match fact {
        Fact::Notification(it) => Some(DeliveredItem::new(it.message.as_deref()?, it.index, it.item().get())),
        Fact::Rejected(it) => Some(DeliveredItem::new(it.message.as_deref()?, it.index?, &it.text)),
        Fact::Asked(_) | Fact::Answered(_) | Fact::Observed(_) | Fact::Noted(_) => None,
    }
}
