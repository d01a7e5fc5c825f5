//! Rows 11 and 12: resuming after 100,000 missed entries, compared with reading and folding them; seeking to an entry.

use std::path::Path;
use std::time::Instant;

use callboard::feed::{FeedConfig, ResumePoint, client};
use callboard::floor::{Cursor, Fact, Floor, ReceivedItem};
use callboard::journal::{Journal as _, JournalStore, SnapshotPace};
use callboard::protocol::{FeedEvent, Role};
use callboard::relay::{self, JournalChoice, OperatorRegistry};
use callboard::time::clock::Clock;
use callboard::time::{Millis, Timestamp};
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use url::Url;

use crate::intake::roster;
use crate::{median, percentile, row};

const ENTRIES: usize = 100_000;
const SEEKS: u64 = 300;
const ROUNDS: usize = 3;

/// Fills a journal with 200 calls of four people each, and with the snapshots that a relay would have kept.
async fn fill(store: &JournalStore) {
    let (mut floor, mut pace) = (Floor::default(), SnapshotPace::default());
    for batch in 0..ENTRIES / 500 {
        let facts = (0..500).map(|at| {
            let number = batch * 500 + at;
            let item = RawValue::from_string(roster(number % 200, number / 200)).expect("JSON");
            (Timestamp(1), Fact::Notification(ReceivedItem::new(item, None, 0)))
        });
        store.append(facts.collect()).await.expect("room");
        for row in read_all(store, floor.head()).await {
            floor.apply(&row.entry().expect("an entry"));
            pace.entries += 1;
            pace.bytes += row.body.len() as u64;
        }
        pace.age = Millis(0);
        if pace.is_due() {
            let last = store.save_snapshot(floor.clone()).await.expect("room");
            pace = SnapshotPace { last, ..SnapshotPace::default() };
        }
    }
}

/// The bytes of the snapshots, and of the whole journal.
pub(crate) fn snapshot_share(folder: &Path) -> (u64, u64) {
    let journal = rusqlite::Connection::open(folder.join("journal.sqlite")).expect("a journal");
    let sum = "SELECT sum(length(bytes)), (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) \
               FROM packed_parts";
    let bytes =
        |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()));
    journal.query_row(sum, [], bytes).expect("snapshots")
}

async fn read_all(store: &JournalStore, mut after: Cursor) -> Vec<callboard::journal::JournalRow> {
    let mut all = Vec::new();
    loop {
        let rows = store.read(after, 1_000).await.expect("rows");
        let Some(last) = rows.last() else { return all };
        after = last.cursor;
        all.extend(rows);
    }
}

/// Seconds for reading everything from the journal and folding it.
async fn fold(store: &JournalStore) -> f64 {
    let began = Instant::now();
    let mut floor = Floor::default();
    loop {
        let rows = store.read(floor.head(), 1_000).await.expect("rows");
        if rows.is_empty() {
            return began.elapsed().as_secs_f64();
        }
        for row in rows {
            floor.apply(&row.entry().expect("an entry"));
        }
    }
}

/// Seconds for a console to resume after the first entry and fold what it is sent.
async fn resume(feed: &str, from: ResumePoint) -> f64 {
    let config =
        FeedConfig { url: Url::parse(feed).expect("an address"), token: "token-of-the-bench".into(), trust: None };
    let (sender, mut events) = mpsc::channel(16);
    let (_orders, receiver) = mpsc::channel(1);
    let began = Instant::now();
    let mut floor = Floor::default();
    tokio::spawn(client::run(config, Some(from), sender, receiver));
    while let Some(event) = events.recv().await {
        match event {
            FeedEvent::Entries(entries) => {
                for entry in &entries {
                    floor.apply(entry);
                }
            }
            FeedEvent::CaughtUp => break,
            FeedEvent::Reset(reason) => println!("a reset came: {reason:?}"),
            _ => {}
        }
    }
    // The relay adds a few notes.
    assert!(floor.head() >= Cursor(ENTRIES as u64), "all of it came");
    began.elapsed().as_secs_f64()
}

pub(crate) async fn rows() {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let store = JournalStore::temporary(folder.path()).expect("a journal");
    fill(&store).await;
    let whole = fold(&store).await;
    seek(&store).await;
    let percent = |part: u64, whole: u64| format!("{:.1} %", 100.0 * part as f64 / whole as f64);
    let (snapshots, journal) = snapshot_share(folder.path());
    println!("{:<52} {:>38}   <= 20 %", "12 snapshots in the journal", percent(snapshots, journal));
    let first = store.read(Cursor(0), 1).await.expect("a row").remove(0);
    let from = ResumePoint { epoch: store.epoch().to_string(), after: first.cursor, sum: first.sum };
    drop(store);
    let copy = tempfile::tempdir().expect("a folder for the run");
    std::fs::copy(folder.path().join("journal.sqlite"), copy.path().join("journal.sqlite")).expect("a copy");
    let plain = JournalStore::temporary(copy.path()).expect("a journal");

    let nowhere = Url::parse("http://127.0.0.1:9/").expect("an address");
    let began = Instant::now();
    let relay = relay::start(relay::RelaySettings {
        listen: "127.0.0.1:0".parse().expect("an address"),
        clock: Clock::system(),
        journal: JournalChoice::Dir(folder.path().to_owned()),
        retention: relay::RetentionPolicy::ALL,
        label: "BENCH".into(),
        app_id: "app".into(),
        openid: nowhere.clone(),
        graph: nowhere.clone(),
        token_url: nowhere,
        credential: relay::AppCredential::Secret("secret".into()),
        tuning: relay::GraphSettings::default(),
        net: relay::NetworkSettings::default(),
        tenants: Vec::new(),
        issuers: relay::default_issuers(),
        operators: OperatorRegistry::in_memory(vec![("ada".into(), Role::Viewer, "token-of-the-bench".into())]),
    });
    let relay = relay.await.expect("a relay");
    row("- start over 100,000 entries (vs folding all)", "s", whole, began.elapsed().as_secs_f64(), "bounded");
    // The baseline reads a copy, because only one process may write a journal.
    let (mut base, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        base.push(fold(&plain).await);
        ours.push(resume(&relay.ready().feed, from.clone()).await);
    }
    row("11 resume, 100,000 entries missed (vs read + fold)", "s", median(base), median(ours), "<= 1.3x");
    relay.stop().await;
}

/// Seeks: the newest snapshot at or before a place, and the entries from there.
async fn seek(store: &JournalStore) {
    let mut figures = Vec::new();
    for number in 0..SEEKS {
        let place = Cursor(1 + (number * 7_919) % ENTRIES as u64);
        let began = Instant::now();
        let snapshot = store.load_snapshot(place).await.expect("the journal reads");
        let mut floor = snapshot.map_or_else(Floor::default, |it| it.floor().expect("a floor"));
        while floor.head() < place {
            let left = usize::try_from(place.0 - floor.head().0).unwrap_or(usize::MAX);
            for row in store.read(floor.head(), left.min(1_000)).await.expect("rows") {
                floor.apply(&row.entry().expect("an entry"));
            }
        }
        figures.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    row("12 seek to any of 100,000 entries, p99 (vs a goal)", "ms", 33.0, percentile(&mut figures, 99), "<= 1x");
    row("12 … p50", "ms", 33.0, percentile(&mut figures, 50), "");
}
