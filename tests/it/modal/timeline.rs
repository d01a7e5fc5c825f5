//! Tests of a call's timeline: the lanes of the fold, their laws, and their display.

use callboard::desk::{Modal, Pane, TimeRange, TimelineMark};
use callboard::floor::{
    Act, Floor, FloorSnapshot, HoldKind, LaneState, MINUTES, MOST_LANE_CHANGES, MicState, Person, SNAPSHOT_VERSION,
};
use callboard::graph::{CallId, ParticipantId};
use callboard::time::{Millis, Timestamp};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::board::screens::busy;
use crate::floor::laws::{step, told};
use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person};

const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (120, 36), (200, 60)];

fn somebody<'a>(floor: &'a Floor, id: &str) -> &'a Person {
    let call = floor.call(&CallId::new(CALL).unwrap()).unwrap();
    call.people.get(&ParticipantId::new(id).unwrap()).unwrap()
}

/// Returns a person's states with the seconds since the first one.
fn turns(floor: &Floor, id: &str) -> Vec<(i64, MicState, Option<HoldKind>, u32)> {
    let turns = somebody(floor, id).lane_history().changes;
    let begin = turns.first().map_or(Timestamp(0), |it| it.at);
    let number = |lane: LaneState| lane.operation().map_or(0, |it| it.0);
    turns.iter().map(|it| (it.at.since(begin).0 / 1_000, it.state.mic, it.state.hold, number(it.state))).collect()
}

pub(crate) fn roster(history: &mut History, bob: &Value) {
    history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), bob)]);
}

/// Ada and Bob are seated; Bob is muted by dana, held by her, released, and leaves.
pub(crate) fn eventful() -> Story {
    let mut story = Story::seated();
    story.after(10_000).selects("Bob").press("m y").accepted().roster(&json!({"isMuted": true}));
    story.after(20_000).selects("Bob").press("H y").accepted().notice("startHoldMusicOperation");
    story.after(40_000).selects("Bob").press("r y").accepted().notice("stopHoldMusicOperation");
    story.after(15_000).history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().after(9_000);
    story
}

#[test]
fn a_lane_shows_the_states_of_a_person_and_their_causes() {
    let story = eventful();
    let seen: Vec<_> = turns(story.floor(), BOB).into_iter().map(|(_, mic, hold, by)| (mic, hold, by)).collect();
    assert_eq!(
        seen,
        [
            (MicState::Live, None, 0),
            (MicState::MutedServer, None, 1),
            (MicState::MutedServer, Some(HoldKind::Ours), 2),
            (MicState::MutedServer, None, 1),
            (MicState::Left, None, 0),
        ]
    );
    assert!(!somebody(story.floor(), BOB).lane_history().is_complete, "he was there before anyone looked");
    assert_eq!(turns(story.floor(), ADA), [(0, MicState::Live, None, 0)]);
}

#[test]
fn lobby_inferred_holds_and_rejoins_are_lane_changes() {
    let mut history = History::seated();
    roster(&mut history, &json!({}));
    let id = "33333333-0000-0000-0000-000000000009";
    let with = |history: &mut History, other: Option<Value>| {
        let all = [Some(person(ME, "Callboard")), Some(person(ADA, "Ada")), Some(person(BOB, "Bob")), other];
        history.later(10_000).roster(&all.into_iter().flatten().collect::<Vec<_>>());
    };
    let eve = person(id, "Eve");
    with(&mut history, Some(but(eve.clone(), &json!({"isInLobby": true}))));
    with(&mut history, Some(but(eve.clone(), &json!({"isInLobby": false}))));
    with(&mut history, Some(but(eve.clone(), &json!({"mediaStreams": {"direction": "inactive"}}))));
    with(&mut history, None);
    with(&mut history, Some(eve));
    let told = turns(&history.floor, id);
    assert_eq!(
        told,
        [
            (0, MicState::Lobby, None, 0),
            (10, MicState::Live, None, 0),
            (20, MicState::Live, Some(HoldKind::Inferred), 0),
            (30, MicState::Left, None, 0),
            (40, MicState::Live, None, 0),
        ]
    );
    assert!(somebody(&history.floor, id).lane_history().is_complete);
}

#[test]
fn lanes_and_the_hour_are_bounded() {
    let mut history = History::seated();
    for round in 0..3_000_i64 {
        history.later(7_000);
        roster(&mut history, &json!({"isMuted": round % 2 == 0}));
    }
    let told = somebody(&history.floor, BOB).lane_history();
    assert_eq!((told.changes.len(), told.is_complete), (MOST_LANE_CHANGES, false));
    let hour = history.floor.hour(history.now());
    assert_eq!(hour.iter().flatten().count(), MINUTES);
    let size = history.floor.snapshot().bytes();
    assert!(size < 200_000, "{size} bytes for one call");
}

#[test]
fn a_snapshot_without_lanes_is_readable_and_nothing_is_invented() {
    let mut history = History::seated();
    history.later(60_000).asked("t1", Act::Hold, Some(BOB));
    roster(&mut history, &json!({"isMuted": true}));
    let mut text: Value = serde_json::to_value(&history.floor).unwrap();
    text.as_object_mut().unwrap().remove("hour").unwrap();
    for call in text["calls"].as_object_mut().unwrap().values_mut() {
        for person in call["people"].as_object_mut().unwrap().values_mut() {
            person.as_object_mut().unwrap().remove("lane").unwrap();
        }
    }
    let now = history.floor.snapshot();
    assert_eq!(now.version, SNAPSHOT_VERSION);
    let old = FloorSnapshot { version: 1, pieces: vec![text.to_string()], ..now };
    let mut floor = old.floor().unwrap();
    assert!(somebody(&floor, BOB).lane_history().changes.is_empty(), "what he was is not known");
    assert!(floor.hour(history.now()).iter().all(Option::is_none));
    let before = history.entries.len();
    roster(history.later(60_000), &json!({"isMuted": false}));
    for entry in &history.entries[before..] {
        floor.apply(entry);
    }
    let told = somebody(&floor, BOB).lane_history();
    assert_eq!(
        told.changes.iter().map(|it| (it.at, it.state.mic)).collect::<Vec<_>>(),
        [(history.now(), MicState::Live)]
    );
    assert!(!told.is_complete);
    assert_eq!(floor.hour(history.now()).iter().flatten().count(), 1);
}

#[test]
fn a_hold_begins_with_its_proof_even_before_graphs_answer() {
    let mut story = Story::seated();
    story.after(10_000).selects("Bob").press("H y").journalled().notice("startHoldMusicOperation");
    let proved = story.history.now();
    let ticket = story.ticket();
    story.after(7_000).answers(&ticket, 202, "startHoldMusicOperation", "running");
    let turns = somebody(story.floor(), BOB).lane_history().changes;
    let held = turns.iter().find(|it| it.state.hold.is_some()).unwrap();
    assert_eq!(held.at, proved, "not when the answer came, {} later", story.history.now().since(proved));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_change_is_the_current_state(steps in prop::collection::vec(step(), 0..80)) {
        let history = told(&steps);
        for person in history.floor.calls().flat_map(|it| it.people.iter()) {
            let turns = person.lane_history().changes;
            let last = turns.last().map(|it| it.state);
            prop_assert_eq!(last.map(|it| it.mic), Some(person.mic()));
            if person.left.is_none() {
                prop_assert_eq!(last.is_some_and(|it| it.hold.is_some()), person.hold.is_some());
            }
            prop_assert!(turns.len() <= MOST_LANE_CHANGES + 1);
            for pair in turns.windows(2) {
                prop_assert!(pair[0].at <= pair[1].at && pair[0].state != pair[1].state, "{:?}", turns);
            }
        }
    }
}

#[test]
fn one_lane_shows_mute_hold_release_and_leave() {
    let mut story = eventful();
    story.selects("Bob").press("S").shows("Story of call 1, whole call: Support / Acme").shows("nobody is on hold");
    let screen = story.screen(120, 36);
    let lane = screen.lines().find(|it| it.contains('\u{258c}') && it.contains("Bob") && it.contains("m1")).unwrap();
    for sign in ["m1═", "H2▃", "▃r3═", " left ", "since 14:33:30"] {
        assert!(lane.contains(sign), "{sign} is not on the lane: {lane}");
    }
    assert!(screen.contains("14:33:30 Bob left"), "{screen}");
    // From the newest moment back: what was asked, in words, and how it was proved.
    story.press("h").shows("Bob is back from hold, MUTED by the service (op 1 dana); for 0:15, until 14:33:30");
    story.press("h").shows("op 3 dana release hold Bob: CONFIRMED 480 ms by notice");
    story.press("h").shows("Bob is ON HOLD (op 2 dana), MUTED by the service; for 0:4");
    story.press("h h").shows("Bob is MUTED by the service (op 1 dana); for 0:2");
    story.press("h h h h").shows("14:32:00 Bob was here when first seen, live; for 0:1");
    story.press("l").shows("op 1 dana mute Bob: CONFIRMED 280 ms by roster");
    story.press("Enter").shows("proof until");
    assert!(matches!(story.desk.modal(), Modal::Details(_)));
    story.press("Esc");
    assert_eq!(*story.desk.modal(), Modal::None);
}

#[test]
fn the_first_line_shows_the_hold_and_its_start() {
    let mut story = busy();
    story.press("1 g S").shows("ON HOLD: Bob 1:2").shows("since 14:33:42 (op 1 dana)");
    let held = |screen: &str| screen.lines().any(|it| it.contains("Bob") && it.contains(" ! 1:2") && it.contains('▅'));
    for (columns, rows) in SIZES {
        let screen = story.screen(columns, rows);
        assert!(screen.contains("ON HOLD: Bob 1:2") && held(&screen), "{screen}");
    }
    // It goes on as entries come.
    let mut story = Story::seated();
    story.bob_held().press("S").shows("ON HOLD: Bob 0:0").press("Esc").selects("Bob").press("r y S").accepted();
    story.shows("ON HOLD: Bob").notice("stopHoldMusicOperation");
    story.shows("nobody is on hold");
    story.history.later(5_000).observed(callboard::floor::GraphReading::Gone);
    story.catches_up().shows("the call has ended");
}

#[test]
fn a_timeline_stays_with_its_call_and_people() {
    let mut story = busy();
    story.selects("Bob").press("S z z");
    let Modal::Timeline(telling) = story.desk.modal().clone() else { panic!("no story") };
    assert_eq!(
        (telling.lane().unwrap().to_string(), telling.range()),
        (BOB.to_owned(), TimeRange::Last(Millis::minutes(15)))
    );
    story.press("g").shows("\u{258c} call 1").press("G k k");
    let lane = |story: &Story| match story.desk.modal() {
        Modal::Timeline(it) => it.lane().cloned(),
        _ => panic!("no story"),
    };
    let chosen = lane(&story);
    // Somebody comes who stands before them: the lane is a person and no row.
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob")]);
    story.catches_up();
    assert_eq!(lane(&story), chosen);
    // A moment that was chosen stays chosen when a newer one comes.
    story.press("Esc").selects("Bob").press("S h");
    let Modal::Timeline(telling) = story.desk.modal().clone() else { panic!("no story") };
    assert!(matches!(telling.mark(), Some(TimelineMark::Asked(_) | TimelineMark::Turned(_))), "{telling:?}");
    roster(&mut story.history, &json!({"isMuted": true}));
    story.catches_up();
    assert_eq!(*story.desk.modal(), Modal::Timeline(telling));
    // The next call's story, and back; what is no key of a story acts on nobody, and its own key ends it.
    let sent = story.sent.len();
    story.press("n").shows("Story of call 2, whole call").press("N").shows("Story of call 1").press("x");
    story.has_sent(sent).shows("x does nothing here; Esc goes back to the board").press("S");
    assert_eq!((story.desk.modal(), story.desk.pane()), (&Modal::None, Pane::Participants));
}

#[test]
fn a_timeline_without_a_roster_or_call_says_so() {
    let mut story = Story::seated();
    let id = "77777777-0000-0000-0000-000000000001";
    let url = format!("/communications/calls/{id}");
    let caller = json!({"identity": {"phone": {"displayName": "+1 555", "id": "x"}}});
    story.history.notified(&json!({"changeType": "created", "resourceUrl": url, "resourceData": {
        "state": "incoming", "direction": "incoming", "source": caller, "targets": [caller],
    }}));
    story.history.later(8_000).notified(&json!({
        "changeType": "updated", "resourceUrl": url, "resourceData": {"state": "established"},
    }));
    story.catches_up().press("1 G S").shows("no roster").shows(">>").shows("established");
    story
        .history
        .notified(&json!({"changeType": "deleted", "resourceUrl": url, "resourceData": {"state": "terminated"}}));
    story.catches_up().shows("the call has ended");
    story.history.later(700_000);
    roster(&mut story.history, &json!({}));
    story.catches_up().shows("the call has left the floor");
    story.press("j z h Enter").shows("the call has left the floor");
    story.press("Esc").hides("the call has left the floor");
}

#[test]
fn more_people_than_rows_are_counted_and_the_selected_lane_is_drawn() {
    let mut story = Story::seated();
    let crowd = (0..70).map(|it| person(&format!("44444444-0000-0000-0000-{it:012}"), &format!("Guest {it:02}")));
    let people: Vec<Value> = crowd.chain([person(ME, "Callboard"), person(BOB, "Bob"), person(ADA, "Ada")]).collect();
    story.history.later(1_000).roster(&people);
    story.catches_up().press("S g");
    for _ in 0..74 {
        for (columns, rows) in SIZES {
            let screen = story.screen(columns, rows);
            let chosen = screen.lines().filter(|it| it.starts_with("\" \u{258c} ")).count();
            assert_eq!(chosen, 1, "{screen}");
            assert!(screen.contains(" more \u{2501}"), "{screen}");
        }
        story.press("j");
    }
}

#[test]
fn hostile_names_stay_within_their_lanes() {
    let mut story = Story::seated();
    let names = [
        "\u{1b}[2J\u{1b}]52;c;QUJD\u{7}Ada",
        "Ada \u{202e}enryB",
        "דנה כהן",
        "陳偉陳偉陳偉陳偉陳偉",
        "👩\u{200d}💻 Kim",
        "",
    ];
    let crowd =
        names.iter().enumerate().map(|(at, name)| person(&format!("44444444-0000-0000-0000-00000000000{at}"), name));
    let people: Vec<Value> = crowd.chain([person(ME, "Callboard"), person(BOB, "B\u{9b}31mob")]).collect();
    story.history.later(1_000).roster(&people);
    story.history.call_said("updated", &json!({"subject": "line\none\u{2028}two\u{9b}31m"}));
    story.catches_up().selects_at(2).press("H y").accepted().notice("startHoldMusicOperation").after(9_000).press("S");
    for (columns, rows) in SIZES {
        let screen = story.screen(columns, rows);
        assert!(!screen.chars().any(|it| it != '\n' && (it.is_control() || it == '\u{202e}')), "{screen:?}");
    }
    assert_snapshot!("story_hostile", story.screen(80, 24));
}

#[test]
fn privacy_mode_anonymises_the_timeline() {
    let mut story = busy();
    story.press("P 1 g S");
    let screen = story.screen(120, 36);
    for secret in ["Ada", "Bob", "Chen", "Acme", "dana", "Callboard"] {
        assert!(!screen.contains(secret), "{secret} is seen:\n{screen}");
    }
    assert!(screen.contains("H1▃") && screen.contains("ON HOLD: "), "{screen}");
    assert_snapshot!("story_stage", screen);
}

#[test]
fn the_palette_opens_timeline_and_last_hour() {
    let mut story = busy();
    story.press(":").types("story").press("Enter").shows("Story of call 1");
    story.press("Esc :").types("floor").press("Enter").shows("Floor, last 60 minutes");
    let mut idle = Story::dark(History::default());
    idle.press("S").shows("no call is selected").press("V").shows("this minute has no figures");
}

#[test]
fn a_change_that_an_operation_caused_opens_it_and_the_footer_offers_no_other_moment() {
    let mut story = Story::seated();
    story.bob_held().press("S").shows("is ON HOLD (op 1 dana)").shows("Enter operation");
    story.press("Enter").shows("Operation 1");
    story.press("Esc S Left Left").shows("was here when first seen").hides("Enter operation");
    let before = story.desk.modal().clone();
    story.press("Enter");
    assert_eq!(*story.desk.modal(), before, "this moment has no operation");
}
