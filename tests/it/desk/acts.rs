//! Tests of acts: an operator's keys, and the desk's reactions.

use callboard::desk::{Effect, Event, GateAnswer, Modal};
use callboard::floor::{Act, GraphReading, Ticket};
use callboard::graph::{CallId, GraphAction, ParticipantId};
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, CALL, ME, person};

const SECOND: &str = "e141b67c-90fd-455d-858b-b48a40b9cc8d";

/// A 1:1 call with Joy beside the group call.
fn with_joy() -> Story {
    let mut story = Story::seated();
    story.history.notified(&json!({
        "changeType": "created", "resourceUrl": format!("/communications/calls/{SECOND}"),
        "resourceData": {
            "state": "established", "direction": "incoming",
            "source": {"identity": {"user": {"displayName": "Joy Park", "id": "u1"}}},
            "targets": [{"identity": {"application": {"displayName": "Callboard", "id": "a1"}}}],
        },
    }));
    story.catches_up();
    story
}

#[test]
fn a_mute_is_confirmed_by_the_roster() {
    let mut story = Story::seated();
    story.selects("Bob").press("m").shows("Mute Bob?").shows("Bob, user 2765eb15, in call 1, Support / Acme");
    story.shows("only Bob can unmute Bob").shows("/mute").has_sent(0);
    story.press("y").has_sent(1).shows("SENDING");
    let action = GraphAction::MuteParticipant(CallId::new(CALL).unwrap(), ParticipantId::new(BOB).unwrap());
    assert_eq!(story.sent[0].action, action);
    story.accepted().shows("Graph accepted it in 0.08 s, no proof yet").hides("CONFIRMED");
    story.roster(&json!({"isMuted": true})).shows("CONFIRMED").hides("no proof yet");
    story.shows("CONFIRMED after 0.28 s, by the call's roster").shows("CONFIRMED   0.28 s");
}

#[test]
fn a_mute_without_proof_is_unconfirmed() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted().after(2_500).hides("UNCONFIRMED");
    story.after(1_000).shows("UNCONFIRMED");
}

#[test]
fn your_hold_is_marked_as_yours_in_every_layout() {
    let mut story = Story::seated();
    story.bob_held();
    for ((columns, rows), says) in [((60, 20), "by you, op 1, at 14:32:01"), ((80, 24), "on hold by you, op 1")] {
        let screen = story.screen(columns, rows);
        assert!(screen.contains(says) && !screen.contains("by dana"), "{screen}");
    }
    // The same hold at another operator's desk.
    let mut story = Story::over(story.history);
    let now = story.history.now();
    story.fed(FeedEvent::Hello(HelloFrame {
        label: "SIMULATOR".into(),
        operator: "lee".into(),
        role: Role::Operator,
        now,
        ..HelloFrame::default()
    }));
    story.selects("Bob");
    for ((columns, rows), says) in [((60, 20), "by dana, op 1, at 14:32:01"), ((80, 24), "on hold by dana, op 1")] {
        let screen = story.screen(columns, rows);
        assert!(screen.contains(says) && !screen.contains("by you"), "{screen}");
    }
}

#[test]
fn a_release_is_confirmed_by_its_notification() {
    let mut story = Story::seated();
    story.bob_held().shows("w Waiting 1").shows("on hold by you, op 1").shows("by you, op 1, at 14:32:0");
    story.press("r").shows("Release Bob from hold?").shows("by you with op 1 at").press("y").accepted();
    story.shows("release asked, op 2").shows("asked by you, op 2; Graph accepted it");
    story
        .notice("stopHoldMusicOperation")
        .shows("s, by Graph's notification")
        .hides("on hold by")
        .shows("BACK after 0.4")
        .after(3_000)
        .shows("nobody waits; the last was Bob, 0:01, at 14:32:03");
}

#[test]
fn a_release_answered_completed_is_confirmed_by_the_answer() {
    let mut story = Story::seated();
    story.bob_held().press("r y").journalled();
    let ticket = story.ticket();
    story
        .answers(&ticket, 202, "stopHoldMusicOperation", "completed")
        .shows("by Graph's final answer")
        .hides("on hold by");
}

#[test]
fn an_inferred_hold_is_released_with_a_warning() {
    let mut story = Story::seated();
    story.selects("Bob").roster(&json!({"mediaStreams": {"direction": "inactive"}}));
    story.shows("on hold? silent line").shows("perhaps, since 14:32:0").press("r");
    story.shows("a hold set on the person's own phone may not end this way").press("y").has_sent(1);
}

#[test]
fn only_one_person_can_be_on_hold() {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").accepted().selects("Ada").press("H");
    story.shows("one at a time: op 1 is putting Bob on hold").notice("startHoldMusicOperation");
    story.press("H").has_sent(1);
    story.shows("one at a time: Bob is on hold in this call").shows("REFUSED");
    story.selects("Bob").press("H").shows("Bob is on hold already").has_sent(1);
    story.selects("Ada").press("r").shows("Ada is not on hold").has_sent(1);
}

#[test]
fn a_refused_mute_in_a_one_to_one_call_has_no_number() {
    let mut story = with_joy();
    story.press("1 G 2").shows("Joy Park").press("m").has_sent(0);
    story.shows("group calls only").shows("REFUSED group cal..").shows("mute Joy Park");
    assert_eq!(story.floor().operations().len(), 0, "numbers are the journal's");
    story.press("s").shows("mute application").has_sent(0);
}

#[test]
fn the_desk_refuses_impossible_acts() {
    let mut story = Story::seated();
    story.selects("Callboard").press("m").shows("this is the application itself").has_sent(0);
    story.selects("Bob").press("m y").accepted().press("m").shows("already asked: op 1 waits for its proof");
    story.roster(&json!({"isMuted": true})).press("m").shows("muted already:").press("Esc");
    story.roster(&json!({"isInLobby": true})).press("m").shows("mute: Bob is in the lobby");
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().selects("Bob").press("m").shows("Bob has left").has_sent(1);
}

#[test]
fn only_y_confirms() {
    let mut story = Story::seated();
    story.selects("Bob");
    for other in ["Enter", "Y", "n", "j", "m", "Space", "Esc", "q", "ctrl-y", "F5"] {
        story.press("m").shows("Mute Bob?").shows("any other key closes this and sends nothing").press(other);
        story.has_sent(0).hides("Mute Bob?").shows("mute: not sent");
        assert_eq!(*story.desk.modal(), Modal::None, "{other} closes it and runs nothing");
    }
    story.press("y").has_sent(0).press("Esc Esc Esc");
    assert!(!story.effects.contains(&Effect::Quit), "Esc never quits");
}

#[test]
fn pastes_are_not_commands() {
    let mut story = Story::seated();
    story.selects("Bob").floods("mymymymy").has_sent(0).shows("ignored as a paste");
    assert_eq!(*story.desk.modal(), Modal::None);
    story.press("m").happens(Event::Pasted("y".into())).has_sent(0).shows("pasted text was ignored");
    story.press("y").has_sent(1);
}

#[test]
fn a_removal_needs_the_typed_word() {
    let mut story = Story::seated();
    story.selects("Bob").press("X y Enter").has_sent(0).shows("type REMOVE or the name as shown");
    story.press("Backspace").types("REMOVE").has_sent(0).press("Enter").has_sent(1);
    assert_eq!(story.sent[0].action.request(&story.sent[0].ticket.context().unwrap()).method.as_str(), "DELETE");
    let mut story = Story::seated();
    story.selects("Bob").press("X").types("Bob").press("Enter").has_sent(1);
}

#[test]
fn the_application_mutes_and_unmutes_itself() {
    let mut story = Story::seated();
    story.press("s").shows("Mute the application in call 1?").press("y").has_sent(1).accepted();
    let me = |muted| json!({"id": ME, "isMuted": muted});
    story
        .history
        .roster(&[crate::support::journal_builder::but(person(ME, "Callboard"), &me(true)), person(ADA, "Ada")]);
    story.catches_up().shows("CONFIRMED").press("s y").has_sent(2);
    assert_eq!(Act::of(&story.sent[1].action), Some(Act::UnmuteSelf));
}

#[test]
fn a_selection_is_an_identity() {
    let mut story = with_joy();
    story.press("1 G").shows("\u{258c}  ?  2  Joy Park, 1:1");
    let joy = story.desk.call().unwrap().id.clone();
    for number in 0..5 {
        story.history.notified(&json!({
            "changeType": "created", "resourceUrl": format!("/communications/calls/00000000-0000-0000-0000-00000000000{number}"),
            "resourceData": {"state": "established", "subject": format!("Call {number}")},
        }));
    }
    story.catches_up();
    assert_eq!(story.desk.call().unwrap().id, joy);
}

#[test]
fn rows_and_target_do_not_change_under_a_confirm() {
    let mut story = with_joy();
    story.press("1 g").selects("Bob").press("m");
    let order = |story: &Story| story.desk.calls().map(|it| it.number).collect::<Vec<_>>();
    let before = order(&story);
    story.history.later(50).notified(&json!({
        "changeType": "created", "resourceUrl": "/communications/calls/00000000-0000-0000-0000-000000000001",
        "resourceData": {"state": "incoming"},
    }));
    story.history.roster(&[
        person(ME, "Callboard"),
        person(BOB, "Bob"),
        person("00000000-0000-0000-0000-0000000000ff", "Zoe"),
    ]);
    story.catches_up();
    assert_eq!(order(&story), before);
    assert_eq!(story.desk.participants().len(), 3, "nobody is added to the rows");
    story.press("y").has_sent(1);
    assert_eq!(story.participant(), ParticipantId::new(BOB).as_ref());
    assert_ne!(order(&story), before);
}

#[test]
fn a_person_who_left_during_the_confirm_is_not_muted() {
    let mut story = Story::seated();
    story.selects("Bob").press("m");
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().press("y").has_sent(0).shows("Bob has left");
}

#[test]
fn a_stale_board_refuses_acts_and_stops_its_ages() {
    let mut story = Story::seated();
    story.selects("Bob").line_breaks("the relay is not there").after(12_000);
    story.shows("NO LINE for 0:12").shows("next try in 0 s").shows("the relay is not there");
    let ages = story.desk.shown_at();
    story.press("m").has_sent(0).shows("the line has been down for 0:12");
    assert_eq!(story.desk.shown_at(), ages);
    story
        .fed(FeedEvent::Connecting)
        .shows("NO LINE")
        .fed(FeedEvent::CaughtUp)
        .hides("NO LINE")
        .press("m y")
        .has_sent(1);
}

#[test]
fn a_viewer_and_a_read_only_desk_cannot_act() {
    let mut story = Story::seated();
    story.selects("Bob").press("W m y").has_sent(0).shows("READ ONLY").shows("read only: W turns acts on");
    story.press("W m y").has_sent(1);
    let now = story.history.now();
    let viewer = HelloFrame {
        label: "SIMULATOR".into(),
        operator: "lee".into(),
        role: Role::Viewer,
        now,
        ..HelloFrame::default()
    };
    story.fed(FeedEvent::Hello(viewer)).fed(FeedEvent::CaughtUp).press("m y").has_sent(1).shows("your role is viewer");
}

#[test]
fn a_refusal_of_the_gate_is_shown_as_a_sentence() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y");
    let body = r#"{"error":{"code":"Forbidden","message":"the journal is full"}}"#.to_owned();
    let ticket = Ticket(story.ticket().into());
    story.happens(Event::Answered(ticket, GateAnswer::Replied { status: 403, body }));
    story.shows("403 Forbidden: the journal is full; the application may not do this").shows("REFUSED");
    story.press("m y").has_sent(2);
    let ticket = Ticket(story.ticket().into());
    story.happens(Event::Answered(ticket, GateAnswer::Lost { sent: true, error: "the line broke".into() }));
    story.shows("NOT KNOWN no answ..").shows("the line broke");
    story.press("m y").has_sent(3);
    let ticket = Ticket(story.ticket().into());
    story.happens(Event::Answered(ticket, GateAnswer::Unanswered));
    story.shows("not answered; if it arrives late it is refused");
    story.press("m y").has_sent(4);
    let ticket = Ticket(story.ticket().into());
    let body = r#"{"error":{"code":"actExpired","message":"EXPIRED: it came too late"}}"#.to_owned();
    story.happens(Event::Answered(ticket, GateAnswer::Replied { status: 412, body }));
    story.shows("EXPIRED: it came too late").hides("412");
}

#[test]
fn a_paused_display_counts_new_entries() {
    let mut story = Story::seated();
    story
        .press("p")
        .roster(&json!({"isMuted": true}))
        .shows("PAUSED for 0:00")
        .shows("1 change since")
        .hides("is muted");
    story.press("p").shows("LIVE").shows("is muted").after(1_000).press("q");
    assert!(story.effects.contains(&Effect::Quit));
}

#[test]
fn quitting_asks_while_an_operation_is_unproved() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted().press("q").shows("has no proof yet").press("n q y");
    assert_eq!(story.effects.iter().filter(|it| **it == Effect::Quit).count(), 1);
    story.press("? ctrl-c").shows("once more").press("ctrl-c");
    assert_eq!(story.effects.iter().filter(|it| **it == Effect::Quit).count(), 2);
}

#[test]
fn the_next_alert_is_found_and_a_call_is_read_again() {
    let mut story = with_joy();
    story.press("1 g").bob_held().press("1 G g").after(61_000).shows(" ! 1 long").press("!");
    assert_eq!(story.desk.person().map(|it| &*it.name), Some("Bob"));
    story.press("ctrl-r");
    let call = CallId::new(CALL).unwrap();
    assert!(story.effects.contains(&Effect::Reread { call: call.clone(), roster: true }));
    assert!(story.effects.contains(&Effect::ReportSelection(Some(call.clone()))));
    story
        .happens(Event::Reread(call, GateAnswer::Replied { status: 200, body: "{}".into() }))
        .shows("was read from Graph");
}

#[test]
fn details_help_and_presence_are_shown() {
    let mut story = Story::seated();
    story.presence("lee").shows("lee looks at this call");
    story.press("1 d").shows("own participant").shows(CALL).press("Esc").hides("own participant");
    story.selects("Bob").press("Enter").shows("participant id").press("Esc m y").accepted();
    story
        .press("3 Enter")
        .shows("journalled")
        .shows("Graph accepted it, no proof yet")
        .press("Esc ?")
        .shows("Mute the participant. One-way");
    story.press("Esc").hides("One-way");
}

#[test]
fn the_message_line_follows_an_act_to_its_outcome() {
    let mut story = Story::seated();
    let line = |story: &Story| story.screen(120, 36).lines().rev().nth(1).unwrap().trim_matches(['"', ' ']).to_owned();
    story.bob_held().press("r y");
    assert_eq!(line(&story), "release hold: sent");
    story.accepted();
    assert_eq!(line(&story), "op 2  release Bob: Graph accepted it in 0.08 s, no proof yet");
    story.press("k").notice("stopHoldMusicOperation");
    assert_eq!(line(&story), "op 2  release Bob: CONFIRMED after 0.78 s, by Graph's notification");
    story.press("j");
    assert_eq!(line(&story), "", "an end that was seen is let go of");
    story.selects("Bob").press("m y").accepted().after(4_000);
    assert_eq!(line(&story), "op 3  mute Bob: UNCONFIRMED, ctrl-r re-reads the call");
    story.roster(&json!({"isMuted": true}));
    assert_eq!(line(&story), "op 3  mute Bob: CONFIRMED after 4.28 s, by the call's roster");
}

#[test]
fn the_end_of_the_selected_call_is_shown_and_the_selection_stays() {
    let mut story = with_joy();
    story.press("1 g").selects("Bob").press("1");
    let call = story.desk.call().unwrap().id.clone();
    story.history.later(100).call_said("deleted", &json!({"state": "terminated"}));
    story.catches_up().shows("call 1 has ended; g goes to the first call");
    assert_eq!(story.desk.call().unwrap().id, call);
    story.press("g").hides("has ended; g goes");
}

#[test]
fn people_who_left_cause_no_advice() {
    let mut story = Story::seated();
    story.selects("Bob").roster(&json!({"isMuted": true})).shows("muted      only Bob can unmute");
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().selects("Bob").hides("only Bob can unmute").shows("X remove: Bob has left");
}

#[test]
fn help_opens_from_details_and_a_final_answer_is_shown_as_proof() {
    let mut story = Story::seated();
    story.bob_held().press("r y").journalled();
    let ticket = story.ticket();
    story.answers(&ticket, 202, "stopHoldMusicOperation", "completed");
    story.press("3 Enter").shows("confirmed by Graph's final answer: nothing more is sent");
    story.press("?").shows("Keys in Operations").press("Esc 3 j Enter").shows("confirmed by the call itself");
}

#[test]
fn a_dropped_call_clears_the_selection() {
    let mut story = Story::seated();
    story.history.observed(GraphReading::Gone);
    story.catches_up().selects("Bob").press("m").shows("the call has ended").has_sent(0);
    story.fed(FeedEvent::Snapshot(Box::default()));
    assert!(story.desk.call().is_none() && story.desk.selected_participant().is_none());
    story.press("m Enter j k G ! r").has_sent(0).shows("no call is selected");
}
