//! Tests of forced acts, which a stale board would refuse: requested in the palette, confirmed and journalled.

use callboard::desk::{Event, GateAnswer, Modal};
use callboard::floor::{HoldSource, OperationStatus, Outcome, Ticket};
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use callboard::sim::SimSettings;
use serde_json::json;

use crate::support::desk_driver::{Story, key};
use crate::support::harness::{Line, call, person as somebody, reopening_day, seated};
use crate::support::journal_builder::BOB;

fn forces(story: &mut Story, act: &str) {
    story.press(":").types(&format!("force {act}")).press("Enter");
}

fn stale() -> Story {
    let mut story = Story::seated();
    story.selects("Bob").line_breaks("the relay is not there").after(12_000);
    story
}

#[test]
fn a_stale_board_refuses_and_force_asks_with_the_age_the_request_and_a_warning() {
    let mut story = stale();
    story.press("m").shows(":force asks anyway").press("y").has_sent(0);
    forces(&mut story, "mute");
    story.shows("FORCED: the line has been down for 0:1").shows("may be wrong").shows("POST /communications/calls/");
    story.shows("only Bob can unmute Bob").press("n").has_sent(0).shows("mute: not sent");
    forces(&mut story, "mute");
    story.press("y").has_sent(1);
    assert_eq!(story.participant().unwrap().to_string(), BOB);
    // The gate's answer comes although the line is down; the journal's entry and the proof come with the line.
    let ticket = Ticket(story.ticket().into());
    story
        .happens(Event::Answered(ticket, GateAnswer::Replied { status: 200, body: "{}".into() }))
        .press("m y")
        .has_sent(1);
    forces(&mut story, "mute");
    story.shows("already asked: it is being sent").has_sent(1).fed(FeedEvent::CaughtUp).accepted();
    story.roster(&json!({"isMuted": true})).shows("CONFIRMED");
}

#[test]
fn an_unknown_hold_is_released_only_by_force() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").journalled();
    let ticket = Ticket(story.ticket().into());
    story.history.outcome(&ticket.0, Outcome::Lost { sent: true, error: "the line broke".into() });
    story.catches_up().after(12_000);
    let bob = story.desk.person().unwrap();
    assert_eq!(bob.hold.as_ref().map(|it| &it.source), Some(&HoldSource::Unknown));
    story.press("r").has_sent(1).shows(":force release asks anyway");
    forces(&mut story, "release");
    story.shows("FORCED: it is unknown whether Bob is on hold").shows("/stopHoldMusic").press("y").has_sent(2);
    story.accepted().notice("stopHoldMusicOperation");
    let last = story.floor().operations().next_back().unwrap();
    assert_eq!(last.standing(story.desk.now()), OperationStatus::Confirmed);
}

#[test]
fn force_overrides_no_other_rule() {
    let mut story = stale();
    forces(&mut story, "release");
    story.shows("Bob is not on hold").has_sent(0);
    forces(&mut story, "pause");
    story.shows("force takes one of mute, release, hold, remove, mute-self, hang-up").press("Esc :");
    story.types("force").press("Enter").shows("force takes one of").press("Esc Space");
    forces(&mut story, "mute");
    story.shows("force acts on one person, and some are marked").press("Esc \\ W");
    forces(&mut story, "mute");
    story.shows("read only: W turns acts on").has_sent(0).press("W").fed(FeedEvent::Refused("unknown token".into()));
    forces(&mut story, "mute");
    story.shows("the relay refuses this desk").has_sent(0);
    let now = story.history.now();
    let viewer = HelloFrame {
        label: "SIMULATOR".into(),
        operator: "lee".into(),
        role: Role::Viewer,
        now,
        ..HelloFrame::default()
    };
    story.fed(FeedEvent::Hello(viewer)).line_breaks("gone");
    forces(&mut story, "mute");
    story.shows("your role is viewer").has_sent(0);
}

#[test]
fn irreversible_forced_acts_are_typed_and_unneeded_force_is_ignored() {
    let mut story = stale();
    forces(&mut story, "remove");
    story.shows("FORCED").press("y Enter").has_sent(0).types("REMOVE").press("Enter").has_sent(0);
    story.press("Esc");
    forces(&mut story, "remove");
    story.types("REMOVE").press("Enter").has_sent(1);
    let mut story = Story::seated();
    story.selects("Bob");
    forces(&mut story, "mute");
    story.hides("FORCED").shows("Mute Bob?");
    // The connection breaks while the confirm is open, so its warning was not shown yet.
    story.line_breaks("gone").press("y").has_sent(0).shows("the line has been down for");
}

#[test]
fn a_forced_confirm_stays_forced_after_a_reconnect() {
    let mut story = stale();
    forces(&mut story, "hold");
    story.fed(FeedEvent::CaughtUp);
    assert!(matches!(story.desk.modal(), Modal::Confirm(_)));
    story.press("y").has_sent(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_act_without_a_feed_is_proved_after_the_reconnect() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut lee = seated(&stage, "lee").await;
    let line = Line::to(&stage.relay_access("dana").unwrap().url).await;
    let mut dana = line.desk(&stage, "dana");
    dana.until(|desk| desk.link().is_live()).await;
    let there = call(dana.desk(), "Support / Northwind");
    let (call, who) = (there.id.clone(), somebody(there, "Hana Sato").id.clone());
    dana.select(call.clone(), Some(callboard::desk::ParticipantRef::Person(who.clone())));
    line.cut_feed();
    dana.until(|desk| !desk.link().is_live()).await;
    for name in [":"].into_iter().chain("force mute".split("").filter(|it| !it.is_empty())).chain(["Enter"]) {
        dana.press(key(if name == " " { "Space" } else { name }));
    }
    let Modal::Confirm(confirm) = dana.desk().modal() else { panic!("{:?}", dana.desk().message()) };
    assert_eq!((confirm.forced().len(), confirm.bound().action().participant()), (1, Some(&who)));
    let ticket = confirm.bound().ticket().clone();
    dana.press(key("y"));
    // Dana's own board is stale; lee's shows what dana did, and by whom.
    let muted = |desk: &callboard::desk::Desk| {
        let operation = desk.live().operation_by_ticket(&ticket);
        operation.is_some_and(|it| &*it.by == "dana" && it.standing(desk.now()) == OperationStatus::Confirmed)
    };
    tokio::select! {
        () = lee.until(muted) => {}
        () = dana.until(|_| false) => {}
    }
    assert!(!dana.desk().link().is_live());
    line.mend();
    dana.until(muted).await;
    stage.shut_down().await;
}
