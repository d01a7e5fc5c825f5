//! What the simulator says in answers and notifications of mute, hold and release, compared with examples member by
//! member: the same members of the same kinds, and the same values where a value is not an id. The examples are ours,
//! and the documented ones where there is a folder of them.

use std::collections::BTreeMap;

use callboard::sim::settings::HoldAnswer;
use callboard::sim::{self, Scenario, SimSettings, Simulator};
use callboard::time::Timestamp;
use callboard::time::clock::Clock;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;

use crate::support::examples::{self, Example, Kind};

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
            settings: SimSettings { hold_answer, ..SimSettings::default() },
            clock: clock.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            callback: Some(callback),
            public_url: None,
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

/// One action of the simulator, and the messages that show it: its request, its answer, and its notification if it has
/// one. Ours are files of `tests/data` without their ending, the documented ones files of their folder.
struct Row {
    action: &'static str,
    hold_answer: HoldAnswer,
    ours: [&'static str; 3],
    documented: [&'static str; 3],
    /// Whom the roster of the notification shows muted.
    muted: &'static [&'static str],
}

const ROWS: [Row; 6] = [
    Row {
        action: "mute",
        hold_answer: HoldAnswer::Running,
        ours: ["requests/mute", "answers/mute", "notifications/roster-after-mute"],
        documented: ["call-mute--01--request", "call-mute--02--response", "call-mute--03--notification"],
        muted: &["self"],
    },
    Row {
        action: "unmute",
        hold_answer: HoldAnswer::Running,
        ours: ["requests/unmute", "answers/unmute", "notifications/roster-after-unmute"],
        documented: ["call-unmute--01--request", "call-unmute--02--response", "call-unmute--03--notification"],
        muted: &[],
    },
    Row {
        action: "participants/{id}/mute",
        hold_answer: HoldAnswer::Running,
        ours: ["requests/mute-participant", "answers/mute-participant", "notifications/roster-after-mute"],
        documented: ["participant-mute--01--request", "participant-mute--02--response", "call-mute--03--notification"],
        muted: &["Bob"],
    },
    Row {
        action: "participants/{id}/startHoldMusic",
        hold_answer: HoldAnswer::Running,
        ours: ["requests/hold", "answers/hold", "notifications/operation-hold-completed"],
        documented: [
            "participant-startholdmusic--01--request",
            "participant-startholdmusic--02--response",
            "participant-startholdmusic--03--notification",
        ],
        muted: &[],
    },
    Row {
        action: "participants/{id}/stopHoldMusic",
        hold_answer: HoldAnswer::Running,
        ours: ["requests/release", "answers/release", "notifications/operation-release-completed"],
        documented: [
            "participant-stopholdmusic--01--request",
            "participant-stopholdmusic-2023--02--response",
            "participant-stopholdmusic-2023--03--notification",
        ],
        muted: &[],
    },
    Row {
        action: "participants/{id}/stopHoldMusic",
        hold_answer: HoldAnswer::Completed,
        ours: ["requests/release", "answers/release-completed", NO_NOTIFICATION],
        documented: [
            "participant-stopholdmusic--01--request",
            "participant-stopholdmusic--02--response",
            NO_NOTIFICATION,
        ],
        muted: &[],
    },
];

const NO_NOTIFICATION: &str = "";

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
                // The roster of an example shows one user; the simulator's is everyone, the application too.
                let user = |it: &&Value| it["info"]["identity"]["user"].is_object();
                let said = if documented["info"].is_object() { said.iter().find(user) } else { said.first() };
                compare(said.unwrap_or_else(|| panic!("{place} is empty")), documented, place);
            }
        }
        _ => assert_eq!(said, documented, "{place}"),
    }
}

/// One action as three messages show it: the request's body, the answer, and the notification.
async fn told_as_shown(
    bot: &mut Bot,
    action: &str,
    names: [&str; 3],
    [asked, answered, told]: [&Value; 3],
) -> Vec<String> {
    let (status, location, said, webhook) = bot.post(action, &asked["body"]).await;
    assert_eq!(json!(status), answered["status"], "{}", names[1]);
    compare(&said, &answered["body"], names[1]);
    assert_eq!(said["clientContext"], asked["body"]["clientContext"]);
    assert!(location.ends_with(&format!("/operations/{}", said["id"].as_str().unwrap())), "{location}");
    if let Some(context) = answered["body"]["@odata.context"].as_str() {
        let own = said["@odata.context"].as_str().unwrap();
        assert_eq!(own.split('#').nth(1), context.split('#').nth(1), "{}", names[1]);
    }
    if told.is_null() {
        assert_eq!(webhook, None, "a final answer has no notification");
        return Vec::new();
    }
    let webhook = webhook.unwrap();
    compare(&webhook, &told["body"], names[2]);
    muted(&webhook["value"][0]["resourceData"])
}

/// Whom a roster shows muted: the names of users, and `self` for the application.
fn muted(roster: &Value) -> Vec<String> {
    let people = roster.as_array().into_iter().flatten().filter(|it| it["isMuted"] == true);
    people.map(|it| it["info"]["identity"]["user"]["displayName"].as_str().unwrap_or("self").to_owned()).collect()
}

/// Plays every row, one after the other on one simulator for each form of the answer to a hold.
async fn rows_are_told_as_shown(names: fn(&Row) -> [&'static str; 3], messages: &BTreeMap<String, Value>) {
    let mut bot = Bot::of(HoldAnswer::Running).await;
    for row in ROWS.iter().filter(|it| it.hold_answer == HoldAnswer::Running) {
        play(&mut bot, row, names(row), messages).await;
    }
    bot.sim.stop().await;
    let mut bot = Bot::of(HoldAnswer::Completed).await;
    let (status, ..) = bot.post("participants/{id}/startHoldMusic", &json!({"clientContext": "h"})).await;
    assert_eq!(status, 202);
    for row in ROWS.iter().filter(|it| it.hold_answer == HoldAnswer::Completed) {
        play(&mut bot, row, names(row), messages).await;
    }
    bot.sim.stop().await;
}

async fn play(bot: &mut Bot, row: &Row, names: [&str; 3], messages: &BTreeMap<String, Value>) {
    let nothing = Value::Null;
    let shown = names.map(|name| if name == NO_NOTIFICATION { &nothing } else { &messages[name] });
    let shown = told_as_shown(bot, row.action, names, shown).await;
    assert_eq!(shown, row.muted, "{}", row.action);
}

#[tokio::test(flavor = "multi_thread")]
async fn mute_hold_and_release_match_our_examples() {
    let message = |example: Example| {
        let json = example.json();
        let name = example.file.rsplit_once('.').unwrap().0.to_owned();
        // A notification is its body alone.
        (name, if example.kind == Kind::Notification { json!({"body": json}) } else { json })
    };
    let messages = examples::own().examples.into_iter().map(message).collect();
    rows_are_told_as_shown(|row| row.ours, &messages).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mute_hold_and_release_match_the_documentation() {
    let Some(examples) = examples::documented() else { return };
    let messages = examples.into_iter().map(|it| (it.name, it.json)).collect();
    rows_are_told_as_shown(|row| row.documented, &messages).await;
}
