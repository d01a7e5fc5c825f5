//! The real relay, whose wall time a preloaded library moves: floor time follows, and ages stay right.

use std::os::unix::fs::FileExt as _;
use std::process::Command;

use callboard::desk::Desk;
use callboard::floor::{Act, AlertLevel, HoldSource};
use callboard::time::Millis;

use super::own_floor::{OwnFloor, ask, until};
use crate::support::outside::preloaded_library;

fn hold_age(desk: &Desk) -> Millis {
    desk.live().statistics().oldest_hold.map_or(Millis(-1), |it| it.span(desk.now()))
}

fn has_said(desk: &Desk, words: &str) -> bool {
    desk.live().event_log().any(|it| it.what.to_string().contains(words))
}

#[tokio::test(flavor = "multi_thread")]
async fn ages_follow_a_machine_that_was_paused_and_ignore_a_step_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = preloaded_library("clock", folder.path()) else { return };
    let moved = folder.path().join("moved");
    // Never shorter than the eight bytes that the relay has mapped.
    let set = |by: Millis| {
        let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&moved).unwrap();
        file.write_all_at(&by.0.to_ne_bytes(), 0).unwrap();
    };
    set(Millis(0));
    let mut relay = Command::new(env!("CARGO_BIN_EXE_callboard"));
    relay.env("LD_PRELOAD", &library).env("CLOCK_SHIM", &moved);
    let mut floor = OwnFloor::start(relay).await;
    let (dana, other) = (&mut floor.dana, floor.other.clone());
    ask(dana, Act::Hold);
    let our_hold = |desk: &Desk| {
        let call = desk.live().calls().next()?;
        let hold = call.people.get(&other)?.hold.clone()?;
        matches!(hold.source, HoldSource::Ours { .. }).then_some(hold)
    };
    until(dana, "proved hold", |desk| our_hold(desk).is_some()).await;

    // An hour's pause of the machine shows as an hour more on the wall.
    set(Millis::minutes(60));
    let hour = Millis::minutes(60);
    let moved_ahead = |desk: &Desk| has_said(desk, "the relay's clock moved ahead by 1:00:00");
    until(dana, "hour in the age of the hold", |desk| hold_age(desk) >= hour && moved_ahead(desk)).await;
    assert!(hold_age(dana.desk()) < Millis(hour.0 + 120_000), "{:?}", hold_age(dana.desk()));
    let call = dana.desk().live().calls().next().unwrap();
    assert_eq!(dana.desk().limits().call(call, dana.desk().now()), AlertLevel::Critical);
    assert!(dana.desk().live().gap().is_some_and(|it| it.at.since(it.from.unwrap()) >= hour));

    // Set back by ten minutes, the age stays what it was.
    set(Millis::minutes(50));
    let most = Millis(hour.0 + 120_000);
    until(dana, "step back", |desk| has_said(desk, "was set back by 10:00") && hold_age(desk) < most).await;
    assert!(hold_age(dana.desk()) >= hour, "{:?}", hold_age(dana.desk()));
    let hold = our_hold(dana.desk()).unwrap();
    assert!(hold.since.at.0 < dana.desk().now().0 - hour.0);
    floor.end();
}
