//! Policy-based recording: the call, its deadline, replies about people who join, and people who leave.

use super::*;
use crate::graph::ParticipantId;
use crate::sim::scenario::PersonAction;
use crate::sim::settings::Unrecorded;
use crate::sim::world::ExpectedReply;

const RECORDED: &str = r#"
name = "recorded"
description = "a call under a recording policy"
[[calls]]
subject = "Trade"
kind = "group"
at = "1s"
answeredBy = "client"
people = [
  { name = "Ada", recorded = true },
  { name = "Bob" },
  { name = "Cleo", recorded = true, joins = "20s" },
]
"#;

/// Returns a floor in which the recorder is being called, and the first notification of that call.
fn called() -> (Floor, Value) {
    let mut floor = Floor::started(RECORDED);
    let leaving = floor.wait(Millis::seconds(1));
    assert_eq!(leaving[0].expects, ExpectedReply::AddressOrReceipt);
    (floor, leaving[0].notification.clone())
}

fn answer(floor: &mut Floor, capacity: i64) {
    let asked = json!({
        "callbackUri": "https://bot.contoso.com/callback",
        "acceptedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "x" },
        "participantCapacity": capacity,
    });
    let path = format!("{}/answer", floor.path("Trade", None));
    assert_eq!(floor.ask(Method::Post, &path, &asked).status, 202);
}

/// Waits until Cleo joins, and returns her id and the notifications that ask the recorder about her.
fn asked_about_cleo(floor: &mut Floor) -> (ParticipantId, Vec<OutgoingNotification>) {
    let cleo = floor.call("Trade").participants.iter().find(|it| &*it.name == "Cleo").unwrap().id.clone();
    (cleo, floor.wait(Millis::seconds(20)))
}

fn is_here(floor: &Floor, name: &str) -> bool {
    floor.call("Trade").participants.iter().any(|it| &*it.name == name && it.presence == "here")
}

#[test]
fn a_recorder_receives_the_observed_person_and_has_five_seconds() {
    let (mut floor, incoming) = called();
    let data = &incoming["resourceData"];
    let ada = floor.call("Trade").participants[0].id.to_string();
    assert_eq!((&incoming["changeType"], &data["state"]), (&json!("created"), &json!("incoming")));
    assert_eq!(data["incomingContext"]["observedParticipantId"], ada.as_str());
    let bot_data = &data["applicationMetadata"]["botData"];
    assert_eq!(bot_data["inviteReasons"], json!(["PolicyBasedRecording"]));
    for member in ["mediaHostedRegion", "user", "policyIdentifier", "pairedRecorders", "otherRecorders"] {
        assert!(!bot_data[member].is_null(), "{member} is documented");
    }
    assert_eq!(data["incomingContext"]["sourceParticipantId"], ada.as_str());
    assert_eq!(data["meetingInfo"]["@odata.type"], "#microsoft.graph.tokenMeetingInfo");
    for member in ["tenantId", "myParticipantId", "callChainId", "id", "source", "targets"] {
        assert!(!data[member].is_null(), "{member}");
    }
    let item: Notification = read(&incoming.to_string()).unwrap();
    assert!(matches!(item.resource, NotifiedResource::Call(..)));
    assert!(floor.wait(Millis(4_999)).is_empty());
    let gone = floor.wait(Millis(1));
    assert_eq!(gone[0].notification["changeType"], "deleted");
    assert!(floor.world.call_views().is_empty());
}

#[test]
fn a_recorder_with_room_is_asked_about_joins_and_notified_of_leaves() {
    let (mut floor, _) = called();
    answer(&mut floor, 2);
    let (cleo, leaving) = asked_about_cleo(&mut floor);
    assert!(is_here(&floor, "Ada") && is_here(&floor, "Bob") && !is_here(&floor, "Cleo"));
    let asked = leaving.iter().find(|it| it.expects == ExpectedReply::Reply(cleo.clone())).unwrap();
    assert_eq!(asked.notification["@odata.type"], "#microsoft.graph.participantJoiningNotification");
    assert_eq!(asked.notification["call"]["incomingContext"]["observedParticipantId"], json!(cleo));
    let item: Notification = read(&asked.notification.to_string()).unwrap();
    assert!(matches!(item.resource, NotifiedResource::Joining(..)));
    let call = floor.call("Trade").id;
    let accept = br##"{"@odata.type":"#microsoft.graph.acceptJoinResponse"}"##;
    let notified = floor.world.take_reply(floor.now, &call, &cleo, accept);
    assert!(person(&rosters(&notified)[0], "Cleo").is_some());
    assert!(floor.world.take_reply(floor.now, &call, &cleo, accept).is_empty(), "a second reply has no effect");
    let (_, notified) = floor.world.direct(floor.now, &call, &cleo, PersonAction::Leave).unwrap();
    let left = notified.iter().find(|it| it.notification["participantId"] == json!(cleo)).unwrap();
    assert_eq!(left.notification["@odata.type"], "#microsoft.graph.participantLeftNotification");
    let item: Notification = read(&left.notification.to_string()).unwrap();
    assert!(matches!(item.resource, NotifiedResource::Left(Some(..))));
}

#[test]
fn a_rejected_person_stays_out_unless_set() {
    let reject = br##"{"@odata.type":"#microsoft.graph.rejectJoinResponse","reason":"Busy"}"##;
    for (reply, unrecorded, comes) in [
        (Some(&reject[..]), Unrecorded::StaysOut, false),
        (Some(&reject[..]), Unrecorded::Joins, true),
        (Some(&b"OK"[..]), Unrecorded::StaysOut, false),
        (None, Unrecorded::StaysOut, false),
        (None, Unrecorded::Joins, true),
    ] {
        let (mut floor, _) = called();
        floor.world.set_settings(SimSettings { unrecorded, ..SimSettings::default() });
        answer(&mut floor, 2);
        let (cleo, _) = asked_about_cleo(&mut floor);
        let call = floor.call("Trade").id;
        if let Some(reply) = reply {
            floor.world.take_reply(floor.now, &call, &cleo, reply);
        }
        floor.wait(Millis::seconds(6));
        assert_eq!(is_here(&floor, "Cleo"), comes, "{reply:?} {unrecorded:?}");
    }
}

#[test]
fn a_second_recorder_is_called_at_the_replied_or_registered_address() {
    for (capacity, place) in [(2, Some("https://other.contoso.com/calls")), (1, None)] {
        let (mut floor, _) = called();
        answer(&mut floor, capacity);
        let (cleo, mut leaving) = asked_about_cleo(&mut floor);
        let call = floor.call("Trade").id;
        let invite = json!({ "@odata.type": "#microsoft.graph.inviteNewBotResponse", "inviteUri": place });
        leaving.extend(floor.world.take_reply(floor.now, &call, &cleo, invite.to_string().as_bytes()));
        leaving.extend(floor.wait(Millis(1)));
        let incoming = leaving.iter().find(|it| it.notification["changeType"] == "created").unwrap();
        assert_eq!(incoming.callback.as_deref(), place);
        assert!(incoming.notification["resourceData"]["source"].to_string().contains("Cleo"));
        let chain = &incoming.notification["resourceData"]["callChainId"];
        let first = body(&floor.ask(Method::Get, &floor.path("Trade", None), &Value::Null));
        assert_eq!(*chain, first["callChainId"]);
        assert!(is_here(&floor, "Cleo"));
    }
}

#[test]
fn participant_capacity_must_be_a_positive_number() {
    let (mut floor, _) = called();
    let path = format!("{}/answer", floor.path("Trade", None));
    for capacity in [json!(0), json!(-1), json!("2")] {
        let asked = json!({
            "callbackUri": "https://bot.contoso.com/callback",
            "acceptedModalities": ["audio"],
            "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
            "participantCapacity": capacity,
        });
        assert_eq!(refusal(&floor.ask(Method::Post, &path, &asked)), (400, "invalidRequest"), "{capacity}");
    }
}

#[test]
fn only_a_recorder_updates_the_recording_status_and_no_roster_follows() {
    let asked = json!({ "status": "recording", "clientContext": "mark" });
    let mut ordinary = Floor::started(TWO_CALLS);
    for subject in ["Group", "Pair"] {
        let path = format!("{}/updateRecordingStatus", ordinary.path(subject, None));
        assert_eq!(refusal(&ordinary.ask(Method::Post, &path, &asked)), (403, "8506"), "{subject}");
    }
    let (mut floor, _) = called();
    let path = format!("{}/updateRecordingStatus", floor.path("Trade", None));
    assert_eq!(refusal(&floor.ask(Method::Post, &path, &asked)), (409, "conflict"), "it is not answered yet");
    answer(&mut floor, 2);
    floor.wait(Millis::seconds(3));
    let told = floor.ask(Method::Post, &path, &asked);
    let operation = json!({
        "@odata.type": "#microsoft.graph.updateRecordingStatusOperation",
        "clientContext": "mark",
        "id": body(&told)["id"],
        "resultInfo": null,
        "status": "completed",
    });
    assert_eq!((told.status, body(&told)), (200, operation));
    assert!(floor.wait(Millis::seconds(2)).is_empty());
}
