//! The README's sample programs at a real simulator, as a reader runs them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{Process, node, python};
use crate::e2e::processes::{Server, create};

/// How long a sample may be silent: long, for a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(2);

fn sample(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/examples").join(name)
}

/// An answer that is a success, as JSON.
async fn got(asked: RequestBuilder) -> Value {
    let answer = asked.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

/// The variables of the README.
async fn variables(sim: &Server) -> Vec<(&'static str, String)> {
    let form = [
        ("client_id", sim.says("clientId")),
        ("client_secret", sim.says("clientSecret")),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let token = got(reqwest::Client::new().post(sim.says("token")).form(&form)).await;
    let said = [("GRAPH", "graph"), ("OPENID", "openid"), ("CLIENT_ID", "clientId"), ("TENANT", "tenant")];
    let said = said.map(|(name, member)| (name, sim.says(member).to_owned()));
    said.into_iter().chain([("TOKEN", token["access_token"].as_str().unwrap().to_owned())]).collect()
}

/// Asks the control API: reads, or posts what there is to post.
async fn hand(sim: &Server, path: &str, body: Option<Value>) -> Value {
    let (http, url) = (reqwest::Client::new(), format!("{}{path}", sim.says("control")));
    let asked = body.map_or_else(|| http.get(&url), |it| http.post(&url).json(&it));
    got(asked.bearer_auth(sim.says("controlToken"))).await
}

/// A call as the control API lists it.
async fn listed(sim: &Server, call: &str) -> Value {
    let calls = hand(sim, "/calls", None).await;
    calls["value"].as_array().unwrap().iter().find(|it| it["id"] == call).cloned().unwrap()
}

async fn says_how_many(mut client: Command) {
    let sim = Server::start(&["sim", "--scenario", "empty", "--speed", "0"]);
    let call = create(&sim, "http://127.0.0.1:9/").await;
    hand(&sim, "/clock", Some(json!({ "step": 60_000 }))).await;
    let people = listed(&sim, &call).await["participants"].as_array().unwrap().clone();
    let there = people.iter().filter(|it| ["here", "lobby"].contains(&it["presence"].as_str().unwrap())).count();
    assert!(there > 0, "{people:?}");
    let ended = client.envs(variables(&sim).await).env("CALL", call).output().unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    let expected = format!("established, {} participants", there + 1);
    assert_eq!(said.trim(), expected, "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(sim.terminate());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_reads_a_call() {
    let Some(mut client) = python("msgraph") else { return };
    client.arg(sample("client.py"));
    says_how_many(client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_javascript_client_reads_a_call() {
    let room = tempfile::tempdir().unwrap();
    let Some(mut client) = node(room.path()) else { return };
    std::fs::copy(sample("client.mjs"), room.path().join("client.mjs")).unwrap();
    client.arg(room.path().join("client.mjs"));
    says_how_many(client).await;
}

/// What a program prints, line by line.
struct Told(Receiver<String>);

impl Told {
    fn of(process: &mut Process) -> Self {
        let out = BufReader::new(process.0.stdout.take().unwrap());
        let (tell, told) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self(told)
    }

    /// The next line that has all of these.
    fn line(&self, parts: &[&str]) -> String {
        loop {
            let line = self.0.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it does not say {parts:?}"));
            if parts.iter().all(|it| line.contains(it)) {
                return line;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_answers_a_call_and_accepts_signed_webhooks() {
    let Some(mut bot) = python("jwt") else { return };
    let sim = Server::start(&["sim", "--scenario", "empty", "--speed", "0"]);
    let hand = async |path: &str, body: Value| hand(&sim, path, Some(body)).await;
    bot.arg(sample("bot.py")).arg("0").envs(variables(&sim).await).stdout(Stdio::piped());
    let mut bot = Process(bot.spawn().unwrap());
    let told = Told::of(&mut bot);
    let webhook = told.line(&["the webhook is "]).replace("the webhook is ", "");
    hand("/callback", json!({ "url": webhook })).await;
    let people = json!([{ "name": "Ada" }, { "name": "Bob" }]);
    let plan = json!({ "subject": "Sales", "kind": "group", "answeredBy": "client", "people": people });
    let call = hand("/calls", plan).await["id"].as_str().unwrap().to_owned();
    told.line(&["created", &call, "incoming"]);
    // The clock stands still: the call waits for its answer, however long the bot takes.
    let answered = async {
        while listed(&sim, &call).await["state"] == "incoming" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("the bot does not answer");
    hand("/clock", json!({ "step": 10_000 })).await;
    told.line(&[&call, "established"]);
    told.line(&[&call, "3 participants"]);

    let ada = listed(&sim, &call).await["participants"][0]["id"].as_str().unwrap().to_owned();
    let does = async |does: &str| hand(&format!("/calls/{call}/participants/{ada}/{does}"), json!({})).await;
    for (signature, deed, said) in [
        ("wrongAudience", "mute", "Audience"),
        ("wrongIssuer", "unmute", "issuer"),
        ("expired", "mute", "expired"),
        ("unsigned", "unmute", "segments"),
    ] {
        hand("/faults", json!({ "webhookSignature": signature })).await;
        does(deed).await;
        hand("/clock", json!({ "step": 5_000 })).await;
        told.line(&["refused: ", said]);
    }
    hand("/faults", json!({ "webhookSignature": "valid" })).await;
    does("leave").await;
    hand("/clock", json!({ "step": 5_000 })).await;
    told.line(&["updated", &call, "2 participants"]);
    assert!(sim.terminate());
}
