//! Tests of marks and bulk acts: one confirm that names everyone, a few requests at a time, and a stop.

use callboard::desk::{Event, GateAnswer, LedgerRow, Modal};
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, ME, but, person};

fn guest(at: usize) -> String {
    format!("4444000{at}-0000-0000-0000-00000000000{at}")
}

/// A call with Ada, Bob, six guests, of whom the third waits in the lobby, and the application.
pub(crate) fn crowd() -> Story {
    let mut story = Story::seated();
    roster(&mut story, &[]);
    story.press("2 g");
    story
}

/// A roster in which these of the guests are muted.
pub(crate) fn roster(story: &mut Story, muted: &[usize]) {
    let mut people = vec![person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob")];
    for at in 1..=6 {
        let so = json!({"isMuted": muted.contains(&at), "isInLobby": at == 3});
        people.push(but(person(&guest(at), &format!("Guest {at}")), &so));
    }
    story.history.later(100).roster(&people);
    story.catches_up();
}

/// The gate journals the n-th act that was sent, and Graph answers it.
pub(crate) fn answered(story: &mut Story, at: usize, status: u16) {
    let send = story.sent[at].clone();
    story.journals(at);
    let body = json!({
        "@odata.type": "#microsoft.graph.muteParticipantOperation", "id": format!("op-{at}"), "status": "completed",
        "clientContext": &*send.ticket.0,
    });
    let refusal = json!({"error": {"code": "Forbidden", "message": "no"}});
    let body = if status < 300 { body } else { refusal };
    story.history.later(20).replied(&send.ticket.0, status, &body);
    story.catches_up();
    story.happens(Event::Answered(send.ticket, GateAnswer::Replied { status, body: body.to_string() }));
}

fn named(story: &Story) -> (Vec<String>, Vec<String>) {
    let Modal::Confirm(confirm) = story.desk.modal() else { panic!("{:?}", story.desk.message()) };
    let many = confirm.many().unwrap();
    let names = many.items().iter().map(|it| it.name().split(" (").next().unwrap().to_owned()).collect();
    (names, many.left_out().iter().map(|(name, why)| format!("{}: {why}", name.split(" (").next().unwrap())).collect())
}

fn marks(story: &Story) -> Vec<String> {
    let call = story.desk.call().unwrap();
    let marked = call.people.iter().filter(|it| story.desk.is_marked(&call.id, &it.id));
    let mut names: Vec<String> = marked.map(|it| it.name.to_string()).collect();
    names.sort();
    names
}

#[test]
fn marks_belong_to_people_and_not_to_rows() {
    let mut story = crowd();
    story.selects("Ada").press("Space").selects("Guest 2").press("Space");
    assert_eq!(marks(&story), ["Ada", "Guest 2"]);
    story.shows("2 marked").shows("the 2 marked   m mute").press("O");
    assert_eq!(marks(&story), ["Ada", "Guest 2"], "another order of the rows marks nobody else");
    story.press("O").selects("Ada").press("Space");
    assert_eq!(marks(&story), ["Guest 2"]);
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob")]);
    story.catches_up();
    assert_eq!(story.desk.marked(), 0, "a mark goes with the person");
    story.press("1 Space").shows("mark works in the People pane");
}

#[test]
fn a_range_extends_from_the_last_mark() {
    let mut story = crowd();
    story.press("v").shows("v marks from the last mark in this list to the selected row");
    assert_eq!(story.desk.marked(), 0);
    story.selects("Guest 4").press("Space").selects("Guest 1").press("v");
    assert_eq!(marks(&story), ["Guest 1", "Guest 2", "Guest 4"], "Guest 3 waits, and so stands above");
    story.press("\\").shows("3 marks cleared");
    assert_eq!(story.desk.marked(), 0);
}

#[test]
fn mark_filtered_marks_the_people_that_match() {
    let mut story = crowd();
    story.press("2 /").types("guest").press("Enter :").types("mark-filtered").press("Enter");
    assert_eq!(marks(&story), ["Guest 1", "Guest 2", "Guest 4", "Guest 5", "Guest 6"]);
    story.shows("left out, because no act on them is possible: Guest 3");
}

#[test]
fn one_confirm_names_everyone_and_four_acts_run_at_a_time() {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m");
    let (names, left_out) = named(&story);
    assert_eq!(names, ["Ada", "Bob", "Guest 1", "Guest 2", "Guest 4", "Guest 5", "Guest 6"]);
    assert!(left_out.is_empty(), "who waits in the lobby and the application were not marked: {left_out:?}");
    story.press("Esc m").has_sent(0).press("y").has_sent(4).shows("mute, 7 people: 4 sent, 3 to go; Esc stops");
    assert_eq!(story.desk.marked(), 0);
    answered(&mut story, 0, 200);
    story.has_sent(5).shows("1 accepted");
    answered(&mut story, 1, 403);
    story.has_sent(6);
    for at in 2..7 {
        answered(&mut story, at, 200);
    }
    story.has_sent(7);
    roster(&mut story, &[1, 2]);
    story.shows("2 CONFIRMED").shows("1 REFUSED");
    assert_eq!(story.desk.ledger().count(), 1, "one row");
    story.press("3 g Enter");
    assert_eq!(story.desk.ledger().count(), 8, "opened: one row a person");
    story.press("Enter");
    assert_eq!(story.desk.ledger().count(), 1);
}

#[test]
fn escape_stops_unsent_acts_and_only_failed_ones_can_be_retried() {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m y").has_sent(4).press("Esc");
    story.shows("stopped; 4 were sent, 3 were not and are marked again");
    answered(&mut story, 0, 403);
    for at in 1..4 {
        answered(&mut story, at, 200);
    }
    story.has_sent(4).press("Esc").has_sent(4);
    assert_eq!(story.desk.marked(), 3);
    roster(&mut story, &[1, 2]);
    story.after(4_000).press("\\ 3 g R");
    let (names, _) = named(&story);
    assert_eq!(names, ["Ada", "Bob"], "Ada was refused, Bob has no proof; the guests are proved");
    story.press("Esc").has_sent(4);
}

#[test]
fn a_successful_retry_is_not_offered_again() {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m y").has_sent(4).press("Esc");
    for (at, status) in [(0, 403), (1, 403), (2, 200), (3, 200)] {
        answered(&mut story, at, status);
    }
    roster(&mut story, &[1, 2]);
    story.press("\\ 3 g R");
    assert_eq!(named(&story).0, ["Ada", "Bob"]);
    story.press("Esc").selects("Ada").press("m y").has_sent(5);
    answered(&mut story, 4, 200);
    let says = |story: &mut Story, bob: bool| {
        let muted = json!({"isMuted": true});
        let bob = but(person(BOB, "Bob"), &json!({"isMuted": bob}));
        story.history.roster(&[person(ME, "Callboard"), but(person(ADA, "Ada"), &muted), bob]);
        story.catches_up();
    };
    says(&mut story, false);
    story.press("3 G R").has_sent(5).shows("Mute Bob?");
    story.press("Esc").selects("Bob").press("m y").has_sent(6);
    answered(&mut story, 5, 403);
    story.press("3 G R").shows("Mute Bob?").press("Esc").selects("Bob").press("m y").has_sent(7);
    answered(&mut story, 6, 200);
    says(&mut story, true);
    story.press("3 G R").shows("everyone for whom this failed was retried already").has_sent(7);
}

#[test]
fn failed_acts_can_be_retried_from_their_details() {
    let mut story = crowd();
    story.selects("Ada").press("m y");
    answered(&mut story, 0, 403);
    story.press("3 g Enter").shows("Operation 1").press("R").shows("Mute Ada?").press("y").has_sent(2);
    answered(&mut story, 1, 200);
    story.press("3 g Enter").shows("Operation 2").press("x").hides("Operation 2").has_sent(2);
}

#[test]
fn a_person_who_leaves_during_a_bulk_act_is_skipped() {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m y").has_sent(4);
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob")]);
    story.catches_up();
    answered(&mut story, 0, 200);
    story.has_sent(4).press("3 g Enter").shows("mute Guest 4             REFUSED Guest 4 h..").press("j j j j j Enter");
    story.shows("Guest 4 has left");
}

#[test]
fn a_bulk_confirm_shows_the_warnings_of_each_person() {
    let mut story = crowd();
    roster(&mut story, &[2, 4]);
    story.press("2 g :").types("mark-filtered").press("Enter m");
    story.shows("already muted, so there will be no new proof: Guest 2, Guest 4");
    let small = story.screen(80, 24);
    assert!(small.contains("already muted, so there will be no new proof: Guest 2, Guest 4"), "{small}");
    story.press("Esc \\");
    let mut story = Story::seated();
    let away = json!({"mediaStreams": {"direction": "inactive"}});
    let people = [person(ME, "Callboard"), but(person(ADA, "Ada"), &away), but(person(BOB, "Bob"), &away)];
    story.history.later(100).roster(&people);
    story.catches_up().selects("Ada").press("Space").selects("Bob").press("Space r");
    for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
        let screen = story.screen(columns, rows);
        assert!(screen.contains("each POST, one by one") && screen.contains("Bob (id 2765eb15)"), "{screen}");
    }
    story.shows("only inferred: a hold set on their own phone may not end this way: Ada, Bob").has_sent(0);
}

#[test]
fn hold_is_not_a_bulk_act_and_bulk_removal_is_typed() {
    let mut story = crowd();
    story.selects("Ada").press("Space").selects("Bob").press("Space H");
    story.shows("one at a time, and several are marked").has_sent(0);
    story.press("X y Enter").has_sent(0).shows("type REMOVE, then Enter").press("Esc X").types("REMOVE");
    story.press("Enter").has_sent(2);
    assert_eq!(story.desk.marked(), 0);
    story
        .selects("Guest 1")
        .press("Space")
        .selects("Guest 2")
        .press("H")
        .shows("Put Guest 1 on hold?")
        .press("y")
        .has_sent(3);
    assert_eq!(story.desk.marked(), 0, "one that is marked is like one that is selected");
}

#[test]
fn a_lost_connection_ends_unsent_acts() {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m y").has_sent(4);
    story.line_breaks("gone");
    let ticket = story.sent[0].ticket.clone();
    story.happens(Event::Answered(ticket, GateAnswer::Replied { status: 200, body: Value::Null.to_string() }));
    story.has_sent(4).shows("stopped: the line was lost; 3 of 7 not sent");
    assert_eq!(tally(&story), "4 sent, 3 not sent: the line was lost");
    assert!(matches!(story.desk.ledger().next(), Some(LedgerRow::Bulk(_))));
}

/// The counts in the row of the first bulk act.
fn tally(story: &Story) -> String {
    story.desk.tally(story.desk.bulk_act(1).unwrap())
}

/// A bulk act on seven people, of whom four are sent.
fn under_way() -> Story {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m y").has_sent(4);
    story
}

/// The gate gives the n-th act this answer, and the journal knows nothing of it.
fn answered_by(story: &mut Story, at: usize, answer: GateAnswer) {
    let ticket = story.sent[at].ticket.clone();
    story.happens(Event::Answered(ticket, answer));
}

#[test]
fn a_bulk_act_goes_on_as_long_as_it_makes_progress_and_ends_when_it_stands_still() {
    let mut story = under_way();
    for at in 0..2 {
        story.after(4_500);
        answered(&mut story, at, 200);
    }
    story.has_sent(6).after(4_500).shows("1 to go; Esc stops the rest").after(600);
    story.shows("mute, 7 people: stopped: no answer for 5 s; 1 of 7 not sent; R asks again");
    for at in 2..6 {
        answered(&mut story, at, 200);
    }
    roster(&mut story, &[1, 2, 4, 5]);
    assert!(tally(&story).ends_with(", 1 not sent: no answer for 5 s"), "{}", tally(&story));
    story.has_sent(6).press("3 g R");
    assert_eq!(named(&story).0, ["Ada", "Bob", "Guest 6"], "Ada and Bob have no proof, Guest 6 was not sent");
    story.press("y").has_sent(9);
}

#[test]
fn the_answer_that_ends_a_standstill_sends_nobody_at_any_speed() {
    for speed in [1, 60] {
        // Between these events the console or its machine is stopped, so that nothing ticks.
        let mut story = under_way();
        story.clocks_pass(4_900, 4_900 * speed);
        answered(&mut story, 0, 200);
        story.has_sent(5).clocks_pass(20_000, 20_000 * speed);
        answered(&mut story, 1, 200);
        story.has_sent(5).shows("stopped: no answer for 5 s; 2 of 7 not sent");
    }
    let mut story = under_way();
    // Wall time is set back, and the standstill counts from then.
    story.clocks_pass(-3_600_000, 0).after(1_000).after(4_900).shows("3 to go").after(200).shows("3 of 7 not sent");
}

#[test]
fn a_member_that_came_too_late_or_got_no_answer_ends_a_bulk_act() {
    let refused = |status: u16, code: &str| GateAnswer::Replied {
        status,
        body: json!({"error": {"code": code, "message": "EXPIRED: it came too late"}}).to_string(),
    };
    for (answer, cause) in [
        (refused(412, "actExpired"), "one came too late"),
        (refused(412, "otherStart"), "one came too late"),
        (refused(400, "pressedAhead"), "one came too late"),
        (GateAnswer::Unanswered, "one got no answer"),
        (GateAnswer::Lost { sent: false, error: "no route".into() }, "one got no answer"),
    ] {
        let mut story = under_way();
        answered_by(&mut story, 1, answer);
        story.has_sent(4).shows(&format!("mute, 7 people: stopped: {cause}; 3 of 7 not sent; R asks again"));
    }
    let mut story = under_way();
    answered_by(&mut story, 0, refused(403, "Forbidden"));
    story.has_sent(5);
    story.fed(FeedEvent::TimeLeapt).shows("stopped: a clock stood still; 2 of 7 not sent").after(20_000).has_sent(5);
}

#[test]
fn a_bulk_act_stands_still_after_the_time_in_which_the_relay_lets_acts_expire() {
    let mut story = crowd();
    let now = story.history.now();
    let act_expires_seconds = Some(2);
    let (operator, role) = ("dana".to_owned(), Role::Operator);
    story.fed(FeedEvent::Hello(HelloFrame { operator, role, now, act_expires_seconds, ..HelloFrame::default() }));
    story.fed(FeedEvent::CaughtUp).press(":").types("mark-filtered").press("Enter m y").has_sent(4);
    story.after(1_900).shows("3 to go").after(200).shows("stopped: no answer for 2 s; 3 of 7 not sent");
}

#[test]
fn a_bulk_confirm_scrolls() {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m Down Down Down j");
    assert_snapshot!("bulk_scrolled_60x20", story.screen(60, 20));
}

#[test]
fn a_bulk_act_stays_one_row_whatever_happens_to_the_display() {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m y").has_sent(4);
    for at in 0..7 {
        answered(&mut story, at, if at == 1 { 403 } else { 200 });
    }
    story.after(1_000);
    let rows = |story: &Story, when: &str| {
        let rows: Vec<_> = story.desk.ledger().collect();
        assert!(matches!(rows.as_slice(), [LedgerRow::Bulk(_)]), "{when}: {rows:?}");
    };
    rows(&story, "at first");
    story.happens(Event::Resized(80, 24)).happens(Event::Resized(150, 40));
    rows(&story, "after a resize");
    story.press("p").after(2_000);
    rows(&story, "while paused");
    story.press("p").after(2_000);
    rows(&story, "after the pause");
    story.press("P").after(2_000);
    rows(&story, "in privacy mode");
    story.press("3 g Enter").shows("mute User ").hides("Guest 2");
    let LedgerRow::Bulk(bulk) = story.desk.ledger().next().unwrap() else { panic!("no bulk act") };
    assert!(bulk.members.iter().all(|it| it.name.starts_with("User ")), "{:?}", bulk.members);
    story.press("Enter p").after(2_000).press("P").after(2_000);
    rows(&story, "after privacy mode, which ended while the board was paused");
    story.press("p 3 g Enter").shows("mute Bob").press("Enter");
    story.after(2_000).press("P").after(2_000).press("3 g R y").has_sent(11);
    let asked = story.sent[7..].iter().filter_map(|it| it.action.participant().map(ToString::to_string));
    assert!(asked.clone().any(|it| it == BOB), "acts reach the real people: {:?}", asked.collect::<Vec<_>>());
    let floor = Box::new(story.floor().clone());
    story.line_breaks("gone").fed(FeedEvent::Snapshot(floor));
    let rows = story.desk.ledger().filter(|it| matches!(it, LedgerRow::Operation(_))).count();
    assert_eq!(rows, 0, "after the whole board came again");
}
