//! Tests of the board's layout: what is never cut, and what a small terminal omits. `gallery` has
//! snapshots of all states.

use callboard::floor::{Fact, Noted};
use callboard::protocol::{FeedEvent, HelloFrame, ResetReason, Role};
use insta::assert_snapshot;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, ME, but, person};

/// A few calls; in the first, Bob is on hold, Chen muted, and somebody waits in the lobby.
pub(crate) fn busy() -> Story {
    let mut story = Story::seated();
    for (number, state, subject) in [
        (1, "established", "Support / Northwind"),
        (2, "establishing", "Support / +42020202234"),
        (3, "terminating", "Support / Litware"),
    ] {
        story.history.later(20_000).notified(&json!({
            "changeType": "created",
            "resourceUrl": format!("/communications/calls/00000000-0000-0000-0000-00000000000{number}"),
            "resourceData": {"state": state, "subject": subject, "chatInfo": {"threadId": "19:x@thread.v2"}},
        }));
    }
    story.history.later(40_000).roster(&[
        person(ME, "Callboard"),
        person(ADA, "Ada"),
        person(BOB, "Bob"),
        but(person("33333333-0000-0000-0000-000000000001", "Chen Wei"), &json!({"isMuted": true})),
        but(person("33333333-0000-0000-0000-000000000002", "E. Fox"), &json!({"isInLobby": true})),
        person("33333333-0000-0000-0000-000000000003", "Dee Ruiz"),
    ]);
    story.catches_up().press("1 g").bob_held().after(48_000);
    story.history.roster(&[
        person(ME, "Callboard"),
        person(ADA, "Ada"),
        person(BOB, "Bob"),
        but(person("33333333-0000-0000-0000-000000000001", "Chen Wei"), &json!({"isMuted": true})),
        but(person("33333333-0000-0000-0000-000000000002", "E. Fox"), &json!({"isInLobby": true})),
    ]);
    story.catches_up().after(30_000).selects("Ada").press("m y").accepted();
    story.selects("Bob").presence("lee");
    story
}

#[test]
fn a_too_small_terminal_shows_the_required_size() {
    assert!(busy().screen(50, 10).contains("callboard needs at least 60x20; this"));
}

#[test]
fn header_numbers_are_never_cut() {
    let mut story = busy();
    let fewer = |line: &str| -> Vec<String> {
        line.trim().split("  ").map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
    };
    let all = fewer(story.screen(200, 20).lines().nth(1).unwrap().trim_matches('"'));
    assert!(all.last().unwrap().ends_with("proof 0.5 s, slowest 0.5 s"), "{all:?}");
    for width in 60..200 {
        let screen = story.screen(width, 20);
        let line = screen.lines().nth(1).unwrap().trim_matches('"');
        let shown = fewer(line);
        for wanted in ["!! 1 too long", "! 1 long", "1 on hold", "1 in the lobby"] {
            let short = wanted.replace("on hold", "held").replace("in the lobby", "lobby");
            assert!(shown.iter().any(|it| *it == wanted || *it == short), "{line}");
        }
        for number in &shown {
            let whole = all.contains(number) || ["1 held", "1 lobby", "proof 0.5 s"].contains(&number.as_str());
            assert!(whole, "{number:?} at {width}: {line}");
        }
    }
    story.history.fact(Fact::Noted(Noted::Refused { reason: "wrong audience".into(), count: 1_234 }));
    story.catches_up();
    for width in 60..200 {
        let screen = story.screen(width, 20);
        let line = screen.lines().nth(1).unwrap();
        let long = line.contains("!! 1 too long") && line.contains("! 1 long");
        assert!(
            long && (width < 100 || line.contains("1234 refused"))
                && (line.contains("1 held") || line.contains("1 on hold")),
            "{line}"
        );
    }
}

#[test]
fn rows_that_do_not_fit_are_counted() {
    let mut story = busy();
    for number in 10..40 {
        story.history.notified(&json!({
            "changeType": "created", "resourceUrl": format!("/communications/calls/55555555-0000-0000-0000-{number:012}"),
            "resourceData": {"state": "established", "subject": format!("Subject {number}")},
        }));
    }
    story.catches_up();
    for (columns, rows) in [(80, 24), (120, 36)] {
        let screen = story.press("1").screen(columns, rows);
        let calls = screen.lines().filter(|it| it.contains("Subject ") || it.contains("Support / ")).count();
        assert!(calls > 0 && screen.contains("1 Calls 1-"), "{screen}");
    }
    let screen = story.screen(80, 24);
    assert!(screen.contains("1 Calls 1-5 of 34 ") && screen.contains("Support / Acme, 1-5 of 6 "), "{screen}");
    let screen = busy().screen(200, 60);
    assert!(screen.contains("1 Calls 4 ") && !screen.contains(" of 6"), "{screen}");
}

#[test]
fn every_footer_has_help_and_quit_and_read_only_ones_no_acts() {
    let mut story = busy();
    for width in 60..200 {
        for keys in ["1", "2", "3"] {
            let screen = story.press(keys).screen(width, 24);
            let footer = screen.lines().last().unwrap();
            let help = if width < 100 { " ?  q quit" } else { "? help  q quit" };
            assert!(footer.contains(help), "{footer}");
        }
    }
    let footer = |story: &Story, width| story.screen(width, 24).lines().last().unwrap().to_owned();
    story.press("2");
    assert!(!footer(&story, 200).contains("H hold"), "only what does something now");
    assert!(footer(&story, 200).contains("m mute"));
    story.press("W");
    assert!(!footer(&story, 200).contains("m mute") && !footer(&story, 200).contains("s self"));
    assert!(footer(&story, 200).contains("W read only"));
    story.press("W");
    let now = story.history.now();
    story.fed(FeedEvent::Hello(HelloFrame {
        label: "S".into(),
        operator: "lee".into(),
        role: Role::Viewer,
        now,
        ..HelloFrame::default()
    }));
    assert!(!footer(&story, 200).contains("m mute"));
}

#[test]
fn a_long_message_takes_two_lines_and_moves_no_rows_under_a_confirm() {
    let mut story = busy();
    let last = |story: &Story| story.screen(60, 20).lines().rev().take(3).map(str::to_owned).collect::<Vec<_>>();
    story.selects("Ada").press("H");
    let lines = last(&story);
    assert!(lines[2].contains("hold: one at a time: Bob is on hold in this call; release"), "{lines:?}");
    assert!(lines[1].contains("them first") && lines[0].contains(" ?  q quit"), "{lines:?}");
    let rows = |story: &Story| story.screen(60, 20).lines().position(|it| it.contains("\u{2501} "));
    story.press("s");
    let before = rows(&story);
    story.line_breaks(&"the relay is not there ".repeat(4));
    assert_eq!(rows(&story), before);
}

#[test]
fn other_operators_are_named_without_an_operator_column() {
    let mut story = busy();
    let now = story.history.now();
    story.fed(FeedEvent::Hello(HelloFrame {
        label: "S".into(),
        operator: "lee".into(),
        role: Role::Operator,
        now,
        ..HelloFrame::default()
    }));
    story.fed(FeedEvent::CaughtUp).press("s y");
    let screen = story.screen(80, 24);
    assert!(screen.contains("     2  dana   mute Ada "), "{screen}");
    assert!(screen.contains("        you    mute us  "), "{screen}");
}

#[test]
fn the_oldest_hold_of_a_call_is_shown_at_every_width() {
    let mut story = Story::seated();
    let inactive = json!({"mediaStreams": {"direction": "inactive"}});
    let held = |id, name| but(person(id, name), &inactive);
    story.history.roster(&[person(ME, "Callboard"), held(ADA, "Ada"), person(BOB, "Bob")]);
    story.history.later(10_000).roster(&[person(ME, "Callboard"), held(ADA, "Ada"), held(BOB, "Bob")]);
    story.catches_up().after(30_000).press("1");
    for (columns, rows) in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        let screen = story.screen(columns, rows);
        let mut below = screen.lines().skip_while(|it| !it.contains("1 Calls"));
        let row = below.find(|it| it.starts_with("\"\u{258c}     1 ")).unwrap();
        assert!(row.contains("Support / Acme") && row.contains("live"), "{row}");
        let waits = screen.lines().find(|it| it.contains("Ada ") && it.contains("on hold? silent line")).unwrap();
        assert!(waits.contains("0:40"), "{waits}");
    }
}

#[test]
fn the_selected_row_is_always_visible() {
    let mut story = Story::seated();
    for number in 0..60 {
        story.history.notified(&json!({
            "changeType": "created", "resourceUrl": format!("/communications/calls/55555555-0000-0000-0000-{number:012}"),
            "resourceData": {"state": "established", "subject": format!("Subject {number}")},
        }));
    }
    story.catches_up().press("1 g");
    for _ in 0..61 {
        let title = story.desk.call().unwrap().title();
        for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
            let screen = story.screen(columns, rows);
            let cursor = screen.lines().filter(|it| it.contains('\u{258c}') && it.contains(&title)).count();
            assert!(cursor >= 1, "{title} is selected and not drawn:\n{screen}");
        }
        story.press("j");
    }
    assert_eq!(story.press("G").desk.call().map(|it| it.number), story.press("j").desk.call().map(|it| it.number));
}

#[test]
fn hostile_names_stay_in_their_cells() {
    let mut story = Story::seated();
    let names = [
        "\u{1b}[2J\u{1b}]52;c;QUJD\u{7}Ada",
        "Ada \u{202e}enryB",
        "A\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}da",
        "דנה כהן",
        "陳偉陳偉陳偉陳偉陳偉陳偉陳偉陳偉",
        "A\u{200b}da",
        "Ada",
        "👩\u{200d}💻 Kim",
    ];
    let people: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| person(&format!("44444444-0000-0000-0000-00000000000{at}"), name))
        .chain([person(ME, "Callboard")])
        .collect();
    story.history.later(1_000).roster(&people);
    story.history.call_said("updated", &json!({"subject": "line\none\u{2028}two\u{9b}31m"}));
    story.catches_up();
    let screen = story.screen(120, 36);
    assert_snapshot!("hostile", screen);
    assert!(!screen.chars().any(|it| it != '\n' && (it.is_control() || it == '\u{202e}' || it == '\u{200b}')));
    story.fed(FeedEvent::Refused("\u{1b}]0;title\u{7}".into()));
    assert!(!story.screen(120, 36).contains('\u{1b}'));
}

#[test]
fn figures_of_line_2_stand_apart_at_every_width() {
    let mut acknowledged = busy();
    acknowledged.press("1 ! a");
    for story in [&busy(), &acknowledged, &Story::seated()] {
        for width in 60..200 {
            let screen = story.screen(width, 24);
            let line: Vec<char> = screen.lines().nth(1).unwrap().chars().collect();
            let touch = line.windows(2).any(|it| it[0].is_alphabetic() && it[1].is_ascii_digit());
            assert!(!touch, "{width}: {}", line.iter().collect::<String>());
        }
    }
}

#[test]
fn line_1_never_cuts_the_state_of_the_board() {
    let gap = || {
        let mut story = busy();
        story.history.fact(Fact::Noted(Noted::Gap { reason: "the disk was full".into(), from: None }));
        story.catches_up();
        story
    };
    let mut paused = busy();
    paused.press("p");
    let mut stale = gap();
    stale.line_breaks("gone").after(12_000).press("W");
    let mut private = gap();
    private.press("P W");
    let mut filling = busy();
    filling.press("P W").fed(FeedEvent::Reset(ResetReason::New));
    for (story, wanted) in [
        (&paused, ["SIMULATOR", "PAUSED", "asks first"]),
        (&gap(), ["LIVE", "GAP", "asks first"]),
        (&stale, ["SIMULATOR", "NO LINE", "acts are off"]),
        (&private, ["PRIVATE", "GAP", "READ ONLY"]),
        (&filling, ["PRIVATE", "catching up", "acts are off"]),
    ] {
        for width in 60..200 {
            let screen = story.screen(width, 24).to_uppercase();
            let line = screen.lines().next().unwrap().trim_matches('"').to_owned();
            assert!(line.chars().count() == usize::from(width), "{line}");
            for word in wanted {
                let word = word.to_uppercase();
                assert!(line.contains(&word), "{word} at {width}: {line}");
            }
        }
    }
}
