//! Tests of calls that a wrong 404 ended: what restores them, and what does not.

use callboard::floor::{Floor, FloorCall, FloorSnapshot, GraphReading, Uncertainty};
use callboard::graph::{CallId, CallState, OperationId};
use serde_json::{Value, json};

use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person, raw};

const LINE: &str = "the call is there after all: Graph's 404 was wrong";

fn there(floor: &Floor) -> &FloorCall {
    floor.call(&CallId::new(CALL).unwrap()).unwrap()
}

/// A call with a muted Bob that Graph did not know a minute later.
fn lost() -> History {
    let mut history = History::seated();
    history.roster(&everyone(&json!({"isMuted": true}))).later(60_000).observed(GraphReading::Gone).later(5_000);
    assert!(!there(&history.floor).is_live());
    assert_eq!(history.floor.statistics().calls, 0);
    history
}

fn everyone(bob: &Value) -> Vec<Value> {
    vec![person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), bob)]
}

fn established() -> Value {
    json!({"id": CALL, "state": "established"})
}

fn present(history: &History) -> usize {
    there(&history.floor).present().count()
}

/// Graph reports the call as live.
fn speaks(history: &mut History, what: &str) {
    match what {
        "call" => history.call_said("updated", &established()),
        "roster" => history.roster(&everyone(&json!({"isMuted": true}))),
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
    let news = [
        ("call", 0),
        ("roster", 3),
        ("delta roster", 1),
        ("operation", 0),
        ("call that is read", 0),
        ("call that is read, without a state", 0),
    ];
    for (what, people) in news {
        let mut history = lost();
        speaks(&mut history, what);
        let call = there(&history.floor);
        assert!(call.is_live(), "{what}");
        assert_eq!(
            (&call.state, call.doubt, &call.result),
            (&CallState::Established, Some(Uncertainty::Gap), &None),
            "{what}"
        );
        assert_eq!(present(&history), people, "{what}");
        assert_eq!(history.floor.event_log().filter(|it| it.what.to_string() == LINE).count(), 1, "{what}");
        assert_eq!(history.floor.doubtful().count(), 1, "{what}");
        assert_eq!(history.floor.statistics().calls, 1, "{what}");
        // It stays for longer than an ended call would.
        history.later(3_600_000).roster(&everyone(&json!({})));
        assert!(there(&history.floor).is_live() && present(&history) == 3, "{what}");
    }
}

#[test]
fn a_restored_call_has_its_people_as_before() {
    let mut history = lost();
    let joined = there(&history.floor).people.values().map(|it| it.joined).max().unwrap();
    let people = [person(ME, "Callboard"), but(person(BOB, "Bob"), &json!({"isMuted": true}))];
    history.observed(GraphReading::Participants(raw(&json!(people))));
    let call = there(&history.floor);
    assert!(call.is_live() && call.doubt.is_none());
    let bob = call.present().find(|it| &*it.name == "Bob").unwrap();
    assert!(bob.muted && bob.joined <= joined, "{bob:?}");
    assert!(call.present().all(|it| &*it.name != "Ada"));
    let said: Vec<String> = history.floor.event_log().rev().take(2).map(|it| it.what.to_string()).collect();
    assert_eq!(said, [LINE, "call ended (404, Graph does not know it any more)"], "nobody joins, nobody mutes");
    // A person who stays absent is forgotten like one who left.
    history.later(3_600_000).roster(&people);
    assert_eq!(there(&history.floor).people.len(), 2);
}

#[test]
fn an_end_reported_by_graph_is_final() {
    let ended = json!({"state": "terminated", "resultInfo": {"code": 200, "subcode": 5001}});
    let mut told = History::seated();
    told.call_said("deleted", &ended);
    let mut told_later = lost();
    told_later.call_said("updated", &json!({"state": "terminated"}));
    for mut history in [told, told_later] {
        history.later(1_000).call_said("updated", &established()).roster(&everyone(&json!({})));
        history.operation_said("playPromptOperation", "aa", "x", "completed");
        history.observed(GraphReading::Call(raw(&established()))).observed(GraphReading::Participants(raw(&json!([]))));
        assert!(!there(&history.floor).is_live());
    }
}

#[test]
fn other_notifications_do_not_restore_a_call() {
    let mut history = lost();
    let mut left = person(BOB, "Bob");
    left["removedState"] = json!({"reason": "Participant has left the meeting call."});
    history.call_said("updated", &json!({"state": "terminating"})).call_said("updated", &json!({"subject": "Other"}));
    history.roster(&[]).roster(&[left]);
    let operation = raw(&json!({"id": "aa", "status": "completed"}));
    history.observed(GraphReading::Operation(OperationId::new("aa").unwrap(), operation));
    assert!(!there(&history.floor).is_live());
    history.call_said("updated", &established());
    assert!(there(&history.floor).is_live(), "and it was not final either");
}

#[test]
fn a_read_that_began_before_the_404_does_not_contradict_it() {
    let mut history = History::seated();
    let before = history.floor.head();
    history.observed(GraphReading::Gone);
    let after = history.floor.head();
    let people = || GraphReading::Participants(raw(&json!(everyone(&json!({})))));
    history
        .observed_since(GraphReading::Call(raw(&established())), Some(before))
        .observed_since(people(), Some(before));
    assert!(!there(&history.floor).is_live());
    history.observed_since(people(), Some(after));
    assert!(there(&history.floor).is_live());
}

#[test]
fn an_overtaken_404_does_not_end_the_call() {
    let mut history = History::seated();
    let before = history.floor.head();
    history.roster(&everyone(&json!({})));
    assert_eq!(history.floor.doubtful().count(), 0);
    history.observed_since(GraphReading::Gone, Some(before));
    assert!(there(&history.floor).is_live());
    assert_eq!(history.floor.doubtful().count(), 1);
    let now = history.floor.head();
    history.observed_since(GraphReading::Gone, Some(now));
    assert!(!there(&history.floor).is_live());
}

#[test]
fn an_end_by_404_survives_a_snapshot_and_old_snapshots_stay_ended() {
    let mut history = lost();
    let taken = history.floor.snapshot();
    let mut text: Value = serde_json::to_value(&history.floor).unwrap();
    text["calls"][CALL].as_object_mut().unwrap().remove("unfound").unwrap();
    let old = FloorSnapshot { version: 2, pieces: vec![text.to_string()], ..taken.clone() };
    let (mut floor, mut older) = (taken.floor().unwrap(), old.floor().unwrap());
    let before = history.entries.len();
    history.call_said("updated", &established());
    for entry in &history.entries[before..] {
        floor.apply(entry);
        older.apply(entry);
    }
    assert_eq!(floor, history.floor);
    assert!(there(&floor).is_live() && !there(&older).is_live());
}
