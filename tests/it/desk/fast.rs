//! Tests of FAST: acts on the selected row that go ahead a moment after their key.

use callboard::desk::{ConfirmMode, DeskSetup, Effect, Event, Modal, Motion, Pane};
use callboard::floor::Act;
use callboard::time::Millis;
use serde_json::json;

use super::bulk_acts::crowd;
use super::preferences::set_up;
use crate::support::desk_driver::{Story, console_setup, key};

fn fast() -> Story {
    set_up(DeskSetup { pace: ConfirmMode::Fast, ..console_setup() })
}

#[test]
fn in_fast_a_single_act_goes_ahead_a_moment_after_its_key() {
    let mut story = Story::seated();
    story.press(":").types("fast").press("Enter").shows("FAST: m r s act on the selected row a moment after the key");
    story.bob_held().after(2_000).press_every(0, "r").has_sent(1).hides("Release Bob");
    assert!(story.effects.contains(&Effect::Wake(Millis(350))));
    story.shows("release waits");
    assert!(story.screen(120, 36).contains("release, Esc stops it "), "it is not cut");
    story.shows("release hold Bob in a moment; Esc stops it, any other key asks");
    story.after(349).has_sent(1).after(1).has_sent(2).accepted().notice("stopHoldMusicOperation");
    story.after(2_000).press("m").has_sent(3).after(2_000).press("s").has_sent(4);
    let acts: Vec<_> = story.sent.iter().filter_map(|it| Act::of(&it.action)).collect();
    assert_eq!(acts, [Act::Hold, Act::Release, Act::Mute, Act::MuteSelf]);
    story.press(":").types("fast").press("Enter").selects("Ada").press("m").has_sent(4).shows("Mute Ada?");
}

#[test]
fn in_fast_another_key_or_a_letter_before_makes_an_act_ask() {
    let mut story = fast();
    story.selects("Bob").after(2_000).press_every(0, "m").press_every(349, "y").has_sent(0).shows("Mute Bob?");
    story.after(349).has_sent(0).press_every(1, "y").has_sent(1);
    // Esc stops it, and nothing is asked.
    let mut story = fast();
    story.selects("Bob").after(2_000).press_every(0, "m").press_every(200, "Esc").shows("stopped: nothing is done");
    assert_eq!(*story.after(1_000).desk.modal(), Modal::None);
    story.has_sent(0);
    // A movement before it is no text; any other letter is, for a second.
    story.after(2_000).press_every(300, "j k m").after(350).has_sent(1);
    let mut story = fast();
    story.selects("Bob").after(2_000).press_every(0, "x").press_every(1_000, "m").after(2_000).has_sent(0);
    story
        .shows("Mute Bob?")
        .press("Esc")
        .after(2_000)
        .press_every(0, "x")
        .press_every(1_001, "m")
        .after(350)
        .has_sent(1);
}

#[test]
fn in_fast_an_act_asks_after_a_standstill_and_after_whatever_disturbs_the_screen() {
    let waits = || {
        let mut story = fast();
        story.selects("Bob").after(2_000).press_every(0, "m").has_sent(0);
        story
    };
    waits().stands_still(2_000).has_sent(1);
    waits().stands_still(2_001).has_sent(0).shows("Mute Bob?");
    waits().stands_still(-1).has_sent(0).shows("Mute Bob?");
    for event in [
        Event::Pasted("hello".to_owned()),
        Event::Resized(100, 30),
        Event::TerminalWarned("11 bytes without an end were dropped".to_owned()),
        Event::Wheeled(Pane::Calls, Motion::Down),
    ] {
        waits().happens(event).after(400).has_sent(0).shows("Mute Bob?");
    }
    waits().press_every(100, "ctrl-l").after(400).has_sent(0).shows("Mute Bob?");
    // Nobody acts on a row that the terminal has no room for.
    let mut story = fast();
    story.selects("Bob").happens(Event::Resized(59, 20)).after(2_000).press_every(0, "m").after(400).has_sent(0);
}

#[test]
fn in_fast_an_act_is_stamped_with_its_key_and_waits_for_the_keys_before_it() {
    let mut story = fast();
    story.selects("Bob").after(2_000).press_every(0, "m");
    let pressed = story.floor_now();
    story.after(350).has_sent(1);
    assert_eq!((story.sent[0].pressed, story.sent[0].turn), (pressed, pressed), "the key's own time");
    // A tick is no proof that no key came: one may wait behind it.
    let mut story = fast();
    story.selects("Bob").after(2_000).press_every(0, "m");
    story.passes(900).happens(Event::Ticked).has_sent(0);
    assert!(story.desk.awaits_input());
    story.happens_late(700, Event::Pressed(key("y"))).happens(Event::InputHandled).has_sent(0).shows("Mute Bob?");
    // Nor is the time alone: the terminal has not accepted the frame that says what goes ahead.
    let mut story = fast();
    story.selects("Bob").after(2_000).happens(Event::Pressed(key("m"))).passes(900).happens(Event::Ticked);
    assert!(!story.desk.awaits_input() && story.desk.awaits_drawing());
    story.has_sent(0).happens(Event::Drawn).happens(Event::InputHandled).has_sent(1);
    // Whoever pressed a key that waited has gone on since.
    let mut story = fast();
    story.selects("Bob").after(2_000).happens_late(351, Event::Pressed(key("m"))).after(400).has_sent(0);
    story.shows("Mute Bob?").press("Esc").after(2_000).happens_late(350, Event::Pressed(key("m")));
    let pressed = story.floor_now() - Millis(350);
    story.after(350).has_sent(1);
    assert_eq!(story.sent[0].pressed, pressed);
    // What came in the second before is known by when it was read, not by when it was handled.
    let mut story = fast();
    story.selects("Bob").after(2_000).press_every(0, "x").after(1_200).happens_late(300, Event::Pressed(key("m")));
    story.after(400).has_sent(0).shows("Mute Bob?");
}

#[test]
fn in_fast_hold_and_irreversible_and_bulk_acts_are_confirmed() {
    let mut story = fast();
    story.selects("Bob").after(2_000).press("H").has_sent(0).shows("Put Bob on hold?").press("Esc").after(2_000);
    story.press("X").has_sent(0).shows("Remove Bob from call 1?").press("Esc");
    story.press(":").types("hang-up").press("Enter").has_sent(0).shows("Leave call 1?").press("Esc");
    let mut story = crowd();
    story
        .press(":")
        .types("fast")
        .press("Enter")
        .selects("Ada")
        .press("Space j Space")
        .after(2_000)
        .press("m")
        .has_sent(0)
        .shows("mute all 2");
}

#[test]
fn in_fast_acts_with_a_warning_are_confirmed() {
    let mut story = fast();
    story.roster(&json!({"mediaStreams": {"direction": "inactive"}})).selects("Bob").after(2_000).press("r");
    story.has_sent(0).shows("inferred, main audio is inactive").press("Esc");
    story.roster(&json!({"isMuted": true})).after(2_000).press("m").has_sent(0).shows("muted already").press("Esc");
    // By the palette, and for somebody whose pane has no keys, nothing goes by itself.
    story.selects("Ada").press(":").types("mute").press("Enter").has_sent(0).shows("Mute Ada?").press("Esc");
    story.after(2_000).press("3").after(2_000).press("s").has_sent(0).shows("Mute the application").press("Esc");
}

#[test]
fn while_paused_every_act_asks_and_says_how_old_the_board_is() {
    let mut story = fast();
    story.selects("Bob").press("p").after(72_000).press("m").has_sent(0).shows("Mute Bob?");
    story.shows("the board is PAUSED, and 1:1").press("y").has_sent(1);
}

#[test]
fn in_fast_a_stale_board_still_refuses_and_a_paste_does_nothing() {
    let mut story = fast();
    story.selects("Bob").line_breaks("gone").after(12_000).press("m").has_sent(0);
    story.fed(callboard::protocol::FeedEvent::CaughtUp).floods("mHrsmHrs").after(400).has_sent(0);
    story.after(2_000).press("W").after(2_000).press("m").has_sent(0).press("W");
    story.happens(Event::Pasted("m".into())).after(400).has_sent(0);
    story.after(2_000).press("m").has_sent(1);
}
