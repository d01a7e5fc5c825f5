//! Tests of the order of calls and people, and of the way that the key for the next alert takes.

use serde_json::{Value, json};

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, ME, but, person};

const AL: &str = "2765eb15-01f8-47c6-b12b-c32111a4a801";
const MILO: &str = "2765eb15-01f8-47c6-b12b-c32111a4a802";
const PHONE: &str = "2765eb15-01f8-47c6-b12b-c32111a4a804";
const FOX: &str = "2765eb15-01f8-47c6-b12b-c32111a4a803";

fn url(call: u32) -> String {
    format!("/communications/calls/00000000-0000-0000-0000-00000000000{call}")
}

/// A notification of a further call, whose number on the board is one higher.
fn call(story: &mut Story, call: u32, state: &str) {
    story.history.notified(&json!({
        "changeType": "created", "resourceUrl": url(call),
        "resourceData": {"state": state, "subject": format!("Further {call}"), "meetingInfo": {}},
    }));
}

/// The roster of a further call.
fn roster(story: &mut Story, call: u32, people: &[Value]) {
    story.history.notified(&json!({
        "changeType": "updated", "resourceUrl": format!("{}/participants", url(call)), "resourceData": people,
    }));
}

fn silent() -> Value {
    json!({"mediaStreams": {"direction": "inactive"}})
}

fn lobby() -> Value {
    json!({"isInLobby": true})
}

fn numbers(story: &Story) -> Vec<u32> {
    story.desk.calls().map(|it| it.number.0).collect()
}

fn selected(story: &Story) -> (u32, Option<String>) {
    (
        story.desk.call().unwrap().number.0,
        story.desk.selected_waiting().and(story.desk.person()).map(|it| it.name.to_string()),
    )
}

/// Milo on hold for 85 s in call 2, E. Fox in the lobby for 54 s in call 3, Bob on hold for 20 s in call 1; calls 4 to
/// 6 ring, are calm and end.
fn three_waits() -> Story {
    let mut story = Story::seated();
    for (number, state) in [(1, "established"), (2, "established"), (3, "ringing"), (4, "established")] {
        call(&mut story, number, state);
    }
    call(&mut story, 5, "terminating");
    roster(&mut story, 1, &[but(person(MILO, "Milo"), &silent())]);
    story.catches_up().after(31_000);
    roster(&mut story, 2, &[but(person(FOX, "E. Fox"), &lobby())]);
    story.catches_up().after(34_000);
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), &silent())]);
    story.catches_up().after(20_000);
    story
}

#[test]
fn calls_stand_in_the_order_of_waiting_then_those_that_change_then_by_number() {
    let mut story = three_waits();
    let waiting: Vec<String> = story.desk.waiting().iter().map(|it| it.person.name.to_string()).collect();
    assert_eq!(waiting, ["E. Fox", "Milo", "Bob"]);
    // Milo has waited longer than E. Fox, and is less late against the limits of a hold.
    assert_eq!(numbers(&story), [3, 2, 1, 4, 6, 5]);
    // Without an entry, the clock alone changes the order: calls 2 to 6 become quiet, and Milo too late.
    story.after(40_000);
    assert_eq!(numbers(&story)[..3], [3, 2, 1]);
    assert_eq!(numbers(&story)[3..], [4, 5, 6], "all are quiet");
}

#[test]
fn quiet_calls_stand_below_waits_and_above_calm_ones() {
    let mut story = Story::seated();
    call(&mut story, 1, "established");
    call(&mut story, 2, "established");
    story.catches_up().after(100_000);
    roster(&mut story, 1, &[person(MILO, "Milo")]);
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().after(30_000);
    assert_eq!(numbers(&story), [3, 1, 2], "call 3 is quiet");
    story.history.notified(&json!({
        "changeType": "deleted", "resourceUrl": url(1), "resourceData": {"state": "terminated"},
    }));
    story.catches_up().after(2_000);
    assert_eq!(numbers(&story), [3, 1, 2], "an ended call is the last");
    story.after(100_000);
    assert_eq!(numbers(&story), [1, 3, 2]);
}

#[test]
fn people_who_do_not_wait_stand_by_name() {
    let mut story = Story::seated();
    story.history.later(5_000).roster(&[
        person(ME, "Callboard"),
        person(ADA, "Ada"),
        but(person(FOX, "E. Fox"), &lobby()),
        person(BOB, "bob"),
        person(AL, "Al"),
    ]);
    story.history.later(5_000).roster(&[
        person(ME, "Callboard"),
        person(ADA, "Ada"),
        person(FOX, "E. Fox"),
        person(BOB, "bob"),
        person(AL, "Al"),
        person(PHONE, "+44 20 7946 1188"),
        but(person(MILO, "Milo"), &lobby()),
    ]);
    story.catches_up().after(2_000);
    let names =
        |story: &Story| -> Vec<String> { story.desk.participants().iter().map(|it| it.name().to_owned()).collect() };
    assert_eq!(names(&story), ["Milo", "Ada", "Al", "bob", "E. Fox", "+44 20 7946 1188", "Callboard"]);
    story.press("P").after(2_000);
    let shown = names(&story);
    let numbers: Vec<u32> = shown[1..6].iter().map(|it| it.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "{shown:?}");
}

#[test]
fn the_next_alert_follows_waiting_from_the_top_and_then_the_quiet_calls() {
    let mut story = three_waits();
    story.press("1 G");
    let mut way = Vec::new();
    for _ in 0..3 {
        story.press("!");
        way.push(selected(&story));
    }
    let person = |call: u32, name: &str| (call, Some(name.to_owned()));
    assert_eq!(way, [person(3, "E. Fox"), person(2, "Milo"), person(3, "E. Fox")], "Bob's wait is not long yet");
    // Calls 4 to 6 become quiet, and so do calls 2 and 3.
    story.after(41_000).press("1 G");
    let mut way = Vec::new();
    for _ in 0..6 {
        story.press("!");
        way.push(selected(&story).0);
    }
    assert_eq!(way, [3, 2, 1, 2, 4, 5], "{:?}", numbers(&story));
}

#[test]
fn the_next_alert_skips_nobody_whose_wait_became_too_long_meanwhile() {
    let mut story = Story::seated();
    call(&mut story, 1, "established");
    call(&mut story, 2, "established");
    roster(&mut story, 1, &[but(person(MILO, "Milo"), &silent())]);
    story.catches_up().after(45_000);
    let bob = but(person(BOB, "Bob"), &silent());
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), bob.clone()]);
    story.catches_up().after(15_000);
    story.history.roster(&[person(ME, "Callboard"), but(person(ADA, "Ada"), &silent()), bob]);
    story.catches_up().after(40_000);
    roster(&mut story, 2, &[but(person(FOX, "E. Fox"), &lobby())]);
    story.catches_up().after(25_000).press("1 G !");
    let next = |story: &mut Story| selected(story.press("!")).1.unwrap_or_default();
    assert_eq!(selected(&story).1.as_deref(), Some("Milo"));
    assert_eq!(next(&mut story), "Bob");
    // E. Fox waits too long now, and stands above Bob, whom the keys are on.
    story.after(35_000);
    let waiting: Vec<String> = story.desk.waiting().iter().map(|it| it.person.name.to_string()).collect();
    assert_eq!(waiting, ["Milo", "E. Fox", "Bob", "Ada"]);
    assert_eq!(next(&mut story), "E. Fox");
    assert_eq!(next(&mut story), "Ada", "Bob has been visited");
}
