//! Calls that are transferred, redirected or rejected.

use super::*;
use crate::sim::settings::{MediaNews, Transfer};

fn heidi() -> Value {
    json!({ "identity": { "user": { "id": "550fae72-d251-43ec-868c-373732c2704f", "displayName": "Heidi Steen" } } })
}

/// Returns the `changeType`, the state, and the code and subcode of the result, of each notification about a call.
fn states(leaving: &[OutgoingNotification]) -> Vec<(Value, Value, Value, Value)> {
    let of_call =
        |it: &&OutgoingNotification| it.notification["resourceData"]["@odata.type"] == "#microsoft.graph.call";
    let notified = leaving.iter().filter(of_call).map(|it| {
        let data = &it.notification["resourceData"];
        let result = &data["resultInfo"];
        let subcode = result.get("subcode").or_else(|| result.get("subCode")).cloned().unwrap_or_default();
        (it.notification["changeType"].clone(), data["state"].clone(), result["code"].clone(), subcode)
    });
    notified.collect()
}

#[test]
fn a_transfer_goes_through_three_states() {
    let mut floor = Floor::started(TWO_CALLS);
    let path = floor.path("Pair", None);
    let answer = floor.ask(Method::Post, &format!("{path}/transfer"), &json!({ "transferTarget": heidi() }));
    assert_eq!((answer.status, answer.content), (202, AnswerContent::Empty));
    let null = Value::Null;
    let wanted = [
        (json!("updated"), json!("transferring"), null.clone(), null.clone()),
        (json!("updated"), json!("transferAccepted"), null.clone(), null),
        (json!("deleted"), json!("terminated"), json!(200), json!(7_015)),
    ];
    assert_eq!(states(&floor.wait(Millis::seconds(3))), wanted);
    assert_eq!(refusal(&floor.ask(Method::Get, &path, &Value::Null)), (404, "8522"));
}

#[test]
fn a_failed_transfer_leaves_the_call_established() {
    for (lost, subcode) in [(false, 7_000), (true, 7_700)] {
        let mut floor = Floor::started(TWO_CALLS);
        let set = if lost { Transfer::Succeeds } else { Transfer::Fails };
        floor.world.set_settings(SimSettings { transfer: set, ..SimSettings::default() });
        let path = floor.path("Pair", None);
        let mut target = heidi();
        if lost {
            target["replacesCallId"] = json!("e5d39592-99bd-4db8-bca8-30fb894ec51d");
        }
        floor.ask(Method::Post, &format!("{path}/transfer"), &json!({ "transferTarget": target }));
        let leaving = floor.wait(Millis::seconds(3));
        let last = states(&leaving).pop().unwrap();
        assert_eq!(last, (json!("updated"), json!("established"), json!(500), json!(subcode)));
        assert!(leaving.last().unwrap().notification["resourceData"]["resultInfo"].get("subCode").is_some());
        assert_eq!(body(&floor.ask(Method::Get, &path, &Value::Null))["state"], "established");
    }
}

#[test]
fn a_consultative_transfer_ends_the_consulted_call() {
    for (outcome, there) in [(Transfer::Succeeds, 404), (Transfer::Fails, 200)] {
        let mut floor = Floor::started(TWO_CALLS);
        floor.world.set_settings(SimSettings { transfer: outcome, ..SimSettings::default() });
        let media = json!({ "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" });
        let asked = json!({ "callbackUri": "https://bot.contoso.com/c", "targets": [heidi()],
            "requestedModalities": ["audio"], "mediaConfig": media });
        let consulted = body(&floor.ask(Method::Post, "/communications/calls", &asked))["id"].clone();
        floor.wait(Millis::seconds(3));
        let mut target = heidi();
        target["replacesCallId"] = consulted.clone();
        let path = format!("{}/transfer", floor.path("Pair", None));
        assert_eq!(floor.ask(Method::Post, &path, &json!({ "transferTarget": target })).status, 202);
        let leaving = floor.wait(Millis::seconds(5));
        let path = format!("/communications/calls/{}", consulted.as_str().unwrap());
        let ended = |it: &&OutgoingNotification| {
            it.notification["resourceUrl"] == path && it.notification["changeType"] == "deleted"
        };
        assert_eq!(leaving.iter().any(|it| ended(&it)), there == 404);
        assert_eq!(floor.ask(Method::Get, &path, &Value::Null).status, there);
    }
}

#[test]
fn a_second_transfer_is_refused_until_the_first_has_failed() {
    let mut floor = Floor::started(TWO_CALLS);
    floor.world.set_settings(SimSettings { transfer: Transfer::Fails, ..SimSettings::default() });
    let path = format!("{}/transfer", floor.path("Pair", None));
    let asked = json!({ "transferTarget": heidi() });
    assert_eq!(floor.ask(Method::Post, &path, &asked).status, 202);
    let before = floor.ask(Method::Post, &path, &asked);
    floor.wait(Millis(150));
    let during = floor.ask(Method::Post, &path, &asked);
    assert_eq!((refusal(&before), &before.content), ((409, "conflict"), &during.content));
    let notified = states(&floor.wait(Millis::seconds(5)));
    assert_eq!(notified.len(), 1, "one transfer, which fails once: {notified:?}");
    assert_eq!(floor.ask(Method::Post, &path, &asked).status, 202);
}

#[test]
fn each_kind_of_call_has_its_own_requirements_for_a_transfer() {
    let mut floor = Floor::started(TWO_CALLS);
    let (pair, group) = (floor.path("Pair", None), floor.path("Group", None));
    let phone = json!({ "identity": { "phone": { "id": "+12345678901" } } });
    let cases = [
        (&pair, json!({})),
        (&pair, json!({ "transferTarget": {} })),
        (&pair, json!({ "transferTarget": phone })),
        (&group, json!({ "transferTarget": heidi() })),
    ];
    for (path, asked) in cases {
        assert_eq!(refusal(&floor.ask(Method::Post, &format!("{path}/transfer"), &asked)).0, 400, "{asked}");
    }
    let ada = floor.call("Group").participants[0].id.clone();
    let asked = json!({ "transferTarget": heidi(), "transferee": { "participantId": ada } });
    assert_eq!(floor.ask(Method::Post, &format!("{group}/transfer"), &asked).status, 202);
}

const RING: &str = "name = 'r'\ndescription = ''\n[[calls]]\nsubject = 'Ring'\nkind = 'group'\nat = '1s'
    answeredBy = 'client'\npeople = [{ name = 'Ada' }, { name = 'Bob' }]";

fn ringing() -> (Floor, String) {
    let mut floor = Floor::new(RING, 3);
    floor.wait(Millis::seconds(2));
    let path = floor.path("Ring", None);
    (floor, path)
}

#[test]
fn a_redirected_call_ends_with_the_members_it_arrived_with() {
    let (mut floor, path) = ringing();
    let many: Vec<Value> = (0..26).map(|_| heidi()).collect();
    let worse = [
        json!({}),
        json!({ "targets": [] }),
        json!({ "targets": many }),
        json!({ "targets": [heidi()], "timeout": 14 }),
        json!({ "targets": [heidi()], "timeout": 91 }),
        json!({ "targets": [heidi()], "callbackUri": "http://bot.contoso.com/plain" }),
    ];
    for asked in worse {
        assert_eq!(refusal(&floor.ask(Method::Post, &format!("{path}/redirect"), &asked)).0, 400, "{asked}");
    }
    let asked = json!({ "targets": [heidi(), heidi()], "timeout": 90, "callbackUri": "https://bot.contoso.com/next" });
    let route = Route::parse(&format!("{path}/redirect")).unwrap();
    let text = asked.to_string();
    let ask = WorldRequest {
        method: Method::Post,
        route: &route,
        body: text.as_bytes(),
        caller: &floor.caller,
        agent: Some("bot"),
        origin: ORIGIN,
    };
    let (answer, leaving) = floor.world.request(floor.now, &ask);
    assert_eq!(answer.status, 202);
    assert_eq!(leaving[0].callback.as_deref(), Some("https://bot.contoso.com/next"));
    let data = &leaving[0].notification["resourceData"];
    assert_eq!((&leaving[0].notification["changeType"], &data["state"]), (&json!("deleted"), &json!("terminated")));
    for member in ["direction", "callbackUri", "source", "targets", "myParticipantId", "id"] {
        assert!(data.get(member).is_some(), "{member} is missing");
    }
    assert_eq!(refusal(&floor.ask(Method::Post, &format!("{path}/redirect"), &asked)), (404, "8522"));
    assert!(floor.wait(Millis::seconds(20)).is_empty());
}

#[test]
fn only_a_ringing_call_can_be_redirected_and_a_rejection_has_no_state() {
    let mut floor = Floor::started(TWO_CALLS);
    let established = format!("{}/redirect", floor.path("Group", None));
    assert_eq!(refusal(&floor.ask(Method::Post, &established, &json!({ "targets": [heidi()] }))).0, 409);

    let (mut floor, path) = ringing();
    for odd in [json!("later"), json!(5), json!(["busy"])] {
        let refused = floor.ask(Method::Post, &format!("{path}/reject"), &json!({ "reason": odd }));
        assert_eq!(refusal(&refused), (400, "invalidRequest"), "{odd}");
    }
    let route = Route::parse(&format!("{path}/reject")).unwrap();
    let ask = WorldRequest {
        method: Method::Post,
        route: &route,
        body: b"{\"reason\":\"busy\"}",
        caller: &floor.caller,
        agent: None,
        origin: ORIGIN,
    };
    let (answer, leaving) = floor.world.request(floor.now, &ask);
    assert_eq!(answer.status, 202);
    let data = json!({ "@odata.type": "#microsoft.graph.call", "@odata.id": path });
    assert_eq!(leaving[0].notification["changeType"], "deleted");
    assert_eq!(leaving[0].notification["resourceData"], data);
}

#[test]
fn audio_is_notified_with_the_state_separately_or_never() {
    let notified = |news| {
        let mut floor = Floor::new(TWO_CALLS, 42);
        floor.world.set_settings(SimSettings { media_state: news, ..SimSettings::default() });
        let leaving = floor.world.advance(floor.now);
        let about = |it: &&OutgoingNotification| it.notification["resourceData"]["mediaState"]["audio"] == "active";
        let first = leaving.iter().filter(about).count();
        let path = floor.path("Group", None);
        assert_eq!(body(&floor.ask(Method::Get, &path, &Value::Null))["mediaState"]["audio"], "active");
        (first, leaving.len())
    };
    let (with, few) = notified(MediaNews::WithState);
    let (apart, more) = notified(MediaNews::Separate);
    assert_eq!((with, apart, more), (2, 2, few + 2));
    assert_eq!(notified(MediaNews::Absent), (0, few));
}
