//! The keeper: what it reads from Graph, and when it says that a call is still wanted.

use super::*;
use crate::floor::{Noted, Reading};
use crate::moment::Span;

#[tokio::test]
async fn a_call_seen_for_the_first_time_is_read_from_graph() {
    let bench = Bench::new().await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let observed = |it: &[Entry]| it.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count() == 2;
    bench.until("reading of the call and its people", observed).await;
    let asked = bench.graph.said().requests.lock().unwrap().clone();
    assert_eq!(asked, ["GET /communications/calls/a", "GET /communications/calls/a/participants"]);
}

#[tokio::test]
async fn live_calls_are_kept_alive_every_quarter_of_an_hour_of_floor_time() {
    let clock = Clock::starting_at(Moment(1_000_000), 0.0);
    let bench = Bench::with(clock.clone()).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until("reading", |it| it.iter().any(|it| matches!(it.fact, Fact::Observed(_)))).await;
    assert!(bench.graph.acts().is_empty());
    for times in 1..=2 {
        clock.step(Span::minutes(15));
        let asked = async {
            while bench.graph.acts().len() < times {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), asked).await.unwrap();
    }
    assert_eq!(bench.graph.acts(), ["POST /communications/calls/a/keepAlive"; 2]);

    *bench.graph.said().over.lock().unwrap() = true;
    clock.step(Span::minutes(15));
    let gone =
        |it: &[Entry]| it.iter().any(|it| matches!(&it.fact, Fact::Observed(it) if matches!(it.read, Reading::Gone)));
    bench.until("end of the call", gone).await;
}

#[tokio::test]
async fn a_call_that_cannot_be_read_is_noted_and_read_again() {
    let bench = Bench::new().await;
    bench.graph.will_fail_reads(1);
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let entries = bench.until("reading", |it| it.iter().any(|it| matches!(it.fact, Fact::Observed(_)))).await;
    let unread = entries.iter().filter(|it| matches!(&it.fact, Fact::Noted(Noted::Unread { .. }))).count();
    assert_eq!(unread, 1);
}

/// Waits for what only Graph can tell.
async fn until_graph(what: &str, so: impl Fn() -> bool) {
    let wait = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap_or_else(|_| panic!("no {what} in time"));
}

fn gone(entries: &[Entry]) -> bool {
    entries.iter().any(|it| matches!(&it.fact, Fact::Observed(it) if matches!(it.read, Reading::Gone)))
}

fn rosters(entries: &[Entry]) -> usize {
    let roster = |it: &&Entry| matches!(&it.fact, Fact::Observed(it) if matches!(it.read, Reading::Participants(_)));
    entries.iter().filter(roster).count()
}

#[tokio::test]
async fn a_call_without_its_roster_is_read_again_and_has_not_ended() {
    let bench = Bench::new().await;
    *bench.graph.said().rosterless.lock().unwrap() = 1;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let entries = bench.until("roster", |it| rosters(it) == 1).await;
    assert!(!gone(&entries));
    assert!(entries.iter().any(
        |it| matches!(&it.fact, Fact::Noted(Noted::Unread { error, .. }) if error.contains("not its participants"))
    ));
}

#[tokio::test]
async fn a_keep_alive_that_is_not_found_makes_the_call_read() {
    let clock = Clock::starting_at(Moment(1_000_000), 0.0);
    let bench = Bench::with(clock.clone()).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until("roster", |it| rosters(it) == 1).await;
    bench.graph.will_answer(404, None, "");
    clock.step(Span::minutes(15));
    let entries = bench.until("second reading", |it| rosters(it) == 2 || gone(it)).await;
    assert!(!gone(&entries));
    assert_eq!(bench.graph.acts().len(), 1);
}

#[tokio::test]
async fn a_call_about_to_end_is_not_kept_alive() {
    let clock = Clock::starting_at(Moment(1_000_000), 0.0);
    let bench = Bench::with(clock.clone()).await;
    bench.post(None, envelope(&[call_item("a", "established"), call_item("b", "established")])).await;
    bench.until("rosters", |it| rosters(it) == 2).await;
    bench.post(None, envelope(&[call_item("a", "terminating")])).await;
    bench.until_folded().await;
    clock.step(Span::minutes(15));
    until_graph("keepAlive", || !bench.graph.acts().is_empty()).await;
    assert_eq!(bench.graph.acts(), ["POST /communications/calls/b/keepAlive"]);
}

#[tokio::test]
async fn a_reading_that_cannot_be_kept_is_put_off_later_and_later() {
    let bench = Bench::new().await;
    bench.journal.refuses_readings.send_replace(true);
    let began = crate::clock::instant();
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    until_graph("fourth reading", || bench.graph.reads("a") >= 4).await;
    // Half of 250 ms, 500 ms and 1 s at least.
    assert!(began.elapsed() >= Duration::from_millis(875), "{:?}", began.elapsed());
    bench.journal.refuses_readings.send_replace(false);
    let entries = bench.until("reading", |it| rosters(it) == 1).await;
    assert!(!entries.iter().any(|it| matches!(it.fact, Fact::Noted(Noted::Unread { .. }))));
}
