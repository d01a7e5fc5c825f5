//! The relay's fold over the journal, which all feed connections share: the floor, the newest entries as encoded
//! frames, and presence. It follows the journal and never writes to it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use super::shared_snapshot::{SharedSnapshot, SnapshotCache, SnapshotPurpose};
use super::tail::EntryTail;
pub(in crate::relay) use super::tail::TailBatch;
use crate::floor::{ChangedCalls, Cursor, Floor, FloorSnapshot};
use crate::journal::{ChainMark, Journal, JournalError};
use crate::protocol::{ConnectedOperator, FeedFrame};
use crate::relay::feed::websocket::frame;
use crate::time::Timestamp;

/// The floor, folded and encoded once for all consoles.
pub(in crate::relay) struct LiveFloor {
    journal: Arc<dyn Journal>,
    floor: RwLock<Floor>,
    /// The calls that changed since the reconciler last took them.
    changes: Mutex<ChangedCalls>,
    tail: Mutex<EntryTail>,
    folded: watch::Sender<ChainMark>,
    /// The bytes of the entries folded since the start.
    folded_bytes: AtomicU64,
    restored: Mutex<Option<RestoredSnapshot>>,
    /// The connected operators by connection.
    operators: watch::Sender<BTreeMap<u64, ConnectedOperator>>,
    /// The encoded presence frame.
    presence: watch::Sender<Bytes>,
    /// The encoded snapshots, which several consoles can share.
    snapshots: tokio::sync::Mutex<SnapshotCache>,
}

/// The snapshot from which the floor was restored.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct RestoredSnapshot {
    /// The cursor of its last entry.
    pub(in crate::relay) cursor: Cursor,
    /// Floor time of the snapshot.
    pub(in crate::relay) at: Timestamp,
    /// The size of its text in bytes.
    pub(in crate::relay) bytes: usize,
}

/// The number of entries in one read of the journal.
const READ_ENTRIES: usize = 1_024;
/// The time in which presence changes are collected into one frame. Otherwise a thousand consoles that reconnect would
/// cause a million frames.
const PRESENCE_INTERVAL: Duration = Duration::from_millis(250);

impl LiveFloor {
    pub(in crate::relay) fn new(journal: Arc<dyn Journal>) -> Self {
        Self {
            journal,
            floor: RwLock::default(),
            changes: Mutex::default(),
            tail: Mutex::default(),
            folded: watch::Sender::new(ChainMark::default()),
            folded_bytes: AtomicU64::new(0),
            restored: Mutex::default(),
            operators: watch::Sender::default(),
            presence: watch::Sender::new(presence_frame(&BTreeMap::new())),
            snapshots: tokio::sync::Mutex::default(),
        }
    }

    /// Restores the newest readable snapshot. Without one the floor starts at the oldest entry.
    pub(in crate::relay) async fn restore(&self) -> Result<(), JournalError> {
        let mut at = self.journal.head().cursor;
        while let Some(snapshot) = self.journal.load_snapshot(at).await? {
            match snapshot.floor() {
                Ok(floor) => {
                    let restored =
                        RestoredSnapshot { cursor: snapshot.cursor, at: snapshot.at, bytes: snapshot.bytes() };
                    *self.restored.lock() = Some(restored);
                    *self.floor.write() = floor;
                    *self.changes.lock() = ChangedCalls::all();
                    self.folded.send_replace(ChainMark { cursor: snapshot.cursor, sum: snapshot.sum });
                    return Ok(());
                }
                Err(why) => tracing::warn!(cursor = %snapshot.cursor, %why, "skipped a snapshot that cannot be read"),
            }
            let Some(before) = snapshot.cursor.0.checked_sub(1) else { break };
            at = Cursor(before);
        }
        let head = self.journal.head().cursor;
        let begins = self.journal.oldest().0.checked_sub(1).map_or(head, Cursor);
        if begins > Cursor(0) {
            tracing::error!(
                oldest = begins.0 + 1,
                "no snapshot can be read: the state before the oldest entry is lost"
            );
            let sum = self.journal.sum_at(begins).await?.unwrap_or_default();
            self.folded.send_replace(ChainMark { cursor: begins, sum });
        }
        Ok(())
    }

    /// Returns the snapshot from which the floor was restored, if there was one.
    pub(in crate::relay) fn restored(&self) -> Option<RestoredSnapshot> {
        *self.restored.lock()
    }

    /// Returns the bytes of entries folded since the start.
    pub(in crate::relay) fn folded_bytes(&self) -> u64 {
        self.folded_bytes.load(Ordering::Acquire)
    }

    /// Folds all entries of the journal.
    pub(in crate::relay) async fn catch_up(&self) -> Result<(), JournalError> {
        loop {
            let rows = self.journal.read(self.folded().cursor, READ_ENTRIES).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            let mark = ChainMark { cursor: last.cursor, sum: last.sum };
            let mut entries = Vec::with_capacity(rows.len());
            for row in &rows {
                entries.push(row.entry()?);
            }
            {
                let mut floor = self.floor.write();
                for entry in &entries {
                    floor.apply(entry);
                }
                self.changes.lock().extend(&floor.take_changed_calls());
            }
            let bytes = rows.iter().map(|it| it.body.len()).sum::<usize>();
            self.folded_bytes.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::AcqRel);
            self.tail.lock().push(&rows);
            self.folded.send_replace(mark);
        }
    }

    /// Follows the journal until it closes.
    pub(in crate::relay) async fn follow(&self) {
        let mut head = self.journal.follow();
        loop {
            head.mark_unchanged();
            if let Err(error) = self.catch_up().await {
                tracing::error!(%error, "could not follow the journal; retrying");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
            if head.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until the floor has folded all current entries.
    pub(in crate::relay) async fn wait_for_head(&self) {
        let head = self.journal.head().cursor;
        // It cannot fail, because `self` owns the sender.
        drop(self.folded.subscribe().wait_for(|it| it.cursor >= head).await);
    }

    /// Returns the journal's last cursor.
    pub(in crate::relay) fn journal_head(&self) -> Cursor {
        self.journal.head().cursor
    }

    /// Returns the cursor and checksum of the last folded entry.
    pub(in crate::relay) fn folded(&self) -> ChainMark {
        *self.folded.borrow()
    }

    /// Watches the last folded entry.
    pub(in crate::relay) fn watch(&self) -> watch::Receiver<ChainMark> {
        self.folded.subscribe()
    }

    /// Calls `read` with the floor under the read lock. `read` must be short.
    pub(in crate::relay) fn with_floor<T>(&self, read: impl FnOnce(&Floor) -> T) -> T {
        read(&self.floor.read())
    }

    /// Calls `read` with the floor under the read lock, and with the calls that changed since the last time. Only the
    /// reconciler takes them.
    pub(in crate::relay) fn with_changes<T>(&self, read: impl FnOnce(&Floor, ChangedCalls) -> T) -> T {
        let floor = self.floor.read();
        let changes = std::mem::take(&mut *self.changes.lock());
        read(&floor, changes)
    }

    /// Returns the entries after a cursor from the shared tail, up to about `max_bytes` bytes, or `None` if the tail begins
    /// after the cursor.
    pub(in crate::relay) fn after(&self, after: Cursor, max_bytes: usize) -> Option<TailBatch> {
        if after >= self.folded().cursor {
            return Some(TailBatch::default());
        }
        self.tail.lock().after(after, max_bytes)
    }

    /// Returns a snapshot at most `lag_limit` entries behind the head. The journal still has all entries after it.
    ///
    /// Fails if there is no memory for it.
    pub(in crate::relay) async fn snapshot(self: &Arc<Self>, lag_limit: u64) -> io::Result<Arc<SharedSnapshot>> {
        let mut snapshots = self.snapshots.lock().await;
        if let Some(usable) = snapshots.usable(self.folded().cursor, self.journal.oldest(), lag_limit) {
            return Ok(usable);
        }
        let (live, packer) = (Arc::clone(self), snapshots.packer());
        // Other connections must not wait for it on this thread.
        let packing = tokio::task::spawn_blocking(move || {
            let floor = live.with_floor(Floor::clone);
            packer.pack_floor(&floor, SnapshotPurpose::Board)
        });
        Ok(snapshots.keep(packing.await.map_err(io::Error::other)??))
    }

    /// Returns a past floor: the newest snapshot at or before a cursor, or else the oldest known floor.
    pub(in crate::relay) async fn past(self: &Arc<Self>, cursor: Cursor) -> Result<SharedSnapshot, JournalError> {
        let mut known = self.journal.load_snapshot(cursor).await?;
        let oldest = self.journal.oldest();
        if known.is_none() && oldest.0 <= 1 {
            known = Some(Floor::default().snapshot());
        }
        if known.is_none() {
            known = self.journal.load_snapshot(Cursor(oldest.0.saturating_sub(1))).await?;
        }
        let (live, packer) = (Arc::clone(self), self.snapshots.lock().await.packer());
        let packing = tokio::task::spawn_blocking(move || match known {
            Some(FloorSnapshot { cursor, pieces, .. }) => packer.pack(cursor, pieces, SnapshotPurpose::History),
            None => packer.pack_floor(&live.with_floor(Floor::clone), SnapshotPurpose::History),
        });
        let floor = packing.await.map_err(io::Error::other).flatten();
        floor.map_err(|error| JournalError::Store { error: error.to_string() })
    }

    /// Adds a connected operator, or updates its selected call.
    pub(in crate::relay) fn set_operator(&self, connection: u64, operator: &ConnectedOperator) {
        self.operators.send_if_modified(|all| all.insert(connection, operator.clone()).as_ref() != Some(operator));
    }

    /// Removes a connected operator.
    pub(in crate::relay) fn remove_operator(&self, connection: u64) {
        self.operators.send_if_modified(|all| all.remove(&connection).is_some());
    }

    /// Watches the connected operators.
    pub(in crate::relay) fn watch_operators(&self) -> watch::Receiver<BTreeMap<u64, ConnectedOperator>> {
        self.operators.subscribe()
    }

    /// Watches the presence frame.
    pub(in crate::relay) fn watch_presence(&self) -> watch::Receiver<Bytes> {
        self.presence.subscribe()
    }

    /// Encodes the presence frame once for all consoles, at most once in [`PRESENCE_INTERVAL`], until the relay stops.
    pub(in crate::relay) async fn encode_presence(&self) {
        let mut operators = self.operators.subscribe();
        while operators.changed().await.is_ok() {
            let frame = presence_frame(&operators.borrow_and_update());
            self.presence.send_replace(frame);
            tokio::time::sleep(PRESENCE_INTERVAL).await;
        }
    }
}

fn presence_frame(operators: &BTreeMap<u64, ConnectedOperator>) -> Bytes {
    frame(&FeedFrame::Presence { operators: operators.values().cloned().collect() }.encode())
}
