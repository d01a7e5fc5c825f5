//! Tests of the story beside the board, the last hour below it, and the rows of a tall or wide board.

use callboard::screen::{TerminalBackground, Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use serde_json::json;

use crate::modal::last_hour::half_an_hour;
use crate::modal::timeline::eventful;
use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, ME, but, person};

/// The first column of the story beside a board of 120.
const STORY: u16 = 122;

fn theme() -> Theme {
    Theme::named("dark", TerminalBackground::Dark).unwrap()
}

fn painted(story: &Story, columns: u16, rows: u16) -> Buffer {
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, &story.desk, &theme());
    buffer
}

/// The text of a row from a column on.
fn text(buffer: &Buffer, row: u16, from: u16) -> String {
    (from..buffer.area.width).map(|it| buffer[(it, row)].symbol()).collect()
}

/// The rows whose text from a column on contains this.
fn rows_with(buffer: &Buffer, from: u16, wanted: &str) -> Vec<u16> {
    (0..buffer.area.height).filter(|it| text(buffer, *it, from).contains(wanted)).collect()
}

/// The colours of a row's cells that hold this symbol.
fn colours(buffer: &Buffer, row: u16, from: u16, symbol: &str) -> Vec<Color> {
    let mut colours: Vec<Color> = (from..buffer.area.width)
        .map(|it| &buffer[(it, row)])
        .filter(|it| it.symbol() == symbol)
        .map(|it| it.fg)
        .collect();
    colours.dedup();
    colours
}

/// The row of somebody's lane.
fn lane(buffer: &Buffer, name: &str) -> u16 {
    let rows = rows_with(buffer, STORY, name);
    *rows.iter().find(|it| buffer[(STORY + 5, **it)].symbol() == &name[..1]).unwrap()
}

#[test]
fn a_wait_grows_with_its_level_and_a_live_microphone_is_never_green() {
    let mut story = Story::seated();
    story.after(300_000).bob_held().after(150_000);
    let buffer = painted(&story, 200, 60);
    let (bob, ada, theme) = (lane(&buffer, "Bob"), lane(&buffer, "Ada"), theme());
    assert!(bob < ada, "who waits stands first");
    assert_eq!(ada - bob, 2, "a blank row between two lanes, while there is room");
    let mut signs: Vec<char> =
        text(&buffer, bob, STORY + 20).chars().filter(|it| "1\u{2583}\u{2585}\u{2587}".contains(*it)).collect();
    signs.dedup();
    assert_eq!(signs.iter().collect::<String>(), "1\u{2583}\u{2585}\u{2587}", "{}", text(&buffer, bob, STORY));
    let [calm, long, too_long] = theme.bars.map(|it| it.fg.unwrap());
    for (symbol, colour) in [("\u{2583}", calm), ("\u{2585}", long), ("\u{2587}", too_long)] {
        assert_eq!(colours(&buffer, bob, STORY, symbol), [colour]);
    }
    assert!(text(&buffer, bob, STORY).trim_end().ends_with(" 2:30"), "{}", text(&buffer, bob, STORY));
    assert_eq!(colours(&buffer, ada, STORY + 23, "\u{2500}"), [theme.quiet.fg.unwrap()]);
    assert!(text(&buffer, ada, STORY).trim_end().ends_with("  live"));
    let green = theme.good.fg.unwrap();
    for row in 4..30 {
        assert!((STORY..200).all(|it| buffer[(it, row)].fg != green), "{}", text(&buffer, row, STORY));
    }
    // A column is 30 s, and `now` ends the axis.
    let now: String = (187..190).map(|it| buffer[(it, 4)].symbol()).collect();
    assert_eq!((now.as_str(), buffer[(189, bob)].symbol()), ("now", "\u{2587}"));
    // An alert that was acknowledged has no level any more.
    story.press("a");
    let buffer = painted(&story, 200, 60);
    let bob = lane(&buffer, "Bob");
    assert!(!text(&buffer, bob, STORY).contains('\u{2587}'), "{}", text(&buffer, bob, STORY));
    // Without a line nobody knows how late anybody is.
    story.line_breaks("gone");
    let buffer = painted(&story, 200, 60);
    assert!(text(&buffer, lane(&buffer, "Bob"), STORY).contains("\u{2591}\u{2591}\u{2591}"));
}

#[test]
fn a_call_with_more_people_than_rows_shows_the_selected_one_and_counts_the_others() {
    let mut story = Story::seated();
    let guest = |at: i32| person(&format!("44444444-0000-0000-0000-{at:012}"), &format!("Guest {at:02}"));
    let people: Vec<_> = (0..70).map(guest).chain([person(ME, "Callboard")]).collect();
    story.history.later(1_000).roster(&people);
    story.catches_up().press("2 G k");
    let buffer = painted(&story, 200, 60);
    assert_eq!(rows_with(&buffer, STORY, " of 73").len(), 1);
    let cursors = (4..30).filter(|it| buffer[(STORY, *it)].symbol() == "\u{258c}").count();
    assert_eq!(cursors, 1);
    assert_eq!(rows_with(&buffer, STORY, "op 3").len(), 1, "the legend has a row of its own");
}

#[test]
fn an_operation_has_one_line_among_what_happened() {
    let story = eventful();
    let buffer = painted(&story, 200, 60);
    let begin = rows_with(&buffer, STORY, "What happened in call 1")[0];
    let told = |wanted: &str| rows_with(&buffer, STORY, wanted).into_iter().filter(|it| *it > begin).count();
    for (number, line) in
        [(1, "you muted Bob, proved after 0.28 s"), (2, "you put Bob on hold, proved"), (3, "you released Bob, proved")]
    {
        assert_eq!(told(&format!("op {number}   {line}")), 1, "{line}");
        assert_eq!(told(&format!("op {number} ")), 1, "{line}");
    }
    assert_eq!((told("Bob left"), told("is muted by the service"), told("is on hold")), (1, 0, 0));
    assert_eq!(told("the call was first seen, with Callboard") + told("the call began, with Callboard"), 1);
    // It begins in the row of Operations, and what is known in the row of the last hour.
    let row = |from: u16, wanted: &str| rows_with(&buffer, from, wanted)[0];
    assert_eq!(row(STORY, "What happened in call 1"), row(0, "3 Operations"));
    assert_eq!(row(STORY, "About call 1"), row(0, "V Last hour"));
    assert_eq!((told("we are      Callboard, live; s mutes us"), told("  id  ")), (1, 1));
    // An act under way says how far it has come.
    let mut story = Story::seated();
    story.bob_held().after(2_000).selects("Bob").press("r y").accepted();
    let buffer = painted(&story, 200, 60);
    let rows = rows_with(&buffer, STORY, "op 2   you asked to release Bob; Graph accepted it");
    assert_eq!(colours(&buffer, rows[0], STORY + 19, "y"), [theme().text.fg.unwrap()]);
}

#[test]
fn the_last_hour_says_what_was_watched_and_how_late_people_were() {
    let mut story = half_an_hour();
    let buffer = painted(&story, 200, 60);
    let row = |wanted: &str| rows_with(&buffer, 0, wanted)[0];
    let named = |wanted: &str| (30..60).find(|it| text(&buffer, *it, 9).starts_with(wanted)).unwrap();
    let (rule, calls, waiting, proved) = (row("V Last hour"), named("calls "), named("waiting "), named("proved "));
    assert_eq!((calls - rule, waiting - rule, proved - rule), (3, 7, 9));
    assert!(text(&buffer, rule + 2, 38).starts_with("not watched"), "{}", text(&buffer, rule + 2, 0));
    assert!(text(&buffer, calls, 0).contains("most 11, now"), "{}", text(&buffer, calls, 0));
    assert!(text(&buffer, proved, 0).contains("of 4 acts"), "{}", text(&buffer, proved, 0));
    let section: String =
        (rule + 1..=proved).map(|it| text(&buffer, it, 38)[..].chars().take(60).collect::<String>()).collect();
    assert!(!section.contains(['0', '~']), "nothing stands where nothing was: {section}");
    let ticks = (0..120).filter(|it| buffer[(*it, rule)].symbol() == "\u{252c}").count();
    assert!(ticks >= 3, "{}", text(&buffer, rule, 0));
    let [calm, long, _] = theme().bars.map(|it| it.fg.unwrap());
    let bars = |buffer: &Buffer, row: u16| -> Vec<Color> {
        let mut bars: Vec<Color> = (38..98)
            .map(|it| &buffer[(it, row)])
            .filter(|it| ('\u{2581}'..='\u{2588}').contains(&it.symbol().chars().next().unwrap()))
            .map(|it| it.fg)
            .collect();
        bars.dedup();
        bars
    };
    assert_eq!(bars(&buffer, calls), [calm], "calls are no alert");
    assert_eq!(bars(&buffer, waiting), [calm], "held for less than a minute");
    story.selects("Ada").press("H y").accepted().notice("startHoldMusicOperation").after(90_000);
    let buffer = painted(&story, 200, 60);
    assert!(bars(&buffer, waiting).contains(&long), "{:?}", bars(&buffer, waiting));
}

#[test]
fn an_operation_of_three_rows_says_what_it_waits_for_above_its_bar() {
    let mut story = Story::seated();
    story.bob_held().after(2_000).selects("Bob").press("r y").accepted();
    let rows = |story: &Story| -> Vec<String> { story.screen(200, 60).lines().map(str::to_owned).collect() };
    let lines = rows(&story);
    let first = lines.iter().position(|it| it.contains("release Bob") && it.contains("no proof yet 0.")).unwrap();
    assert!(lines[first + 1].contains("\u{2501}\u{2500}"), "{}", lines[first + 1]);
    assert!(!lines[first].contains('\u{2501}'), "{}", lines[first]);
    let low = story.screen(120, 36);
    assert!(low.lines().any(|it| it.contains("release Bob") && it.contains("\u{2501}\u{2500}")), "{low}");
    let wide = story.screen(240, 60);
    assert!(
        wide.contains(" notice ") && !wide.contains("by notice"),
        "the evidence stands beside the bar alone: {wide}"
    );
    // The card: what is possible has a key in bold, and each act that is off says why.
    for line in ["r release  not now: asked already, op 2", "H hold     not now: on hold already"] {
        assert_eq!(lines.iter().filter(|it| it.contains(line)).count(), 1, "{line}");
    }
    let buffer = painted(&story, 200, 60);
    let mute = rows_with(&buffer, 62, "m mute     one way: only Bob can unmute")[0];
    assert!(
        buffer[(64, mute)].modifier.contains(Modifier::BOLD) && !buffer[(66, mute)].modifier.contains(Modifier::BOLD)
    );
    assert_eq!(text(&buffer, mute - 1, 62).chars().take(58).collect::<String>().trim(), "", "a blank row above");
}

#[test]
fn names_are_wider_from_240_columns() {
    const LONG: &str = "Maximiliane von Hohenstein";
    let mut story = Story::seated();
    let bob = but(person(BOB, LONG), &json!({}));
    story.history.later(1_000).roster(&[person(ME, "Callboard"), person(ADA, "Ada"), bob]);
    story.history.call_said("updated", &json!({"subject": "Support / Hohenstein and Sons"}));
    story.catches_up().selects(LONG).press("H y").accepted().notice("startHoldMusicOperation").after(90_000).press("w");
    let counts = |columns: u16, story: &Story| -> (usize, usize) {
        let buffer = painted(story, columns, 60);
        // Rows of Waiting, People and the lanes.
        let names = (4..28).map(|it| text(&buffer, it, 0).matches(&format!("{LONG} ")).count()).sum();
        let calls = (11..16_u16)
            .filter(|it| {
                text(&buffer, *it, 0).chars().take(70).collect::<String>().contains("Support / Hohenstein and Sons")
            })
            .count();
        (names, calls)
    };
    assert_eq!(counts(239, &story), (1, 0), "only the card has it whole");
    assert_eq!(counts(240, &story), (4, 1));
    let wide = painted(&story, 240, 60);
    let line = text(&wide, 0, 0);
    assert_eq!(
        text(&wide, 4, 0).find('\u{2585}').map(|at| text(&wide, 4, 0)[..at].chars().count()),
        line.find("LIVE"),
        "the line stands over the bars"
    );
}
