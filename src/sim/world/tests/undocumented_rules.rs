//! Rules that Graph's documentation leaves open, and the required members of each body.

use super::*;
use crate::sim::scenario::{CallPlan, PersonAction};
use crate::sim::settings::{First, Permit};
use crate::sim::world::TooManyCalls;

const LOBBY: &str = r#"
name = "lobby"
description = "somebody waits"
prelude = "1m"
[[calls]]
subject = "Group"
kind = "group"
at = "-50s"
people = [{ name = "Ada" }, { name = "Gus", lobby = true }]
"#;

fn message(answer: &WorldAnswer) -> &str {
    match &answer.content {
        AnswerContent::Error { message, .. } => message,
        AnswerContent::Empty | AnswerContent::Entity { .. } => panic!("no error: {answer:?}"),
    }
}

#[test]
fn people_in_the_lobby_refuse_actions_unless_set() {
    for action in ["mute", "startHoldMusic", "stopHoldMusic"] {
        let mut floor = Floor::started(LOBBY);
        let refused = floor.act("Group", "Gus", action);
        assert_eq!((refusal(&refused), message(&refused)), ((409, "conflict"), "The participant waits in the lobby."));
        assert!((200..300).contains(&floor.act("Group", "Ada", action).status), "{action}");
        floor.world.set_settings(SimSettings { acts_in_lobby: Permit::Allowed, ..SimSettings::default() });
        assert!((200..300).contains(&floor.act("Group", "Gus", action).status), "{action}");
        floor.world.set_settings(SimSettings::default());
        let call = floor.call("Group");
        let gus = call.participants.iter().find(|it| &*it.name == "Gus").unwrap().id.clone();
        floor.world.direct(floor.now, &call.id, &gus, PersonAction::Admit).unwrap();
        assert!((200..300).contains(&floor.act("Group", "Gus", action).status), "{action}");
    }
}

#[test]
fn a_call_beyond_the_maximum_is_refused_with_retry_after() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.world.set_settings(SimSettings { most_calls: 3, ..SimSettings::default() });
    let target = json!({ "identity": { "user": { "id": "u1", "displayName": "U" } } });
    let asked = json!({ "callbackUri": "https://bot.contoso.com/c", "targets": [target], "requestedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" } });
    let mut create = || floor.ask(Method::Post, "/communications/calls", &asked);
    assert_eq!(create().status, 201);
    let full = create();
    assert_eq!((refusal(&full), full.retry_after.as_deref()), ((503, "serviceUnavailable"), Some("2")));
    floor.ask(Method::Delete, &floor.path("Pair", None), &Value::Null);
    floor.wait(Millis::seconds(5));
    assert_eq!(floor.ask(Method::Post, "/communications/calls", &asked).status, 201);
}

#[test]
fn calls_that_have_not_arrived_count_when_a_call_is_injected() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.world.set_settings(SimSettings { most_calls: 4, ..SimSettings::default() });
    let plan = |at: &str| -> CallPlan {
        serde_json::from_value(json!({ "subject": "More", "kind": "oneToOne", "at": at, "people": [{ "name": "Al" }] }))
            .unwrap()
    };
    let (now, mut injects) = (floor.now, |at: &str| floor.world.inject(floor.now, &plan(at)).0);
    assert!(injects("0s").is_ok() && injects("1h").is_ok());
    assert_eq!(injects("1h"), Err(TooManyCalls(4)));
    assert!(TooManyCalls(4).to_string().contains("mostCalls"));
    assert_eq!(floor.now, now);
    assert_eq!(floor.world.call_views().len(), 3, "a refused call is not added");
}

#[test]
fn a_missing_required_member_is_named() {
    let mut floor = Floor::started(TWO_CALLS);
    let (calls, group) = ("/communications/calls".to_owned(), floor.path("Group", None));
    let user = json!({ "identity": { "user": { "id": "u1", "displayName": "U" } } });
    let media = json!({ "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" });
    let create = json!({ "callbackUri": "https://bot.contoso.com/c", "requestedModalities": ["audio"],
        "mediaConfig": media, "targets": [user] });
    let answer = json!({ "callbackUri": "https://bot.contoso.com/c", "mediaConfig": media,
        "acceptedModalities": ["audio"] });
    let at = |action: &str| format!("{group}/{action}");
    let bodies = [
        (calls.clone(), create),
        (at("answer"), answer),
        (at("redirect"), json!({ "targets": [user] })),
        (at("transfer"), json!({ "transferTarget": user })),
        (at("participants/invite"), json!({ "participants": [user] })),
        (at("playPrompt"), json!({ "prompts": [] })),
        (at("sendDtmfTones"), json!({ "tones": ["tone1"] })),
        (at("updateRecordingStatus"), json!({ "status": "recording" })),
        (at("changeScreenSharingRole"), json!({ "role": "viewer" })),
        (at("audioRoutingGroups"), json!({ "routingMode": "oneToOne", "sources": [], "receivers": [] })),
        (format!("{calls}/logTeleconferenceDeviceQuality"), json!({ "quality": {} })),
    ];
    for (path, body) in bodies {
        for member in body.as_object().unwrap().keys() {
            for lacks in [true, false] {
                let mut asked = body.clone();
                asked[member] = Value::Null;
                if lacks {
                    asked.as_object_mut().unwrap().remove(member);
                }
                let refused = floor.ask(Method::Post, &path, &asked);
                let wanted = ((400, "invalidRequest"), format!("{member} is missing."));
                assert_eq!((refusal(&refused), message(&refused).to_owned()), wanted, "{path} {asked}");
            }
        }
    }
}

#[test]
fn notify_first_performs_the_requested_event_immediately() {
    for (first, sent_rosters) in [(First::Answer, 0), (First::Notification, 1)] {
        let mut floor = Floor::started(TWO_CALLS);
        floor.world.set_settings(SimSettings { arrives_first: first, ..SimSettings::default() });
        let path = format!("{}/mute", floor.path("Group", Some("Bob")));
        let route = Route::parse(&path).unwrap();
        let ask = WorldRequest {
            method: Method::Post,
            route: &route,
            body: b"{}",
            caller: &floor.caller,
            agent: None,
            origin: ORIGIN,
        };
        let (answer, leaving) = floor.world.request(floor.now, &ask);
        assert_eq!((answer.status, rosters(&leaving).len()), (200, sent_rosters));
        assert_eq!(floor.world.call_to_notify_first(&ask, &answer).is_some(), sent_rosters == 1);
        // Bob's own actions keep their time.
        let later = floor.wait(Millis::seconds(13));
        assert!(rosters(&later).iter().all(|it| person(it, "Bob").unwrap()["isMuted"] == true), "{later:?}");
        let last = floor.wait(Millis::seconds(2));
        assert_eq!(person(rosters(&last).last().unwrap(), "Bob").unwrap()["isMuted"], false);
    }
}

#[test]
fn notify_first_ignores_earlier_requests_and_refusals() {
    let mut floor = Floor::started(TWO_CALLS);
    assert_eq!(floor.act("Group", "Ada", "startHoldMusic").status, 202);
    floor.world.set_settings(SimSettings { arrives_first: First::Notification, ..SimSettings::default() });
    let path = format!("{}/mute", floor.path("Group", Some("Bob")));
    let route = Route::parse(&path).unwrap();
    for (body, status) in [(&b"{}"[..], 200), (br#"{"clientContext": 5}"#, 400)] {
        let ask = WorldRequest {
            method: Method::Post,
            route: &route,
            body,
            caller: &floor.caller,
            agent: None,
            origin: ORIGIN,
        };
        let (answer, leaving) = floor.world.request(floor.now, &ask);
        let sent_rosters = usize::from(status == 200);
        assert_eq!((answer.status, rosters(&leaving).len()), (status, sent_rosters));
        assert!(notices(&leaving, "startHoldMusicOperation").is_empty(), "the hold belongs to another request");
        assert_eq!(floor.world.call_to_notify_first(&ask, &answer).is_some(), sent_rosters == 1);
    }
    assert_eq!(notices(&floor.wait(Millis(1_200)), "startHoldMusicOperation").len(), 1);
}

#[test]
fn a_running_operation_outlives_finished_ones() {
    let mut floor = Floor::started(TWO_CALLS);
    let hold = body(&floor.act("Group", "Ada", "startHoldMusic"))["id"].clone();
    let done = body(&floor.act("Group", "Ada", "mute"))["id"].clone();
    for _ in 0..200 {
        assert_eq!(floor.act("Group", "Ada", "mute").status, 200);
    }
    let call = floor.path("Group", None);
    let mut reads = |id: &Value| {
        floor.ask(Method::Get, &format!("{call}/operations/{}", id.as_str().unwrap()), &Value::Null).status
    };
    assert_eq!((reads(&hold), reads(&done)), (200, 404));
    let ended = notices(&floor.wait(Millis(1_200)), "startHoldMusicOperation");
    assert_eq!((ended.len(), &ended[0]["resourceData"]["status"]), (1, &json!("completed")));
}
