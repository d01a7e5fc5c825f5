//! The relay's own fold over the journal, and what all feed connections share: the floor, the newest frames,
//! already encoded, and who is connected. It follows the journal; it never writes it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use super::tail::EntryTail;
pub(in crate::relay) use super::tail::TailBatch;
use crate::floor::{self, Cursor, Floor};
use crate::journal::{ChainMark, Journal, JournalError};
use crate::protocol::{ConnectedOperator, FeedFrame, SnapshotPiece};
use crate::relay::feed::frame;
use crate::time::Timestamp;

/// What the relay knows, folded and encoded once for all.
pub(in crate::relay) struct LiveFloor {
    journal: Arc<dyn Journal>,
    floor: RwLock<Floor>,
    tail: Mutex<EntryTail>,
    folded: watch::Sender<ChainMark>,
    folded_bytes: AtomicU64,
    restored: Mutex<Option<RestoredSnapshot>>,
    onlookers: watch::Sender<BTreeMap<u64, ConnectedOperator>>,
    presence: watch::Sender<Bytes>,
    snapshot: tokio::sync::Mutex<Option<SnapshotFrames>>,
}

/// The snapshot that the floor was brought back from.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct RestoredSnapshot {
    /// Where it is.
    pub(in crate::relay) cursor: Cursor,
    /// Its time.
    pub(in crate::relay) at: Timestamp,
    /// Its bytes.
    pub(in crate::relay) bytes: usize,
}

/// A floor as text, in frames.
#[derive(Clone)]
pub(in crate::relay) struct SnapshotFrames {
    /// Where it is.
    pub(in crate::relay) cursor: Cursor,
    /// Its frames.
    pub(in crate::relay) frames: Arc<[Bytes]>,
}

const READ: usize = 1_024;
/// Comings and goings within this are told at once: a thousand consoles that come back would tell a million times.
const PRESENCE: Duration = Duration::from_millis(250);
/// A snapshot is used again while it is at most this many entries old.
const SNAPSHOT_AGE: u64 = 1_000;

impl LiveFloor {
    pub(in crate::relay) fn new(journal: Arc<dyn Journal>) -> Self {
        Self {
            journal,
            floor: RwLock::default(),
            tail: Mutex::default(),
            folded: watch::Sender::new(ChainMark::default()),
            folded_bytes: AtomicU64::new(0),
            restored: Mutex::default(),
            onlookers: watch::Sender::default(),
            presence: watch::Sender::new(presence(&BTreeMap::new())),
            snapshot: tokio::sync::Mutex::default(),
        }
    }

    /// Begins with the newest snapshot that can be read, or where the journal begins.
    pub(in crate::relay) async fn restore(&self) -> Result<(), JournalError> {
        let mut at = self.journal.head().cursor;
        while let Some(snapshot) = self.journal.load_snapshot(at).await? {
            match snapshot.floor() {
                Ok(floor) => {
                    let restored =
                        RestoredSnapshot { cursor: snapshot.cursor, at: snapshot.at, bytes: snapshot.bytes() };
                    *self.restored.lock().unwrap_or_else(PoisonError::into_inner) = Some(restored);
                    *self.floor.write().unwrap_or_else(PoisonError::into_inner) = floor;
                    self.folded.send_replace(ChainMark { cursor: snapshot.cursor, sum: snapshot.sum });
                    return Ok(());
                }
                Err(why) => tracing::warn!(cursor = %snapshot.cursor, %why, "a snapshot is skipped"),
            }
            let Some(before) = snapshot.cursor.0.checked_sub(1) else { break };
            at = Cursor(before);
        }
        let head = self.journal.head().cursor;
        let begins = self.journal.oldest().0.checked_sub(1).map_or(head, Cursor);
        if begins > Cursor(0) {
            tracing::error!(oldest = begins.0 + 1, "no snapshot can be read: what was before the oldest entry is lost");
            let sum = self.journal.sum_at(begins).await?.unwrap_or_default();
            self.folded.send_replace(ChainMark { cursor: begins, sum });
        }
        Ok(())
    }

    /// The snapshot that the floor was brought back from, if it was.
    pub(in crate::relay) fn restored(&self) -> Option<RestoredSnapshot> {
        *self.restored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of text that were folded since the start.
    pub(in crate::relay) fn folded_bytes(&self) -> u64 {
        self.folded_bytes.load(Ordering::Acquire)
    }

    /// Folds whatever the journal has.
    pub(in crate::relay) async fn catch_up(&self) -> Result<(), JournalError> {
        loop {
            let rows = self.journal.read(self.folded().cursor, READ).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            let mark = ChainMark { cursor: last.cursor, sum: last.sum };
            let mut entries = Vec::with_capacity(rows.len());
            for row in &rows {
                entries.push(row.entry()?);
            }
            {
                let mut floor = self.floor.write().unwrap_or_else(PoisonError::into_inner);
                for entry in &entries {
                    floor.apply(entry);
                }
            }
            let bytes = rows.iter().map(|it| it.body.len()).sum::<usize>();
            self.folded_bytes.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::AcqRel);
            self.tail().push(&rows);
            self.folded.send_replace(mark);
        }
    }

    /// Follows the journal until it closes.
    pub(in crate::relay) async fn follow(&self) {
        let mut head = self.journal.follow();
        loop {
            head.mark_unchanged();
            if let Err(error) = self.catch_up().await {
                tracing::error!(%error, "the journal cannot be followed; it is tried again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
            if head.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until the floor knows what the journal holds now.
    pub(in crate::relay) async fn wait_for_head(&self) {
        let head = self.journal.head().cursor;
        // It fails only when the hub itself has gone, and then nobody waits.
        drop(self.folded.subscribe().wait_for(|it| it.cursor >= head).await);
    }

    /// How far the floor is.
    pub(in crate::relay) fn folded(&self) -> ChainMark {
        *self.folded.borrow()
    }

    /// A wake-up when the floor has moved.
    pub(in crate::relay) fn watch(&self) -> watch::Receiver<ChainMark> {
        self.folded.subscribe()
    }

    /// Looks at the floor; must be short.
    pub(in crate::relay) fn with_floor<T>(&self, look: impl FnOnce(&Floor) -> T) -> T {
        look(&self.floor.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What follows a cursor, from the shared tail, up to about so many bytes; none when it is further back.
    pub(in crate::relay) fn after(&self, after: Cursor, most: usize) -> Option<TailBatch> {
        if after >= self.folded().cursor {
            return Some(TailBatch::default());
        }
        self.tail().after(after, most)
    }

    /// A snapshot not far behind the head; the entries after it can be sent.
    pub(in crate::relay) async fn snapshot(&self) -> SnapshotFrames {
        let mut kept = self.snapshot.lock().await;
        let (head, oldest) = (self.folded().cursor, self.journal.oldest());
        // What comes after it must still be there to be sent.
        let serves = |it: &&SnapshotFrames| {
            it.cursor.0.saturating_add(SNAPSHOT_AGE) >= head.0 && it.cursor.0.saturating_add(1) >= oldest.0
        };
        if let Some(snapshot) = kept.as_ref().filter(serves) {
            return snapshot.clone();
        }
        // Its frames are made one by one from its pieces, which go as they are used.
        let floor::FloorSnapshot { cursor, pieces, .. } = self.with_floor(Floor::snapshot);
        kept.insert(SnapshotFrames { cursor, frames: frames_of(pieces, false).collect() }).clone()
    }

    /// The floor as it was: a kept snapshot at or before a cursor, else the oldest floor that is known.
    pub(in crate::relay) async fn past(&self, cursor: Cursor) -> Result<Vec<String>, JournalError> {
        if let Some(snapshot) = self.journal.load_snapshot(cursor).await? {
            return Ok(snapshot.pieces);
        }
        let oldest = self.journal.oldest();
        if oldest.0 <= 1 {
            return Ok(Floor::default().snapshot().pieces);
        }
        let first = self.journal.load_snapshot(Cursor(oldest.0 - 1)).await?;
        Ok(first.map_or_else(|| self.with_floor(Floor::snapshot).pieces, |it| it.pieces))
    }

    /// Somebody has come, or looks at something else.
    pub(in crate::relay) fn present(&self, connection: u64, onlooker: &ConnectedOperator) {
        self.onlookers.send_if_modified(|all| all.insert(connection, onlooker.clone()).as_ref() != Some(onlooker));
    }

    /// Somebody has gone.
    pub(in crate::relay) fn absent(&self, connection: u64) {
        self.onlookers.send_if_modified(|all| all.remove(&connection).is_some());
    }

    /// The frame that says who is connected, as it changes.
    pub(in crate::relay) fn presence(&self) -> watch::Receiver<Bytes> {
        self.presence.subscribe()
    }

    /// Makes that frame, once for all consoles and not more often than they need.
    pub(in crate::relay) async fn announce(&self) {
        let mut onlookers = self.onlookers.subscribe();
        while onlookers.changed().await.is_ok() {
            let frame = presence(&onlookers.borrow_and_update());
            self.presence.send_replace(frame);
            tokio::time::sleep(PRESENCE).await;
        }
    }

    fn tail(&self) -> MutexGuard<'_, EntryTail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The frames of a snapshot's pieces, made as they are wanted.
pub(in crate::relay) fn frames_of(pieces: Vec<String>, history: bool) -> impl Iterator<Item = Bytes> {
    SnapshotPiece::number(pieces, history).map(|piece| frame(&FeedFrame::Snapshot(piece).encode()))
}

fn presence(onlookers: &BTreeMap<u64, ConnectedOperator>) -> Bytes {
    frame(&FeedFrame::Presence { operators: onlookers.values().cloned().collect() }.encode())
}
