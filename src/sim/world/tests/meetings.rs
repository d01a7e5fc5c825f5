//! Meetings that the application joins several times: one roster and one `callChainId` for all legs.

use super::*;

const MEETING: &str = r#"
name = "meeting"
description = "a meeting of three people"
prelude = "1m"
company = true
[[calls]]
subject = "Weekly"
kind = "meeting"
at = "-50s"
[[calls.people]]
name = "Ada"
[[calls.people]]
name = "Bob"
[[calls.people]]
name = "Cay"
events = [{ at = "30s", does = "leave" }]
"#;

/// A body that joins a meeting as an application of this name.
fn joining(chat: &Value, name: &str) -> Value {
    json!({
        "callbackUri": format!("https://bot.contoso.com/{name}"),
        "requestedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
        "source": { "identity": { "application": { "id": name, "displayName": name } } },
        "chatInfo": chat,
        "meetingInfo": {
            "@odata.type": "#microsoft.graph.organizerMeetingInfo",
            "organizer": { "user": { "id": "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96" } },
        },
    })
}

impl Floor {
    /// Joins a meeting, and returns the path of the new leg and its chain.
    fn joins(&mut self, chat: &Value, name: &str) -> (String, String) {
        let answer = self.ask(Method::Post, "/communications/calls", &joining(chat, name));
        assert_eq!(answer.status, 201, "{answer:?}");
        let call = body(&answer);
        let path = format!("/communications/calls/{}", call["id"].as_str().unwrap());
        (path, call["callChainId"].as_str().unwrap().to_owned())
    }

    /// Returns the members of a roster that tell its people apart, sorted.
    fn people(&mut self, call: &str) -> Vec<(String, bool, bool)> {
        let listed = body(&self.ask(Method::Get, &format!("{call}/participants"), &Value::Null));
        let of = |it: &Value| {
            let name = it["info"]["identity"].as_object().unwrap().values().find_map(|one| one["displayName"].as_str());
            let id = it["id"].as_str().unwrap();
            let muted = it["isMuted"] == true;
            (format!("{} {id}", name.unwrap_or_default()), muted, it["isInLobby"] == true)
        };
        let mut people: Vec<_> = listed["value"].as_array().unwrap().iter().map(of).collect();
        people.sort();
        people
    }

    fn meeting(&self) -> (String, Value) {
        let call = self.call("Weekly");
        let facts = &self.world.calls.get(&call.id).unwrap().facts;
        (format!("/communications/calls/{}", call.id), json!(facts.chat_info))
    }
}

fn names(people: &[(String, bool, bool)]) -> Vec<&str> {
    people.iter().map(|it| it.0.split(' ').next().unwrap()).collect()
}

#[test]
fn every_leg_of_a_meeting_has_its_chain_and_its_people() {
    let mut floor = Floor::started(MEETING);
    let (weekly, chat) = floor.meeting();
    let (first, chain) = floor.joins(&chat, "recorder");
    let (second, other_chain) = floor.joins(&chat, "translator");
    let weekly_chain = body(&floor.ask(Method::Get, &weekly, &Value::Null))["callChainId"].clone();
    assert_eq!((json!(chain), json!(other_chain)), (weekly_chain.clone(), weekly_chain));
    let leaving = floor.wait(Millis::seconds(10));
    let everyone = floor.people(&weekly);
    assert_eq!(names(&everyone), ["Ada", "Bob", "Cay", "Support", "recorder", "translator"], "nobody else joins");
    for leg in [&first, &second] {
        assert_eq!(floor.people(leg), everyone, "the same people, with the same ids");
        let own = body(&floor.ask(Method::Get, leg, &Value::Null))["myParticipantId"].clone();
        let told = rosters(&leaving).into_iter().rfind(|it| it["resourceUrl"].as_str().unwrap().contains(leg.as_str()));
        let told = told.unwrap_or_else(|| panic!("{leg} has no roster"));
        assert_eq!(told["resourceData"].as_array().unwrap().len(), 6);
        assert_eq!(told["resourceData"][0]["id"], own, "the application's own member comes first");
    }
    let of_leg = leaving.iter().filter(|it| second.ends_with(&it.call.to_string()));
    assert!(of_leg.into_iter().all(|it| *it.chain == chain), "webhooks carry the chain too");
}

#[test]
fn what_happens_in_one_leg_shows_in_every_other() {
    let mut floor = Floor::started(MEETING);
    let (weekly, chat) = floor.meeting();
    let (first, _) = floor.joins(&chat, "recorder");
    let (second, _) = floor.joins(&chat, "translator");
    floor.wait(Millis::seconds(10));
    let ada = floor.people(&first)[0].0.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(floor.ask(Method::Post, &format!("{first}/participants/{ada}/mute"), &json!({})).status, 200);
    for leg in [&weekly, &first, &second] {
        assert!(floor.people(leg)[0].1, "Ada is muted at once in {leg}");
    }
    let told = rosters(&floor.wait(Millis::seconds(2)));
    assert_eq!(told.len(), 3, "each leg is told once");
    assert_eq!(floor.ask(Method::Post, &format!("{second}/participants/{ada}/startHoldMusic"), &json!({})).status, 202);
    floor.wait(Millis::seconds(2));
    let bob = floor.people(&first)[1].0.split(' ').nth(1).unwrap().to_owned();
    let held = body(&floor.ask(Method::Post, &format!("{first}/participants/{bob}/startHoldMusic"), &json!({})));
    floor.wait(Millis::seconds(2));
    let read = floor.ask(Method::Get, &format!("{first}/operations/{}", held["id"].as_str().unwrap()), &Value::Null);
    assert_eq!(body(&read)["status"], "failed", "one person is on hold in the whole meeting");
    // The scenario makes Cay leave the call that it planned.
    floor.wait(Millis::seconds(30));
    for leg in [&weekly, &first, &second] {
        assert!(!names(&floor.people(leg)).contains(&"Cay"), "{leg}");
    }
}

#[test]
fn a_leg_ends_alone_and_the_meeting_goes_on() {
    let mut floor = Floor::started(MEETING);
    let (weekly, chat) = floor.meeting();
    let (first, _) = floor.joins(&chat, "recorder");
    let (second, _) = floor.joins(&chat, "translator");
    floor.wait(Millis::seconds(10));
    assert_eq!(floor.ask(Method::Delete, &weekly, &Value::Null).status, 204);
    floor.wait(Millis::seconds(2));
    assert_eq!(floor.ask(Method::Get, &weekly, &Value::Null).status, 404);
    assert_eq!(names(&floor.people(&first)), ["Ada", "Bob", "Cay", "recorder", "translator"]);
    // Cay's leave was planned in the leg that has ended.
    floor.wait(Millis::seconds(30));
    assert_eq!(names(&floor.people(&second)), ["Ada", "Bob", "recorder", "translator"]);
    let translator = floor.people(&first)[3].0.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(floor.ask(Method::Delete, &format!("{first}/participants/{translator}"), &Value::Null).status, 204);
    let leaving = floor.wait(Millis::seconds(3));
    let ended = leaving.iter().map(|it| &it.notification).find(|it| it["changeType"] == "deleted").unwrap();
    assert_eq!(ended["resourceUrl"], second, "whoever is removed loses the call");
    assert_eq!(ended["resourceData"]["resultInfo"]["subcode"], 5_300);
    assert_eq!(names(&floor.people(&first)), ["Ada", "Bob", "recorder"]);
}

#[test]
fn the_last_person_who_leaves_ends_every_leg() {
    let mut floor = Floor::started(MEETING);
    let (weekly, chat) = floor.meeting();
    let (first, _) = floor.joins(&chat, "recorder");
    floor.wait(Millis::seconds(10));
    for (name, _, _) in floor.people(&first) {
        let (name, id) = name.split_once(' ').unwrap();
        if !["recorder", "Support"].contains(&name) {
            let path = format!("{first}/participants/{}", id.rsplit(' ').next().unwrap());
            assert_eq!(floor.ask(Method::Delete, &path, &Value::Null).status, 204);
        }
    }
    floor.wait(Millis::seconds(5));
    for leg in [weekly, first] {
        assert_eq!(floor.ask(Method::Get, &leg, &Value::Null).status, 404, "{leg}");
    }
}

#[test]
fn another_thread_is_another_meeting() {
    let mut floor = Floor::started(MEETING);
    let chat = |thread: &str, message: &str| json!({ "threadId": thread, "messageId": message });
    let (one, chain) = floor.joins(&chat("19:meeting_a@thread.v2", "0"), "bot-1");
    let (same, same_chain) = floor.joins(&chat("19:MEETING_A@thread.v2", "0"), "bot-2");
    let (_, other_chain) = floor.joins(&chat("19:meeting_b@thread.v2", "0"), "bot-3");
    let (_, reply_chain) = floor.joins(&chat("19:meeting_a@thread.v2", "1700000000000"), "bot-4");
    assert_eq!(chain, same_chain);
    assert!(other_chain != chain && reply_chain != chain && other_chain != reply_chain);
    floor.wait(Millis::seconds(20));
    let people = floor.people(&one);
    assert!(people.len() >= 4, "the company of the first leg: {people:?}");
    assert_eq!(floor.people(&same), people);
}
