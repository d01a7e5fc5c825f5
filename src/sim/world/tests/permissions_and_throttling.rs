//! Permissions, throttling, paths that no page documents, and delta rosters.

use super::*;
use crate::sim::settings::{DeltaForm, RetryAfter, RoleCheck, Undocumented};

#[test]
fn each_endpoint_requires_its_documented_permissions() {
    let (initiate, group) = ("Calls.Initiate.All", "Calls.InitiateGroupCall.All");
    let (join, media) = ("Calls.JoinGroupCall.All", "Calls.AccessMedia.All");
    let cases = [
        (Method::Post, "/participants/invite", vec![group], join),
        (Method::Post, "/transfer", vec![initiate], join),
        (Method::Post, "/redirect", vec![initiate], media),
        (Method::Post, "/answer", vec![join, "Calls.JoinGroupCallAsGuest.All"], initiate),
        (Method::Post, "/playPrompt", vec![initiate, media], join),
        (Method::Post, "/cancelMediaProcessing", vec![initiate, media], join),
        (Method::Post, "/recordResponse", vec![media], initiate),
        (Method::Post, "/subscribeToTone", vec![media], initiate),
        (Method::Post, "/sendDtmfTones", vec![media], initiate),
        (Method::Post, "/updateRecordingStatus", vec![media, join], initiate),
        (Method::Post, "/changeScreenSharingRole", vec![media], join),
        (Method::Post, "/addLargeGalleryView", vec![group, join], media),
        (Method::Get, "/audioRoutingGroups", vec![join, group], media),
        (Method::Patch, "/audioRoutingGroups/x", vec![join, group], initiate),
        (Method::Get, "/contentSharingSessions", vec![join, initiate, group], media),
        (Method::Get, "/participants/x", vec![join], media),
    ];
    let mut floor = Floor::started(TWO_CALLS);
    let path = floor.path("Group", None);
    for (method, tail, enough, wrong) in cases {
        let mut asks = |role: &str| {
            floor.caller.roles = vec![role.into()];
            let answer = floor.ask(method, &format!("{path}{tail}"), &json!({}));
            matches!(answer.content, AnswerContent::Error { code: "7504", .. })
        };
        assert!(asks(wrong), "{tail} with {wrong}");
        for role in enough {
            assert!(!asks(role), "{tail} with {role}");
        }
    }
}

#[test]
fn some_permissions_are_checked_only_at_call_creation() {
    let mut floor = Floor::started(TWO_CALLS);
    let path = floor.path("Group", None);
    floor.caller.roles.clear();
    let asks = |floor: &mut Floor, method, tail: &str| floor.ask(method, &format!("{path}{tail}"), &json!({})).status;
    let rows = [
        (Method::Get, ""),
        (Method::Get, "/participants"),
        (Method::Post, "/keepAlive"),
        (Method::Post, "/mute"),
        (Method::Post, "/unmute"),
    ];
    for (method, tail) in rows {
        assert_eq!(asks(&mut floor, method, tail), 200, "{tail}");
    }
    let every = SimSettings { create_time_roles: RoleCheck::EveryRequest, ..SimSettings::default() };
    floor.world.set_settings(every);
    for (method, tail) in rows {
        assert_eq!(asks(&mut floor, method, tail), 403, "{tail}");
    }
    assert_eq!(asks(&mut floor, Method::Delete, ""), 403);
}

#[test]
fn a_throttled_request_gets_a_fractional_retry_after() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.world.set_settings(SimSettings { requests_per_15s: 2, ..SimSettings::default() });
    let path = floor.path("Group", None);
    let mut get = |wait: i64, form: RetryAfter| {
        floor.wait(Millis(wait));
        let faults = SimSettings { requests_per_15s: 2, retry_after: form, ..SimSettings::default() };
        floor.world.set_settings(faults);
        let answer = floor.ask(Method::Get, &path, &Value::Null);
        (answer.status, answer.retry_after)
    };
    assert_eq!(get(0, RetryAfter::Fractional), (200, None));
    assert_eq!(get(10_000, RetryAfter::Fractional), (200, None));
    assert_eq!(get(2_872, RetryAfter::Fractional), (429, Some("2.128".into())));
    assert_eq!(get(0, RetryAfter::Whole), (429, Some("3".into())));
    assert_eq!(get(0, RetryAfter::Absent), (429, None));
    assert_eq!(get(2_128, RetryAfter::Fractional), (200, None));
    floor.caller.tenant = "another".into();
    assert_eq!(refusal(&floor.ask(Method::Get, &path, &Value::Null)), (403, "7505"));
}

#[test]
fn the_settings_decide_how_undocumented_paths_answer() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.act("Group", "Ada", "mute");
    let path = floor.path("Group", None);
    let rows = [
        (Method::Get, "/communications/calls".to_owned(), 200),
        (Method::Get, format!("{path}/operations"), 200),
        (Method::Post, format!("{path}/operations"), 405),
        (Method::Patch, path.clone(), 405),
        (Method::Post, format!("{path}/participants"), 405),
        (Method::Get, format!("{path}/participants/$count"), 405),
        (Method::Delete, format!("{path}/contentSharingSessions/x"), 405),
    ];
    for (method, at, served) in rows {
        let settings = [(Undocumented::NotFound, 404), (Undocumented::NotAllowed, 405), (Undocumented::Served, served)];
        for (undocumented, status) in settings {
            floor.world.set_settings(SimSettings { undocumented, ..SimSettings::default() });
            let answer = floor.ask(method, &at, &json!({}));
            assert_eq!(answer.status, status, "{} {at} {undocumented:?}", method.as_str());
        }
    }
    let calls = body(&floor.ask(Method::Get, "/communications/calls", &Value::Null));
    assert_eq!(calls["value"].as_array().unwrap().len(), 2);
    let operations = body(&floor.ask(Method::Get, &format!("{path}/operations"), &Value::Null));
    assert_eq!(operations["value"][0]["status"], "completed");
    assert_eq!(floor.ask(Method::Delete, &format!("{path}/mute"), &Value::Null).status, 405);
}

#[test]
fn delta_rosters_list_only_changes_and_removals() {
    let mut floor = Floor::new("name = 'e'\ndescription = ''", 5);
    let target = |name: &str| json!({ "identity": { "user": { "id": name, "displayName": name } } });
    let asked = json!({
        "callbackUri": "https://bot.contoso.com/callback",
        "targets": [target("Uma"), target("Vik")],
        "requestedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
        "callOptions": { "@odata.type": "#microsoft.graph.outgoingCallOptions", "isDeltaRosterEnabled": true },
    });
    let id = body(&floor.ask(Method::Post, "/communications/calls", &asked))["id"].clone();
    let path = format!("/communications/calls/{}", id.as_str().unwrap());
    let sent = rosters(&floor.wait(Millis::minutes(1)));
    let sequence: Vec<_> = sent.iter().map(|it| it["resourceData"]["sequenceNumber"].as_i64().unwrap()).collect();
    assert_eq!(sequence, (1..=i64::try_from(sent.len()).unwrap()).collect::<Vec<_>>());
    let next = sequence.len() + 1;
    let people = body(&floor.ask(Method::Get, &format!("{path}/participants"), &Value::Null))["value"].clone();
    let uma = people.as_array().unwrap().iter().find(|it| it.to_string().contains("Uma")).unwrap()["id"].clone();
    let uma = format!("{path}/participants/{}", uma.as_str().unwrap());
    floor.ask(Method::Post, &format!("{uma}/mute"), &json!({}));
    let muted = rosters(&floor.wait(Millis::seconds(1))).remove(0);
    assert_eq!(muted["resourceData"]["@odata.type"], "#microsoft.graph.deltaParticipants");
    assert_eq!(muted["resourceData"]["sequenceNumber"], next);
    let changed = muted["resourceData"]["participants"].as_array().unwrap();
    assert_eq!((changed.len(), &changed[0]["isMuted"]), (1, &json!(true)));
    assert_eq!(changed[0]["rosterSequenceNumber"], next);
    floor.world.set_settings(SimSettings { delta_roster: DeltaForm::List, ..SimSettings::default() });
    floor.ask(Method::Delete, &uma, &Value::Null);
    let left = rosters(&floor.wait(Millis::seconds(1))).remove(0);
    let gone = &left["resourceData"][0]["participants"][0];
    assert_eq!(gone["removedState"]["reason"], "Participant has left the meeting call.");
    for notice in [&muted, &left] {
        let item: Notification = read(&notice.to_string()).unwrap();
        assert!(matches!(item.resource, NotifiedResource::Delta(..)), "{item:?}");
    }
}

#[test]
fn holds_and_releases_end_in_request_order() {
    for seed in 0..24 {
        let mut floor = Floor::new(TWO_CALLS, seed);
        floor.world.advance(floor.now);
        let held = |floor: &Floor| -> Vec<String> {
            let call = floor.call("Group");
            call.participants.iter().filter(|it| it.held).map(|it| it.name.to_string()).collect()
        };
        floor.act("Group", "Ada", "startHoldMusic");
        floor.act("Group", "Bob", "startHoldMusic");
        floor.wait(Millis::seconds(5));
        assert_eq!(held(&floor), ["Ada"], "seed {seed}: the first hold wins");
        floor.act("Group", "Ada", "stopHoldMusic");
        floor.act("Group", "Ada", "startHoldMusic");
        floor.act("Group", "Ada", "stopHoldMusic");
        floor.wait(Millis::seconds(5));
        assert!(held(&floor).is_empty(), "seed {seed}: the last request wins");
        floor.world.set_settings(SimSettings { second_hold: SecondHold::Conflict, ..SimSettings::default() });
        floor.act("Group", "Ada", "startHoldMusic");
        let second = floor.act("Group", "Bob", "startHoldMusic");
        assert_eq!(second.status, 409, "seed {seed}: a running hold counts");
    }
}
