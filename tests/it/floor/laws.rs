//! The fold laws over generated histories: any order, repetition and loss.

use callboard::floor::{
    Act, Applied, Cursor, Entry, Fact, Floor, GraphReading, Noted, OperationOutcome, Outcome, ProofSource, Sum, Ticket,
};
use callboard::graph::{CallId, OperationId};
use callboard::time::{ClockMoveCause, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person, raw};

/// One generated event, small enough to shrink.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Wait(i64),
    Call(&'static str, &'static str),
    Roster(Vec<(usize, bool, Option<bool>, bool, bool)>, bool),
    Delta(i64, usize, bool),
    Asked(u8, Act, usize),
    Replied(u8, u16, &'static str),
    Lost(u8, bool),
    Said(u8, &'static str, &'static str, bool),
    Read(Vec<usize>),
    ReadOperation(u8, &'static str),
    Gone,
    Noted(bool),
    ClockMoved(i64),
    Rubbish(String),
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let acts = prop_oneof![
        Just(Act::Mute),
        Just(Act::MuteSelf),
        Just(Act::UnmuteSelf),
        Just(Act::Hold),
        Just(Act::Release),
        Just(Act::Remove),
        Just(Act::HangUp),
    ];
    let people =
        prop::collection::vec((0..4_usize, any::<bool>(), any::<Option<bool>>(), any::<bool>(), any::<bool>()), 0..5);
    let states = prop::sample::select(vec![
        "incoming",
        "establishing",
        "established",
        "hold",
        "transferring",
        "terminating",
        "terminated",
        "novel",
    ]);
    let changes = prop::sample::select(vec!["created", "updated", "deleted"]);
    let said = prop::sample::select(vec!["completed", "failed", "running", "Completed", ""]);
    let kinds =
        prop::sample::select(vec!["startHoldMusicOperation", "stopHoldMusicOperation", "muteParticipantOperation"]);
    prop_oneof![
        (0..700_000_i64).prop_map(Step::Wait),
        (changes, states).prop_map(|(change, state)| Step::Call(change, state)),
        (people, any::<bool>()).prop_map(|(people, me)| Step::Roster(people, me)),
        (prop_oneof![0..9_i64, any::<i64>()], 0..4_usize, any::<bool>())
            .prop_map(|(n, who, gone)| Step::Delta(n, who, gone)),
        (0..6_u8, acts, 0..4_usize).prop_map(|(ticket, act, who)| Step::Asked(ticket, act, who)),
        (0..6_u8, prop::sample::select(vec![200_u16, 202, 204, 400, 404, 429, 500]), said.clone())
            .prop_map(|(ticket, status, said)| Step::Replied(ticket, status, said)),
        (0..6_u8, any::<bool>()).prop_map(|(ticket, sent)| Step::Lost(ticket, sent)),
        (0..6_u8, said.clone()).prop_map(|(ticket, said)| Step::ReadOperation(ticket, said)),
        (0..6_u8, kinds, said, any::<bool>()).prop_map(|(ticket, kind, said, names_ticket)| Step::Said(
            ticket,
            kind,
            said,
            names_ticket
        )),
        prop::collection::vec(0..4_usize, 0..4).prop_map(Step::Read),
        Just(Step::Gone),
        any::<bool>().prop_map(Step::Noted),
        (-900_000..900_000_i64).prop_map(Step::ClockMoved),
        ".{0,40}".prop_map(Step::Rubbish),
    ]
}

const PEOPLE: [&str; 4] = [ME, ADA, BOB, "1e126418-44a0-4a94-a6f8-0efe1ad71acb"];

pub(crate) fn told(steps: &[Step]) -> History {
    let mut history = History::default();
    for step in steps {
        tell(&mut history, step);
    }
    history
}

fn tell(history: &mut History, step: &Step) {
    match step {
        Step::Wait(millis) => {
            history.later(*millis);
        }
        Step::Call(change, state) => {
            history.call_said(
                change,
                &json!({"state": state, "myParticipantId": ME, "chatInfo": {"threadId": "19:x@thread.v2"}}),
            );
        }
        Step::Roster(people, with_me) => {
            let mut roster: Vec<Value> = people
                .iter()
                .map(|(who, muted, server, lobby, inactive)| {
                    let direction = if *inactive { "inactive" } else { "sendReceive" };
                    let id = PEOPLE[*who];
                    but(
                        person(id, "Somebody"),
                        &json!({
                            "isMuted": muted, "isInLobby": lobby,
                            "mediaStreams": {"direction": direction, "serverMuted": server},
                        }),
                    )
                })
                .collect();
            roster.extend(with_me.then(|| person(ME, "Callboard")));
            history.roster(&roster);
        }
        Step::Delta(sequence, who, gone) => {
            let mut changed = person(PEOPLE[*who], "Somebody");
            if *gone {
                changed["removedState"] = json!({"reason": "Participant has left the meeting call."});
            }
            history.notified(&json!({
                "changeType": "updated", "resourceUrl": format!("/communications/calls/{CALL}/participants"),
                "resourceData": {"@odata.type": "#microsoft.graph.deltaParticipants", "sequenceNumber": sequence,
                                 "participants": [changed]},
            }));
        }
        step => tell_operation(history, step),
    }
}

fn tell_operation(history: &mut History, step: &Step) {
    match step {
        Step::Asked(ticket, act, who) => {
            let target = matches!(act, Act::Mute | Act::Hold | Act::Release | Act::Remove).then_some(PEOPLE[*who]);
            history.asked(&format!("t{ticket}"), *act, target);
        }
        Step::Replied(ticket, status, said) => {
            let body = json!({"id": format!("op{ticket}"), "status": said, "clientContext": format!("t{ticket}")});
            history.replied(&format!("t{ticket}"), *status, &body);
        }
        Step::Lost(ticket, sent) => {
            history.outcome(&format!("t{ticket}"), Outcome::Lost { sent: *sent, error: "reset".into() });
        }
        Step::Said(ticket, kind, said, names_ticket) => {
            // Graph leaves the clientContext out where a request had none.
            let context = if *names_ticket { format!("t{ticket}") } else { String::new() };
            history.operation_said(kind, &format!("op{ticket}"), &context, said);
        }
        Step::Read(who) => {
            let people: Vec<Value> = who.iter().map(|it| person(PEOPLE[*it], "Somebody")).collect();
            history.observed(GraphReading::Participants(raw(&json!(people))));
        }
        Step::ReadOperation(ticket, said) => {
            let id = format!("op{ticket}");
            let body = raw(&json!({"id": id, "status": said, "clientContext": format!("t{ticket}")}));
            history.observed(GraphReading::Operation(OperationId::new(&id).unwrap(), body));
        }
        Step::Gone => {
            history.observed(GraphReading::Gone);
        }
        Step::Noted(opened) => {
            let noted =
                if *opened { Noted::RelayStarted } else { Noted::Refused { reason: "expired".into(), count: 3 } };
            history.fact(Fact::Noted(noted));
        }
        Step::ClockMoved(by) => {
            history.clock_moved(*by, ClockMoveCause::WallTime);
        }
        Step::Rubbish(text) => {
            history.notified(&json!({"changeType": text, "resourceUrl": text, "resourceData": text}));
        }
        Step::Wait(_) | Step::Call(..) | Step::Roster(..) | Step::Delta(..) => {}
    }
}

fn folded<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Floor {
    let mut floor = Floor::default();
    for entry in entries {
        floor.apply(entry);
    }
    floor
}

/// A floor without what one more entry changes although it repeats a fact:
///
/// - a notification and a rejected one are counted, and so are the webhooks that a note counts; the event log has a line
///   for each rejected one and for each note, since neither says what the floor holds;
/// - a call's last news is the repeat, and so is the time when something was last heard or read of it.
fn without_what_each_cursor_counts(floor: &Floor, repeated: &Entry) -> Value {
    let mut floor = serde_json::to_value(floor).unwrap();
    for call in floor["calls"].as_object_mut().unwrap().values_mut() {
        for member in ["news", "heard", "read"] {
            call.as_object_mut().unwrap().remove(member);
        }
    }
    let counts = floor["counts"].as_object_mut().unwrap();
    for member in ["notifications", "rejected", "refused"] {
        counts.remove(member);
    }
    if matches!(repeated.fact, Fact::Rejected(_) | Fact::Noted(_)) {
        floor.as_object_mut().unwrap().remove("lines");
    }
    floor
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_entries_give_the_same_floor_byte_for_byte(steps in prop::collection::vec(step(), 0..60)) {
        let history = told(&steps);
        let again = folded(&history.entries);
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&history.floor).unwrap());
    }

    #[test]
    fn an_entry_applied_twice_changes_nothing(steps in prop::collection::vec(step(), 1..60), at in any::<prop::sample::Index>()) {
        let history = told(&steps);
        prop_assume!(!history.entries.is_empty());
        let mut floor = history.floor.clone();
        let repeated = &history.entries[at.index(history.entries.len())];
        prop_assert_eq!(floor.apply(repeated), Applied::Repeated);
        prop_assert_eq!(floor, history.floor);
    }

    #[test]
    fn only_the_calls_that_an_entry_is_said_to_change_do_change(steps in prop::collection::vec(step(), 1..60)) {
        let history = told(&steps);
        let mut floor = Floor::default();
        for entry in &history.entries {
            let before = floor.clone();
            floor.apply(entry);
            let changed = floor.take_changed_calls();
            for call in floor.calls().filter(|it| !changed.may_name(&it.id)) {
                prop_assert_eq!(before.call(&call.id), Some(call));
                prop_assert!(before.open_operations_on(&call.id).eq(floor.open_operations_on(&call.id)));
            }
        }
    }

    #[test]
    fn a_repeated_fact_under_a_new_cursor_changes_nothing(
        steps in prop::collection::vec(step(), 1..60), at in any::<prop::sample::Index>(), later in 0..700_000_i64
    ) {
        let history = told(&steps);
        prop_assume!(!history.entries.is_empty());
        let (before, _) = history.entries.split_at(at.index(history.entries.len()) + 1);
        let first = before.last().unwrap();
        prop_assume!(!matches!(first.fact, Fact::Noted(Noted::RelayStarted | Noted::ClockMoved(_))));
        let next = |fact| Entry {
            cursor: Cursor(first.cursor.0 + 1), after: first.cursor, sum: Sum(7), at: Timestamp(first.at.0 + later), fact,
        };
        let nothing = Fact::Noted(Noted::AttemptStarted { ticket: Ticket("nobody's".into()), attempt: 1 });
        let mut expected = folded(before);
        // An ended call leaves the floor after a while. A later notification then adds it as a new call.
        let call = CallId::new(CALL).unwrap();
        let is_on_floor = |floor: &Floor| floor.call(&call).is_some();
        prop_assume!(is_on_floor(&expected) || !is_on_floor(&folded(&before[..before.len() - 1])));
        let mut repeated = expected.clone();
        expected.apply(&next(nothing));
        repeated.apply(&next(first.fact.clone()));
        prop_assert_eq!(without_what_each_cursor_counts(&repeated, first), without_what_each_cursor_counts(&expected, first));
    }

    #[test]
    fn a_snapshot_and_the_entries_after_it_equal_the_whole(steps in prop::collection::vec(step(), 0..60), at in any::<prop::sample::Index>()) {
        let history = told(&steps);
        let (before, after) = history.entries.split_at(at.index(history.entries.len() + 1));
        let snapshot = serde_json::to_string(&folded(before)).unwrap();
        let mut floor: Floor = serde_json::from_str(&snapshot).unwrap();
        for entry in after {
            floor.apply(entry);
        }
        prop_assert_eq!(floor, history.floor);
    }

    #[test]
    fn loss_and_reordering_never_break_the_counts(
        steps in prop::collection::vec(step(), 0..80), keep in prop::collection::vec(any::<bool>(), 80), swap in any::<prop::sample::Index>()
    ) {
        let mut entries: Vec<Entry> = told(&steps).entries;
        if entries.len() > 1 {
            let at = swap.index(entries.len() - 1);
            entries.swap(at, at + 1);
        }
        let kept = entries.iter().zip(keep.iter().cycle()).filter_map(|(entry, keep)| keep.then_some(entry));
        let floor = folded(kept);
        let statistics = floor.statistics();
        let live: Vec<_> = floor.calls().filter(|call| call.is_live()).collect();
        prop_assert_eq!(statistics.calls, live.len());
        let present = || live.iter().flat_map(|call| call.present());
        prop_assert_eq!(statistics.muted, present().filter(|person| person.muted).count());
        prop_assert_eq!(statistics.held, present().filter(|person| person.hold.is_some()).count());
        prop_assert_eq!(statistics.lobby, present().filter(|person| person.lobby.is_some()).count());
        prop_assert_eq!(statistics.oldest_hold, present().filter_map(|it| it.hold.as_ref()).map(|it| it.since).min());
        prop_assert_eq!(floor.calls().count(), floor.call_count());
    }

    #[test]
    fn everything_confirmed_has_a_proof_and_a_mute_never_by_its_answer(steps in prop::collection::vec(step(), 0..80)) {
        let history = told(&steps);
        for operation in history.floor.operations() {
            if operation.outcome == OperationOutcome::Confirmed {
                let proof = operation.proof.as_ref().unwrap();
                prop_assert!(proof.cursor > operation.asked.1, "what was heard before the ask proves nothing");
                let holds = matches!(operation.act, Act::Hold | Act::Release);
                prop_assert!(holds || !matches!(proof.evidence, ProofSource::Answer | ProofSource::Notice));
            }
        }
    }

    #[test]
    fn an_entry_round_trips_and_gives_the_same_floor(steps in prop::collection::vec(step(), 0..30)) {
        let history = told(&steps);
        let mut read = Floor::default();
        for entry in history.entries {
            let body = entry.fact.encode(entry.at);
            let (at, fact) = Fact::decode(&body).unwrap();
            prop_assert_eq!(at, entry.at);
            prop_assert_eq!(fact.encode(at), body);
            read.apply(&Entry { fact, ..entry });
        }
        prop_assert_eq!(read.snapshot().pieces, history.floor.snapshot().pieces);
    }
}

#[test]
fn the_floor_is_bounded_for_any_history() {
    let mut history = History::seated();
    for round in 0..3_000_i64 {
        let id = format!("{round:032x}");
        history.later(10_000).notified(&json!({
            "changeType": "created", "resourceUrl": format!("/communications/calls/{id}"),
            "resourceData": {"state": "incoming"},
        }));
        history.notified(&json!({
            "changeType": "deleted", "resourceUrl": format!("/communications/calls/{id}"),
            "resourceData": {"state": "terminated"},
        }));
        history.asked(&format!("t{round}"), Act::Mute, Some(BOB));
    }
    assert!(history.floor.call_count() < 70, "{} calls", history.floor.call_count());
    assert!(history.floor.event_log().len() <= 500);
    assert!(history.floor.operations().len() <= 10_000);
    assert!(history.floor.at() > Timestamp(0));
}
