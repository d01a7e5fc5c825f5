//! The relay's clock moves: time that went by unseen counts, and a step back leaves every age as it was.

use callboard::floor::{
    Act, AlertLevel, AlertLimits, Fact, Floor, LoggedEventKind, Noted, OperationStatus, Outcome, SNAPSHOT_VERSION,
    Ticket,
};
use callboard::time::{ClockMoveCause, Millis, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::laws::{step, told};
use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person};

const MINUTE: i64 = 60_000;

/// Returns a call in which Bob has been on hold for a minute by our operation, Ada waits in the lobby, and
/// a mute is accepted.
fn waiting() -> History {
    let mut history = History::default();
    history.later(100 * 3_600_000).seat();
    history.later(1_000).asked("h", Act::Hold, Some(BOB));
    history.later(500).replied("h", 200, &json!({"id": "op-h", "status": "completed"}));
    let lobby = but(person(ADA, "Ada"), &json!({"isInLobby": true}));
    let held = but(person(BOB, "Bob"), &json!({"mediaStreams": {"direction": "inactive"}}));
    history.later(MINUTE).roster(&[person(ME, "Callboard"), lobby, held]);
    history.asked("m", Act::MuteSelf, None);
    history.later(200).replied("m", 200, &Value::Null);
    history
}

/// Returns every age that a board shows at a time.
fn ages(floor: &Floor, now: Timestamp) -> Vec<(String, Millis)> {
    let mut ages = Vec::new();
    for call in floor.calls() {
        ages.push((format!("call {}", call.number.0), call.began.span(now)));
        ages.push(("heard".to_owned(), now.since(call.heard)));
        ages.extend(call.ended.map(|it| ("ended".to_owned(), now.since(it))));
        for person in call.people.iter() {
            let name = person.id.to_string();
            ages.push((format!("{name} joined"), person.joined.span(now)));
            ages.extend(person.hold.as_ref().map(|it| (format!("{name} hold"), it.since.span(now))));
            ages.extend(person.lobby.map(|it| (format!("{name} lobby"), it.span(now))));
            ages.extend(person.muted_since.map(|it| (format!("{name} muted"), it.span(now))));
            ages.extend(person.left.map(|it| (format!("{name} left"), now.since(it))));
            let lane = person.lane_history().changes.into_iter();
            ages.extend(lane.map(|it| (format!("{name} {:?}", it.state), now.since(it.at))));
        }
    }
    let statistics = floor.statistics();
    ages.extend(statistics.oldest_hold.map(|it| ("oldest hold".to_owned(), it.span(now))));
    ages.extend(statistics.oldest_lobby.map(|it| ("oldest lobby".to_owned(), it.span(now))));
    ages
}

#[test]
fn ages_alerts_and_deadlines_stay_when_the_clock_is_set_back() {
    let mut history = waiting();
    let before = (ages(&history.floor, history.now()), history.floor.statistics().held);
    let order: Vec<_> = history.floor.calls().map(|it| it.number).collect();
    history.clock_moved(-10 * MINUTE, ClockMoveCause::WallTime);
    assert_eq!((ages(&history.floor, history.now()), history.floor.statistics().held), before);
    assert_eq!(history.floor.calls().map(|it| it.number).collect::<Vec<_>>(), order);
    let told = history.floor.event_log().last().unwrap();
    assert_eq!(told.what.to_string(), "the relay's clock was set back by 10:00; ages stay as they were");

    let mute = |history: &History| {
        let newest = history.floor.operations().last().unwrap();
        newest.standing(history.now())
    };
    assert_eq!(mute(&history), OperationStatus::Accepted);
    history.later(MINUTE);
    assert_eq!(mute(&history), OperationStatus::Unconfirmed, "the deadline has moved with the clock");
    let bob = history.floor.calls().next().unwrap().people.iter().find(|it| &*it.name == "Bob").unwrap().clone();
    assert_eq!(bob.hold.as_ref().unwrap().since.age(history.now()), "2:00");
    assert_eq!(AlertLimits::default().person(&bob, history.now()), AlertLevel::Critical);
    let hour = history.floor.hour(history.now());
    assert!(hour.last().unwrap().as_ref().is_some_and(|it| it.held == 1), "the last hour goes on: {hour:?}");
    assert!(hour.last().unwrap().as_ref().unwrap().begin() <= history.now());

    // Who has left still goes after ten minutes, and not later.
    history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    history.clock_moved(-60 * MINUTE, ClockMoveCause::WallTime);
    history.later(11 * MINUTE).roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    assert_eq!(history.floor.calls().next().unwrap().people.len(), 2);
}

#[test]
fn time_that_went_by_unseen_counts_and_is_said() {
    for (cause, words) in [
        (ClockMoveCause::Sleep, "the relay's machine slept for 1:00:00; ages include it"),
        (ClockMoveCause::WallTime, "the relay's clock moved ahead by 1:00:00, as after a pause of its machine"),
    ] {
        let mut history = waiting();
        history.clock_moved(60 * MINUTE, cause);
        let told = history.floor.event_log().last().unwrap();
        assert!(told.what.to_string().starts_with(words), "{}", told.what);
        assert!(matches!(told.what, LoggedEventKind::Noted(_)));
        let hold = history.floor.statistics().oldest_hold.unwrap();
        assert_eq!(hold.age(history.now()), "1:01:00");
        assert_eq!(history.floor.wall_moves().len(), usize::from(cause == ClockMoveCause::WallTime));
    }
}

#[test]
fn an_earlier_version_reads_the_words_of_a_move() {
    let mut history = waiting();
    history.clock_moved(-10 * MINUTE, ClockMoveCause::WallTime);
    let entry = history.entries.last().unwrap();
    let mut body: Value = serde_json::from_str(&entry.fact.encode(entry.at)).unwrap();
    assert_eq!(body["clock"], json!({"by": -10 * MINUTE, "cause": "wallTime"}));
    body.as_object_mut().unwrap().remove("clock");
    let (_, earlier) = Fact::decode(&body.to_string()).unwrap();
    assert!(format!("{earlier:?}").contains("was set back by 10:00"), "{earlier:?}");
}

#[test]
fn an_expired_act_is_neither_sent_nor_open_and_an_earlier_version_reads_a_refusal() {
    let mut history = waiting();
    history.asked("late", Act::Mute, Some(ADA));
    history.outcome("late", Outcome::Refused { reason: "it came too late".into(), expired: true });
    let operation = history.floor.operations().last().unwrap();
    assert_eq!(
        (operation.standing(history.now()), operation.reason()),
        (OperationStatus::Expired, Some("it came too late"))
    );
    assert!(!operation.may_still_be_proved() && operation.accept_latency().is_none());
    assert!(history.floor.event_log().last().unwrap().what.to_string().contains("EXPIRED (it came too late)"));
    assert_eq!(history.floor.snapshot().version, SNAPSHOT_VERSION);
    assert_eq!(history.floor.snapshot().floor().unwrap(), history.floor);
    let entry = history.entries.last().unwrap();
    let body = entry.fact.encode(entry.at);
    assert!(body.contains(r#""refused":{"reason":"it came too late","expired":true}"#), "{body}");
}

#[test]
fn a_gap_says_from_when_to_when() {
    let mut history = waiting();
    let last = history.now();
    history.later(3 * MINUTE).fact(Fact::Noted(Noted::RelayStarted));
    let gap = history.floor.gap().unwrap();
    assert_eq!((gap.from, gap.at), (Some(last), history.now()));
    let event = history.floor.event_log().rev().find(|it| it.from.is_some()).unwrap();
    assert_eq!((event.from, event.at), (Some(last), history.now()));
    let from = Timestamp(last.0 + 5);
    let reason = "the disk was full".into();
    history.later(MINUTE).fact(Fact::Noted(Noted::Gap { reason, from: Some(from) }));
    assert_eq!(history.floor.gap().unwrap().from, Some(from));
}

#[test]
fn people_keep_their_ordinals_whatever_they_are_called() {
    let mut history = History::seated();
    let ordinals = |history: &History| -> Vec<(String, u32)> {
        let call = history.floor.calls().next().unwrap();
        call.people.iter().map(|it| (it.id.to_string(), it.ordinal)).collect()
    };
    let first = ordinals(&history);
    let mut numbers: Vec<u32> = first.iter().map(|(_, it)| *it).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
    history.later(5).roster(&[person(ME, "Callboard"), person(ADA, "Zoe"), person(BOB, "Alf")]);
    assert_eq!(ordinals(&history), first);
    // Who comes back keeps the place; who is new comes after.
    history.later(5).roster(&[person(ME, "Callboard"), person(BOB, "Alf")]);
    let new = "1e126418-44a0-4a94-a6f8-0efe1ad71acb";
    history.later(5).roster(&[person(ME, "Callboard"), person(new, "Abe"), person(ADA, "Zoe"), person(BOB, "Alf")]);
    let last = ordinals(&history);
    assert!(first.iter().all(|it| last.contains(it)), "{first:?} {last:?}");
    assert!(last.contains(&(new.to_owned(), 4)), "{last:?}");
}

#[test]
fn a_repeated_notice_of_an_operation_that_ended_is_found_by_its_id_in_its_call() {
    let mut history = waiting();
    let events = history.floor.event_log().len();
    let before = history.floor.operations().count();
    history.later(10).operation_said("startHoldMusicOperation", "op-h", "", "completed");
    assert_eq!(history.floor.event_log().len(), events, "it is ours, and says nothing new");
    history.later(10).operation_said("startHoldMusicOperation", "op-x", "not-ours", "completed");
    let foreign = history.floor.event_log().last().unwrap().what.clone();
    assert_eq!(foreign, LoggedEventKind::ForeignHold { start: true });
    // Read from a snapshot, the index is there again.
    let mut restored = history.floor.snapshot().floor().unwrap();
    assert_eq!(restored, history.floor);
    let entry =
        history.later(10).operation_said("startHoldMusicOperation", "op-h", "", "completed").entries.last().unwrap();
    restored.apply(entry);
    assert_eq!((restored.event_log().last().unwrap().what.clone(), restored.operations().count()), (foreign, before));
    assert_eq!(restored.calls().next().unwrap().id.to_string(), CALL);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_step_back_changes_no_age_and_no_order(steps in prop::collection::vec(step(), 0..60), by in 1_000..90_000_000_i64) {
        let mut history = told(&steps);
        // An entry that changes nothing, but drops what has expired.
        let ticket = Ticket("nobody's".into());
        history.fact(Fact::Noted(Noted::AttemptStarted { ticket, attempt: 1 }));
        let before = (ages(&history.floor, history.now()), history.floor.calls().map(|it| it.number).collect::<Vec<_>>());
        let latencies: Vec<Millis> = history.floor.operations().filter_map(callboard::floor::Operation::proof_latency).collect();
        history.clock_moved(-by, ClockMoveCause::WallTime);
        let after = (ages(&history.floor, history.now()), history.floor.calls().map(|it| it.number).collect::<Vec<_>>());
        prop_assert_eq!(after, before);
        let now: Vec<Millis> = history.floor.operations().filter_map(callboard::floor::Operation::proof_latency).collect();
        prop_assert_eq!(now, latencies);
    }
}
