//! Tests of armed questions: an answer counts only when the question was on the screen and the keyboard was quiet.

use callboard::desk::{ControlRequest, DeskSetup, Effect, Event, Modal};
use callboard::time::Millis;
use crossterm::event::{KeyCode, KeyEvent};

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
    story.selects("Bob").happens(Event::Pressed(key("X"))).types_on("REMOVE").press_every(400, "Enter").has_sent(0);
    story.types_on("REMOVE").press_every(400, "Enter").has_sent(1);
    // Letters that were read before it was drawn, and handled later, are no answer either.
    let mut story = Story::seated();
    story.selects("Bob").press_every(0, "X").after(500);
    for letter in "REMOVE".chars() {
        story.happens_late(600, Event::Pressed(KeyEvent::from(KeyCode::Char(letter))));
    }
    story.shows("Enter: _").after(500).press_every(0, "Enter").has_sent(0);
}

#[test]
fn a_typed_word_counts_when_no_key_came_for_a_moment_after_it() {
    let mut story = Story::seated();
    story.selects("Bob").press("X").types_on("Bob").press_every(349, "Enter").has_sent(0);
    story.shows("that Enter was too early and does not count; wait a moment after the last key");
    story.press_every(349, "Enter").has_sent(0).press_every(350, "Enter").has_sent(1);
    // A name that is part of a text removes nobody.
    let mut story = Story::seated();
    story.selects("Bob").press("X").types_on("Bob").press_every(120, "Enter").types_on("is on").has_sent(0);
    story.after(400).press_every(0, "Enter").has_sent(0).shows("Bobis on");
    // An Enter that waited counts at the time when it was read.
    let mut story = Story::seated();
    story.selects("Bob").press("X").types_on("Bob").after(1_500);
    story.happens_late(1_200, Event::Pressed(key("Enter"))).has_sent(0);
    story.after(1_500).happens_late(1_100, Event::Pressed(key("Enter"))).has_sent(1);
}

#[test]
fn keys_that_a_stall_held_back_count_at_the_time_when_they_were_read() {
    // Both were typed before the confirm was drawn.
    let mut story = Story::seated();
    story.selects("Bob").after(1_900).happens_late(1_900, Event::Pressed(key("m"))).draws().after(400);
    story.happens_late(2_250, Event::Pressed(key("y"))).has_sent(0).shows("too early");
    story.happens_late(450, Event::Pressed(key("y"))).has_sent(0);
    story.after(350).happens_late(0, Event::Pressed(key("y"))).has_sent(1);
    // It was on the screen for a moment when the key was read.
    let mut story = Story::seated();
    story.selects("Bob").press_every(300, "m").after(1_900).happens_late(1_550, Event::Pressed(key("y"))).has_sent(1);
    let (sent, now) = (story.sent[0].clone(), story.floor_now());
    assert_eq!((sent.pressed, sent.turn), (now - Millis(1_550), now - Millis(1_550)), "the key's own time");
    // The same for quitting.
    let mut story = Story::seated();
    story.selects("Bob").press("m y").press_every(2_000, "q").after(1_900);
    story.happens_late(1_600, Event::Pressed(key("y"))).shows("too early");
    assert!(!story.effects.contains(&Effect::Quit));
}

#[test]
fn a_paste_and_two_presses_of_the_interrupt_key_are_known_by_when_they_were_read() {
    let mut story = Story::seated();
    for (at, letter) in ["w", "o", "r", "d"].into_iter().enumerate() {
        story.after(100).happens_late(100 * i64::try_from(at).unwrap() + 95, Event::Pressed(key(letter)));
    }
    story.shows("ignored as a paste");
    let mut story = Story::seated();
    story.press_every(3_000, "ctrl-c").after(1_900).happens_late(0, Event::Pressed(key("x"))).effects.clear();
    story.after(1_900).happens_late(1_800, Event::Pressed(key("ctrl-c")));
    assert!(story.effects.contains(&Effect::Quit), "{:?}", story.effects);
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
