//! Tests of retention: snapshots, removal by the policy, and the report of damaged rows.

use super::*;
use crate::floor::{Floor, SNAPSHOT_VERSION};
use crate::time::Millis;

const LONG: usize = 4_000;

/// A journal whose entries are a second apart, with a snapshot after every tenth.
struct Long {
    store: JournalStore,
    floor: Floor,
    folder: tempfile::TempDir,
}

impl Long {
    async fn of(entries: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = JournalStore::temporary(folder.path()).unwrap();
        let mut long = Self { store, floor: Floor::default(), folder };
        for number in 1..=entries {
            let reason = format!("{number} {}", "x".repeat(LONG)).into();
            let fact = Fact::Noted(Noted::Gap { reason, from: None });
            long.store.append(vec![(seconds(number), fact)]).await.unwrap();
            if number.is_multiple_of(10) {
                long.keep().await;
            }
        }
        long
    }

    async fn keep(&mut self) {
        loop {
            let rows = self.store.read(self.floor.head(), 100).await.unwrap();
            if rows.is_empty() {
                break;
            }
            for row in rows {
                self.floor.apply(&row.entry().unwrap());
            }
        }
        self.store.save_snapshot(self.floor.clone()).await.unwrap();
    }

    async fn trim(&self, retention: RetentionPolicy, now: Timestamp) {
        while self.store.trim(retention, now.into()).await.unwrap() {}
    }

    async fn newest(&self, at: u64) -> Option<u64> {
        self.store.load_snapshot(Cursor(at)).await.unwrap().map(|it| it.cursor.0)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn seconds(number: u64) -> Timestamp {
    Timestamp(i64::try_from(number).unwrap() * 1_000)
}

fn aged(age: i64) -> RetentionPolicy {
    RetentionPolicy { age: Millis::seconds(age), bytes: 0 }
}

fn size(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("journal.sqlite")).unwrap().len()
}

#[tokio::test]
async fn the_newest_good_snapshot_is_found_and_restored() {
    let long = Long::of(30).await;
    assert_eq!((long.newest(9).await, long.newest(29).await, long.newest(99).await), (None, Some(20), Some(30)));
    let snapshot = long.store.load_snapshot(Cursor(30)).await.unwrap().unwrap();
    assert_eq!(snapshot.floor().unwrap(), long.floor);
    assert_eq!(snapshot.sum, long.store.head().sum);
}

#[tokio::test]
async fn damaged_and_unsupported_snapshots_are_skipped() {
    let other = SNAPSHOT_VERSION + 1;
    for damage in [
        "UPDATE packed_parts SET bytes = (SELECT bytes FROM packed_parts WHERE cursor = 20) WHERE cursor = 30",
        "UPDATE packed_parts SET bytes = substr(bytes, 9) WHERE cursor = 30",
        "DELETE FROM packed_parts WHERE cursor = 30",
        "DELETE FROM snapshots WHERE cursor = 30",
        "UPDATE snapshots SET sum = sum + 1 WHERE cursor = 30",
        &format!("UPDATE snapshots SET version = {other} WHERE cursor = 30"),
    ] {
        let long = Long::of(30).await;
        assert_eq!(long.newest(30).await, Some(30));
        sqlite(long.path(), damage);
        assert_eq!(long.newest(30).await, Some(20), "{damage}");
        let found = check(long.path()).unwrap();
        // A snapshot without a seal counts as absent.
        assert_eq!(found.damaged.len(), usize::from(!damage.contains("FROM snapshots")), "{damage}: {found:?}");
    }
}

#[tokio::test]
async fn a_snapshot_without_a_seal_is_ignored_and_removed() {
    let long = Long::of(10).await;
    sqlite(
        long.path(),
        "INSERT INTO snapshot_parts VALUES (9, 0, '{}'); INSERT INTO packed_parts VALUES (9, 0, x'00')",
    );
    assert_eq!(long.newest(9).await, None);
    long.trim(RetentionPolicy::ALL, Timestamp(0)).await;
    let left = "SELECT (SELECT count(*) FROM snapshot_parts) + (SELECT count(*) FROM packed_parts WHERE cursor = 9)";
    let connection = rusqlite::Connection::open(long.path().join("journal.sqlite")).unwrap();
    assert_eq!(connection.query_row(left, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[tokio::test]
async fn old_entries_are_removed_if_a_snapshot_covers_them() {
    let mut long = Long::of(45).await;
    long.trim(aged(16), seconds(45)).await;
    assert_eq!(long.store.oldest(), Cursor(21), "29 is old too, but no snapshot covers it");
    let gone = long.store.read(Cursor(19), 9).await.unwrap_err();
    assert!(matches!(gone, JournalError::TooOld { oldest: Cursor(21), .. }), "{gone}");
    assert!(gone.to_string().contains("begins with entry 21"));
    let rows = long.store.read(Cursor(20), 99).await.unwrap();
    assert_eq!((rows.len(), rows[0].after), (25, Cursor(20)));
    let base = long.store.load_snapshot(Cursor(20)).await.unwrap().unwrap();
    assert_eq!(long.store.sum_at(Cursor(20)).await.unwrap(), Some(base.sum));
    assert_eq!(long.store.sum_at(Cursor(19)).await.unwrap(), None);

    long.trim(aged(1), seconds(9_999)).await;
    assert_eq!(long.store.oldest(), Cursor(41), "entries without a snapshot stay, even if old");
    let mut floor = long.store.load_snapshot(Cursor(44)).await.unwrap().unwrap().floor().unwrap();
    for row in long.store.read(Cursor(40), 99).await.unwrap() {
        floor.apply(&row.entry().unwrap());
    }
    long.keep().await;
    assert_eq!(floor, long.floor, "the floor has lost nothing");
    let found = check(long.path()).unwrap();
    assert_eq!((found.damaged.len(), found.oldest, found.entries), (0, Cursor(41), 5));
    let head = long.store.head();
    let folder = long.folder;
    drop(long.store);
    let store = JournalStore::open(folder.path()).unwrap();
    assert_eq!((store.oldest(), store.head()), (Cursor(41), head));
    store.append(vec![noted("on it goes")]).await.unwrap();
    assert_eq!(verified(folder.path()).unwrap().cursor, Cursor(46));
}

#[tokio::test]
async fn entries_beyond_the_size_limit_are_removed_and_their_space_is_released() {
    let long = Long::of(2_500).await;
    long.store.pragma("PRAGMA wal_checkpoint(TRUNCATE)");
    long.store.append(vec![noted("written after the checkpoint")]).await.unwrap();
    let before = size(long.path());
    let retention = RetentionPolicy { age: Millis(0), bytes: before / 2 };
    long.trim(retention, Timestamp(0)).await;
    long.store.pragma("PRAGMA wal_checkpoint(TRUNCATE)");
    long.store.append(vec![noted("written after the checkpoint")]).await.unwrap();
    let after = size(long.path());
    assert!(after < before * 2 / 3, "{before} bytes became {after}");
    let oldest = long.store.oldest().0;
    assert!(oldest > 100 && oldest % 10 == 1, "it begins after a snapshot: {oldest}");
    assert_eq!(long.newest(oldest - 1).await, Some(oldest - 1));
    assert!(check(long.path()).unwrap().damaged.is_empty());
    long.trim(RetentionPolicy::ALL, seconds(99_999)).await;
    assert_eq!(long.store.oldest().0, oldest);
}

#[tokio::test]
async fn rows_stay_while_the_only_snapshot_that_covers_them_is_damaged() {
    let long = Long::of(25).await;
    sqlite(long.path(), "DELETE FROM packed_parts WHERE cursor = 20");
    long.trim(aged(1), seconds(9_999)).await;
    assert_eq!(long.store.oldest(), Cursor(11));
}

#[tokio::test]
async fn appends_continue_during_a_removal() {
    let long = Long::of(600).await;
    let mut kept = 0_u32;
    while long.store.trim(aged(1), seconds(9_999).into()).await.unwrap() {
        long.store.append(vec![noted("meanwhile")]).await.unwrap();
        kept += 1;
    }
    assert!(kept > 3, "it was done in {kept} steps");
    assert_eq!(verified(long.path()).unwrap().cursor.0, 600 + u64::from(kept));
}

#[tokio::test]
async fn a_check_reports_each_damaged_row_while_the_journal_is_written() {
    let long = Long::of(60).await;
    let clean = check(long.path()).unwrap();
    assert_eq!((clean.entries, clean.snapshots, clean.damaged.len()), (60, 6, 0));
    assert_eq!((clean.began, clean.ended), (Some(seconds(1)), Some(seconds(60))));
    assert_eq!((&*clean.epoch, clean.head), (&*long.store.epoch(), long.store.head()));
    for damage in [
        "UPDATE entries SET body = replace(body, '7 x', '8 x') WHERE cursor = 7",
        "UPDATE entries SET sum = sum + 1 WHERE cursor = 15",
        "DELETE FROM entries WHERE cursor IN (23, 24, 35)",
        "UPDATE entries SET body = cast(x'ff' AS TEXT) WHERE cursor = 42",
        "UPDATE packed_parts SET bytes = x'00' WHERE cursor = 50",
        "DELETE FROM entries WHERE cursor = 60",
    ] {
        sqlite(long.path(), damage);
    }
    let found = check(long.path()).unwrap();
    let named: Vec<(u64, &str)> =
        found.damaged.iter().map(|it| (it.cursor.0, it.what.get(..20).unwrap_or(&it.what))).collect();
    let expected = [
        (7, "its checksum is "),
        (15, "its checksum is "),
        (23, "it and all up to entr"),
        (35, "it is missing"),
        (42, ""),
        (60, "it is missing; the j"),
        (50, "its snapshot is skip"),
        (60, "its snapshot is skip"),
    ];
    assert_eq!(named.len(), expected.len(), "{named:?}");
    for ((cursor, what), (at, begins)) in named.iter().zip(expected) {
        assert!(*cursor == at && begins.starts_with(what.get(..begins.len().min(16)).unwrap_or("")), "{named:?}");
    }
    assert_eq!(found.entries, 56 - 1, "the unreadable row is not counted");
}

#[tokio::test]
async fn flipped_bits_are_never_returned_as_good_entries() {
    let long = Long::of(12).await;
    long.store.pragma("PRAGMA wal_checkpoint(TRUNCATE)");
    let (folder, floor) = (long.folder, long.floor);
    drop((long.store, floor));
    let file = folder.path().join("journal.sqlite");
    let good = std::fs::read(&file).unwrap();
    // The damage hits the texts, because they fill most of their pages.
    let places: Vec<usize> =
        good.windows(64).enumerate().filter(|(_, it)| it.iter().all(|byte| *byte == b'x')).map(|(at, _)| at).collect();
    let texts = |folder: &Path| -> Option<Vec<(i64, String)>> {
        let connection = rusqlite::Connection::open(folder.join("journal.sqlite")).ok()?;
        let mut query = connection.prepare("SELECT cursor, body FROM entries ORDER BY cursor").ok()?;
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?.collect::<Result<_, _>>().ok()
    };
    let written = texts(folder.path()).unwrap();
    let mut noticed = 0;
    for round in 0..40 {
        let mut bytes = good.clone();
        bytes[places[round * places.len() / 40]] ^= 1 << (round % 8);
        std::fs::write(&file, &bytes).unwrap();
        let found = check(folder.path()).unwrap();
        noticed += usize::from(!found.damaged.is_empty());
        // A bit in the unused end of a page belongs to no entry.
        assert!(!found.damaged.is_empty() || texts(folder.path()).as_ref() == Some(&written), "round {round}");
    }
    assert!(noticed > 20, "only {noticed} of 40 flips hit used pages");
}

#[tokio::test]
async fn compacting_needs_the_lock_and_frees_space() {
    let long = Long::of(400).await;
    let refused = compact(long.path(), aged(1), seconds(9_999)).unwrap_err();
    assert!(matches!(refused, JournalError::Locked { .. }), "{refused}");
    let folder = long.folder;
    drop(long.store);
    let freed = compact(folder.path(), aged(100), seconds(400)).unwrap();
    assert_eq!((freed.entries, freed.oldest), (300, Cursor(301)));
    assert!(freed.after < freed.before / 2, "{freed:?}");
    assert!(check(folder.path()).unwrap().damaged.is_empty());
    let nowhere = compact(&folder.path().join("none"), aged(1), seconds(1)).unwrap_err();
    assert!(nowhere.to_string().contains("no journal"), "{nowhere}");
}

#[tokio::test]
async fn compacting_takes_missing_snapshots() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    for number in 0..3_u64 {
        let day = |hour| seconds((number * 24 + hour) * 3_600);
        store.append((0..20).map(|hour| (day(hour), noted("x").1)).collect()).await.unwrap();
    }
    drop(store);
    let freed = compact(folder.path(), aged(24 * 3_600), seconds(72 * 3_600)).unwrap();
    assert!(freed.entries >= 20 && freed.oldest.0 == freed.entries + 1, "{freed:?}");
    let store = JournalStore::open(folder.path()).unwrap();
    assert!(store.load_snapshot(store.head().cursor).await.unwrap().is_some());
}
