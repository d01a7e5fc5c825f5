//! The relay's machine sleeps, is paused, or has its wall time set: floor time follows, in the journal
//! and on the floor.

use super::feed::Console;
use super::*;
use crate::floor::{Act, Answered, Asked, Outcome, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::relay::live::projection::LiveFloor;
use crate::relay::record::maintenance::JournalMaintenance;
use crate::time::clock::{FakeMachine, MachineClock as _};
use crate::time::{ClockMove, ClockMoveCause};

fn moves(entries: &[Entry]) -> Vec<ClockMove> {
    notes(entries, |it| if let Noted::ClockMoved(moved) = it { Some(*moved) } else { None })
}

const NONE: Millis = Millis(0);
const START: Timestamp = Timestamp(1_800_000_000_000);

/// Records a hold by an operator, as the gate does.
async fn hold(bench: &Bench, at: Timestamp) {
    let ticket = Ticket("held".into());
    let asked = Asked {
        ticket: ticket.clone(),
        by: "ada".into(),
        act: Act::Hold,
        call: CallId::new("a").unwrap(),
        participant: ParticipantId::new("bob"),
        pressed_ago: Millis(0),
        request: "POST".into(),
    };
    let body = serde_json::value::RawValue::from_string(r#"{"id":"o","status":"completed"}"#.to_owned()).unwrap();
    let outcome = Outcome::Replied { status: 200, location: None, body: Some(body) };
    let facts = [Fact::Asked(Box::new(asked)), Fact::Answered(Box::new(Answered { ticket, outcome, took: Millis(0) }))];
    bench.journal.append(facts.into_iter().map(|it| (at, it)).collect()).await.unwrap();
}

#[tokio::test]
async fn floor_time_follows_sleep_pauses_and_steps_and_ages_stay_right() {
    let machine = FakeMachine::at(START);
    let bench = Bench::with(machine.clock()).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let read = |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count() >= 2;
    bench.until("reading of the call and its people", read).await;
    hold(&bench, machine.read().wall).await;
    machine.pass(Millis::seconds(4), NONE, NONE);
    let age = |entries: &[Entry]| floor_of(entries).statistics().oldest_hold.unwrap().span(machine.read().wall);

    // A pause of an hour that only the wall shows.
    machine.pass(NONE, NONE, Millis::minutes(60));
    let entries = bench.until("move ahead", |it| !moves(it).is_empty()).await;
    assert_eq!(moves(&entries), [ClockMove { by: Millis::minutes(60), cause: ClockMoveCause::WallTime }]);
    assert_eq!(age(&entries), Millis::seconds(3_604));
    let moved = entries.iter().find(|it| matches!(it.fact, Fact::Noted(Noted::ClockMoved(_)))).unwrap();
    assert_eq!(moved.at, machine.read().wall);
    let gap =
        notes(&entries, |it| if let Noted::Gap { reason, from } = it { Some((reason.clone(), *from)) } else { None });
    let before = Some(machine.read().wall - Millis::minutes(60));
    assert_eq!(gap, [("the relay's machine was paused, or its clock was set".into(), before)]);

    // A step back: the next entry is stamped by the new time, and the age stays.
    machine.pass(NONE, NONE, Millis(-Millis::minutes(10).0));
    bench.post(None, envelope(&[call_item("b", "established")])).await;
    let entries = bench.until("move back", |it| moves(it).len() == 2).await;
    assert_eq!(age(&entries), Millis::seconds(3_604));
    let place = |wanted: &dyn Fn(&Fact) -> bool| entries.iter().position(|it| wanted(&it.fact)).unwrap();
    let back = place(&|it| matches!(it, Fact::Noted(Noted::ClockMoved(moved)) if moved.is_back()));
    assert!(entries[..back].iter().all(|it| it.at.0 <= machine.read().wall.0 + Millis::minutes(10).0));
    assert!(entries[back..].iter().all(|it| it.at == machine.read().wall));

    // Sleep: the boot clock shows it.
    machine.pass(NONE, Millis::minutes(30), NONE);
    let entries = bench.until("sleep", |it| moves(it).len() == 3).await;
    assert_eq!(moves(&entries)[2], ClockMove { by: Millis::minutes(30), cause: ClockMoveCause::Sleep });
    assert_eq!(age(&entries), Millis::seconds(3_604 + 1_800));
}

#[tokio::test]
async fn a_pause_of_the_relay_is_a_gap_and_every_live_call_is_read_again() {
    let machine = FakeMachine::at(START);
    let bench = Bench::with(machine.clock()).await;
    bench.post(None, envelope(&[call_item("a", "established"), call_item("b", "established")])).await;
    let reads = |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count();
    let before = reads(&bench.until("first readings", |it| reads(it) >= 4).await);
    let gaps = |entries: &[Entry]| {
        notes(entries, |it| if let Noted::Gap { reason, from } = it { Some((reason.clone(), *from)) } else { None })
    };

    // SIGSTOP for a minute: every clock of the machine ran on, and the relay did not.
    let paused = machine.read().wall;
    machine.pass(Millis::seconds(60), NONE, NONE);
    let entries = bench.until("readings after the pause", |it| reads(it) >= before + 4).await;
    assert_eq!(gaps(&entries), [("the relay was paused".into(), Some(paused))]);
    assert_eq!(moves(&entries), []);
    let noted = entries.iter().find(|it| matches!(it.fact, Fact::Noted(Noted::Gap { .. }))).unwrap();
    assert_eq!(noted.at, paused + Millis::seconds(60), "the gap ends now");
    assert!(floor_of(&entries).doubtful().next().is_none());
}

#[tokio::test]
async fn a_clock_that_was_wrong_at_the_start_counts_once_it_is_mended_without_a_webhook() {
    let machine = FakeMachine::at(Timestamp(0));
    let bench = Bench::with(machine.clock()).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    machine.pass(NONE, NONE, START.since(Timestamp(0)));
    let entries = bench.until("move", |it| !moves(it).is_empty()).await;
    assert_eq!(entries.iter().find(|it| matches!(it.fact, Fact::Noted(Noted::ClockMoved(_)))).unwrap().at, START);
    bench.post(None, envelope(&[call_item("b", "established")])).await;
    assert_eq!(bench.entries().await.last().unwrap().at, START);
}

#[tokio::test]
async fn a_connected_console_hears_the_new_time_at_once() {
    let machine = FakeMachine::at(START);
    let bench = Bench::set_up(|it| {
        it.clock = machine.clock();
        // Only the move can cause a heartbeat.
        it.tuning.heartbeat = Duration::from_hours(1);
    })
    .await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    machine.pass(NONE, NONE, Millis::minutes(60));
    ada.until("heartbeat").await;
    assert_eq!(moves(&bench.entries().await).len(), 1);
}

#[tokio::test]
async fn retention_deletes_nothing_because_of_a_step() {
    let machine = FakeMachine::at(START);
    let bench = Bench::with(machine.clock()).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.journal.save_snapshot(floor_of(&bench.entries().await)).await.unwrap();
    let live = Arc::new(LiveFloor::new(Arc::clone(&bench.journal) as Arc<dyn Journal>));
    tokio::spawn({
        let live = Arc::clone(&live);
        async move { live.follow().await }
    });
    let clock = machine.clock();
    let maintenance = JournalMaintenance {
        journal: Arc::clone(&bench.journal) as Arc<dyn Journal>,
        live: Arc::clone(&live),
        recent: Arc::default(),
        retention: RetentionPolicy { age: Millis::minutes(30), bytes: 0 },
        clock: clock.clone(),
    };
    machine.pass(NONE, NONE, Millis::minutes(600));
    bench.until("move ahead", |it| moves(it).len() == 1).await;
    clock.catch_up();
    maintenance.trim().await;
    assert_eq!(bench.journal.oldest(), Cursor(1), "a step is no time that passed");
    // And back: what is young stays young.
    machine.pass(NONE, NONE, Millis(-Millis::minutes(600).0));
    bench.until("move back", |it| moves(it).len() == 2).await;
    clock.catch_up();
    machine.pass(Millis::minutes(29), NONE, NONE);
    maintenance.trim().await;
    assert_eq!(bench.journal.oldest(), Cursor(1));
    machine.pass(Millis::minutes(2), NONE, NONE);
    maintenance.trim().await;
    assert!(bench.journal.oldest() > Cursor(1), "time that passed counts");
}

#[tokio::test]
async fn a_clock_that_was_set_back_while_the_relay_was_stopped_is_a_move() {
    let (graph, folder) = (FakeGraph::start().await, tempfile::tempdir().unwrap());
    let machine = FakeMachine::at(START);
    let set_up = || RelaySettings {
        clock: machine.clock(),
        journal: JournalChoice::Dir(folder.path().to_owned()),
        ..settings(&graph)
    };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let relay = crate::relay::start(set_up()).await.unwrap();
    post(&http, &relay, None, envelope(&[call_item("a", "established")])).await;
    relay.stop().await;
    machine.pass(NONE, NONE, Millis(-Millis::minutes(5).0));
    crate::relay::start(set_up()).await.unwrap().stop().await;
    let store = JournalStore::open(folder.path()).unwrap();
    let rows = store.read(Cursor(0), 1_000).await.unwrap();
    let entries: Vec<Entry> = rows.iter().map(|it| it.entry().unwrap()).collect();
    assert_eq!(moves(&entries), [ClockMove { by: Millis(-Millis::minutes(5).0), cause: ClockMoveCause::WallTime }]);
    let floor = floor_of(&entries);
    assert_eq!(floor.calls().next().unwrap().began.span(machine.read().wall), Millis(0));
}
