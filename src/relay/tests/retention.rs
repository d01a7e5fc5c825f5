//! Tests of a relay with a long journal: starts from snapshots, trimmed entries, and consoles from before them.

use super::feed::Console;
use super::*;
use crate::feed::{FeedCommand, ResumePoint};
use crate::floor::Floor;
use crate::time::Millis;

/// Returns the floor of all entries up to a cursor, folded from the first.
async fn folded(journal: &dyn Journal, until: Cursor) -> Floor {
    let mut floor = Floor::default();
    while floor.head() < until {
        for row in journal.read(floor.head(), 1_000).await.unwrap().iter().filter(|row| row.cursor <= until) {
            floor.apply(&row.entry().unwrap());
        }
    }
    floor
}

fn text(floor: &Floor) -> String {
    serde_json::to_string(floor).unwrap()
}

impl Bench {
    /// Returns a bench with some calls and two snapshots, and the cursors of the snapshots.
    async fn with_snapshots() -> (Self, [Cursor; 2]) {
        let bench = Self::new().await;
        let mut cursors = [Cursor(0); 2];
        for (cursor, call) in cursors.iter_mut().zip(["a", "b"]) {
            bench.post(None, envelope(&[call_item(call, "established"), call_item(call, "established")])).await;
            let floor = folded(&*bench.journal, bench.journal.head().cursor).await;
            *cursor = floor.head();
            bench.journal.save_snapshot(floor.clone()).await.unwrap();
        }
        bench.post(None, envelope(&[call_item("c", "established")])).await;
        (bench, cursors)
    }

    async fn forget_before_the_last_snapshot(&self) {
        let everything = RetentionPolicy { age: Millis(1), bytes: 0 };
        while self.journal.trim(everything, Timestamp(i64::MAX).into()).await.unwrap() {}
    }
}

#[tokio::test]
async fn a_past_floor_is_answered_with_a_snapshot_at_or_before_it() {
    let (bench, [first, second]) = Bench::with_snapshots().await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    let head = ada.floor.head();
    for (asked, at) in [(first, first), (Cursor(second.0 - 1), first), (second, second), (Cursor(0), Cursor(0))] {
        ada.commands.send(FeedCommand::FloorAt(asked)).await.unwrap();
        ada.until(&format!("past {at}")).await;
        ada.seen.retain(|it| !it.starts_with("past"));
    }
    assert!(ada.floor.head() >= head, "the live floor continues");
}

#[tokio::test]
async fn a_console_from_before_the_oldest_entry_gets_a_snapshot() {
    let (bench, [_, second]) = Bench::with_snapshots().await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    let row = bench.journal.read(Cursor(0), 1).await.unwrap().remove(0);
    let last = bench.journal.sum_at(second).await.unwrap().unwrap();
    bench.forget_before_the_last_snapshot().await;
    assert_eq!(bench.journal.oldest(), Cursor(second.0 + 1));

    let known = |after, sum| Some(ResumePoint { epoch: bench.journal.epoch().to_string(), after, sum });
    let mut vic = Console::connect(&bench, VIEWER, known(row.cursor, row.sum));
    vic.until("caught up").await;
    assert!(vic.seen.contains(&"reset TooOld".to_owned()), "{:?}", vic.seen);
    assert!(vic.floor.head() >= second);

    // The checksum before the oldest entry is still known, so a console can resume there.
    let mut back = Console::connect(&bench, VIEWER, known(second, last));
    back.floor = bench.journal.load_snapshot(second).await.unwrap().unwrap().floor().unwrap();
    back.until("caught up").await;
    assert!(!back.seen.iter().any(|it| it.starts_with("reset")), "{:?}", back.seen);

    ada.commands.send(FeedCommand::Read { after: Cursor(0), count: 1 }).await.unwrap();
    ada.until("history 1").await;
    ada.commands.send(FeedCommand::FloorAt(Cursor(1))).await.unwrap();
    ada.until(&format!("past {second}")).await;
}

#[tokio::test]
async fn a_console_too_far_behind_gets_a_snapshot() {
    let bench = Bench::set_up(|settings| settings.tuning.lag_limit = 3_000).await;
    let row = bench.journal.read(Cursor(0), 1).await.unwrap().remove(0);
    for _ in 0..4 {
        let note = || (Timestamp(1), Fact::Noted(Noted::Refused { reason: "test".into(), count: 1 }));
        bench.journal.append((0..1_000).map(|_| note()).collect()).await.unwrap();
    }
    bench.until_folded().await;
    let known = ResumePoint { epoch: bench.journal.epoch().to_string(), after: row.cursor, sum: row.sum };
    let mut ada = Console::connect(&bench, OPERATOR, Some(known));
    ada.until("caught up").await;
    assert!(ada.seen.contains(&"reset Lagged".to_owned()), "{:?}", ada.seen);
    assert!(ada.floor.head() >= Cursor(4_000));
}

#[tokio::test]
async fn a_full_disk_is_reported_while_it_lasts_and_recovers() {
    let bench = Bench::with_a_call().await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    bench.journal.is_full.send_replace(true);
    let refused = bench.post(None, envelope(&[call_item("b", "established")])).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    assert!(refused.text().await.unwrap().contains("disk is full"));
    ada.until("refusing true").await;
    // A console that connects now is informed too.
    let mut vic = Console::connect(&bench, VIEWER, None);
    vic.until("refusing true").await;
    let act = bench
        .http
        .post(format!("{}/communications/calls/a/participants/p/mute", bench.relay.ready().gate))
        .bearer_auth(OPERATOR)
        .body("{}");
    let act = act.send().await.unwrap();
    assert_eq!(act.status(), 503);
    assert!(act.text().await.unwrap().contains("disk is full"));
    bench.journal.is_full.send_replace(false);
    ada.until("refusing false").await;
    vic.until("refusing false").await;
    let gap = |entries: &[Entry]| entries.iter().any(|it| matches!(&it.fact, Fact::Noted(Noted::Gap { .. })));
    bench.until("note of what was lost", gap).await;
    assert_eq!(bench.post(None, envelope(&[call_item("b", "established")])).await.status(), 202);
}

/// Waits until a folder's journal, read by another process, satisfies `is_met`.
async fn until_journal(folder: &std::path::Path, what: &str, is_met: impl Fn(&crate::journal::CheckReport) -> bool) {
    let wait = async {
        while !is_met(&crate::journal::check(folder).unwrap()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("no {what} in time"));
}

/// Returns a webhook of half a mebibyte.
fn large(call: &str) -> String {
    let pad = "x".repeat(512 * 1_024);
    envelope(&[format!(
        r##"{{"changeType":"updated","resourceUrl":"/communications/calls/{call}","resourceData":{{"@odata.type":"#microsoft.graph.call","state":"established","pad":"{pad}"}}}}"##
    )])
}

#[tokio::test]
async fn a_relay_takes_snapshots_trims_by_size_and_restarts() {
    let graph = FakeGraph::start().await;
    let folder = tempfile::tempdir().unwrap();
    let set_up = || RelaySettings {
        journal: JournalChoice::Dir(folder.path().to_owned()),
        retention: RetentionPolicy { age: Millis(0), bytes: 3 * 1_024 * 1_024 },
        ..settings(&graph)
    };
    let relay = crate::relay::start(set_up()).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for round in 0..4 {
        for number in 0..3 {
            assert_eq!(post(&http, &relay, None, large(&format!("call-{round}-{number}"))).await.status(), 202);
        }
        until_journal(folder.path(), "snapshot", |it| it.snapshots > 0).await;
    }
    until_journal(folder.path(), "removal", |it| it.oldest > Cursor(1)).await;
    let mut ada = Console::connect_to(&relay.ready().feed, OPERATOR, None);
    ada.until("caught up").await;
    assert_eq!(ada.floor.call_count(), 12, "the calls of removed entries are on the board");
    // The size at the end depends on the cursors of the snapshots; six mebibytes arrived.
    until_journal(folder.path(), "smaller journal", |it| it.bytes < 5 * 1_024 * 1_024).await;
    relay.stop().await;
    let found = crate::journal::check(folder.path()).unwrap();
    assert!(found.damaged.is_empty(), "{found:?}");

    let relay = crate::relay::start(set_up()).await.unwrap();
    let mut vic = Console::connect_to(&relay.ready().feed, VIEWER, None);
    vic.until("caught up").await;
    assert_eq!(vic.floor.call_count(), 12);
    relay.stop().await;
}

#[tokio::test]
async fn a_damaged_snapshot_is_skipped_and_the_floor_is_the_same() {
    let (bench, [first, second]) = Bench::with_snapshots().await;
    let head = bench.journal.head().cursor;
    let whole = folded(&*bench.journal, head).await;
    let file = bench.folder.path().join("journal.sqlite");
    for (damage, from) in [("", second), ("UPDATE packed_parts SET bytes = x'7b7d' WHERE cursor = ?1", first)] {
        if !damage.is_empty() {
            let connection = rusqlite::Connection::open(&file).unwrap();
            connection.execute(damage, [second.0.cast_signed()]).unwrap();
        }
        let live = crate::relay::live::projection::LiveFloor::new(Arc::clone(&bench.journal) as Arc<dyn Journal>);
        live.restore().await.unwrap();
        assert_eq!((live.folded().cursor, live.restored().unwrap().cursor), (from, from));
        live.catch_up().await.unwrap();
        let after = live.with_floor(Clone::clone);
        let expected = if after.head() == head { whole.clone() } else { folded(&*bench.journal, after.head()).await };
        assert_eq!(text(&after), text(&expected));
    }
}

#[tokio::test]
async fn a_webhook_repeated_after_a_restart_is_journalled_once() {
    let graph = FakeGraph::start().await;
    let folder = tempfile::tempdir().unwrap();
    let set_up = || RelaySettings { journal: JournalChoice::Dir(folder.path().to_owned()), ..settings(&graph) };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..2 {
        let relay = crate::relay::start(set_up()).await.unwrap();
        let again = envelope(&[call_item("a", "established"), r#"{"changeType":"odd"}"#.to_owned()]);
        assert_eq!(post(&http, &relay, Some("message-1"), again).await.status(), 202);
        relay.stop().await;
    }
    let store = JournalStore::open(folder.path()).unwrap();
    let rows = store.read(Cursor(0), 1_000).await.unwrap();
    let kept = rows.iter().filter(|it| it.body.contains("message-1")).count();
    assert_eq!(kept, 2, "one of each item");
}

#[tokio::test]
async fn an_empty_journal_file_starts_with_a_note_of_the_gap() {
    let graph = FakeGraph::start().await;
    let folder = tempfile::tempdir().unwrap();
    let set_up = || RelaySettings { journal: JournalChoice::Dir(folder.path().to_owned()), ..settings(&graph) };
    let begins = async || {
        crate::relay::start(set_up()).await.unwrap().stop().await;
        let rows = JournalStore::open(folder.path()).unwrap().read(Cursor(0), 1).await.unwrap();
        rows[0].entry().unwrap().fact
    };
    assert!(matches!(begins().await, Fact::Noted(Noted::RelayStarted)), "a new journal has no gap");
    std::fs::write(folder.path().join("journal.sqlite"), "").unwrap();
    let Fact::Noted(Noted::Gap { reason, .. }) = begins().await else { panic!("the first entry must be a gap") };
    assert!(reason.contains("was empty"), "{reason}");
}

#[tokio::test]
async fn secrets_are_not_sent_over_plain_http_to_another_machine() {
    let graph = FakeGraph::start().await;
    let far = || url::Url::parse("http://192.0.2.2:8600/token").unwrap();
    let changes: [fn(&mut RelaySettings, url::Url); 3] =
        [|it, far| it.token_url = far, |it, far| it.graph = far, |it, far| it.openid = far];
    for change in changes {
        let mut settings = settings(&graph);
        change(&mut settings, far());
        let Err(error) = crate::relay::start(settings).await else { panic!("it starts") };
        assert!(error.to_string().contains("http://192.0.2.2:8600/token is plain HTTP to another machine"), "{error}");
    }
}
