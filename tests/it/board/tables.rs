//! Tests of tables, titles and lines that do not fit.

use callboard::floor::{Fact, Noted};
use callboard::screen::{TerminalBackground, Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;

use super::screens::busy;
use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, CALL, ME, but, person};

/// The first line of a screen that has all of these.
fn line(story: &Story, (columns, rows): (u16, u16), words: &[&str]) -> String {
    let screen = story.screen(columns, rows);
    let found = screen.lines().find(|it| words.iter().all(|word| it.contains(word)));
    found.unwrap_or_else(|| panic!("no line has {words:?} in\n{screen}")).to_owned()
}

fn type_command(story: &mut Story, text: &str) {
    story.press(":").types(text).press("Enter");
}

#[test]
fn the_sorting_columns_header_is_complete_and_has_a_sign() {
    for (column, head) in
        [("people", "IN"), ("held", "HELD"), ("muted", "MUTED"), ("lobby", "LOBBY"), ("heard", "HEARD")]
    {
        let mut story = busy();
        story.press("1");
        type_command(&mut story, &format!("columns number, subject, {column}"));
        type_command(&mut story, &format!("sort {column}"));
        line(&story, (120, 36), &["1 Calls", &format!(" {head}+ ")]);
        story.press("O");
        line(&story, (120, 36), &["1 Calls", &format!(" {head}- ")]);
    }
    // A configured width is kept: letters are cut, and the sign stays.
    let mut story = busy();
    story.press("1");
    type_command(&mut story, "columns number, muted:4, subject");
    type_command(&mut story, "sort muted");
    line(&story, (120, 36), &["  MUT+ "]);
}

#[test]
fn a_long_subject_keeps_the_calls_number_and_the_headings() {
    let mut story = Story::seated();
    let subject = "A customer whose subject is longer than any title and goes on and on until nobody reads it any more";
    story.history.call_said("updated", &json!({"id": CALL, "state": "established", "subject": subject}));
    story.catches_up();
    for size in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        story.press("2");
        let title = line(&story, size, &["2 Call 1  A customer", ".. "]);
        assert!(title.contains(" MIC \u{2501}"), "{title}");
    }
    // A filter is long too: the corner stays.
    story.press("/").types(&"x".repeat(90)).press("Enter 2");
    for size in [(60, 20), (80, 24), (120, 36)] {
        let title = line(&story, size, &["2 Call 1  /xxx", ".. ", " MIC "]);
        assert!(title.contains("MIN"), "{title}");
    }
}

#[test]
fn a_chosen_column_is_cut_before_it_is_dropped() {
    for (list, size) in [
        ("number, subject:30, held, age, id", (120, 36)),
        ("number, subject:20, held, id:36", (120, 36)),
        ("number, subject:30, id", (80, 24)),
    ] {
        let mut story = Story::seated();
        story.press("1");
        type_command(&mut story, &format!("columns {list}"));
        line(&story, size, &["Support / Acme", &CALL[..6]]);
    }
    // Without room for its beginning it is dropped, and no usual part is cut instead.
    let mut story = Story::seated();
    story.press("1");
    type_command(&mut story, "columns number, subject:60, held, id");
    assert!(!story.screen(80, 24).contains(&CALL[..3]));
}

#[test]
fn a_name_has_the_same_room_with_and_without_a_hold() {
    let mut story = Story::seated();
    let named = |bob: &serde_json::Value| {
        let long = person("33333333-0000-0000-0000-000000000009", "Maximiliane von Hohenstein");
        [person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), bob), long]
    };
    story.history.later(100).roster(&named(&json!({})));
    story.catches_up();
    line(&story, (120, 36), &["Maximiliane von H.. ", " live "]);
    // A hold is whole before a name is.
    story.selects("Bob").press("H y").accepted().notice("startHoldMusicOperation").after(61_000);
    line(&story, (120, 36), &[" !  1  Bob", "1:01"]);
    line(&story, (120, 36), &["Maximiliane von H.. ", " live "]);
}

#[test]
fn muted_people_are_counted_beside_a_refusal() {
    let mut story = busy();
    let refused = |story: &mut Story, reason: &str, count| {
        story.history.fact(Fact::Noted(Noted::Refused { reason: reason.into(), count }));
        story.catches_up();
    };
    refused(&mut story, "wrong audience", 1);
    line(&story, (200, 60), &["4 calls  1 muted", " 1 refused: wrong audience"]);
    refused(&mut story, "the body is not what the token was made for, and so on", 1);
    line(&story, (120, 36), &["4 calls  1 muted", " 2 refused"]);
    line(&story, (200, 60), &["4 calls  1 muted", " 2 refused: "]);
}

#[test]
fn a_too_long_event_line_is_cut_with_a_sign() {
    let mut story = Story::seated();
    let reason = "a reason that nobody could have foreseen ".repeat(6);
    story.history.fact(Fact::Noted(Noted::Refused { reason: reason.as_str().into(), count: 2 }));
    story.catches_up();
    let cut = line(&story, (120, 36), &["  14:", "2 notifications refused: a reason"]);
    assert!(
        cut.trim_end_matches(['"', ' ']).ends_with("..^"),
        "cut, and the name had letters that are not shown: {cut}"
    );
}

#[test]
fn a_call_of_two_names_the_other_party_and_cuts_the_name_before_the_kind() {
    let mut story = Story::seated();
    for (number, subject, name) in
        [(1, "Callback / Joy Park", "Joy Park"), (2, "Support", "Maximiliane Oppenheimer-Bergstrom")]
    {
        story.history.notified(&json!({
            "changeType": "created",
            "resourceUrl": format!("/communications/calls/00000000-0000-0000-0000-00000000000{number}"),
            "resourceData": {
                "state": "established", "direction": "incoming", "subject": subject,
                "source": {"identity": {"user": {"displayName": name, "id": "u1"}}},
                "targets": [{"identity": {"application": {"displayName": "Callboard", "id": "a1"}}}],
            },
        }));
    }
    story.catches_up().after(2_000);
    let theme = Theme::named("dark", TerminalBackground::Dark).unwrap();
    let area = Rect::new(0, 0, 120, 36);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, &story.desk, &theme);
    let line = |y: u16| -> String { (0..60).map(|x| buffer[(x, y)].symbol()).collect() };
    let row = |text: &str| (0..36).find(|y| line(*y).contains(text)).unwrap_or_else(|| panic!("no {text:?}"));
    let joy = row("  Joy Park, 1:1  ");
    assert_eq!(buffer[(9, joy)].fg, theme.text.fg.unwrap());
    assert_eq!(buffer[(19, joy)].fg, theme.quiet.fg.unwrap(), "{}", line(joy));
    let long = line(row("Maximili"));
    assert_eq!(&long[9..29], "Maximiliane O.., 1:1", "{long}");
    assert!(!line(joy).contains("Callback"), "{}", line(joy));
}
