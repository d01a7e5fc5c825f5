//! Tests of calls that a wrong 404 ended: what restores them, and what does not.

use callboard::floor::{Floor, FloorCall, FloorSnapshot, GraphReading, Uncertainty};
use callboard::graph::{CallId, CallState, OperationId};
use serde_json::{Value, json};

use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person, raw};

const LINE: &str = "the call is there after all: Graph's 404 was wrong";

fn the_call(floor: &Floor) -> &FloorCall {
    floor.call(&CallId::new(CALL).unwrap()).unwrap()
}

/// A call with three people, of whom Bob is muted. A minute later Graph answers 404 for it, and five more seconds pass.
fn ended_by_404() -> History {
    let mut history = History::seated();
    history
        .roster(&everyone_with_bob(&json!({"isMuted": true})))
        .later(60_000)
        .observed(GraphReading::Gone)
        .later(5_000);
    assert!(!the_call(&history.floor).is_live());
    assert_eq!(history.floor.statistics().calls, 0);
    history
}

/// A roster of everyone in the call, with these changes to Bob.
fn everyone_with_bob(changes: &Value) -> Vec<Value> {
    vec![person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), changes)]
}

fn established() -> Value {
    json!({"id": CALL, "state": "established"})
}

fn people_present(history: &History) -> usize {
    the_call(&history.floor).present().count()
}

/// Graph reports the call as live, by a notification or by a read.
fn report_live(history: &mut History, what: &str) {
    match what {
        "call" => history.call_said("updated", &established()),
        "roster" => history.roster(&everyone_with_bob(&json!({"isMuted": true}))),
        "delta roster" => history.notified(&json!({
            "changeType": "updated", "resourceUrl": format!("/communications/calls/{CALL}/participants"),
            "resourceData": {"@odata.type": "#microsoft.graph.deltaParticipants", "sequenceNumber": 1,
                             "participants": [person(BOB, "Bob")]},
        })),
        "operation" => history.operation_said("playPromptOperation", "aa", "x", "completed"),
        "call that is read" => history.observed(GraphReading::Call(raw(&established()))),
        "call that is read, without a state" => history.observed(GraphReading::Call(raw(&json!({"id": CALL})))),
        other => panic!("no {other}"),
    };
}

#[test]
fn any_sign_of_a_live_call_restores_it_as_doubtful() {
    // A restored call is empty until a roster names its people; a delta roster names one of them here.
    let signs = [
        ("call", 0),
        ("roster", 3),
        ("delta roster", 1),
        ("operation", 0),
        ("call that is read", 0),
        ("call that is read, without a state", 0),
    ];
    for (what, people) in signs {
        let mut history = ended_by_404();
        report_live(&mut history, what);
        let call = the_call(&history.floor);
        assert!(call.is_live(), "{what}");
        assert_eq!(
            (&call.state, call.doubt, &call.result),
            (&CallState::Established, Some(Uncertainty::Gap), &None),
            "{what}"
        );
        assert_eq!(people_present(&history), people, "{what}");
        assert_eq!(history.floor.event_log().filter(|it| it.what.to_string() == LINE).count(), 1, "{what}");
        assert_eq!(history.floor.doubtful().count(), 1, "{what}");
        assert_eq!(history.floor.statistics().calls, 1, "{what}");
        // It stays on the floor, which drops an ended call after ten minutes.
        history.later(3_600_000).roster(&everyone_with_bob(&json!({})));
        assert!(the_call(&history.floor).is_live() && people_present(&history) == 3, "{what}");
    }
}

#[test]
fn a_restored_call_has_its_people_as_before() {
    let mut history = ended_by_404();
    let joined = the_call(&history.floor).people.iter().map(|it| it.joined).max().unwrap();
    let people = [person(ME, "Callboard"), but(person(BOB, "Bob"), &json!({"isMuted": true}))];
    history.observed(GraphReading::Participants(raw(&json!(people))));
    let call = the_call(&history.floor);
    assert!(call.is_live() && call.doubt.is_none());
    let bob = call.present().find(|it| &*it.name == "Bob").unwrap();
    assert!(bob.muted && bob.joined <= joined, "{bob:?}");
    assert!(call.present().all(|it| &*it.name != "Ada"));
    let said: Vec<String> = history.floor.event_log().rev().take(2).map(|it| it.what.to_string()).collect();
    assert_eq!(said, [LINE, "call ended (404, Graph does not know it any more)"], "nobody joins, nobody mutes");
    // A person who stays absent is forgotten like one who left.
    history.later(3_600_000).roster(&people);
    assert_eq!(the_call(&history.floor).people.len(), 2);
}

#[test]
fn an_end_reported_by_graph_is_final() {
    let ended = json!({"state": "terminated", "resultInfo": {"code": 200, "subcode": 5001}});
    let mut ended_by_graph = History::seated();
    ended_by_graph.call_said("deleted", &ended);
    let mut confirmed_later = ended_by_404();
    confirmed_later.call_said("updated", &json!({"state": "terminated"}));
    for mut history in [ended_by_graph, confirmed_later] {
        history.later(1_000).call_said("updated", &established()).roster(&everyone_with_bob(&json!({})));
        history.operation_said("playPromptOperation", "aa", "x", "completed");
        history.observed(GraphReading::Call(raw(&established()))).observed(GraphReading::Participants(raw(&json!([]))));
        assert!(!the_call(&history.floor).is_live());
    }
}

#[test]
fn other_notifications_do_not_restore_a_call() {
    let mut history = ended_by_404();
    let mut left = person(BOB, "Bob");
    left["removedState"] = json!({"reason": "Participant has left the meeting call."});
    history.call_said("updated", &json!({"state": "terminating"})).call_said("updated", &json!({"subject": "Other"}));
    history.roster(&[]).roster(&[left]);
    let operation = raw(&json!({"id": "aa", "status": "completed"}));
    history.observed(GraphReading::Operation(OperationId::new("aa").unwrap(), operation));
    assert!(!the_call(&history.floor).is_live());
    history.call_said("updated", &established());
    assert!(the_call(&history.floor).is_live(), "and it was not final either");
}

#[test]
fn a_read_that_began_before_the_404_does_not_contradict_it() {
    let mut history = History::seated();
    let before = history.floor.head();
    history.observed(GraphReading::Gone);
    let after = history.floor.head();
    let people = || GraphReading::Participants(raw(&json!(everyone_with_bob(&json!({})))));
    history
        .observed_since(GraphReading::Call(raw(&established())), Some(before))
        .observed_since(people(), Some(before));
    assert!(!the_call(&history.floor).is_live());
    history.observed_since(people(), Some(after));
    assert!(the_call(&history.floor).is_live());
}

#[test]
fn an_overtaken_404_does_not_end_the_call() {
    let mut history = History::seated();
    let before = history.floor.head();
    history.roster(&everyone_with_bob(&json!({})));
    assert_eq!(history.floor.doubtful().count(), 0);
    history.observed_since(GraphReading::Gone, Some(before));
    assert!(the_call(&history.floor).is_live());
    assert_eq!(history.floor.doubtful().count(), 1);
    let now = history.floor.head();
    history.observed_since(GraphReading::Gone, Some(now));
    assert!(!the_call(&history.floor).is_live());
}

#[test]
fn an_end_by_404_survives_a_snapshot_unless_the_snapshot_does_not_record_it() {
    let mut history = ended_by_404();
    let taken = history.floor.snapshot();
    let mut text: Value = serde_json::to_value(&history.floor).unwrap();
    text["calls"][CALL].as_object_mut().unwrap().remove("unfound").unwrap();
    // Snapshots of version 2 and before do not record that only a 404 ended a call.
    let old = FloorSnapshot { version: 2, pieces: vec![text.to_string()], ..taken.clone() };
    let (mut floor, mut older) = (taken.floor().unwrap(), old.floor().unwrap());
    let before = history.entries.len();
    history.call_said("updated", &established());
    for entry in &history.entries[before..] {
        floor.apply(entry);
        older.apply(entry);
    }
    assert_eq!(floor, history.floor);
    assert!(the_call(&floor).is_live() && !the_call(&older).is_live());
}
