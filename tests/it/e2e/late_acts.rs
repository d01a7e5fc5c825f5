//! An act that reaches the gate late is never sent, however it was asked for: over a slow line, at any speed of floor
//! time, and with a relay whose process stood still.

use std::process::Command;
use std::time::Duration;

use callboard::console::HeadlessDesk;
use callboard::desk::{ConfirmMode, Desk, DeskSetup, Modal, ParticipantRef};
use callboard::floor::{Act, Operation, OperationStatus};
use callboard::graph::ParticipantId;
use callboard::sim::SimSettings;
use callboard::time::Millis;
use callboard::time::clock::instant;
use crossterm::event::{KeyCode, KeyEvent};

use super::loopback::ACME;
use super::own_floor::{OwnFloor, ask, until};
use super::processes::Server;
use crate::support::harness::{Line, call, person, reopening_day};

fn newest(desk: &Desk, act: Act) -> Option<&Operation> {
    desk.live().operations().rev().find(|it| it.act == act && &*it.by == "dana")
}

/// Waits in real time, with the desk's events handled.
pub(crate) async fn real_seconds(desk: &mut HeadlessDesk, seconds: f64) {
    let began = instant();
    until(desk, "time", |_| began.elapsed().as_secs_f64() >= seconds).await;
}

fn types(desk: &mut HeadlessDesk, text: &str) {
    for letter in text.chars() {
        desk.press(KeyEvent::from(KeyCode::Char(letter)));
    }
}

/// Marks everyone in the call, and waits for a heartbeat, which stamps the key presses.
async fn mark_everyone(desk: &mut HeadlessDesk) {
    until(desk, "company of two", |desk| {
        let call = desk.call();
        call.is_some_and(|it| it.present().filter(|person| !it.is_own_participant(&person.id)).count() >= 2)
    })
    .await;
    types(desk, ":mark-filtered");
    desk.press(KeyEvent::from(KeyCode::Enter));
    assert!(desk.desk().marked() >= 2, "a bulk act needs more people: {:?}", desk.desk().message());
    // A heartbeat comes every two seconds.
    real_seconds(desk, 3.0).await;
}

/// Asks for an act in each way: in FAST, for the marked people, with a `y`, and with a typed word. The desk is in FAST,
/// and a person is selected; `act` on `who` is possible. Returns the number of requests that were sent.
fn ask_in_every_way(desk: &mut HeadlessDesk, act: Act, who: &ParticipantId) -> usize {
    let selected = desk.desk().call().zip(desk.desk().person());
    let (call, removed) = selected.map(|(call, person)| (call.id.clone(), person.id.clone())).unwrap();
    let marked = desk.desk().marked();
    types(desk, "s");
    assert!(matches!(desk.desk().modal(), Modal::None), "FAST asks: {:?}", desk.desk().message());
    ask(desk, Act::Mute);
    assert!(desk.desk().bulk_act(1).is_some_and(|it| it.members.len() == marked), "{:?}", desk.desk().message());
    desk.select(call.clone(), Some(ParticipantRef::Person(who.clone())));
    ask(desk, act);
    desk.select(call, Some(ParticipantRef::Person(removed)));
    desk.ask(Act::Remove);
    types(desk, "REMOVE");
    desk.press(KeyEvent::from(KeyCode::Enter));
    3 + marked.min(4)
}

/// The numbers of the operations that dana asked for.
fn numbers(desk: &Desk) -> Vec<u32> {
    desk.live().operations().filter(|it| &*it.by == "dana").map(|it| it.number.0).collect()
}

/// Waits until this many acts since then are answered, and checks that each came too late and was never sent.
async fn each_expires(desk: &mut HeadlessDesk, since: &[u32], count: usize, late: Millis) {
    let ours = |desk: &Desk| -> Vec<Operation> {
        let new = |it: &&Operation| &*it.by == "dana" && !since.contains(&it.number.0);
        desk.live().operations().filter(new).cloned().collect()
    };
    until(desk, "answers", |desk| ours(desk).iter().filter(|it| it.answered.is_some()).count() >= count).await;
    let all = ours(desk.desk());
    assert_eq!(all.len(), count, "nothing else was asked for");
    for act in [Act::MuteSelf, Act::Mute, Act::Remove] {
        assert!(all.iter().any(|it| it.act == act), "{act} is not in the journal");
    }
    assert!(all.iter().any(|it| matches!(it.act, Act::Hold | Act::Release)), "{all:?}");
    for it in all {
        assert_eq!(it.standing(desk.desk().now()), OperationStatus::Expired, "{it:?}");
        assert_eq!((it.tries, it.sent), (0, None), "{it:?}");
        let waited = it.asked.0.since(it.pressed);
        assert!(waited >= late, "the latency counts from the key, {waited:?}: {it:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_over_a_line_that_held_them_back_expire_at_any_speed() {
    for speed in [1.0, 60.0] {
        let stage = reopening_day(speed, SimSettings::default()).await;
        let line = Line::to(&stage.relay_access("dana").unwrap().url).await;
        let mut dana = line.desk_with(&stage, "dana", DeskSetup { pace: ConfirmMode::Fast, ..DeskSetup::default() });
        until(&mut dana, "live line", |desk| desk.link().is_live()).await;
        let acme = call(dana.desk(), ACME);
        let id = acme.id.clone();
        let [ada, bob] = ["Ada Byrne", "Bob Okafor"].map(|it| person(acme, it).id.clone());
        dana.select(id.clone(), Some(ParticipantRef::Person(ada)));
        mark_everyone(&mut dana).await;
        let earlier = numbers(dana.desk());
        line.hold_gate();
        // Bob is on hold by dana.
        let sent = ask_in_every_way(&mut dana, Act::Release, &bob);
        real_seconds(&mut dana, 5.5).await;
        assert!(dana.desk().link().is_live(), "the feed was not held");
        let many = dana.desk().bulk_act(1).unwrap();
        assert_eq!((many.waiting(), many.dropped().is_some()), (0, many.members.len() > 4), "speed {speed}");
        line.mend();
        #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
        let least = Millis((5_400.0 * speed) as i64);
        each_expires(&mut dana, &earlier, sent, least).await;
        if speed < 2.0 {
            let number = newest(dana.desk(), Act::MuteSelf).unwrap().number;
            dana.select(id, None);
            ask(&mut dana, Act::MuteSelf);
            until(&mut dana, "proof of the next one", |desk| {
                newest(desk, Act::MuteSelf)
                    .is_some_and(|it| it.number != number && it.standing(desk.now()) == OperationStatus::Confirmed)
            })
            .await;
        }
        stage.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stood_still_sends_nothing_late_and_its_line_does_not_say_live() {
    let mut floor = OwnFloor::start(Command::new(env!("CARGO_BIN_EXE_callboard"))).await;
    let (dana, other) = (&mut floor.dana, floor.other.clone());
    mark_everyone(dana).await;
    signal(&floor.relay, "-STOP");
    let stopped = instant();
    let call = dana.desk().call().unwrap().id.clone();
    let sent = ask_in_every_way(dana, Act::Hold, &other);
    let pressed = stopped.elapsed();
    until(dana, "stale line", |desk| !desk.link().is_live()).await;
    assert!(stopped.elapsed() <= Duration::from_secs(6), "LIVE for {:?} of silence", stopped.elapsed());
    let since = dana.desk().link().stale(dana.desk().now()).unwrap();
    assert!(
        since >= Millis(2_500),
        "NO LINE counts from the last heartbeat, and not from its being noticed: {since:?}"
    );
    let left = Duration::from_secs(7).saturating_sub(stopped.elapsed().saturating_sub(pressed));
    real_seconds(dana, left.as_secs_f64()).await;
    signal(&floor.relay, "-CONT");
    each_expires(dana, &[], sent, Millis(6_500)).await;
    // A mute that is asked now is the first that the person hears of.
    until(dana, "live line", |desk| desk.link().is_live()).await;
    assert_ne!(dana.desk().live().calls().next().unwrap().people[&other].server_muted, Some(true));
    dana.select(call, Some(ParticipantRef::Person(other)));
    ask(dana, Act::Mute);
    until(dana, "proof", |desk| {
        newest(desk, Act::Mute).is_some_and(|it| it.standing(desk.now()) == OperationStatus::Confirmed)
    })
    .await;
    floor.end();
}

/// Sends a server of this test a signal.
fn signal(server: &Server, name: &str) {
    assert!(Command::new("kill").args([name, &server.id().to_string()]).status().unwrap().success());
}
