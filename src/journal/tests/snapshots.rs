//! Tests of how often snapshots are due, and how much of a journal they take.

use serde_json::{json, value::RawValue};
use uuid::Uuid;

use super::*;
use crate::floor::{Floor, ReceivedItem};
use crate::time::Millis;

#[test]
fn a_snapshot_is_due_before_a_start_would_take_long() {
    let pace = |entries, bytes, age, last| SnapshotPace { entries, bytes, age: Millis::seconds(age), last }.is_due();
    assert!(!pace(0, 0, 999_999, 0));
    assert!(!pace(149_999, 1_000_000, 60, 0));
    assert!(pace(150_000, 0, 0, 0));
    assert!(pace(10, 64 << 20, 0, 90 << 20));
    assert!(!pace(10, 63 << 20, 0, 90 << 20));
    assert!(pace(10, 2 << 20, 0, 2 << 20));
    assert!(!pace(10, 1 << 20, 0, 2 << 20));
    assert!(pace(10, 1 << 20, 0, 100));
    assert!(pace(1, 9, 24 * 3_600, 0));
}

/// A hash of a number, so that ids and names look random, as Graph's do.
fn mixed(number: usize) -> u128 {
    let one = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let other = (one ^ (one >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (u128::from(one) << 64) | u128::from(other ^ (other >> 32))
}

/// A roster of four people, whose state changes with each round.
fn roster(call: usize, round: usize) -> Fact {
    let person = |at: usize| {
        let number = call * 4 + at;
        let user = Uuid::from_u128(mixed(number));
        let name = format!("{:05x} {:08x}", mixed(number) % (1 << 20), mixed(number + 7) % (1 << 32));
        json!({
            "id": Uuid::from_u128(mixed(number + 1_000_000)).to_string(),
            "isMuted": mixed(number + round * 77).is_multiple_of(2), "isInLobby": mixed(number + round).is_multiple_of(16),
            "mediaStreams": [{ "mediaType": "audio", "sourceId": number.to_string(), "direction": "sendReceive" }],
            "info": { "identity": { "user": { "id": user.to_string(), "displayName": name } } },
        })
    };
    let id = Uuid::from_u128(mixed(call + 9_000_000));
    let item = json!({
        "changeType": "updated", "resourceUrl": format!("/communications/calls/{id}/participants"),
        "resourceData": (0..4).map(person).collect::<Vec<_>>(),
    });
    Fact::Notification(ReceivedItem::new(RawValue::from_string(item.to_string()).unwrap(), None, 0))
}

/// Writes a history of many calls whose rosters change, and takes the snapshots that are due.
///
/// Returns the store, the floor, and the most bytes that a start would have folded.
async fn busy_day(folder: &Path, calls: usize, entries: usize) -> (JournalStore, Floor, u64) {
    let store = JournalStore::temporary(folder).unwrap();
    let (mut floor, mut pace, mut longest) = (Floor::default(), SnapshotPace::default(), 0);
    for batch in (0..entries).collect::<Vec<_>>().chunks(500) {
        let facts = batch.iter().map(|at| (Timestamp(i64::try_from(*at).unwrap()), roster(at % calls, at / calls)));
        store.append(facts.collect()).await.unwrap();
        loop {
            let rows = store.read(floor.head(), 1_000).await.unwrap();
            if rows.is_empty() {
                break;
            }
            for row in rows {
                floor.apply(&row.entry().unwrap());
                pace.entries += 1;
                pace.bytes += row.body.len() as u64;
            }
        }
        longest = longest.max(pace.bytes);
        if pace.is_due() {
            let last = store.save_snapshot(floor.clone()).await.unwrap();
            pace = SnapshotPace { last, ..SnapshotPace::default() };
        }
    }
    (store, floor, longest)
}

/// Returns a number that SQLite computes from a journal.
fn number(folder: &Path, sql: &str) -> u64 {
    let connection = rusqlite::Connection::open(folder.join("journal.sqlite")).unwrap();
    connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
}

#[tokio::test]
async fn snapshots_take_at_most_a_fifth_of_a_busy_days_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (store, floor, longest) = busy_day(folder.path(), 1_500, 9_000).await;
    let text = floor.snapshot().bytes() as u64;
    drop(store);
    let taken = number(folder.path(), "SELECT count(*) FROM snapshots");
    let packed = number(folder.path(), "SELECT sum(length(bytes)) FROM packed_parts");
    let pages = number(folder.path(), "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    assert!(taken >= 3, "{taken} snapshots");
    assert!(packed * 5 <= pages, "{packed} of {pages} bytes are snapshots");
    assert!(packed / taken * 5 <= text, "a snapshot of {text} bytes takes {}", packed / taken);
    assert!(longest <= 2 * text, "a start folds {longest} bytes behind a snapshot of {text}");
}

#[tokio::test]
async fn snapshots_that_earlier_versions_stored_as_text_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (store, floor, _) = busy_day(folder.path(), 50, 100).await;
    let snapshot = floor.snapshot();
    assert_eq!(store.save_snapshot(floor.clone()).await.unwrap(), snapshot.bytes() as u64);
    drop(store);
    {
        let connection = rusqlite::Connection::open(folder.path().join("journal.sqlite")).unwrap();
        for (part, text) in snapshot.pieces.iter().enumerate() {
            let sql = "INSERT INTO snapshot_parts (cursor, part, text) VALUES (?1, ?2, ?3)";
            let part = i64::try_from(part).unwrap();
            connection.execute(sql, (snapshot.cursor.0.cast_signed(), part, text)).unwrap();
        }
        connection.execute_batch("DROP TABLE packed_parts").unwrap();
    }
    let found = check(folder.path()).unwrap();
    assert_eq!((found.snapshots, found.damaged.len()), (1, 0), "{found:?}");
    let store = JournalStore::open(folder.path()).unwrap();
    assert_eq!(store.load_snapshot(snapshot.cursor).await.unwrap(), Some(snapshot));
}
