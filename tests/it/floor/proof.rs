//! Every row of graph-contract.md, "Operations and their proof", as a journal.

use callboard::floor::{
    Act, CallKind, Fact, Floor, GraphReading, HoldSource, MicState, Noted, Operation, OperationStatus, Outcome,
    ProofSource, Ticket, Uncertainty,
};
use callboard::graph::{CallId, OperationId, ParticipantId};
use callboard::time::Millis;
use serde_json::{Value, json};

use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person, raw};

fn everyone(change: &Value) -> Vec<Value> {
    vec![person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), change)]
}

fn operation<'a>(floor: &'a Floor, ticket: &str) -> &'a Operation {
    floor.operation_by_ticket(&Ticket(ticket.into())).unwrap()
}

fn standing(history: &History, ticket: &str) -> OperationStatus {
    operation(&history.floor, ticket).standing(history.now())
}

fn bob(history: &History) -> callboard::floor::Person {
    let call = history.floor.call(&CallId::new(CALL).unwrap()).unwrap();
    call.people[&ParticipantId::new(BOB).unwrap()].clone()
}

fn completed(kind: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": "17e3b46c-f61d-4f4d-9635-c626ef18e6ad",
           "status": "completed", "clientContext": "t"})
}

#[test]
fn only_a_roster_confirms_a_mute() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB));
    assert_eq!(standing(&history, "t"), OperationStatus::Sent);
    history.later(60).replied("t", 200, &completed("muteParticipantOperation"));
    assert_eq!(standing(&history, "t"), OperationStatus::Accepted, "the answer alone proves nothing");
    history.later(200).roster(&everyone(&json!({})));
    assert_eq!(standing(&history, "t"), OperationStatus::Accepted, "a roster that shows him talking proves nothing");
    history.later(50).roster(&everyone(&json!({"isMuted": true})));
    assert_eq!(standing(&history, "t"), OperationStatus::Confirmed);
    let muted = operation(&history.floor, "t");
    assert_eq!(muted.proof.as_ref().unwrap().evidence, ProofSource::Roster);
    assert_eq!(muted.accept_latency(), Some(Millis(65)));
    assert_eq!(muted.proof_latency(), Some(Millis(315)));
    assert_eq!(bob(&history).mic(), MicState::MutedServer);
}

#[test]
fn server_muted_is_shown_as_the_stronger_evidence() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB)).replied("t", 200, &completed("muteParticipantOperation"));
    history.roster(&everyone(&json!({"isMuted": true, "mediaStreams": {"serverMuted": true}})));
    assert_eq!(operation(&history.floor, "t").proof.as_ref().unwrap().evidence, ProofSource::RosterServerMuted);
}

#[test]
fn proof_before_the_answer_counts_once_accepted() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB)).roster(&everyone(&json!({"isMuted": true})));
    assert_eq!(standing(&history, "t"), OperationStatus::Sent);
    history.later(40).replied("t", 200, &completed("muteParticipantOperation"));
    assert_eq!(standing(&history, "t"), OperationStatus::Confirmed);
}

#[test]
fn a_roster_from_before_the_request_proves_nothing() {
    let mut history = History::seated();
    history.roster(&everyone(&json!({"isMuted": true}))).roster(&everyone(&json!({})));
    history.asked("t", Act::Mute, Some(BOB)).replied("t", 200, &completed("muteParticipantOperation"));
    assert_eq!(standing(&history, "t"), OperationStatus::Accepted);
}

#[test]
fn a_mute_without_proof_in_three_seconds_is_unconfirmed_and_may_still_be_confirmed() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB)).replied("t", 200, &completed("muteParticipantOperation"));
    history.later(3_000);
    assert_eq!(standing(&history, "t"), OperationStatus::Accepted);
    history.later(1);
    assert_eq!(standing(&history, "t"), OperationStatus::Unconfirmed);
    history.later(9_000).roster(&everyone(&json!({"isMuted": true})));
    assert_eq!(standing(&history, "t"), OperationStatus::Confirmed);
}

#[test]
fn a_mute_of_a_muted_person_needs_a_change_of_server_muted() {
    let mut history = History::seated();
    history.roster(&everyone(&json!({"isMuted": true, "mediaStreams": {"serverMuted": false}})));
    history.asked("t", Act::Mute, Some(BOB)).replied("t", 200, &completed("muteParticipantOperation"));
    history.roster(&everyone(&json!({"isMuted": true, "mediaStreams": {"serverMuted": false}})));
    assert_eq!(standing(&history, "t"), OperationStatus::AlreadySo);
    history.roster(&everyone(&json!({"isMuted": true, "mediaStreams": {"serverMuted": true}})));
    assert_eq!(standing(&history, "t"), OperationStatus::Confirmed);
}

#[test]
fn a_person_who_leaves_first_is_left_and_later_unmutes_are_logged() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB)).replied("t", 200, &completed("muteParticipantOperation"));
    history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    assert_eq!(standing(&history, "t"), OperationStatus::Left);

    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB)).replied("t", 200, &completed("muteParticipantOperation"));
    history.later(300).roster(&everyone(&json!({"isMuted": true})));
    history.later(14_000).roster(&everyone(&json!({})));
    let line = history.floor.event_log().next_back().unwrap();
    assert_eq!((&*line.name, line.what.to_string().as_str()), ("Bob", "unmuted 0:14 after dana's mute"));
    assert_eq!(standing(&history, "t"), OperationStatus::Confirmed, "a proof is not taken back");
}

#[test]
fn the_applications_own_mute_is_proved_by_its_own_roster_entry() {
    let mut history = History::seated();
    history.asked("t", Act::MuteSelf, None).replied("t", 200, &completed("muteParticipantOperation"));
    history.roster(&everyone(&json!({"isMuted": true})));
    assert_eq!(standing(&history, "t"), OperationStatus::Accepted, "Bob's mute is not the application's");
    let mut people = everyone(&json!({}));
    people[0] = but(person(ME, "Callboard"), &json!({"isMuted": true}));
    history.roster(&people);
    assert_eq!(standing(&history, "t"), OperationStatus::Confirmed);
    history.asked("u", Act::UnmuteSelf, None).replied("u", 200, &completed("unmuteParticipantOperation"));
    history.roster(&everyone(&json!({})));
    assert_eq!(standing(&history, "u"), OperationStatus::Confirmed);
}

#[test]
fn a_release_is_confirmed_in_both_documented_forms() {
    let stop = |status: &str, ticket: &str| {
        json!({"@odata.type": "#microsoft.graph.stopHoldMusicOperation", "id": "0fe0623f-d628-42ed-b4bd-8ac290072cc5",
               "status": status, "clientContext": ticket, "resultInfo": null})
    };
    let mut history = History::seated();
    history.asked("h", Act::Hold, Some(BOB)).replied("h", 202, &json!({"id": "aa", "status": "running"}));
    assert_eq!(bob(&history).hold, None, "a hold is ours only once it is proved");
    history.later(500).operation_said("startHoldMusicOperation", "aa", "h", "completed");
    let hold = bob(&history).hold.unwrap();
    assert!(matches!(hold.source, HoldSource::Ours { ref by, .. } if &**by == "dana"));
    assert!(hold.since.exact);

    history.asked("r", Act::Release, Some(BOB)).replied("r", 202, &stop("running", "r"));
    assert_eq!(standing(&history, "r"), OperationStatus::Accepted);
    history.operation_said("stopHoldMusicOperation", "0fe0623f-d628-42ed-b4bd-8ac290072cc5", "r", "completed");
    assert_eq!(operation(&history.floor, "r").proof.as_ref().unwrap().evidence, ProofSource::Notice);
    assert_eq!((standing(&history, "r"), bob(&history).hold), (OperationStatus::Confirmed, None));

    history.asked("h2", Act::Hold, Some(BOB)).replied("h2", 202, &json!({"id": "bb", "status": "completed"}));
    assert_eq!(standing(&history, "h2"), OperationStatus::Confirmed);
    history.asked("r2", Act::Release, Some(BOB)).replied("r2", 202, &stop("completed", "r2"));
    assert_eq!(operation(&history.floor, "r2").proof.as_ref().unwrap().evidence, ProofSource::Answer);
    assert_eq!((standing(&history, "r2"), bob(&history).hold), (OperationStatus::Confirmed, None));
}

#[test]
fn a_notification_matches_by_operation_id_or_ticket_before_or_after_the_answer() {
    let mut history = History::seated();
    history.asked("h", Act::Hold, Some(BOB));
    history.operation_said("startHoldMusicOperation", "aa", "h", "completed");
    assert_eq!(standing(&history, "h"), OperationStatus::Sent, "the acceptance is still to come");
    history.replied("h", 202, &json!({"id": "aa", "status": "running"}));
    assert_eq!(standing(&history, "h"), OperationStatus::Confirmed);

    let mut history = History::seated();
    history.asked("h", Act::Hold, Some(BOB));
    history.notified(&json!({
        "changeType": "deleted", "resourceUrl": format!("communications/calls/{CALL}/operations/AA"),
        "resourceData": {"@odata.type": "#microsoft.graph.startHoldMusicOperation", "status": "failed",
                         "resultInfo": {"code": "400", "subCode": "8508", "message": "operation was cancelled"}},
    }));
    history.replied("h", 202, &json!({"id": "aa", "status": "running"}));
    assert_eq!(standing(&history, "h"), OperationStatus::Failed);
    assert_eq!(operation(&history.floor, "h").reason(), Some("400/8508 operation was cancelled"));
    assert_eq!(bob(&history).hold, None);
}

#[test]
fn a_lost_answer_is_unknown_until_the_ticket_arrives() {
    let mut history = History::seated();
    history.asked("h", Act::Hold, Some(BOB));
    history.outcome("h", Outcome::Lost { sent: true, error: "timed out".into() });
    assert_eq!(standing(&history, "h"), OperationStatus::OutcomeUnknown);
    assert_eq!(bob(&history).hold.unwrap().source, HoldSource::Unknown);
    history.operation_said("startHoldMusicOperation", "aa", "h", "completed");
    assert_eq!(standing(&history, "h"), OperationStatus::Confirmed);
    history.asked("n", Act::Hold, Some(ADA));
    history.outcome("n", Outcome::Lost { sent: false, error: "connection refused".into() });
    assert_eq!(standing(&history, "n"), OperationStatus::Refused);
}

#[test]
fn removing_and_hanging_up_are_proved_by_absence_and_by_the_calls_end() {
    let mut history = History::seated();
    history.asked("x", Act::Remove, Some(BOB)).replied("x", 204, &Value::Null);
    assert_eq!(standing(&history, "x"), OperationStatus::Accepted);
    history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    assert_eq!(standing(&history, "x"), OperationStatus::Confirmed);
    history.asked("m", Act::Mute, Some(ADA)).replied("m", 200, &completed("muteParticipantOperation"));
    history.asked("e", Act::HangUp, None).replied("e", 204, &Value::Null);
    history.call_said("updated", &json!({"state": "terminating"}));
    assert_eq!(standing(&history, "e"), OperationStatus::Accepted);
    history.call_said("deleted", &json!({"state": "terminated", "resultInfo": {"code": "0"}}));
    assert_eq!((standing(&history, "e"), standing(&history, "m")), (OperationStatus::Confirmed, OperationStatus::Left));
}

#[test]
fn refusals_contain_graphs_code_and_the_next_step() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB));
    history.replied(
        "t",
        403,
        &json!({"error": {"code": "7504", "message": "Insufficient enterprise tenant permissions"}}),
    );
    let why = operation(&history.floor, "t").reason().unwrap();
    assert!(why.starts_with("403 7504: Insufficient") && why.contains("administrator"), "{why}");
    history.asked("g", Act::Mute, Some(BOB));
    history.outcome("g", Outcome::Refused { reason: "viewers may not act".into(), expired: false });
    assert_eq!(standing(&history, "g"), OperationStatus::Refused);
}

#[test]
fn the_documented_mute_example_removes_nobody() {
    let mut history = History::seated();
    history.roster(&[but(person(BOB, "Bob"), &json!({"isMuted": true}))]);
    let call = history.floor.call(&CallId::new(CALL).unwrap()).unwrap();
    assert_eq!(call.present().count(), 3);
    assert_eq!(call.doubt, Some(Uncertainty::PartialRoster), "and the call is read again");
    assert_eq!(bob(&history).mic(), MicState::MutedSelf);
}

#[test]
fn inactive_audio_never_overrides_our_own_hold() {
    let mut history = History::seated();
    history.roster(&everyone(&json!({"mediaStreams": {"direction": "inactive"}})));
    assert_eq!(bob(&history).hold.unwrap().source, HoldSource::Inferred);
    history.roster(&everyone(&json!({})));
    assert_eq!(bob(&history).hold, None);
    history.asked("h", Act::Hold, Some(BOB)).replied("h", 202, &json!({"id": "bb", "status": "completed"}));
    history.roster(&everyone(&json!({})));
    assert!(bob(&history).hold.is_some(), "audio that flows does not end a hold of ours");
}

#[test]
fn a_foreign_hold_identifies_nobody() {
    let mut history = History::seated();
    history.operation_said("startHoldMusicOperation", "aa", "somebody-elses", "completed");
    assert_eq!(bob(&history).hold, None);
    let call = history.floor.call(&CallId::new(CALL).unwrap()).unwrap();
    assert_eq!(call.foreign_hold, Some(history.now()));
}

#[test]
fn a_gap_makes_every_live_call_doubtful_until_it_is_re_read() {
    let mut history = History::seated();
    assert_eq!(history.floor.doubtful().count(), 0);
    history.fact(Fact::Noted(Noted::RelayStarted));
    assert_eq!(history.floor.doubtful().count(), 1);
    assert_eq!(history.floor.gap().unwrap().resynced, None);
    history.observed(GraphReading::Participants(raw(&json!([person(ME, "Callboard"), person(ADA, "Ada")]))));
    assert_eq!(history.floor.doubtful().count(), 0);
    assert!(history.floor.gap().unwrap().resynced.is_some());
    assert!(bob(&history).left.is_some(), "a read is always everyone");
}

#[test]
fn a_one_to_one_call_has_no_roster_and_its_people_come_from_the_call() {
    let mut history = History::default();
    history.observed(GraphReading::Call(raw(&json!({
        "id": CALL, "state": "established", "direction": "outgoing", "myParticipantId": ME,
        "source": {"identity": {"application": {"displayName": "Bot", "id": "x"}}},
        "targets": [{"identity": {"user": {"displayName": "Joy Park", "id": "y"}}}],
    }))));
    let call = history.floor.call(&CallId::new(CALL).unwrap()).unwrap();
    assert_eq!((call.kind, call.title().as_str(), call.doubt), (CallKind::OneToOne, "Joy Park", None));
}

#[test]
fn a_mute_of_a_server_muted_person_is_never_confirmed() {
    let mut history = History::seated();
    let muted = json!({"isMuted": true, "mediaStreams": {"serverMuted": true}});
    history.roster(&everyone(&muted));
    history.asked("t", Act::Mute, Some(BOB)).replied("t", 200, &completed("muteParticipantOperation"));
    history.roster(&everyone(&muted));
    assert_eq!(
        standing(&history, "t"),
        OperationStatus::AlreadySo,
        "a roster that somebody else caused proves nothing"
    );
    history.asked("u", Act::UnmuteSelf, None).replied("u", 200, &completed("unmuteParticipantOperation"));
    history.roster(&everyone(&muted));
    assert_eq!(standing(&history, "u"), OperationStatus::AlreadySo);
}

#[test]
fn an_act_without_an_answer_after_a_restart_is_unknown_until_proved() {
    let mut history = History::seated();
    history.asked("t", Act::Mute, Some(BOB)).asked("h", Act::Hold, Some(ADA));
    history.fact(Fact::Noted(Noted::RelayStarted));
    assert_eq!(standing(&history, "t"), OperationStatus::OutcomeUnknown);
    history.roster(&everyone(&json!({"isMuted": true})));
    assert_eq!(standing(&history, "t"), OperationStatus::Confirmed);
    history.operation_said("startHoldMusicOperation", "aa", "h", "completed");
    assert_eq!(standing(&history, "h"), OperationStatus::Confirmed);
}

#[test]
fn a_partial_roster_proves_no_removal() {
    let mut history = History::seated();
    let stranger = "1e126418-44a0-4a94-a6f8-0efe1ad71acb";
    history.asked("x", Act::Remove, Some(stranger)).replied("x", 204, &Value::Null);
    history.roster(&[person(BOB, "Bob")]);
    assert_eq!(standing(&history, "x"), OperationStatus::Accepted);
    history.roster(&everyone(&json!({})));
    assert_eq!(standing(&history, "x"), OperationStatus::Confirmed);
}

#[test]
fn an_overtaken_read_changes_nobody() {
    let mut history = History::seated();
    let begun = history.floor.head();
    history.roster(&everyone(&json!({"isMuted": true})));
    let old = GraphReading::Participants(raw(&json!([person(ME, "Callboard"), person(ADA, "Ada")])));
    history.observed_since(old, Some(begun));
    assert_eq!((bob(&history).left, bob(&history).muted), (None, true));
}

#[test]
fn the_reason_of_an_end_is_shown_even_after_a_404() {
    let mut history = History::seated();
    history.observed(GraphReading::Gone);
    history.call_said("deleted", &json!({"state": "terminated", "resultInfo": {"code": 200, "subcode": 5001}}));
    let call = history.floor.call(&CallId::new(CALL).unwrap()).unwrap();
    assert_eq!(call.result.as_deref(), Some("200/5001"));
}

#[test]
fn a_notification_proves_only_an_act_of_its_kind_in_its_call() {
    let mut history = History::seated();
    history.asked("r", Act::Release, Some(BOB)).replied("r", 202, &json!({"status": "running"}));
    history.operation_said("startHoldMusicOperation", "aa", "r", "completed");
    assert_eq!(standing(&history, "r"), OperationStatus::Accepted);
    history.operation_said("stopHoldMusicOperation", "bb", "r", "completed");
    assert_eq!(standing(&history, "r"), OperationStatus::Confirmed);
}

#[test]
fn a_hang_up_with_404_is_accepted_and_proved_by_the_next_read() {
    let mut history = History::seated();
    history.asked("e", Act::HangUp, None);
    history.replied("e", 404, &json!({"error": {"code": "8522", "message": "Call not found."}}));
    assert_eq!(standing(&history, "e"), OperationStatus::Accepted);
    assert_eq!(history.floor.doubtful().count(), 1, "and the call is read");
    history.observed(GraphReading::Gone);
    assert_eq!(standing(&history, "e"), OperationStatus::Confirmed);
}

#[test]
fn a_read_operation_proves_or_fails_and_does_not_change_the_call() {
    let read = |body: &Value| GraphReading::Operation(OperationId::new("op1").unwrap(), raw(body));
    let running = json!({"id": "op1", "status": "running", "clientContext": "t"});
    for act in [Act::Hold, Act::Release] {
        let mut history = History::seated();
        history.asked("t", act, Some(BOB)).replied("t", 202, &running).later(11_000);
        history.observed(read(&running));
        assert_eq!(standing(&history, "t"), OperationStatus::Unconfirmed, "{act}");
        let mut failed = history.clone();
        history.observed(read(&json!({"id": "op1", "status": "completed"})));
        assert_eq!(standing(&history, "t"), OperationStatus::Confirmed, "{act}");
        let proof = history.floor.operation_by_ticket(&Ticket("t".into())).unwrap().proof.clone().unwrap();
        assert_eq!(proof.evidence, ProofSource::Read, "{act}");
        failed.observed(read(&json!({"id": "op1", "status": "failed"})));
        assert_eq!(standing(&failed, "t"), OperationStatus::Failed, "{act}");
    }
    let mut history = History::seated();
    history.fact(Fact::Noted(Noted::Gap { reason: "the disk was full".into(), from: None }));
    let doubts = history.floor.doubtful().count();
    history.observed(read(&running)).observed(read(&json!({"id": "op1", "status": "completed"})));
    assert_eq!((doubts, history.floor.doubtful().count()), (1, 1));
}
