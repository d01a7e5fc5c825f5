//! Tests that an act is about what the eye is on: marks of the shown call, who waits, and the lane of a timeline.

use callboard::desk::{Event, Modal, Pane};
use callboard::graph::ParticipantId;
use serde_json::json;

use super::bulk_acts::crowd;
use crate::support::desk_driver::{Story, key};
use crate::support::journal_builder::{ADA, BOB, ME, but, person};

const SECOND: &str = "e141b67c-90fd-455d-858b-b48a40b9cc8d";
const MILO: &str = "0f1e2d3c-0000-4000-8000-00000000aaaa";
const TWIN: &str = "2765eb15-99f8-47c6-b12b-c32111a4a86f";

/// A second group call, with Milo and the application in it.
fn with_milo() -> Story {
    let mut story = Story::seated();
    story.history.notified(&json!({
        "changeType": "created", "resourceUrl": format!("/communications/calls/{SECOND}"),
        "resourceData": {"state": "established", "subject": "Fabrikam", "meetingInfo": {}},
    }));
    story.history.notified(&json!({
        "changeType": "updated", "resourceUrl": format!("/communications/calls/{SECOND}/participants"),
        "resourceData": [person(MILO, "Milo")],
    }));
    story.catches_up();
    assert_eq!(story.desk.calls().count(), 2);
    story
}

fn asked(story: &Story) -> Option<ParticipantId> {
    match story.desk.modal() {
        Modal::Confirm(confirm) => confirm.bound().action().participant().cloned(),
        _ => None,
    }
}

fn id(text: &str) -> Option<ParticipantId> {
    ParticipantId::new(text)
}

#[test]
fn marks_of_another_call_are_left_alone_and_named() {
    let mut story = with_milo();
    story.press("1 g n").selects("Milo").press("Space N").selects("Bob").press("m");
    assert_eq!(asked(&story), id(BOB), "the mark is in a call that is not shown");
    story.shows("marked     left alone, in other calls: Milo in call 2").press("y").has_sent(1);
    assert_eq!(story.desk.marked(), 1);
}

#[test]
fn who_is_marked_and_not_under_the_cursor_is_said_to_be() {
    let mut story = Story::seated();
    story.selects("Bob").press("Space").selects("Ada").press("m");
    assert_eq!(asked(&story), id(BOB));
    story.shows("MARKED, not under your cursor").shows("Mute Bob?").press("Esc").selects("Bob").press("m");
    story.shows("Mute Bob?").hides("MARKED, not under your cursor").press("Esc");
    story.selects("Ada").press("Space m").shows("Mute 2 people?").hides("MARKED, not under your cursor").press("Esc");
    story.selects("Callboard").press("m").shows("Mute 2 people?").shows("MARKED, not under your cursor");
}

#[test]
fn a_mark_on_whom_no_act_is_possible_is_refused_or_dropped_with_a_word() {
    let mut story = crowd();
    story.selects("Callboard").press("Space").shows("this is the application itself, which is never marked");
    story.selects("Guest 3").press("Space").shows("Guest 3 is in the lobby, where no act is possible");
    assert_eq!(story.desk.marked(), 0);
    story.selects("Bob").press("Space").history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().shows("a mark was dropped: no act on that person is possible any more");
    assert_eq!(story.desk.marked(), 0);
}

#[test]
fn in_waiting_an_act_is_about_somebody_who_waits() {
    let mut story = Story::seated();
    story.bob_held().press("w r");
    assert_eq!(asked(&story), id(BOB));
    story.press("y").accepted().notice("stopHoldMusicOperation").press("m").has_sent(2);
    assert_eq!(asked(&story), None, "Bob does not wait any more");
    story.shows("nobody is selected");
    // A movement selects somebody who waits.
    let people = [
        person(ME, "Callboard"),
        but(person(ADA, "Ada"), &json!({"mediaStreams": {"direction": "inactive"}})),
        person(BOB, "Bob"),
    ];
    story.history.later(100).roster(&people);
    story.catches_up().press("m").shows("nobody is selected").press("j m");
    assert_eq!(asked(&story), id(ADA));
}

#[test]
fn the_keys_of_acts_in_a_timeline_are_about_its_lane() {
    let mut story = Story::seated();
    story.selects("Ada").press("S");
    let lane = |story: &Story| match story.desk.modal() {
        Modal::Timeline(view) => view.lane().cloned(),
        _ => None,
    };
    while lane(&story) != id(BOB) {
        story.press("j");
    }
    story.press("m").shows("Mute Bob?");
    assert_eq!(asked(&story), id(BOB));
    story.press("y").has_sent(1);
    // The call's own lane is nobody, and a refused act leaves the timeline open.
    story.press("S g m").shows("this is the call's own lane").has_sent(1).press("j r").shows("is not on hold");
    assert!(matches!(story.desk.modal(), Modal::Timeline(_)));
}

#[test]
fn an_overlay_that_takes_no_act_says_so() {
    for opened in ["?", "2 Enter", "V"] {
        let mut story = Story::seated();
        story.selects("Bob").press(opened).press("m").has_sent(0).shows(" does not work in the ");
        assert!(!matches!(story.desk.modal(), Modal::None | Modal::Confirm(_)), "{opened} stays open");
    }
}

#[test]
fn a_confirm_tells_people_of_the_same_name_apart() {
    let mut story = Story::seated();
    let people = [person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob"), person(TWIN, "BOB")];
    story.history.later(100).roster(&people);
    story.catches_up().selects("Bob").press("m");
    story
        .shows("Bob, user 2765eb15-0, in call 1")
        .shows("same name  BOB is another: user 2765eb15-9, in the call since");
}

#[test]
fn the_target_stays_in_sight_above_the_sheet() {
    let mut story = crowd();
    for name in ["Ada", "Guest 6"] {
        story.selects(name).happens(Event::Resized(80, 24)).happens(Event::Pressed(key("m"))).draws();
        let screen = story.screen(80, 24);
        let rows: Vec<&str> = screen.lines().collect();
        let sheet = rows.iter().position(|it| it.contains(&format!("Mute {name}?"))).unwrap();
        assert_eq!(sheet, 16, "the last 8 rows: {screen}");
        assert!(rows[13..16].iter().any(|it| it.contains(name)), "{name} is not above the sheet:\n{screen}");
        assert!(screen.contains("/mute") && screen.contains("any other key closes this and sends nothing"), "{screen}");
        let small = story.screen(60, 20);
        assert!(small.lines().skip(7).take(1).any(|it| it.contains(name)), "the row is repeated:\n{small}");
        story.press("Esc");
    }
}

#[test]
fn a_confirm_follows_the_floor_while_it_is_open() {
    let mut story = Story::seated();
    story.bob_held().press("r").shows("on hold for 0:0").after(60_000).shows("on hold for 1:0");
    story.presence("lee").shows("also here  lee looks at this call");
    story.shows("the music stops and Bob is back in the call; u puts the hold back");
    story.shows("sends      POST /communications/calls/57dab8b1-894c-409a-b240-bd8beae78896");
    story.shows("                /participants/2765eb15-01f8-47c6-b12b-c32111a4a86f/stopHoldMusic");
}

#[test]
fn a_letter_without_a_meaning_in_a_view_is_said_to_have_none_and_help_opens_from_there() {
    for opened in ["S", "V"] {
        let mut story = Story::seated();
        story.selects("Bob").press(opened).press("x").shows("x does nothing here; Esc goes back to the board");
        assert!(!matches!(story.desk.modal(), Modal::None), "{opened} stays open");
        story.press("?");
        assert!(matches!(story.desk.modal(), Modal::Help(_)), "{opened}");
        story.press("Esc").press(opened).press(opened);
        assert_eq!(*story.desk.modal(), Modal::None, "its own key closes {opened}");
    }
}

#[test]
fn a_pane_without_room_is_not_focused() {
    let mut story = Story::seated();
    story.happens(Event::Resized(80, 24)).press("2 4").shows("the Floor pane needs a terminal of 120 columns");
    assert_eq!(story.desk.pane(), Pane::Participants);
    story.press("3 Tab");
    assert_eq!(story.desk.pane(), Pane::Waiting);
    story.press("BackTab");
    assert_eq!(story.desk.pane(), Pane::Operations);
    story.happens(Event::Resized(120, 36)).press("4");
    assert_eq!(story.desk.pane(), Pane::Events);
}

#[test]
fn a_message_below_a_question_leaves_its_answer_in_sight() {
    for (columns, rows) in [(80, 24), (120, 36), (60, 20)] {
        let mut story = Story::seated();
        story.happens(Event::Resized(columns, rows)).bob_held().press("u");
        let screen = story.screen(columns, rows);
        assert!(screen.contains("this undoes op 1") && screen.contains(" y "), "{screen}");
        assert!(screen.contains("any other key"), "{screen}");
    }
}
