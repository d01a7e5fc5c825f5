//! Tests of the paste guard, the presence of other operators, the palette's search, and remapped keys.

use callboard::desk::{Desk, DeskSetup, Keymap, Modal};
use callboard::protocol::{ConnectedOperator, FeedEvent, HelloFrame, Role};

use crate::support::desk_driver::Story;

#[test]
fn a_burst_of_keys_sends_nothing() {
    for burst in ["rrrry", "HHHHy", "ssssy", "mmmmmmmmmmy", "mymy", "rjkly"] {
        let mut story = Story::seated();
        story.selects("Bob").floods(burst).shows("they were ignored as a paste").after(1_000).has_sent(0);
        assert_eq!(*story.desk.modal(), Modal::None, "{burst}");
    }
    // A repeating key is not a paste.
    let mut story = Story::seated();
    story.selects("Bob").floods("mmmmmm").has_sent(0);
    assert_eq!(*story.desk.modal(), Modal::None, "it opens the confirm and closes it again");
    story.press("m y").has_sent(1);
}

#[test]
fn everyone_who_views_a_call_is_shown_and_named_in_the_confirm() {
    let mut story = Story::seated();
    story.selects("Bob");
    let looking = story.desk.call().map(|it| it.id.clone());
    let looks = |name: &str| ConnectedOperator { operator: name.into(), role: Role::Viewer, looking: looking.clone() };
    let elsewhere = ConnectedOperator { operator: "ada".into(), role: Role::Viewer, looking: None };
    story.fed(FeedEvent::Presence(vec![looks("vic"), elsewhere.clone(), looks("lee")]));
    story.shows("lee and vic look at this call").press("m").shows("lee and vic look at this call");
    story.press("Esc").fed(FeedEvent::Presence(vec![looks("lee"), looks("kim"), looks("vic")]));
    story.shows("kim, lee and vic look at this call").fed(FeedEvent::Presence(vec![elsewhere]));
    story.hides("looking at this call");
}

#[test]
fn privacy_mode_suspends_and_restores_filters() {
    let mut story = Story::seated();
    story.press("1 /").types("is:live").press("Enter").shows("/is:live/");
    story.press("P").hides("/is:live/").shows("filters are suspended until P shows true names");
    story.after(1_000).press("P").shows("/is:live/");
}

#[test]
fn warnings_are_named_before_the_confirm() {
    let mut story = Story::seated();
    story.selects("Bob").press(":").types("unmute").press("Enter").has_sent(0);
    story.shows("is no command. mute: Mute the participant. One-way: only they can unmute.");
    assert!(matches!(story.desk.modal(), Modal::Palette(_)), "nothing is asked yet");
    story.press("Enter");
    assert!(matches!(story.desk.modal(), Modal::Confirm(_)), "the name stands there now");
}

#[test]
fn a_confirm_shows_the_request_and_the_key_that_sends_it() {
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
    story.shows("M mute     one way: only Bob can unmute").hides("m mute");
    story.press("M").shows("sends      POST /communications/calls/").shows(" y   mute Bob");
}
