//! The simulator refuses the requests that Graph refuses.

use super::*;

#[test]
fn a_one_to_one_call_refuses_mute_and_roster() {
    let mut floor = Floor::started(TWO_CALLS);
    let answer = floor.act("Pair", "Joy", "mute");
    assert_eq!(refusal(&answer), (400, "invalidRequest"));
    let path = floor.path("Pair", None);
    let mark = json!({ "clientContext": "mark" });
    assert_eq!(refusal(&floor.ask(Method::Post, &format!("{path}/mute"), &mark)).0, 400);
    assert_eq!(refusal(&floor.ask(Method::Get, &format!("{path}/participants"), &Value::Null)).0, 400);
    assert!(rosters(&floor.wait(Millis::seconds(5))).is_empty());
}

#[test]
fn a_second_hold_and_a_release_without_hold_fail() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.act("Group", "Bob", "startHoldMusic");
    floor.wait(Millis(1_200));
    assert_eq!(floor.act("Group", "Ada", "startHoldMusic").status, 202);
    let failed = floor.wait(Millis(1_200))[0].notification["resourceData"].clone();
    assert_eq!((&failed["status"], &failed["resultInfo"]["code"]), (&json!("failed"), &json!(400)));
    floor.act("Group", "Ada", "stopHoldMusic");
    let failed = floor.wait(Millis(1_200))[0].notification["resourceData"].clone();
    assert_eq!((&failed["status"], &failed["resultInfo"]["subcode"]), (&json!("failed"), &json!(8508)));
    floor.world.set_settings(SimSettings { second_hold: SecondHold::Conflict, ..SimSettings::default() });
    let answer = floor.act("Group", "Ada", "startHoldMusic");
    assert_eq!(refusal(&answer).0, 409);
}

#[test]
fn requests_that_graph_refuses_are_refused() {
    let mut floor = Floor::started(TWO_CALLS);
    let gone = "/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896";
    for path in [gone.to_owned(), format!("{gone}/participants")] {
        assert_eq!(refusal(&floor.ask(Method::Get, &path, &Value::Null)), (404, "8522"));
    }
    assert_eq!(refusal(&floor.ask(Method::Post, &format!("{gone}/keepAlive"), &Value::Null)), (404, "8522"));
    let mute = format!("{}/mute", floor.path("Group", Some("Ada")));
    let long = json!({ "clientContext": "x".repeat(257) });
    assert_eq!(refusal(&floor.ask(Method::Post, &mute, &long)), (400, "invalidRequest"));
    assert_eq!(refusal(&floor.ask(Method::Post, &mute, &Value::Null)), (400, "invalidRequest"));
    let prompt = format!("{}/playPrompt", floor.path("Group", None));
    assert_eq!(refusal(&floor.ask(Method::Get, &prompt, &Value::Null)), (405, "notAllowed"));
    floor.caller.roles = vec!["Calls.Initiate.All".into()];
    assert_eq!(refusal(&floor.ask(Method::Post, &mute, &json!({}))), (403, "7504"));
    floor.caller = RequestCaller { tenant: "another".into(), roles: vec!["Calls.JoinGroupCall.All".into()] };
    assert_eq!(refusal(&floor.ask(Method::Post, &mute, &json!({}))), (403, "7505"));
}

#[test]
fn repeated_guests_and_applications_cannot_be_invited() {
    let mut floor = Floor::started(TWO_CALLS);
    let path = format!("{}/participants/invite", floor.path("Group", None));
    let user = |id: &str| json!({ "identity": { "user": { "id": id, "displayName": "Zoe" } } });
    let bot = json!({ "identity": { "application": { "id": "another", "displayName": "Bot" } } });
    let mut invites = |people: &[Value]| floor.ask(Method::Post, &path, &json!({ "participants": people })).status;
    assert_eq!(invites(&[bot]), 400);
    assert_eq!(invites(&[user("zoe"), user("ZOE")]), 400);
    assert_eq!(invites(&[user("zoe")]), 200);
    assert_eq!(invites(&[user("zoe")]), 400);
}

#[test]
fn creating_a_call_requires_the_documented_members() {
    let mut floor = Floor::new("name = 'e'\ndescription = ''", 5);
    let whole = json!({
        "callbackUri": "https://bot.contoso.com/callback",
        "chatInfo": { "threadId": "19:meeting_x@thread.v2", "messageId": "0" },
        "meetingInfo": { "@odata.type": "#microsoft.graph.organizerMeetingInfo",
            "organizer": { "user": { "id": "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96" } } },
        "requestedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
    });
    assert_eq!(floor.ask(Method::Post, "/communications/calls", &whole).status, 201);
    let worse = [
        ("callbackUri", json!("http://bot.contoso.com/callback")),
        ("callbackUri", Value::Null),
        ("mediaConfig", json!({})),
        ("mediaConfig", Value::Null),
        ("requestedModalities", json!([])),
        ("requestedModalities", json!(["audio", "smell"])),
        ("callChainId", json!("no id of a chain")),
        ("source", json!({ "endpointType": "toaster" })),
        ("chatInfo", Value::Null),
        ("meetingInfo", json!({ "organizer": { "user": { "id": "x" } } })),
        ("meetingInfo", Value::Null),
        ("targets", json!([{ "identity": { "user": { "id": "x" } } }])),
    ];
    for (member, value) in worse {
        let mut asked = whole.clone();
        asked[member] = value.clone();
        let answer = floor.ask(Method::Post, "/communications/calls", &asked);
        assert_eq!(refusal(&answer), (400, "invalidRequest"), "{member}: {value}");
    }
    let mut own = whole.clone();
    for (member, value) in [
        ("mediaState", json!({ "audio": "active" })),
        ("toneInfo", json!({ "sequenceId": 1, "tone": "tone1" })),
        ("transcription", json!({ "state": "active" })),
        ("answeredBy", json!({ "endpointType": "default" })),
    ] {
        own[member] = value;
    }
    let made = body(&floor.ask(Method::Post, "/communications/calls", &own));
    for member in ["mediaState", "toneInfo", "transcription", "answeredBy"] {
        assert_eq!(made[member], Value::Null, "only Graph sets {member}");
    }
    let mut other = whole.clone();
    other["tenantId"] = json!("86dc81db-c112-4228-9222-63f3e5aa1edb");
    assert_eq!(refusal(&floor.ask(Method::Post, "/communications/calls", &other)), (403, "7505"));
}
