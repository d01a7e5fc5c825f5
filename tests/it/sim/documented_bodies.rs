//! What the simulator says in answers and notifications of mute, hold and release, compared with the documented
//! examples member by member: the same members of the same kinds, and the same values where a value is not an id.

use crate::support::examples;

use callboard::clock::Clock;
use callboard::sim::settings::HoldAnswer;
use callboard::sim::{self, Scenario, SimSettings, Simulator};
use callboard::time::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;

const SCENARIO: &str = r#"
name = "letter"
description = "one group call"
prelude = "1m"
[[calls]]
subject = "Letter"
kind = "group"
at = "-50s"
people = [{ name = "Bob" }, { name = "Ada" }]
"#;

/// A simulator on stage, what its webhooks bring, and a client with the application's token.
struct Bot {
    sim: Simulator,
    clock: Clock,
    webhooks: mpsc::Receiver<Value>,
    client: reqwest::Client,
    token: String,
    call: String,
    bob: String,
}

impl Bot {
    async fn of(hold_answer: HoldAnswer) -> Self {
        let (bring, webhooks) = mpsc::channel(64);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let callback = Url::parse(&format!("http://{}/api/calls", listener.local_addr().unwrap())).unwrap();
        let take = move |body: String| {
            let bring = bring.clone();
            async move {
                bring.send(serde_json::from_str(&body).unwrap()).await.unwrap();
                axum::http::StatusCode::ACCEPTED
            }
        };
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(take)).await.unwrap() });
        let clock = Clock::starting_at(Timestamp(1_700_000_000_000), 0.0);
        let settings = sim::SimStart {
            scenario: Scenario::parse(SCENARIO).unwrap(),
            seed: 7,
            faults: SimSettings { hold_answer, ..SimSettings::default() },
            clock: clock.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            callback: Some(callback),
        };
        let sim = sim::start(settings).await.unwrap();
        sim.play_prelude().await;
        let client = reqwest::Client::new();
        let token = token(&client, &sim).await;
        let mut bot = Self { sim, clock, webhooks, client, token, call: String::new(), bob: String::new() };
        bot.find_bob();
        bot
    }

    /// Bob's ids, from the last roster that came.
    fn find_bob(&mut self) {
        while let Ok(webhook) = self.webhooks.try_recv() {
            let item = &webhook["value"][0];
            let path = item["resourceUrl"].as_str().unwrap();
            if let Some(call) =
                path.strip_prefix("/communications/calls/").and_then(|it| it.strip_suffix("/participants"))
            {
                let people = item["resourceData"].as_array().unwrap();
                let bob = people.iter().find(|it| it["info"]["identity"]["user"]["displayName"] == "Bob");
                call.clone_into(&mut self.call);
                self.bob = bob.map(|it| it["id"].as_str().unwrap().to_owned()).unwrap_or_default();
            }
        }
        assert!(!self.bob.is_empty(), "a roster with Bob came");
    }

    /// Posts what a documented example posts, about our call and our Bob; what came back, and the webhook after it.
    async fn post(&mut self, action: &str, body: &Value) -> (u16, String, Value, Option<Value>) {
        let graph = self.sim.ready().graph.clone();
        let path = format!("{graph}/communications/calls/{}/{}", self.call, action.replace("{id}", &self.bob));
        let answer = self.client.post(path).bearer_auth(&self.token).json(body).send().await.unwrap();
        let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default();
        let (status, said) = (answer.status().as_u16(), answer.json().await.unwrap());
        self.clock.step(callboard::time::Millis::seconds(5));
        self.sim.settle().await;
        (status, location, said, self.webhooks.try_recv().ok())
    }
}

async fn token(client: &reqwest::Client, sim: &Simulator) -> String {
    let ready = serde_json::to_value(sim.ready()).unwrap();
    let form = [
        ("client_id", ready["clientId"].as_str().unwrap()),
        ("client_secret", ready["clientSecret"].as_str().unwrap()),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let answer = client.post(ready["token"].as_str().unwrap()).form(&form).send().await.unwrap();
    let token: Value = answer.json().await.unwrap();
    token["access_token"].as_str().unwrap().to_owned()
}

fn example(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(examples::folder()?.join(format!("{name}.json"))).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// Every member that is documented is said, of the same kind; and with the same value, save where values are ids,
/// addresses and names of the moment.
fn compare(said: &Value, documented: &Value, place: &str) {
    let own =
        ["id", "resourceUrl", "@odata.id", "@odata.etag", "@odata.context", "displayName", "sourceId", "clientContext"];
    match (said, documented) {
        (Value::Object(said), Value::Object(documented)) => {
            for (member, value) in documented {
                let place = format!("{place}.{member}");
                let said = said.get(member).unwrap_or_else(|| panic!("{place} is missing"));
                if own.contains(&member.as_str()) {
                    assert_eq!(said.is_string(), value.is_string(), "{place}: {said}");
                } else if member == "isMuted" {
                    assert!(said.is_boolean(), "{place}: {said}");
                } else {
                    compare(said, value, &place);
                }
            }
        }
        (Value::Array(said), Value::Array(documented)) => {
            for documented in documented {
                // The documented roster shows one user; ours is everyone, the application too.
                let user = |it: &&Value| it["info"]["identity"]["user"].is_object();
                let said = if documented["info"].is_object() { said.iter().find(user) } else { said.first() };
                compare(said.unwrap_or_else(|| panic!("{place} is empty")), documented, place);
            }
        }
        _ => assert_eq!(said, documented, "{place}"),
    }
}

/// One documented action: its request's body, its answer, and its notification.
async fn told_as_documented(bot: &mut Bot, action: &str, [request, response, notification]: [&str; 3]) -> Vec<String> {
    let (Some(asked), Some(answered)) = (example(request), example(response)) else { return Vec::new() };
    let (status, location, said, webhook) = bot.post(action, &asked["body"]).await;
    assert_eq!(json!(status), answered["status"], "{response}");
    compare(&said, &answered["body"], response);
    assert_eq!(said["clientContext"], asked["body"]["clientContext"]);
    assert!(location.ends_with(&format!("/operations/{}", said["id"].as_str().unwrap())), "{location}");
    if let Some(context) = answered["body"]["@odata.context"].as_str() {
        let own = said["@odata.context"].as_str().unwrap();
        assert_eq!(own.split('#').nth(1), context.split('#').nth(1), "{response}");
    }
    match example(notification) {
        Some(told) if notification != response => {
            let webhook = webhook.unwrap();
            compare(&webhook, &told["body"], notification);
            muted(&webhook["value"][0]["resourceData"])
        }
        _ => {
            assert_eq!(webhook, None, "a final answer has no notification");
            Vec::new()
        }
    }
}

/// Whom a roster shows muted: the names of users, and `self` for the application.
fn muted(roster: &Value) -> Vec<String> {
    let people = roster.as_array().into_iter().flatten().filter(|it| it["isMuted"] == true);
    people.map(|it| it["info"]["identity"]["user"]["displayName"].as_str().unwrap_or("self").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn mute_unmute_hold_and_release_are_told_as_documented() {
    if example("call-mute--01--request").is_none() {
        return;
    }
    let mut bot = Bot::of(HoldAnswer::Running).await;
    let rows = [
        ("mute", ["call-mute--01--request", "call-mute--02--response", "call-mute--03--notification"]),
        ("unmute", ["call-unmute--01--request", "call-unmute--02--response", "call-unmute--03--notification"]),
        (
            "participants/{id}/mute",
            ["participant-mute--01--request", "participant-mute--02--response", "call-mute--03--notification"],
        ),
        (
            "participants/{id}/startHoldMusic",
            [
                "participant-startholdmusic--01--request",
                "participant-startholdmusic--02--response",
                "participant-startholdmusic--03--notification",
            ],
        ),
        (
            "participants/{id}/stopHoldMusic",
            [
                "participant-stopholdmusic--01--request",
                "participant-stopholdmusic-2023--02--response",
                "participant-stopholdmusic-2023--03--notification",
            ],
        ),
    ];
    let mut shown = Vec::new();
    for (action, examples) in rows {
        shown.push(told_as_documented(&mut bot, action, examples).await);
    }
    assert_eq!(shown, [vec!["self".to_owned()], vec![], vec!["Bob".to_owned()], vec![], vec![]]);
    bot.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_is_completed_at_once_is_told_as_documented() {
    if example("participant-stopholdmusic--02--response").is_none() {
        return;
    }
    let mut bot = Bot::of(HoldAnswer::Completed).await;
    let (status, ..) = bot.post("participants/{id}/startHoldMusic", &json!({"clientContext": "h"})).await;
    assert_eq!(status, 202);
    let response = "participant-stopholdmusic--02--response";
    let examples = ["participant-stopholdmusic--01--request", response, response];
    told_as_documented(&mut bot, "participants/{id}/stopHoldMusic", examples).await;
    bot.sim.stop().await;
}
