//! Gallery, shared screens, audio routing, and the report of device quality.

use super::*;
use crate::sim::settings::First;

/// Returns a group call with app-hosted media and notifications of shared content, established, and its path.
fn app_hosted(floor: &mut Floor) -> String {
    let target = |name: &str| json!({ "identity": { "user": { "id": name, "displayName": name } } });
    let asked = json!({
        "callbackUri": "https://bot.contoso.com/callback",
        "targets": [target("Uma"), target("Vik")],
        "requestedModalities": ["audio", "videoBasedScreenSharing"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "x" },
        "callOptions": {
            "@odata.type": "#microsoft.graph.outgoingCallOptions",
            "isContentSharingNotificationEnabled": true,
        },
    });
    let call = body(&floor.ask(Method::Post, "/communications/calls", &asked));
    floor.wait(Millis::minutes(1));
    format!("/communications/calls/{}", call["id"].as_str().unwrap())
}

#[test]
fn the_large_gallery_joins_the_roster() {
    let mut floor = Floor::started(TWO_CALLS);
    let path = format!("{}/addLargeGalleryView", floor.path("Group", None));
    let answer = floor.ask(Method::Post, &path, &json!({ "clientContext": "mark" }));
    let operation = body(&answer);
    assert_eq!((answer.status, &operation["status"]), (202, &json!("running")));
    assert_eq!(operation.get("resultInfo"), Some(&Value::Null));
    let leaving = floor.wait(Millis::seconds(2));
    let notice = &notices(&leaving, "addLargeGalleryViewOperation")[0];
    let data = json!({
        "@odata.type": "#microsoft.graph.addLargeGalleryViewOperation",
        "@odata.id": notice["resourceUrl"],
        "clientContext": "mark",
        "status": "completed",
    });
    assert_eq!(notice["resourceData"], data);
    let roster = rosters(&leaving).pop().unwrap();
    assert!(person(&roster, "LargeGallery-V2").is_some(), "{roster}");
    floor.ask(Method::Post, &path, &json!({}));
    assert!(rosters(&floor.wait(Millis::seconds(2))).is_empty(), "the call has a gallery already");
    let pair = format!("{}/addLargeGalleryView", floor.path("Pair", None));
    assert_eq!(refusal(&floor.ask(Method::Post, &pair, &json!({}))).0, 400);
}

#[test]
fn a_notification_sent_first_does_not_move_later_events() {
    let mut floor = Floor::started(TWO_CALLS);
    let route = Route::parse(&format!("{}/changeScreenSharingRole", app_hosted(&mut floor))).unwrap();
    floor.world.set_settings(SimSettings { arrives_first: First::Notification, ..floor.world.settings().clone() });
    let body = br#"{"role": "sharer"}"#;
    let ask =
        WorldRequest { method: Method::Post, route: &route, body, caller: &floor.caller, agent: None, origin: ORIGIN };
    let (answer, leaving) = floor.world.request(floor.now, &ask);
    assert!(floor.world.call_to_notify_first(&ask, &answer).is_some());
    assert_eq!((answer.status, leaving.len(), rosters(&leaving).len()), (202, 1, 0), "the session and no roster");
    assert_eq!(rosters(&floor.wait(Millis::seconds(1))).len(), 1);
}

#[test]
fn a_shared_screen_shows_in_the_roster_and_as_a_session() {
    let mut floor = Floor::started(TWO_CALLS);
    let path = app_hosted(&mut floor);
    let role = format!("{path}/changeScreenSharingRole");
    let sessions = format!("{path}/contentSharingSessions");
    let listed = |floor: &mut Floor| body(&floor.ask(Method::Get, &sessions, &Value::Null))["value"].clone();
    assert_eq!(listed(&mut floor), json!([]));
    for (name, direction, change) in [("sharer", "sendOnly", "created"), ("viewer", "receiveOnly", "deleted")] {
        let route = Route::parse(&role).unwrap();
        let text = json!({ "role": name }).to_string();
        let ask = WorldRequest {
            method: Method::Post,
            route: &route,
            body: text.as_bytes(),
            caller: &floor.caller,
            agent: Some("bot"),
            origin: ORIGIN,
        };
        let (answer, leaving) = floor.world.request(floor.now, &ask);
        assert_eq!((answer.status, answer.content), (202, AnswerContent::Empty));
        let notice = &leaving[0].notification;
        assert_eq!(notice["changeType"], change);
        assert!(notice["resourceUrl"].as_str().unwrap().ends_with("/contentsharingsessions"));
        let item: Notification = read(&notice.to_string()).unwrap();
        assert!(matches!(item.resource, NotifiedResource::ContentSharing(..)), "{item:?}");
        let roster = rosters(&floor.wait(Millis::seconds(1))).pop().unwrap();
        let bot = person(&roster, "Support Bot").unwrap();
        assert_eq!(bot["mediaStreams"][1]["label"], "applicationsharing-video");
        assert_eq!(bot["mediaStreams"][1]["direction"], direction);
        if name == "sharer" {
            let id = listed(&mut floor)[0]["id"].as_str().unwrap().to_owned();
            let one = body(&floor.ask(Method::Get, &format!("{sessions}/{id}"), &Value::Null));
            assert_eq!(one["id"], id.as_str());
        }
    }
    assert_eq!(listed(&mut floor), json!([]));
    assert_eq!(refusal(&floor.ask(Method::Get, &format!("{sessions}/gone"), &Value::Null)), (404, "itemNotFound"));
    assert_eq!(refusal(&floor.ask(Method::Post, &role, &json!({ "role": "owner" }))).0, 400);
    let hosted = format!("{}/changeScreenSharingRole", floor.path("Group", None));
    assert_eq!(refusal(&floor.ask(Method::Post, &hosted, &json!({ "role": "sharer" }))).0, 400);
}

#[test]
fn audio_routing_groups_can_be_created_changed_and_removed() {
    let mut floor = Floor::started(TWO_CALLS);
    let path = format!("{}/audioRoutingGroups", floor.path("Group", None));
    let people: Vec<String> = floor.call("Group").participants.iter().map(|it| it.id.to_string()).collect();
    let group =
        json!({ "id": "oneToOne", "routingMode": "oneToOne", "sources": [people[0]], "receivers": [people[1]] });
    let added = floor.ask(Method::Post, &path, &group);
    assert_eq!(added.status, 200);
    for (name, value) in group.as_object().unwrap() {
        assert_eq!(body(&added)[name], *value, "{name}");
    }
    assert_eq!(refusal(&floor.ask(Method::Post, &path, &group)).0, 409);
    let one = format!("{path}/oneToOne");
    let changed = floor.ask(Method::Patch, &one, &json!({ "receivers": [people[1], people[2]] }));
    assert_eq!((changed.status, body(&changed)["receivers"].as_array().unwrap().len()), (200, 2));
    assert_eq!(body(&changed)["sources"], json!([people[0]]));
    assert_eq!(body(&floor.ask(Method::Get, &one, &Value::Null)), body(&changed));
    assert_eq!(body(&floor.ask(Method::Get, &path, &Value::Null))["value"].as_array().unwrap().len(), 1);
    let worse = [
        json!({ "routingMode": "oneToOne", "sources": [people[0]] }),
        json!({ "routingMode": "everyone", "sources": [people[0]], "receivers": [people[1]] }),
        json!({ "routingMode": "multicast", "sources": ["nobody"], "receivers": [people[1]] }),
        json!({ "id": 1, "routingMode": "multicast", "sources": [people[0]], "receivers": [people[1]] }),
    ];
    for asked in worse {
        assert_eq!(refusal(&floor.ask(Method::Post, &path, &asked)).0, 400, "{asked}");
    }
    assert_eq!(floor.ask(Method::Delete, &one, &Value::Null).status, 204);
    assert_eq!(refusal(&floor.ask(Method::Delete, &one, &Value::Null)), (404, "itemNotFound"));
}

#[test]
fn device_quality_needs_a_user_agent() {
    let mut floor = Floor::started(TWO_CALLS);
    let whole = json!({ "quality": {
        "@odata.type": "#microsoft.graph.teleconferenceDeviceQuality",
        "callChainId": "0622673d-9f69-49b3-9d4f-5ec64f42ecce",
        "participantId": "ea078406-b5d4-4d3c-b85e-90103dcec7f6",
        "mediaLegId": "bd9ee398-4b9d-42c7-8b8d-4e8efad9435f",
        "deviceName": "TestAgent",
        "deviceDescription": "TestDescription",
        "mediaQualityList": [],
    } });
    let path = "/communications/calls/logTeleconferenceDeviceQuality";
    let answer = floor.ask(Method::Post, path, &whole);
    assert_eq!((answer.status, answer.content), (200, AnswerContent::Empty));
    let mut less = whole.clone();
    less["quality"]["mediaLegId"] = Value::Null;
    for asked in [json!({}), less] {
        assert_eq!(refusal(&floor.ask(Method::Post, path, &asked)).0, 400, "{asked}");
    }
    let (route, text) = (Route::parse(path).unwrap(), whole.to_string());
    let ask = WorldRequest {
        method: Method::Post,
        route: &route,
        body: text.as_bytes(),
        caller: &floor.caller,
        agent: None,
        origin: ORIGIN,
    };
    assert_eq!(refusal(&floor.world.request(floor.now, &ask).0).0, 400);
}
