//! Checks that the control API behaves as `GET /sim` describes it: answers, members and refusals of each endpoint.

use std::collections::BTreeSet;

use reqwest::Method;

use super::*;

struct ControlClient {
    sim: Simulator,
    http: reqwest::Client,
    call: String,
    person: String,
}

impl ControlClient {
    async fn new() -> Self {
        let (sim, _clock, http) = sim("empty").await;
        let mut presenter = Self { sim, http, call: String::new(), person: String::new() };
        presenter.enters().await;
        presenter
    }

    /// Injects a call with a person in it.
    async fn enters(&mut self) {
        let plan = json!({ "subject": "Ada's", "kind": "oneToOne", "people": [{ "name": "Ada" }] });
        assert_eq!(self.asks("POST /sim/calls", &plan).await.0, 201);
        let calls = self.asks("GET /sim/calls", &Value::Null).await.1;
        let call = calls["value"].as_array().unwrap().last().unwrap().clone();
        self.call = call["id"].as_str().unwrap().to_owned();
        self.person = call["participants"][0]["id"].as_str().unwrap().to_owned();
    }

    /// Sends a request to an address of the description, with its parameters filled in.
    async fn asks(&self, address: &str, body: &Value) -> (u16, Value) {
        let filled = address.replace("{call}", &self.call).replace("{participant}", &self.person);
        let filled = filled.replace("{does}", "mute").replace("{tone}", "star");
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = self.sends(&filled, body).await;
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn sends(&self, address: &str, body: Vec<u8>) -> reqwest::Response {
        let (method, path) = address.split_once(' ').unwrap();
        let at = self.sim.ready().control.join(path).unwrap();
        let asked = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), at);
        asked.bearer_auth(self.sim.ready().control_token.expose_secret()).body(body).send().await.unwrap()
    }

    async fn described(&self) -> serde_json::Map<String, Value> {
        let (status, description) = self.asks("GET /sim", &Value::Null).await;
        assert_eq!(status, 200);
        assert!(description["tokens"].as_str().unwrap().contains("wall time"));
        description["resources"].as_object().unwrap().clone()
    }
}

fn texts(description: &Value) -> BTreeSet<String> {
    description.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_endpoint_answers_as_described() {
    let mut presenter = ControlClient::new().await;
    let described = presenter.described().await;
    assert!(described.len() > 15, "{described:?}");
    for (address, description) in &described {
        assert!(!description["what"].as_str().unwrap().is_empty(), "{address}");
        let body = match address.as_str() {
            "POST /sim/clock" => json!({ "speed": 0, "step": 1 }),
            "POST /sim/stage" => json!({ "restart": true }),
            "POST /sim/callback" => json!({ "url": null }),
            "POST /sim/calls" => json!({ "subject": "Another", "kind": "group" }),
            "POST /sim/faults" => json!({ "holdAnswer": "completed" }),
            _ => {
                assert!(texts(&description["takes"]).is_empty(), "{address} must have members");
                Value::Null
            }
        };
        let (status, answer) = presenter.asks(address, &body).await;
        assert!(
            description["answers"].as_str().unwrap().starts_with(&status.to_string()),
            "{address}: {status} {answer}"
        );
        if address == "POST /sim/stage" {
            presenter.enters().await;
        }
    }
    presenter.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_endpoint_accepts_the_described_members() {
    let presenter = ControlClient::new().await;
    for (address, description) in presenter.described().await {
        let takes = texts(&description["takes"]);
        if takes.is_empty() || address == "POST /sim/faults" {
            continue;
        }
        let (status, refused) = presenter.asks(&address, &json!({ "novel": 1 })).await;
        assert_eq!(status, 400, "{address}");
        // "unknown field `novel`, expected one of `speed`, `step`"
        let named = refused["error"].as_str().unwrap().split('`').skip(3).step_by(2).map(str::to_owned);
        assert_eq!(named.collect::<BTreeSet<_>>(), takes, "{address}: {refused}");
    }
    presenter.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_endpoint_refuses_as_described_and_says_why() {
    let presenter = ControlClient::new().await;
    let described = presenter.described().await;
    let named: BTreeSet<(String, u16)> = described
        .iter()
        .flat_map(|(address, description)| {
            texts(&description["refuses"]).into_iter().map(|it| (address.clone(), it.parse().unwrap()))
        })
        .collect();
    let (person, press) = (
        "POST /sim/calls/{call}/participants/{participant}/{does}",
        "POST /sim/calls/{call}/participants/{participant}/press/{tone}",
    );
    let cases = [
        ("POST /sim/clock", "POST /sim/clock", json!({ "speed": -1 })),
        ("POST /sim/clock", "POST /sim/clock", json!({ "step": -1 })),
        ("POST /sim/stage", "POST /sim/stage", json!({})),
        ("POST /sim/stage", "POST /sim/stage", json!({ "step": 7 })),
        ("POST /sim/callback", "POST /sim/callback", json!({ "url": "nowhere" })),
        ("POST /sim/calls", "POST /sim/calls", json!({ "subject": "", "kind": "group" })),
        ("POST /sim/faults", "POST /sim/faults", json!({ "holdAnswer": "?" })),
        (person, "POST /sim/calls/a%20b/participants/{participant}/mute", Value::Null),
        (person, "POST /sim/calls/{call}/participants/{participant}/dance", Value::Null),
        (person, "POST /sim/calls/nobodys/participants/{participant}/mute", Value::Null),
        (press, "POST /sim/calls/a%20b/participants/{participant}/press/star", Value::Null),
        (press, "POST /sim/calls/{call}/participants/{participant}/press/shift", Value::Null),
        (press, "POST /sim/calls/{call}/participants/nobody/press/star", Value::Null),
    ];
    let mut seen = BTreeSet::new();
    for (address, at, body) in cases {
        let (status, refused) = presenter.asks(at, &body).await;
        assert!(refused["error"].as_str().is_some_and(|it| it.len() > 20), "{at}: {refused}");
        seen.insert((address.to_owned(), status));
    }
    let restarting = presenter.sim.runtime.restarting.lock().await;
    let (status, _) = presenter.asks("POST /sim/clock", &json!({ "speed": 1 })).await;
    seen.insert(("POST /sim/clock".to_owned(), status));
    drop(restarting);
    assert_eq!(presenter.asks("POST /sim/faults", &json!({ "mostCalls": 1 })).await.0, 200);
    let (status, full) = presenter.asks("POST /sim/calls", &json!({ "subject": "More", "kind": "group" })).await;
    assert!(full["error"].as_str().unwrap().contains("mostCalls"), "{full}");
    seen.insert(("POST /sim/calls".to_owned(), status));
    assert_eq!(seen, named);
    presenter.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_gets_an_error_and_the_known_addresses() {
    let presenter = ControlClient::new().await;
    let there: BTreeSet<String> = presenter.described().await.keys().cloned().collect();
    for path in ["/sim/nothing", "/sim/clock/", "/sim/calls/x/y/z", "/sim/keys/eat"] {
        let at = presenter.sim.ready().control.join(path).unwrap();
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let closed = presenter.http.request(method.clone(), at.clone()).bearer_auth("guess").send().await.unwrap();
            assert_eq!(closed.status(), 401, "{path}");
            assert!(closed.json::<Value>().await.unwrap()["error"].as_str().unwrap().contains("controlToken"));
            let (status, refused) = presenter.asks(&format!("{method} {path}"), &Value::Null).await;
            let listed = refused["resources"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
            assert_eq!((status, listed.collect::<BTreeSet<_>>()), (404, there.clone()), "{path}");
            assert!(refused["error"].as_str().unwrap().contains(&format!("{path:?}")), "{refused}");
        }
    }
    let other = presenter.sends("DELETE /sim/clock", Vec::new()).await;
    let allow = other.headers()["allow"].to_str().unwrap().to_owned();
    assert!(other.status() == 405 && allow.contains("GET") && allow.contains("POST"), "{allow}");
    assert!(other.json::<Value>().await.unwrap()["error"].as_str().unwrap().contains("DELETE"));
    let large = presenter.sends("POST /sim/clock", vec![b' '; (1 << 20) + 1]).await;
    assert_eq!(large.status(), 413);
    assert!(large.json::<Value>().await.unwrap()["error"].as_str().unwrap().contains("1 MiB"));
    let broken = presenter.sends("POST /sim/clock", b"{".to_vec()).await;
    assert_eq!(broken.status(), 400);
    assert!(broken.json::<Value>().await.unwrap()["error"].as_str().unwrap().contains("cannot be read"));
    presenter.sim.stop().await;
}
