//! The answers to created calls: what they repeat of the request, and what they print as absent.

use super::*;

/// Creates a call, and returns the answer, which `GET` must repeat.
fn created(asked: &Value) -> Value {
    let mut floor = Floor::started(TWO_CALLS);
    let answer = floor.ask(Method::Post, "/communications/calls", asked);
    assert_eq!(answer.status, 201, "{answer:?}");
    let mut created = body(&answer);
    let read =
        floor.ask(Method::Get, &format!("/communications/calls/{}", created["id"].as_str().unwrap()), &Value::Null);
    assert_eq!(body(&read), created);
    created["id"].take();
    created
}

fn asked() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.call",
        "subject": "Create a group call with application hosted media",
        "callbackUri": "https://bot.contoso.com/callback",
        "requestedModalities": ["audio"],
        "mediaConfig": {
            "@odata.type": "#microsoft.graph.appHostedMediaConfig",
            "blob": "<Media Session Configuration>",
            "removeFromDefaultAudioGroup": false,
        },
        "targets": [{ "identity": { "user": { "id": "user1" } } }],
    })
}

#[test]
fn a_created_call_repeats_what_was_asked() {
    let mut asked = asked();
    asked["source"] = json!({
        "@odata.type": "#microsoft.graph.participantInfo",
        "identity": { "application": { "id": "dd3885da-f9ab-486b-bfae-85de3d445555", "displayName": "TestBot" } },
        "region": "amer",
        "languageId": "en-GB",
        "countryCode": "GB",
        "endpointType": "default",
    });
    let call = created(&asked);
    assert_eq!(call["mediaConfig"], asked["mediaConfig"]);
    assert_eq!(call["subject"], asked["subject"]);
    for member in ["region", "languageId", "countryCode", "endpointType"] {
        assert_eq!(call["source"][member], asked["source"][member], "{member}");
    }
}

#[test]
fn a_created_call_prints_absent_members_as_documented() {
    let call = created(&asked());
    for pointer in [
        "/source/region",
        "/source/languageId",
        "/terminationReason",
        "/meetingCapability",
        "/toneInfo",
        "/chatInfo",
        "/answeredBy",
        "/resultInfo",
        "/mediaState",
        "/transcription",
        "/ringingTimeoutInSeconds",
    ] {
        assert_eq!(call.pointer(pointer), Some(&Value::Null), "{pointer}");
    }
    for member in ["callRoutes", "activeModalities", "routingPolicies"] {
        assert_eq!(call[member], json!([]), "{member}");
    }
}

#[test]
fn a_joined_meeting_prints_its_passcode() {
    for passcode in [Value::Null, json!("psw123")] {
        let mut asked = asked();
        asked.as_object_mut().unwrap().remove("targets");
        asked["chatInfo"] = json!({ "threadId": "19:meeting_x@thread.v2", "messageId": "0" });
        asked["meetingInfo"] = json!({
            "@odata.type": "#microsoft.graph.joinMeetingIdMeetingInfo", "joinMeetingId": "1234567", "passcode": passcode,
        });
        let call = created(&asked);
        assert_eq!(call["meetingInfo"], asked["meetingInfo"]);
        assert_eq!(call["chatInfo"].get("replyChainMessageId"), Some(&Value::Null));
    }
}
