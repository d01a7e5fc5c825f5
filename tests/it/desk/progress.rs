//! Tests of a running operation between two seconds: its bar and its time grow, and nothing else wakes the desk.

use callboard::desk::{Effect, Event};
use callboard::time::Millis;

use crate::support::desk_driver::Story;

/// Takes the requested wake-ups for running operations.
fn wakes(story: &mut Story) -> usize {
    std::mem::take(&mut story.effects).iter().filter(|it| **it == Effect::Wake(Millis(250))).count()
}

#[test]
fn a_running_operation_wakes_the_desk_every_quarter_of_a_second() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").after(20);
    assert_eq!(wakes(&mut story), 0, "nothing is running yet");
    story.journalled().shows(" 0.0 s");
    assert_eq!(wakes(&mut story), 1);
    let bar = |story: &Story| story.screen(150, 40).matches('\u{2501}').count();
    let before = bar(&story);
    // An event in the meantime does not add a second wake-up.
    story.passes(100).happens(Event::Drawn).passes(149).happens(Event::Drawn);
    assert_eq!(wakes(&mut story), 0, "one is under way");
    story.passes(1).happens(Event::Ticked).shows(" 0.3 s");
    assert!(bar(&story) > before, "the bar has grown");
    assert_eq!(wakes(&mut story), 1, "the next one");
    let ticket = story.ticket();
    story.answers(&ticket, 202, "startHoldMusicOperation", "running").notice("startHoldMusicOperation");
    story.effects.clear();
    story.after(3_000);
    assert_eq!(wakes(&mut story), 0, "it is proved");
}

#[test]
fn a_board_that_stands_still_is_not_woken() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").after(20).journalled().press("p");
    story.effects.clear();
    story.after(3_000);
    assert_eq!(wakes(&mut story), 0, "the display is paused");
    story.press("p").after(300);
    assert!(wakes(&mut story) > 0);
    story.line_breaks("gone").after(300).effects.clear();
    story.after(1_000);
    assert_eq!(wakes(&mut story), 0, "the line is down");
}

#[test]
fn an_operation_without_an_outcome_does_not_wake_the_desk_for_ever() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").after(20).journalled().after(16_000);
    story.effects.clear();
    story.after(2_000).hides("CONFIRMED");
    assert_eq!(wakes(&mut story), 0);
}
