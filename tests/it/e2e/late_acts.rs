//! An act that reaches the gate late is never sent: over a slow line, at any speed of floor time, and with a relay whose
//! process stood still.

use std::process::Command;
use std::time::Duration;

use callboard::console::HeadlessDesk;
use callboard::desk::Desk;
use callboard::floor::{Act, Operation, OperationStatus};
use callboard::sim::SimSettings;
use callboard::time::Millis;
use callboard::time::clock::instant;

use super::loopback::ACME;
use super::own_floor::{OwnFloor, ask, until};
use super::processes::Server;
use crate::support::harness::{Line, call, reopening_day};

fn newest(desk: &Desk, act: Act) -> Option<&Operation> {
    desk.live().operations().rev().find(|it| it.act == act && &*it.by == "dana")
}

/// Waits in real time, with the desk's events handled.
async fn real_seconds(desk: &mut HeadlessDesk, seconds: f64) {
    let began = instant();
    until(desk, "time", |_| began.elapsed().as_secs_f64() >= seconds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_over_a_line_that_held_it_back_expires_at_any_speed() {
    for speed in [1.0, 60.0] {
        let stage = reopening_day(speed, SimSettings::default()).await;
        let line = Line::to(&stage.relay_access("dana").unwrap().url).await;
        let mut dana = line.desk(&stage, "dana");
        until(&mut dana, "live line", |desk| desk.link().is_live()).await;
        // A heartbeat comes every two seconds, and is what stamps the key press.
        real_seconds(&mut dana, 3.0).await;
        let id = call(dana.desk(), ACME).id.clone();
        dana.select(id.clone(), None);
        line.hold_gate();
        ask(&mut dana, Act::MuteSelf);
        real_seconds(&mut dana, 5.5).await;
        assert!(dana.desk().link().is_live(), "the feed was not held");
        let earlier = newest(dana.desk(), Act::MuteSelf).map(|it| it.number);
        line.mend();
        until(&mut dana, "outcome", |desk| {
            newest(desk, Act::MuteSelf).is_some_and(|it| Some(it.number) != earlier && it.answered.is_some())
        })
        .await;
        let late = newest(dana.desk(), Act::MuteSelf).unwrap();
        assert_eq!(late.standing(dana.desk().now()), OperationStatus::Expired, "speed {speed}: {late:?}");
        assert_eq!((late.tries, late.sent), (0, None), "speed {speed}");
        let waited = late.asked.0.since(late.pressed);
        #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
        let least = Millis((5_400.0 * speed) as i64);
        assert!(waited >= least, "speed {speed}: the latency counts from the key, {waited:?}");
        if speed < 2.0 {
            let number = late.number;
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
    // A heartbeat has come, and stamps the key press.
    real_seconds(dana, 3.0).await;

    signal(&floor.relay, "-STOP");
    let stopped = instant();
    ask(dana, Act::Mute);
    until(dana, "stale line", |desk| !desk.link().is_live()).await;
    assert!(stopped.elapsed() <= Duration::from_secs(6), "LIVE for {:?} of silence", stopped.elapsed());
    let since = dana.desk().link().stale(dana.desk().now()).unwrap();
    assert!(
        since >= Millis(2_500),
        "NO LINE counts from the last heartbeat, and not from its being noticed: {since:?}"
    );
    let left = Duration::from_secs(7).saturating_sub(stopped.elapsed());
    real_seconds(dana, left.as_secs_f64()).await;
    signal(&floor.relay, "-CONT");
    until(dana, "outcome", |desk| newest(desk, Act::Mute).is_some_and(|it| it.answered.is_some())).await;
    let late = newest(dana.desk(), Act::Mute).unwrap();
    assert_eq!(late.standing(dana.desk().now()), OperationStatus::Expired, "{late:?}");
    assert_eq!((late.tries, late.sent), (0, None));
    assert!(late.asked.0.since(late.pressed) >= Millis(6_500), "{late:?}");
    // A mute that is asked now is the first that the person hears of.
    until(dana, "live line", |desk| desk.link().is_live()).await;
    assert_ne!(dana.desk().live().calls().next().unwrap().people[&other].server_muted, Some(true));
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
