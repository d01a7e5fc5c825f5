//! Tests that attribute notifications to operations, and choose the proof and the latency that count.

use callboard::floor::{Act, CallKind, Floor, Operation, OperationStatus, ProofSource, Ticket};
use callboard::graph::CallId;
use serde_json::{Value, json};

use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person};

/// The id that Graph gave the operation in its answer.
const GIVEN: &str = "17e3b46c-f61d-4f4d-9635-c626ef18e6ad";

fn operation(floor: &Floor) -> &Operation {
    floor.operation_by_ticket(&Ticket("t".into())).unwrap()
}

fn standing(history: &History) -> OperationStatus {
    operation(&history.floor).standing(history.now())
}

fn answer(kind: &str, status: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": GIVEN, "status": status, "clientContext": "t"})
}

fn roster(history: &mut History, bob: &Value) {
    history.later(200).roster(&[person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), bob)]);
}

/// A notification without a ticket.
fn nameless(history: &mut History, kind: &str, operation: &str) {
    history.later(100).notified(&json!({
        "changeType": "deleted", "resourceUrl": format!("communications/calls/{CALL}/operations/{operation}"),
        "resourceData": {"@odata.type": format!("#microsoft.graph.{kind}"), "status": "completed"},
    }));
}

fn is_held_by_another(history: &History) -> bool {
    let call = history.floor.call(&CallId::new(CALL).unwrap()).unwrap();
    assert_eq!(call.kind, CallKind::Group);
    call.foreign_hold.is_some()
}

#[test]
fn a_final_answer_has_no_proof_latency() {
    let mut history = History::seated();
    history.asked("t", Act::Hold, Some(BOB)).later(60);
    history.replied("t", 202, &answer("startHoldMusicOperation", "completed"));
    assert_eq!(standing(&history), OperationStatus::Confirmed);
    assert_eq!(operation(&history.floor).proof.as_ref().unwrap().evidence, ProofSource::Answer);
    assert_eq!(history.floor.statistics().proof_p50, None);
    assert!(history.floor.hour(history.now()).iter().flatten().all(|it| it.proofs() == 0));
}

#[test]
fn the_first_proof_stays_when_a_stronger_one_follows() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB));
    roster(&mut history, &json!({"isMuted": true}));
    let first = operation(&history.floor).proof.clone().unwrap();
    roster(&mut history, &json!({"isMuted": true, "mediaStreams": {"serverMuted": true}}));
    history.replied("t", 200, &answer("muteParticipantOperation", "completed"));
    assert_eq!((standing(&history), &first.evidence), (OperationStatus::Confirmed, &ProofSource::Roster));
    assert_eq!(operation(&history.floor).proof.as_ref().unwrap().at, first.at);
}

#[test]
fn an_early_notification_counts_unless_it_precedes_the_request() {
    for (before, stands) in [(true, OperationStatus::Accepted), (false, OperationStatus::Confirmed)] {
        let mut history = History::seated();
        if before {
            nameless(&mut history, "startHoldMusicOperation", GIVEN);
        }
        history.asked("t", Act::Hold, Some(BOB));
        if !before {
            nameless(&mut history, "startHoldMusicOperation", GIVEN);
        }
        history.later(60).replied("t", 202, &answer("startHoldMusicOperation", "running"));
        assert_eq!(standing(&history), stands, "before the ask: {before}");
    }
}

#[test]
fn an_anonymous_hold_is_foreign_unless_one_of_ours_is_open() {
    let mut history = History::seated();
    history.asked("t", Act::Hold, Some(BOB));
    nameless(&mut history, "startHoldMusicOperation", "other");
    assert!(!is_held_by_another(&history), "it may be ours, whose answer is on the way");
    history.replied("t", 202, &answer("startHoldMusicOperation", "completed"));
    nameless(&mut history, "startHoldMusicOperation", "other");
    assert!(!is_held_by_another(&history), "a repeat says nothing new");
    nameless(&mut history, "startHoldMusicOperation", "next");
    assert!(is_held_by_another(&history), "none of ours is open");
    nameless(&mut history, "stopHoldMusicOperation", "last");
    assert!(!is_held_by_another(&history));
}
