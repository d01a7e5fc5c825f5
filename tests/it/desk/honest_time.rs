//! What the desk says of time: since when a line is silent, from when to when a gap was, and that the clock moved.

use callboard::floor::{AlertLevel, Fact, Noted};
use callboard::protocol::FeedEvent;
use callboard::time::{ClockMoveCause, Millis};
use serde_json::json;

use crate::support::desk_driver::Story;

#[test]
fn stale_counts_from_what_was_heard_last() {
    let mut story = Story::seated();
    story.history.later(2_000);
    let now = story.history.now();
    story.fed(FeedEvent::Heartbeat(now));
    story.history.later(5_000);
    let (reason, retry_at) = ("nothing was heard of the relay for 5 s".into(), now);
    story.fed(FeedEvent::Down { reason, retry_at });
    assert_eq!(story.desk.link().frozen_at(), Some(now));
    story.shows("NO LINE for 0:05").shows("the board is as of 14:32:02");
}

#[test]
fn a_gap_says_from_when_to_when_and_goes_once_it_is_read() {
    let mut story = Story::seated();
    story.history.later(200_000).fact(Fact::Noted(Noted::RelayStarted));
    story.catches_up().shows("GAP, 14:32:00 to 14:35:20").press("Down");
    story.shows("GAP, 14:32:00 to 14:35:20");
    story.history.later(3_000).seat();
    story.catches_up().shows("had a gap, 14:32:00 to 14:35:20");
    story
        .press("Down")
        .hides("had a gap")
        .shows("no known gaps")
        .shows("gap: the relay was restarted, from 14:32:00 on");
    // The next gap is another one.
    story.history.later(1_000).fact(Fact::Noted(Noted::RelayStarted));
    story.catches_up().shows("GAP, 14:35:23 to 14:35:24");
}

#[test]
fn a_move_of_the_relays_clock_is_said_and_logged() {
    let mut story = Story::seated();
    story.history.clock_moved(3_600_000, ClockMoveCause::Sleep);
    story.catches_up();
    assert_eq!(
        story.desk.message().map(|it| it.text.as_str()),
        Some("the relay's machine slept for 1:00:00; ages include it")
    );
    story.press("Down").shows("the relay's machine slept for 1:00:00");
    assert!(story.desk.live().calls().next().unwrap().began.span(story.history.now()) >= Millis::minutes(60));
}

#[test]
fn an_acknowledged_wait_stays_so_when_the_clock_is_set_back() {
    let mut story = Story::seated();
    story.bob_held();
    story.history.later(130_000);
    story.catches_up().press("2").selects("Bob").press("a");
    let acknowledged = |story: &Story| {
        let (call, bob) = (story.desk.call().unwrap(), story.desk.person().unwrap());
        story.desk.person_alert(call, bob)
    };
    assert_eq!(acknowledged(&story), (AlertLevel::Critical, true));
    story.history.clock_moved(-600_000, ClockMoveCause::WallTime);
    let now = story.history.now();
    story.catches_up().fed(FeedEvent::Heartbeat(now));
    assert_eq!(acknowledged(&story), (AlertLevel::Critical, true));
}

#[test]
fn an_act_whose_time_cannot_be_right_says_that_it_was_not_sent() {
    let mut story = Story::seated();
    story.selects("Bob");
    for (status, code, words) in [
        (412, "otherStart", "not sent: the relay was started again since its last heartbeat; press again"),
        (400, "pressedAhead", "not sent: the relay's clock stood still, so the time of the key press was wrong"),
    ] {
        story.press("m y").answers_gate(status, &json!({"error": {"code": code, "message": "for scripts"}}));
        story.shows(words).shows("REFUSED").hides("for scripts");
    }
}
