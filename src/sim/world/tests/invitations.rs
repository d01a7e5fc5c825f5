//! Invitations: into a 1:1 call, in place of another call, and withdrawn.

use super::*;

fn user(id: &str) -> Value {
    json!({ "identity": { "user": { "id": id, "displayName": id } } })
}

fn invite(floor: &mut Floor, subject: &str, people: &[Value]) -> WorldAnswer {
    let path = format!("{}/participants/invite", floor.path(subject, None));
    floor.ask(Method::Post, &path, &json!({ "participants": people, "clientContext": "mark" }))
}

#[test]
fn an_invitation_turns_a_one_to_one_call_into_a_group_call() {
    let mut floor = Floor::started(TWO_CALLS);
    assert_eq!(refusal(&invite(&mut floor, "Pair", &[user("zoe"), user("kim")])), (400, "invalidRequest"));
    assert_eq!(invite(&mut floor, "Pair", &[user("zoe")]).status, 200);
    let roster = rosters(&floor.wait(Millis::seconds(5))).pop().unwrap();
    assert!(person(&roster, "zoe").is_some() && person(&roster, "Joy").is_some(), "{roster}");
    let path = format!("{}/participants", floor.path("Pair", None));
    assert_eq!(body(&floor.ask(Method::Get, &path, &Value::Null))["value"].as_array().unwrap().len(), 3);
}

#[test]
fn an_invitation_ends_the_call_that_it_replaces() {
    let mut floor = Floor::started(TWO_CALLS);
    let pair = floor.call("Pair").id.to_string();
    let roster = body(&floor.ask(Method::Get, &floor.path("Pair", None), &Value::Null));
    let joy = roster["targets"][0]["identity"]["user"]["id"].as_str().unwrap().to_owned();
    let mut guest = user(&joy);
    guest["replacesCallId"] = json!(pair);
    let mut second = user("zoe");
    second["replacesCallId"] = json!("57dab8b1-894c-409a-b240-bd8beae78896");
    let answer = body(&invite(&mut floor, "Group", &[guest, second]));
    let named: Vec<_> = answer["participants"].as_array().unwrap().iter().map(|it| &it["replacesCallId"]).collect();
    assert_eq!(named, [&json!(pair), &Value::Null], "only the first guest may replace a call");
    let leaving = floor.wait(Millis::seconds(6));
    let done = &notices(&leaving, "inviteParticipantsOperation")[0]["resourceData"];
    assert_eq!(done["status"], "completed");
    let ended = leaving.iter().rev().find(|it| it.call.to_string() == pair).unwrap();
    assert_eq!(ended.notification["changeType"], "deleted");
    let gone = floor.ask(Method::Get, &format!("/communications/calls/{pair}"), &Value::Null);
    assert_eq!(refusal(&gone), (404, "8522"));
}

#[test]
fn an_invitation_that_replaces_no_call_fails() {
    let mut floor = Floor::started(TWO_CALLS);
    for (who, replaced) in
        [("zoe", "57dab8b1-894c-409a-b240-bd8beae78896".to_owned()), ("kim", floor.call("Pair").id.to_string())]
    {
        let mut guest = user(who);
        guest["replacesCallId"] = json!(replaced);
        assert_eq!(invite(&mut floor, "Group", &[guest]).status, 200);
        let leaving = floor.wait(Millis::seconds(6));
        let done = &notices(&leaving, "inviteParticipantsOperation")[0]["resourceData"];
        assert_eq!((&done["status"], &done["resultInfo"]["subcode"]), (&json!("failed"), &json!(8_522)));
        assert!(rosters(&leaving).is_empty());
    }
    assert_eq!(floor.call("Pair").state, crate::graph::CallState::Established);
}

#[test]
fn removing_an_expected_guest_withdraws_the_invitation() {
    let mut floor = Floor::started(TWO_CALLS);
    let seat = "7d501bf1-5ee4-4605-ba92-0ae4513c611c";
    let mut guest = user("zoe");
    guest["participantId"] = json!(seat);
    let answer = body(&invite(&mut floor, "Group", &[guest]));
    assert_eq!(answer["participants"][0]["participantId"], seat);
    let path = format!("{}/participants/{seat}", floor.path("Group", None));
    assert_eq!(refusal(&floor.ask(Method::Get, &path, &Value::Null)), (404, "itemNotFound"));
    assert_eq!(floor.ask(Method::Delete, &path, &Value::Null).status, 204);
    let leaving = floor.wait(Millis::seconds(6));
    let done = &notices(&leaving, "inviteParticipantsOperation")[0]["resourceData"];
    assert_eq!((&done["status"], &done["resultInfo"]["subcode"]), (&json!("failed"), &json!(8_508)));
    assert_eq!((rosters(&leaving).len(), leaving.len()), (0, 1));
    assert_eq!(refusal(&floor.ask(Method::Delete, &path, &Value::Null)), (404, "itemNotFound"));
}

#[test]
fn a_group_call_without_chat_refuses_invitations_unless_set() {
    let mut floor = Floor::new("name = 'e'\ndescription = ''", 5);
    let asked = json!({
        "callbackUri": "https://bot.contoso.com/callback",
        "targets": [user("uma"), user("vik")],
        "requestedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
    });
    let call = body(&floor.ask(Method::Post, "/communications/calls", &asked))["id"].as_str().unwrap().to_owned();
    floor.wait(Millis::minutes(1));
    let path = format!("/communications/calls/{call}/participants/invite");
    let guest = json!({ "participants": [user("zoe")] });
    assert_eq!(refusal(&floor.ask(Method::Post, &path, &guest)), (400, "invalidRequest"));
    let allowed = crate::sim::settings::Permit::Allowed;
    floor.world.set_settings(SimSettings { invite_without_chat: allowed, ..SimSettings::default() });
    assert_eq!(floor.ask(Method::Post, &path, &guest).status, 200);
}

#[test]
fn an_interactive_roster_omits_inactive_people() {
    let mut floor = Floor::new("name = 'e'\ndescription = ''", 5);
    let asked = json!({
        "callbackUri": "https://bot.contoso.com/callback",
        "targets": [user("uma"), user("vik")],
        "requestedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
        "callOptions": {
            "@odata.type": "#microsoft.graph.outgoingCallOptions",
            "isDeltaRosterEnabled": true,
            "isInteractiveRosterEnabled": true,
        },
    });
    floor.ask(Method::Post, "/communications/calls", &asked);
    floor.wait(Millis::minutes(1));
    let call = floor.call("");
    let uma = call.participants.iter().find(|it| &*it.name == "uma").unwrap().id.clone();
    let mut roster_after = |action| {
        let leaving = floor.world.direct(floor.now, &call.id, &uma, action).unwrap().1;
        rosters(&leaving)[0]["resourceData"]["participants"][0].clone()
    };
    let inactive = roster_after(crate::sim::scenario::PersonAction::Hold);
    assert_eq!(inactive["removedState"]["reason"], "Participant has entered an inactive state in the roster.");
    let active = roster_after(crate::sim::scenario::PersonAction::Resume);
    assert!(active.get("removedState").is_none() && active["id"] == inactive["id"], "{active}");
}

#[test]
fn a_group_call_never_becomes_a_1_1_call_again() {
    let mut floor = Floor::started(TWO_CALLS);
    let pair = floor.path("Pair", None);
    let zoe = json!({ "identity": { "user": { "id": "278405a3-f568-4b3e-b684-009193463064", "displayName": "Zoe" } } });
    let invited = floor.ask(Method::Post, &format!("{pair}/participants/invite"), &json!({ "participants": [zoe] }));
    assert_eq!(invited.status, 200);
    floor.wait(Millis::seconds(8));
    let zoe = floor.path("Pair", Some("Zoe"));
    assert_eq!(floor.ask(Method::Delete, &zoe, &Value::Null).status, 204);
    let told = rosters(&floor.wait(Millis::seconds(5)));
    assert_eq!(told.last().unwrap()["resourceData"].as_array().unwrap().len(), 2, "its roster is still notified");
    assert_eq!(floor.ask(Method::Get, &format!("{pair}/participants"), &Value::Null).status, 200);
}
