//! Hands and what is no hand's: bursts, who else looks, what a command's name finds, and keys that were given others.

use callboard::desk::{Desk, DeskSetup, Keymap, Modal};
use callboard::protocol::{ConnectedOperator, FeedEvent, HelloFrame, Role};

use crate::support::desk_driver::Story;

#[test]
fn a_burst_sends_nothing_whatever_it_begins_with() {
    for burst in ["rrrry", "HHHHy", "ssssy", "mmmmmmmmmmy", "mymy", "rjkly"] {
        let mut story = Story::seated();
        story.selects("Bob").floods(burst).shows("they were ignored as a paste").after(1_000).has_sent(0);
        assert_eq!(*story.desk.modal(), Modal::None, "{burst}");
    }
    // A key that is held is a hand's.
    let mut story = Story::seated();
    story.selects("Bob").floods("mmmmmm").has_sent(0);
    assert!(matches!(story.desk.modal(), Modal::Confirm(_)));
    story.after(1_000).press("y").has_sent(1);
}

#[test]
fn all_who_look_at_a_call_are_named_here_and_in_what_is_asked() {
    let mut story = Story::seated();
    story.selects("Bob");
    let looking = story.desk.call().map(|it| it.id.clone());
    let looks = |name: &str| ConnectedOperator { operator: name.into(), role: Role::Viewer, looking: looking.clone() };
    let elsewhere = ConnectedOperator { operator: "ada".into(), role: Role::Viewer, looking: None };
    story.fed(FeedEvent::Presence(vec![looks("vic"), elsewhere.clone(), looks("lee")]));
    story.shows("lee and vic are looking at this call").press("m").shows("lee and vic are looking at this call");
    story.press("Esc").fed(FeedEvent::Presence(vec![looks("lee"), looks("kim"), looks("vic")]));
    story.shows("kim, lee and vic are looking at this call").fed(FeedEvent::Presence(vec![elsewhere]));
    story.hides("looking at this call");
}

#[test]
fn stage_mode_puts_the_filters_by_and_brings_them_back() {
    let mut story = Story::seated();
    story.press("1 /").types("is:live").press("Enter").shows("/is:live/");
    story.press("P").hides("/is:live/").shows("filters are suspended until P shows true names");
    story.press("P").shows("/is:live/");
}

#[test]
fn what_only_a_sentence_says_is_named_before_it_is_asked() {
    let mut story = Story::seated();
    story.selects("Bob").press(":").types("unmute").press("Enter").has_sent(0);
    story.shows("is no command. mute: Mute the participant. One-way: only they can unmute.");
    assert!(matches!(story.desk.modal(), Modal::Palette(_)), "nothing is asked yet");
    story.press("Enter");
    assert!(matches!(story.desk.modal(), Modal::Confirm(_)), "the name stands there now");
}

#[test]
fn the_request_is_told_with_the_key_that_sends_it() {
    let mut story = Story::seated();
    let keymap = Keymap::with([("mute", vec!["M".to_owned()])]).unwrap();
    story.desk = Desk::new(DeskSetup { seed: 42, keymap, ..DeskSetup::default() });
    let now = story.history.now();
    let greeting = HelloFrame {
        label: "SIMULATOR".into(),
        operator: "dana".into(),
        role: Role::Operator,
        now,
        ..HelloFrame::default()
    };
    let floor = Box::new(story.floor().clone());
    story.fed(FeedEvent::Hello(greeting)).fed(FeedEvent::Snapshot(floor)).fed(FeedEvent::CaughtUp).selects("Bob");
    story.shows("M would POST").hides("m would POST");
}
