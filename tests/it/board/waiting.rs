//! Tests of the Waiting pane: what it says of a release that was just proved.

use callboard::desk::ProvedRelease;
use callboard::floor::Act;
use callboard::screen::{TerminalBackground, Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::BOB;

/// Bob has waited for 90 s, and the release is proved now.
fn released() -> Story {
    let mut story = Story::seated();
    story.bob_held().after(90_000).press("w r y").accepted().notice("stopHoldMusicOperation");
    story
}

fn waiting_row(story: &Story) -> String {
    let screen = story.screen(120, 36);
    screen.lines().nth(4).unwrap_or_default().to_owned()
}

#[test]
fn a_proved_release_keeps_its_row_for_three_seconds() {
    let mut story = released();
    let release = story.desk.waiting()[0].back;
    assert!(matches!(release, Some(ProvedRelease { .. })), "{release:?}");
    let row = waiting_row(&story);
    assert!(row.contains("Bob") && row.contains("BACK after 0.") && row.contains("1:3"), "{row}");
    // The rule counts only who still waits.
    let rule = story.screen(120, 36).lines().nth(3).unwrap_or_default().to_owned();
    assert!(rule.contains("w Waiting \u{2501}"), "{rule}");
    let before = row;
    story.after(2_500);
    assert_eq!(waiting_row(&story), before, "the time stands still");
    story.after(600);
    let row = waiting_row(&story);
    assert!(row.contains("nobody waits; the last was Bob"), "{row}");
}

#[test]
fn a_released_row_is_green_and_takes_no_second_release() {
    let mut story = released();
    let theme = Theme::named("dark", TerminalBackground::Dark).unwrap();
    let area = Rect::new(0, 0, 120, 36);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, &story.desk, &theme);
    let word = (73..90).map(|x| &buffer[(x, 4)]).find(|it| it.symbol() == "B").unwrap();
    assert_eq!(Some(word.fg), theme.good.fg);
    assert_eq!(Some(buffer[(39, 4)].fg), theme.good.fg, "the bar");
    story.press("r").has_sent(2).shows("nobody is selected");
}

#[test]
fn a_person_whom_two_operators_released_has_one_row() {
    let mut story = released();
    story.history.asked_by("lee", "of-lee", Act::Release, Some(BOB));
    let answer = json!({"id": "another", "status": "running", "clientContext": "of-lee"});
    story.history.replied("of-lee", 202, &answer);
    story.history.operation_said("stopHoldMusicOperation", "another", "of-lee", "completed");
    story.catches_up();
    let releases = story.floor().operations().filter(|it| it.act == Act::Release && it.proof_latency().is_some());
    assert_eq!(releases.count(), 2);
    assert_eq!(story.desk.waiting().len(), 1);
}

#[test]
fn a_released_person_who_is_held_again_or_left_waits_no_longer_as_released() {
    let mut story = released();
    story.selects("Bob").press("H y").accepted().notice("startHoldMusicOperation");
    assert!(story.desk.waiting().iter().all(|it| it.back.is_none()));
    assert_eq!(story.desk.waiting().len(), 1);
}

#[test]
fn the_word_of_a_limit_stands_over_the_zone_that_begins_at_its_tick() {
    let mut story = Story::seated();
    story.bob_held();
    for ((width, height), limits) in
        [((120, 36), ["\u{252c} long ", "\u{252c} too long "]), ((80, 24), ["\u{252c} ! ", "\u{252c} !! "])]
    {
        let screen = story.screen(width, height);
        let rule = screen.lines().find(|it| it.contains("Waiting 1")).unwrap();
        assert!(limits.iter().all(|it| rule.contains(it)), "{rule}");
    }
}

#[test]
fn the_cursor_stays_on_a_released_row_and_the_card_does_not_say_that_nobody_is_selected() {
    let mut story = released();
    let cursor = |story: &Story| waiting_row(story).trim_start_matches('"').chars().next();
    assert_eq!(cursor(&story), Some('\u{258c}'), "{}", waiting_row(&story));
    for millis in [500, 3_000] {
        story.after(millis);
        let screen = story.screen(120, 36);
        assert!(screen.contains("Bob, user, in the call"), "the card:\n{screen}");
        assert!(!screen.contains("nobody is selected") && !screen.contains(" off "), "{screen}");
    }
    story.press("m").shows("nobody is selected").has_sent(2);
    story.press("2").shows("m mute");
}
