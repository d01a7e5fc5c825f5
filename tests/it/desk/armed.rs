//! Tests of armed questions: an answer counts only when the question was on the screen and the keyboard was quiet.

use callboard::desk::{ControlRequest, DeskSetup, Effect, Event, Modal};
use callboard::time::Millis;

use crate::support::desk_driver::{Story, key};

#[test]
fn a_yes_counts_when_the_confirm_was_drawn_and_no_key_came_for_a_moment() {
    let mut story = Story::seated();
    story.selects("Bob").press_every(300, "m");
    assert!(story.effects.contains(&Effect::Wake(Millis(350))), "time makes the change visible");
    story.shows(" y  a moment  mute Bob ").press_every(349, "y").has_sent(0);
    story.shows("that y was too early and does not count").press_every(340, "y").has_sent(0);
    story.after(349).shows("too early").after(1).hides("a moment").hides("too early").shows(" y   mute Bob");
    story.press_every(0, "y").has_sent(1);
}

#[test]
fn a_yes_to_a_confirm_that_was_never_on_the_screen_does_not_count() {
    let mut story = Story::seated();
    story.selects("Bob").happens(Event::Pressed(key("m")));
    for _ in 0..3 {
        story.after(5_000).happens(Event::Pressed(key("y"))).has_sent(0);
    }
    // Another size of the terminal shows another frame.
    story.draws().after(400).happens(Event::Resized(90, 30)).happens(Event::Pressed(key("y"))).has_sent(0);
    story.draws().after(400).happens(Event::Pressed(key("y"))).has_sent(1);
}

#[test]
fn after_a_standstill_a_question_is_drawn_again_before_it_is_answered() {
    let mut story = Story::seated();
    story.selects("Bob").press_every(300, "m").stands_still(8_000).happens(Event::Pressed(key("y"))).has_sent(0);
    story.draws().after(350).happens(Event::Pressed(key("y"))).has_sent(1);
}

#[test]
fn a_typed_word_counts_only_when_the_confirm_was_on_the_screen() {
    let mut story = Story::seated();
    story.selects("Bob").happens(Event::Pressed(key("X"))).types("REMOVE").happens(Event::Pressed(key("Enter")));
    story.has_sent(0).draws().types("REMOVE").happens(Event::Pressed(key("Enter"))).has_sent(1);
}

#[test]
fn a_bulk_confirm_scrolls_and_begins_its_moment_again() {
    let mut story = super::bulk_acts::crowd();
    story.press(":").types("mark-filtered").press("Enter m").press_every(100, "j y").has_sent(0);
    story.shows("too early").press_every(400, "y").has_sent(4);
}

#[test]
fn quitting_and_restarting_ask_armed_questions() {
    let wanted = |it: &Effect| matches!(it, Effect::Quit | Effect::AskSimulator(ControlRequest::Restart));
    for keys in ["q", "B"] {
        let mut story = Story::on_stage(false);
        story.selects("Bob").press("m y").effects.clear();
        story.press_every(2_000, keys).press_every(200, "y");
        assert!(!story.effects.iter().any(wanted), "{keys}: {:?}", story.effects);
        story.shows("too early").press_every(100, "x");
        assert_eq!(*story.desk.modal(), Modal::None, "any other key closes it");
        story.press_every(2_000, keys).press_every(400, "y");
        assert!(story.effects.iter().any(wanted), "{keys}: {:?}", story.effects);
    }
}

#[test]
fn q_quits_a_moment_later_and_asks_amid_letters() {
    let quits = |story: &Story| story.effects.contains(&Effect::Quit);
    let mut story = Story::seated();
    story.press_every(2_000, "q").after(349).shows("quit in a moment; Esc stops it");
    assert!(!quits(&story));
    assert!(quits(story.after(1)), "nothing more is asked");
    // Esc stops it, another key asks.
    let mut story = Story::seated();
    story.press_every(2_000, "q").press_every(100, "Esc").shows("stopped: nothing is done").after(1_000);
    story.press_every(2_000, "q").press_every(100, "u").shows("Quit?").after(1_000);
    assert!(!quits(&story));
    assert!(quits(story.press_every(400, "y")));
    // Amid letters it asks; the palette needs no moment.
    let mut story = Story::seated();
    story.press_every(2_000, "x").press_every(900, "q").shows("Quit?").after(1_000).press_every(100, "n");
    assert!(!quits(&story));
    story.press(":").types("quit").happens(Event::Pressed(key("Enter")));
    assert!(quits(&story));
}

#[test]
fn the_end_of_privacy_mode_waits_like_quitting() {
    let mut story = Story::seated();
    story.press("P");
    assert!(story.desk.is_private());
    story.press_every(2_000, "P").after(100);
    assert!(story.desk.is_private());
    assert!(!story.after(250).desk.is_private());
    story.press("P").press_every(2_000, "P").press_every(100, "e").shows("Show true names again?");
    story.press_every(400, "n").after(1_000);
    assert!(story.desk.is_private());
    story.press_every(2_000, "P").press_every(100, "e").press_every(400, "y");
    assert!(!story.desk.is_private());
}

#[test]
fn without_delays_a_drawn_question_is_armed() {
    let mut story = super::preferences::set_up(DeskSetup::default());
    story.selects("Bob").press_every(30, "m y").has_sent(1).press_every(30, "q");
    story.press_every(30, "y");
    assert!(story.effects.contains(&Effect::Quit), "the mute has no proof, so it asks");
}
