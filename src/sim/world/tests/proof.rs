//! Proof of actions: the answers, rosters and notifications have the documented members.

use super::*;

/// Asserts that `actual` has every member of the documented example, with the same JSON type. Values may differ.
fn has_every_member(actual: &Value, documented: &Value, place: &str) {
    match documented {
        Value::Object(members) => {
            for (name, inner) in members {
                let found = actual.get(name).unwrap_or_else(|| panic!("{place}.{name} is missing in {actual}"));
                has_every_member(found, inner, &format!("{place}.{name}"));
            }
        }
        Value::Array(items) => {
            let found = actual.as_array().unwrap_or_else(|| panic!("{place} is no array"));
            assert!(!found.is_empty(), "{place} is empty");
            for one in found {
                has_every_member(one, &items[0], place);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            assert_eq!(std::mem::discriminant(actual), std::mem::discriminant(documented), "{place}: {actual}");
        }
    }
}

#[test]
fn a_mute_is_answered_and_proved_as_documented() {
    let mut floor = Floor::started(TWO_CALLS);
    let answer = floor.act("Group", "Ada", "mute");
    assert_eq!(answer.status, 200);
    let AnswerContent::Entity { context, .. } = &answer.content else { panic!() };
    assert_eq!(context.as_deref(), Some("muteParticipantOperation"));
    assert!(matches!(&answer.location, Some(Route::Operation(..))));
    let documented = json!({
        "@odata.type": "#microsoft.graph.muteParticipantOperation",
        "id": "17e3b46c-f61d-4f4d-9635-c626ef18e6ad",
        "status": "completed",
        "clientContext": "d45324c1-fcb5-430a-902c-f20af696537c",
    });
    has_every_member(&body(&answer), &documented, "answer");
    assert_eq!((&body(&answer)["status"], &body(&answer)["clientContext"]), (&json!("completed"), &json!("mark")));

    let leaving = floor.wait(Millis(700));
    assert_eq!(leaving.len(), 1, "a mute has no operation notification: {leaving:?}");
    let roster = &rosters(&leaving)[0];
    let documented = json!({
        "@odata.type": "#microsoft.graph.commsNotification",
        "changeType": "updated",
        "resourceUrl": "/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896/participants",
        "resourceData": [{
            "@odata.type": "#microsoft.graph.participant",
            "id": "2765eb15-01f8-47c6-b12b-c32111a4a86f",
            "info": { "identity": {}, "region": "westus", "languageId": "en-US", "participantId": "", "endpointType": "" },
            "mediaStreams": [{ "mediaType": "audio", "label": "main-audio", "sourceId": "1", "direction": "sendReceive" }],
            "isInLobby": false,
        }],
    });
    has_every_member(roster, &documented, "roster");
    let ada = person(roster, "Ada").unwrap();
    assert_eq!(ada["isMuted"], json!(true));
    assert_eq!(ada["mediaStreams"][0]["serverMuted"], json!(true));
    assert_eq!(ada["info"]["identity"]["user"]["displayName"], json!("Ada"));
    assert_eq!(person(roster, "Support Bot").unwrap()["id"], json!(floor.call("Group").my_participant_id));
    assert_eq!(roster["resourceData"].as_array().unwrap().len(), 4, "a roster lists everyone");

    floor.act("Group", "Ada", "mute");
    assert!(floor.wait(Millis(700)).is_empty(), "a repeated mute changes nothing, so no notification follows");
}

#[test]
fn the_application_mutes_and_unmutes_only_itself() {
    let mut floor = Floor::started(TWO_CALLS);
    for (action, muted, kind) in [("mute", true, "mute"), ("unmute", false, "unmute")] {
        let path = format!("{}/{action}", floor.path("Group", None));
        let answer = floor.ask(Method::Post, &path, &json!({ "clientContext": "clientContext-value" }));
        assert_eq!(body(&answer)["@odata.type"], json!(format!("#microsoft.graph.{kind}ParticipantOperation")));
        let leaving = floor.wait(Millis(700));
        let bot = person(&rosters(&leaving)[0], "Support Bot").unwrap().clone();
        assert_eq!(bot["isMuted"], json!(muted));
    }
}

#[test]
fn people_unmute_themselves_and_leave_during_a_call() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.act("Group", "Bob", "mute");
    floor.wait(Millis(700));
    let leaving = floor.wait(Millis::seconds(14));
    let bob = person(&rosters(&leaving)[0], "Bob").unwrap().clone();
    assert_eq!((&bob["isMuted"], &bob["mediaStreams"][0]["serverMuted"]), (&json!(false), &json!(false)));

    floor.act("Group", "Lena", "mute");
    let sent = rosters(&floor.wait(Millis::seconds(1)));
    assert!(!sent.is_empty() && sent.iter().all(|it| person(it, "Lena").is_none()));
    let lena = floor.ask(Method::Get, &floor.path("Group", Some("Lena")), &Value::Null);
    assert_eq!(refusal(&lena), (404, "itemNotFound"));
}

#[test]
fn hold_and_release_are_proved_by_their_documented_notification() {
    let mut floor = Floor::started(TWO_CALLS);
    for (action, kind) in [("startHoldMusic", "startHoldMusicOperation"), ("stopHoldMusic", "stopHoldMusicOperation")] {
        let answer = floor.act("Group", "Bob", action);
        assert_eq!(answer.status, 202);
        let operation = body(&answer);
        let documented = json!({
            "@odata.type": format!("#microsoft.graph.{kind}"),
            "id": operation["id"],
            "status": "running",
            "clientContext": "mark",
        });
        assert_eq!(operation, documented);
        let leaving = floor.wait(Millis(1_200));
        assert_eq!(leaving.len(), 1, "a hold has no roster: {leaving:?}");
        let path =
            format!("communications/calls/{}/operations/{}", floor.call("Group").id, operation["id"].as_str().unwrap());
        let notice = &leaving[0].notification;
        let documented = json!({
            "@odata.type": "#microsoft.graph.commsNotification",
            "changeType": "deleted",
            "resourceUrl": path,
            "resource": format!("/app/{}", path.strip_prefix("communications/").unwrap()),
            "resourceData": {
                "@odata.type": format!("#microsoft.graph.{kind}"),
                "@odata.id": path,
                "@odata.etag": notice["resourceData"]["@odata.etag"],
                "clientContext": "mark",
                "status": "completed",
            },
        });
        assert_eq!(*notice, documented);
    }
}

#[test]
fn a_hold_can_be_answered_as_completed() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.world.set_settings(SimSettings { hold_answer: HoldAnswer::Completed, ..SimSettings::default() });
    let operation = body(&floor.act("Group", "Bob", "startHoldMusic"));
    assert_eq!(operation["status"], json!("completed"));
    assert_eq!(operation.get("resultInfo"), Some(&Value::Null));
    assert!(floor.wait(Millis::seconds(3)).is_empty());
    assert!(floor.call("Group").participants.iter().any(|it| it.held && &*it.name == "Bob"));
}

#[test]
fn an_invitation_runs_and_the_guest_joins_and_the_end_is_notified() {
    let mut floor = Floor::started(TWO_CALLS);
    let path = format!("{}/participants/invite", floor.path("Group", None));
    let zoe = json!({ "identity": { "user": { "id": "278405a3-f568-4b3e-b684-009193463064", "displayName": "Zoe" } } });
    let asked = json!({ "participants": [zoe], "clientContext": "mark" });
    let operation = body(&floor.ask(Method::Post, &path, &asked));
    assert_eq!((&operation["status"], &operation["resultInfo"]), (&json!("Running"), &Value::Null));
    let leaving = floor.wait(Millis::seconds(5));
    assert!(rosters(&leaving).iter().any(|it| person(it, "Zoe").is_some()));
    let done = leaving.iter().find(|it| it.notification["changeType"] == "deleted").unwrap();
    assert_eq!(done.notification["resourceData"]["id"], operation["id"]);
    let item: Notification = read(&done.notification.to_string()).unwrap();
    assert!(matches!(item.resource, NotifiedResource::Operation(..)));
}

#[test]
fn faults_delay_drop_repeat_and_respell_notifications() {
    let faults = |change: fn(&mut SimSettings)| {
        let mut floor = Floor::started(TWO_CALLS);
        let mut set = SimSettings::default();
        change(&mut set);
        floor.world.set_settings(set);
        floor.act("Group", "Ada", "mute");
        (floor.wait(Millis(700)), floor.wait(Millis::seconds(9)))
    };
    let (early, late) = faults(|it| it.notification_delay_ms = 5_000);
    assert_eq!((early.len(), late.len()), (0, 1));
    assert_eq!(faults(|it| it.drop_notifications = 1.0).0.len(), 0);
    let (twice, _) = faults(|it| it.duplicate_notifications = 1.0);
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0], twice[1]);
    let (bare, _) = faults(|it| it.id_casing = IdCasing::Bare);
    let path = bare[0].notification["resourceUrl"].as_str().unwrap();
    assert!(path.contains(&bare[0].call.to_string().replace('-', "").to_uppercase()), "{path}");
}
