//! Tests of the reconciler: its reads from Graph, and its keepAlives.

use super::feed::Console;
use super::*;
use crate::feed::FeedCommand;
use crate::floor::{GraphReading, OperationOutcome, ProofSource};
use crate::graph::CallId;

#[tokio::test]
async fn a_new_call_is_read_from_graph() {
    let bench = Bench::new().await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let observed = |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count() == 2;
    bench.until("reading of the call and its people", observed).await;
    let asked = bench.graph.state().requests.lock().unwrap().clone();
    assert_eq!(asked, ["GET /communications/calls/a", "GET /communications/calls/a/participants"]);
}

#[tokio::test]
async fn live_calls_get_a_keep_alive_every_quarter_of_an_hour() {
    let clock = Clock::starting_at(Timestamp(1_000_000), 0.0);
    let bench = Bench::with(clock.clone()).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until("reading", |entries| entries.iter().any(|it| matches!(it.fact, Fact::Observed(_)))).await;
    assert!(bench.graph.acts().is_empty());
    for times in 1..=2 {
        clock.step(Millis::minutes(15));
        let asked = async {
            while bench.graph.acts().len() < times {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), asked).await.unwrap();
    }
    assert_eq!(bench.graph.acts(), ["POST /communications/calls/a/keepAlive"; 2]);

    *bench.graph.state().over.lock().unwrap() = true;
    clock.step(Millis::minutes(15));
    bench.until("end of the call", has_404).await;
    assert_eq!(bench.graph.reads("a"), 3, "the first 404 does not end the call");
}

#[tokio::test]
async fn a_call_of_which_a_notification_was_unreadable_in_part_is_read_once() {
    let bench = Bench::with_a_call().await;
    let before = rosters(&bench.entries().await);
    let people = r#"[{"id":"bot"},{"id":"bob","isMuted":"maybe"}]"#;
    let item = format!(
        r#"{{"changeType":"updated","resourceUrl":"/communications/calls/a/participants","resourceData":{people}}}"#
    );
    assert_eq!(bench.post(None, envelope(&[item])).await.status(), 202);
    let entries = bench.until("another reading", |it| rosters(it) > before).await;
    let floor = floor_of(&entries);
    let call = floor.calls().next().unwrap();
    assert_eq!((floor.counts().unreadable, floor.counts().rejected.len()), (1, 0));
    assert!(
        call.doubt.is_none() && call.present().all(|it| it.unreadable.is_none()),
        "the reading was whole: {call:?}"
    );
}

#[tokio::test]
async fn a_reading_that_is_unreadable_in_part_is_used_and_not_repeated() {
    let bench = Bench::new().await;
    *bench.graph.state().odd_member.lock().unwrap() = true;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let entries = bench.until("reading", |it| rosters(it) == 1).await;
    let floor = floor_of(&entries);
    let call = floor.calls().next().unwrap();
    let odd = call.present().find(|it| it.unreadable.is_some()).unwrap();
    assert_eq!((odd.unreadable.as_deref(), call.present().count()), (Some("isMuted"), 2));
    assert_eq!((call.doubt.is_some(), floor.doubtful().count()), (true, 0), "reading it again would say the same");
    assert!(!entries.iter().any(|it| matches!(&it.fact, Fact::Noted(Noted::ReadFailed { .. }))));
}

#[tokio::test]
async fn a_failed_read_is_noted_and_retried() {
    let bench = Bench::new().await;
    bench.graph.will_fail_reads(1);
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let entries = bench.until("reading", |entries| entries.iter().any(|it| matches!(it.fact, Fact::Observed(_)))).await;
    let unread = entries.iter().filter(|it| matches!(&it.fact, Fact::Noted(Noted::ReadFailed { .. }))).count();
    assert_eq!(unread, 1);
}

/// Waits for a condition of the scripted Graph.
async fn until_graph(what: &str, is_met: impl Fn() -> bool) {
    let wait = async {
        while !is_met() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait).await.unwrap_or_else(|_| panic!("no {what} in time"));
}

/// Returns whether a 404 for a call is journalled.
fn has_404(entries: &[Entry]) -> bool {
    entries.iter().any(|it| matches!(&it.fact, Fact::Observed(it) if matches!(it.read, GraphReading::Gone)))
}

fn rosters(entries: &[Entry]) -> usize {
    let roster =
        |it: &&Entry| matches!(&it.fact, Fact::Observed(it) if matches!(it.read, GraphReading::Participants(_)));
    entries.iter().filter(roster).count()
}

#[tokio::test]
async fn a_call_without_a_roster_is_read_again_and_has_not_ended() {
    let bench = Bench::new().await;
    *bench.graph.state().rosterless.lock().unwrap() = 1;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let entries = bench.until("roster", |it| rosters(it) == 1).await;
    assert!(!has_404(&entries));
    assert!(entries.iter().any(
        |it| matches!(&it.fact, Fact::Noted(Noted::ReadFailed { error, .. }) if error.contains("but not its participants"))
    ));
}

#[tokio::test]
async fn a_404_for_a_keep_alive_causes_a_read() {
    let clock = Clock::starting_at(Timestamp(1_000_000), 0.0);
    let bench = Bench::with(clock.clone()).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until("roster", |it| rosters(it) == 1).await;
    bench.graph.will_answer(404, None, "");
    clock.step(Millis::minutes(15));
    let entries = bench.until("second reading", |it| rosters(it) == 2 || has_404(it)).await;
    assert!(!has_404(&entries));
    assert_eq!(bench.graph.acts().len(), 1);
}

#[tokio::test]
async fn an_ending_call_gets_no_keep_alive() {
    let clock = Clock::starting_at(Timestamp(1_000_000), 0.0);
    let bench = Bench::with(clock.clone()).await;
    bench.post(None, envelope(&[call_item("a", "established"), call_item("b", "established")])).await;
    bench.until("rosters", |it| rosters(it) == 2).await;
    bench.post(None, envelope(&[call_item("a", "terminating")])).await;
    bench.until_folded().await;
    clock.step(Millis::minutes(15));
    until_graph("keepAlive", || !bench.graph.acts().is_empty()).await;
    assert_eq!(bench.graph.acts(), ["POST /communications/calls/b/keepAlive"]);
}

#[tokio::test]
async fn a_reading_that_cannot_be_journalled_is_retried_with_back_off() {
    let bench = Bench::new().await;
    bench.journal.refuses_readings.send_replace(true);
    let began = crate::time::clock::instant();
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    until_graph("fourth reading", || bench.graph.reads("a") >= 4).await;
    // The three waits of the back-off are at least half of 250 ms, 500 ms and 1 s.
    assert!(began.elapsed() >= Duration::from_millis(875), "{:?}", began.elapsed());
    bench.journal.refuses_readings.send_replace(false);
    let entries = bench.until("reading", |it| rosters(it) == 1).await;
    assert!(!entries.iter().any(|it| matches!(it.fact, Fact::Noted(Noted::ReadFailed { .. }))));
}

/// Returns a relay with a stopped clock that reads calls after ten quiet minutes, and has read one.
async fn with_a_call_that_may_be_quiet() -> (Clock, Bench) {
    let clock = Clock::starting_at(Timestamp(1_000_000), 0.0);
    let bench = Bench::set_up(|settings| {
        settings.clock = clock.clone();
        settings.tuning.quiet = Millis::minutes(10);
    })
    .await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until("roster", |it| rosters(it) == 1).await;
    (clock, bench)
}

#[tokio::test]
async fn a_quiet_call_is_read() {
    let (clock, bench) = with_a_call_that_may_be_quiet().await;
    clock.step(Millis::minutes(9));
    bench.post(None, envelope(&[call_item("b", "established")])).await;
    bench.until("roster of the other call", |it| rosters(it) == 2).await;
    clock.step(Millis::minutes(1));
    bench.until("second roster", |it| rosters(it) == 3).await;
    until_graph("reading of the quiet one", || bench.graph.reads("a") == 2).await;
    assert_eq!(bench.graph.reads("b"), 1, "it had a notification a minute ago");
}

/// Puts Bob on hold without a notification of the operation, and waits until its proof is overdue and the relay has read
/// the operation. Graph answers the read with `operation`, or with 404.
async fn with_overdue_hold(operation: Option<&'static str>) -> (Bench, Floor) {
    let clock = Clock::starting_at(Timestamp(1_000_000), 0.0);
    let bench = Bench::set_up(|it| {
        it.clock = clock.clone();
        it.net.ops = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until("roster", |it| rosters(it) == 1).await;
    *bench.graph.state().operation.lock().unwrap() = operation;
    bench.graph.will_answer(202, None, r#"{"id":"op-7","status":"running"}"#);
    let url = format!("{}/communications/calls/a/participants/bob/startHoldMusic", bench.relay.ready().gate);
    assert_eq!(bench.http.post(url).bearer_auth(OPERATOR).send().await.unwrap().status(), 202);
    bench.until("answer", |entries| entries.iter().any(|it| matches!(it.fact, Fact::Answered(_)))).await;
    bench.until_folded().await;
    clock.step(Millis::seconds(11));
    let path = "GET /communications/calls/a/operations/op-7";
    let asked = || bench.graph.state().requests.lock().unwrap().iter().any(|it| it == path);
    until_graph("reading of the operation", asked).await;
    if operation.is_some() {
        let read =
            |it: &Entry| matches!(&it.fact, Fact::Observed(it) if matches!(it.read, GraphReading::Operation(..)));
        bench.until("reading of the operation", |it| it.iter().any(read)).await;
    }
    let mut floor = Floor::default();
    for entry in bench.entries().await {
        floor.apply(&entry);
    }
    (bench, floor)
}

#[tokio::test]
async fn an_overdue_operation_is_read_and_then_proved_or_failed() {
    let (bench, floor) = with_overdue_hold(Some(r#"{"id":"op-7","status":"completed"}"#)).await;
    let held = floor.operations().next().unwrap();
    assert_eq!(held.outcome, OperationOutcome::Confirmed);
    let figures = format!("{}/metrics", bench.relay.ready().ops.as_ref().unwrap());
    let line = r#"callboard_keeper_total{errand="operation",outcome="done"} 1"#;
    let counted =
        async { while !bench.http.get(&figures).send().await.unwrap().text().await.unwrap().contains(line) {} };
    tokio::time::timeout(Duration::from_secs(20), counted).await.expect("the reading must be counted with its task");
    assert_eq!(held.proof.as_ref().unwrap().evidence, ProofSource::Read);

    let failed = r#"{"id":"op-7","status":"failed","resultInfo":{"code":500,"subcode":7,"message":"no music"}}"#;
    let (_bench, floor) = with_overdue_hold(Some(failed)).await;
    let held = floor.operations().next().unwrap();
    assert!(matches!(&held.outcome, OperationOutcome::Failed(why) if why.contains("no music")), "{:?}", held.outcome);
}

#[tokio::test]
async fn a_404_for_an_operation_ends_no_call() {
    let (bench, floor) = with_overdue_hold(None).await;
    assert_eq!(floor.operations().next().unwrap().outcome, OperationOutcome::Accepted);
    assert!(!has_404(&bench.entries().await));
    assert!(floor.calls().all(crate::floor::FloorCall::is_live));
}

#[tokio::test]
async fn while_graph_throttles_the_reconciler_waits_without_notes() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_answer(429, Some("0.6"), "");
    let url = format!("{}/communications/calls/a/participants/bob/stopHoldMusic", bench.relay.ready().gate);
    let began = crate::time::clock::instant();
    let acting = bench.http.post(url).bearer_auth(OPERATOR).send();
    let reading = async {
        until_graph("act", || !bench.graph.acts().is_empty()).await;
        let items: Vec<String> = (0..20).map(|it| call_item(&format!("c{it}"), "established")).collect();
        bench.post(None, envelope(&items)).await;
        until_graph("reading", || bench.graph.reads("c0") > 0).await;
        began.elapsed()
    };
    let (acted, read) = tokio::join!(acting, reading);
    assert_eq!(acted.unwrap().status(), 200);
    assert!(read >= Duration::from_millis(600), "{read:?}");
    let entries = bench.until("readings", |it| rosters(it) == 21).await;
    assert!(!entries.iter().any(|it| matches!(it.fact, Fact::Noted(Noted::ReadFailed { .. }))));
}

#[tokio::test]
async fn one_404_ends_no_call() {
    let bench = Bench::with_a_call().await;
    bench.until_folded().await;
    // Graph answers 404 to the operator's read and to the reconciler's first one.
    *bench.graph.state().unfound.lock().unwrap() = 2;
    let url = format!("{}/communications/calls/a", bench.relay.ready().gate);
    assert_eq!(bench.http.get(url).bearer_auth(OPERATOR).send().await.unwrap().status(), 404);
    let entries = bench.until("second roster", |it| rosters(it) == 2 || has_404(it)).await;
    assert!(!has_404(&entries));
    assert_eq!(bench.graph.reads("a"), 4);
    assert!(!entries.iter().any(|it| matches!(it.fact, Fact::Noted(Noted::ReadFailed { .. }))));
}

#[tokio::test]
async fn a_call_that_404s_ended_is_checked_a_minute_later_and_restored() {
    let (clock, bench) = with_a_call_that_may_be_quiet().await;
    *bench.graph.state().unfound.lock().unwrap() = 2;
    clock.step(Millis::minutes(10));
    bench.until("end of the call", has_404).await;
    bench.until_folded().await;
    assert_eq!(bench.graph.reads("a"), 3);
    clock.step(Millis::minutes(1));
    let entries = bench.until("second roster", |it| rosters(it) == 2).await;
    let mut floor = Floor::default();
    for entry in entries {
        floor.apply(&entry);
    }
    let call = floor.calls().next().unwrap();
    assert!(call.is_live() && call.doubt.is_none() && call.present().count() > 0, "{call:?}");
}

/// Posts notifications of these calls, one webhook for each.
async fn post_calls(bench: &Bench, calls: impl Iterator<Item = usize>) {
    for number in calls {
        bench.post(None, envelope(&[call_item(&format!("c{number}"), "established")])).await;
    }
}

#[tokio::test]
async fn a_slow_graph_is_asked_for_many_calls_at_the_same_time() {
    let bench = Bench::new().await;
    bench.graph.state().held.send_replace(true);
    post_calls(&bench, 0..40).await;
    until_graph("forty reads under way", || (0..40).all(|it| bench.graph.reads(&format!("c{it}")) == 1)).await;
    bench.graph.state().held.send_replace(false);
    bench.until("rosters", |it| rosters(it) == 40).await;
}

#[tokio::test]
async fn the_call_that_an_operator_has_selected_is_read_next() {
    // Two requests a second, so that they arrive in their order.
    let bench = Bench::set_up(|it| it.tuning.rate = 2).await;
    bench.graph.state().held.send_replace(true);
    post_calls(&bench, 0..5).await;
    until_graph("two reads under way", || bench.graph.reads("c0") + bench.graph.reads("c1") == 2).await;
    let mut vic = Console::connect(&bench, VIEWER, None);
    vic.until("caught up").await;
    vic.commands.send(FeedCommand::Looking(CallId::new("c4"))).await.unwrap();
    vic.until("presence vic:c4").await;
    bench.graph.state().held.send_replace(false);
    until_graph("third call", || (2..5).any(|it| bench.graph.reads(&format!("c{it}")) > 0)).await;
    assert_eq!(bench.graph.reads("c4"), 1, "{:?}", bench.graph.state().requests.lock().unwrap());
}
