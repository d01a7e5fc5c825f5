//! Tests of the simulator over loopback HTTP: tokens, signed webhooks, the control API.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::time::clock::Clock;
use crate::time::{Millis, Timestamp};

use super::{Scenario, SimSettings, SimStart, Simulator, start};

mod callback_addresses;
mod client_script;
mod control_description;
mod http_answers;
mod injected_calls;
mod notify_first;
mod openid;
mod presentation;
mod public_address;
mod recordings_and_tones;
mod same_seed;
mod setting_rows;
mod settings;

/// The received requests; `arrived` counts them.
#[derive(Default)]
struct Inbox {
    items: Mutex<Vec<(HeaderMap, Value)>>,
    arrived: tokio::sync::watch::Sender<usize>,
}

type Got = Arc<Inbox>;

impl Inbox {
    fn lock(&self) -> std::sync::LockResult<std::sync::MutexGuard<'_, Vec<(HeaderMap, Value)>>> {
        self.items.lock()
    }
}

async fn sim(scenario: &str) -> (Simulator, Clock, reqwest::Client) {
    let clock = Clock::starting_at(Timestamp(1_700_000_000_000), 0.0);
    let settings = SimStart {
        scenario: Scenario::named(scenario).unwrap().unwrap(),
        seed: 42,
        settings: SimSettings::default(),
        clock: clock.clone(),
        listen: "127.0.0.1:0".parse().unwrap(),
        callback: None,
        public_url: None,
    };
    (start(settings).await.unwrap(), clock, reqwest::Client::new())
}

/// Returns a webhook that stores its requests and answers 202.
async fn receiver() -> (String, Got) {
    let got = Got::default();
    let take = async |State(got): State<Got>, headers: HeaderMap, body: Bytes| {
        got.lock().unwrap().push((headers, serde_json::from_slice(&body).unwrap()));
        got.arrived.send_modify(|it| *it += 1);
        StatusCode::ACCEPTED
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let app = Router::new().route("/callback", post(take)).with_state(Arc::clone(&got));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (format!("http://{at}/callback"), got)
}

async fn token(sim: &Simulator, http: &reqwest::Client, secret: &str) -> reqwest::Response {
    let form = [
        ("client_id", &*sim.ready().client_id),
        ("client_secret", secret),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    http.post(sim.ready().token.clone()).form(&form).send().await.unwrap()
}

fn group(callback: &str) -> Value {
    let target = |name: &str| json!({ "identity": { "user": { "id": name, "displayName": name } } });
    json!({
        "callbackUri": callback,
        "targets": [target("user1"), target("user2")],
        "requestedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_created_and_its_signed_webhooks_verify() {
    let (sim, clock, http) = sim("empty").await;
    let (callback, got) = receiver().await;
    let ready = serde_json::to_value(sim.ready()).unwrap();
    let granted: Value = token(&sim, &http, ready["clientSecret"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!((&granted["token_type"], &granted["expires_in"]), (&json!("Bearer"), &json!(3_599)));
    let bearer = granted["access_token"].as_str().unwrap();

    let calls = format!("{}/communications/calls", ready["graph"].as_str().unwrap());
    let asked = http.post(&calls).bearer_auth(bearer).header("client-request-id", "mine");
    let answer = asked.json(&group(&callback)).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["client-request-id"], "mine");
    assert_eq!(answer.headers()["cache-control"], "private");
    for name in ["request-id", "x-ms-ags-diagnostic", "date", "strict-transport-security"] {
        assert!(answer.headers().contains_key(name), "{name} is missing");
    }
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with(&calls), "{location}");
    let created: Value = answer.json().await.unwrap();
    assert!(created["@odata.context"].as_str().unwrap().ends_with("/v1.0/$metadata#app/calls/$entity"));

    clock.step(Millis::seconds(20));
    sim.settle().await;
    let got = std::mem::take(&mut *got.lock().unwrap());
    assert!(got.len() >= 4, "establishing, established and rosters: {}", got.len());
    assert_eq!(sim.counts().delivered, u64::try_from(got.len()).unwrap());
    let states: Vec<_> = got.iter().filter_map(|(_, it)| it["value"][0]["resourceData"]["state"].as_str()).collect();
    assert_eq!(states, ["establishing", "established"]);

    let (headers, envelope) = &got[0];
    assert_eq!(envelope["@odata.type"], "#microsoft.graph.commsNotifications");
    assert_eq!(headers["user-agent"], "Microsoft-Skype/3.0,(Calling/1.0)");
    for (name, said) in [("accept", "application/json"), ("connection", "Keep-Alive"), ("max-forwards", "10")] {
        assert_eq!(headers[name], said);
    }
    for (headers, _) in &got {
        for name in ["ms-teams-ring", "ms-teams-partition", "ms-teams-region"] {
            assert!(headers.contains_key(name), "{name} is missing");
        }
        assert_eq!(headers["x-microsoft-skype-chain-id"], headers["scenario-id"]);
        assert_eq!(headers["scenario-id"], created["callChainId"].as_str().unwrap());
    }
    assert_ne!(got[0].0["x-microsoft-skype-message-id"], got[1].0["x-microsoft-skype-message-id"]);
    let openid: Value = http.get(sim.ready().openid.clone()).send().await.unwrap().json().await.unwrap();
    let keys: JwkSet = http.get(openid["jwks_uri"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
    let signed = headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let kid = jsonwebtoken::decode_header(signed).unwrap().kid.unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[&sim.ready().client_id]);
    rules.set_issuer(&["https://api.botframework.com"]);
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let claims = jsonwebtoken::decode::<Value>(signed, &key, &rules).unwrap().claims;
    assert_eq!(claims["tid"], json!(sim.ready().tenant));
    let age = crate::time::clock::wall().0 / 1_000 - claims["iat"].as_i64().unwrap();
    assert!((0..60).contains(&age), "a token says when it was issued: {age} s ago");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn graph_requires_a_token_and_errors_have_its_format() {
    let (sim, _clock, http) = sim("empty").await;
    let wrong = token(&sim, &http, "guess").await;
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.json::<Value>().await.unwrap()["error"], "invalid_client");
    let secret = sim.ready().client_secret.expose_secret().to_owned();
    let granted: Value = token(&sim, &http, &secret).await.json().await.unwrap();
    let bearer = granted["access_token"].as_str().unwrap().to_owned();
    let call = "communications/calls/57dab8b1-894c-409a-b240-bd8beae78896";
    let cases = [
        (None, format!("v1.0/{call}"), 401, "InvalidAuthenticationToken"),
        (Some("a.b.c"), format!("v1.0/{call}"), 401, "InvalidAuthenticationToken"),
        (Some(&*bearer), format!("beta/{call}"), 404, "8522"),
        (Some(&*bearer), "v1.0/users/me".to_owned(), 404, "itemNotFound"),
        (Some(&*bearer), call.to_owned(), 404, "itemNotFound"),
    ];
    let base = sim.ready().graph.join("/").unwrap();
    for (bearer, path, status, code) in cases {
        let request = http.get(base.join(&path).unwrap());
        let request =
            bearer.map_or_else(|| request.try_clone().unwrap(), |it| request.try_clone().unwrap().bearer_auth(it));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers().contains_key("www-authenticate"), status == 401, "{path}");
        let error = answer.json::<Value>().await.unwrap()["error"].clone();
        assert_eq!(error["code"], code, "{path}");
        assert!(error["message"].is_string() && error["innerError"]["request-id"].is_string(), "{error}");
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_api_needs_its_token_and_moves_the_world() {
    let (sim, clock, http) = sim("empty").await;
    let control = sim.ready().control.to_string();
    let key = sim.ready().control_token.expose_secret().to_owned();
    for path in ["", "/", "/callback", "/clock", "/calls", "/faults", "/settings", "/keys"] {
        let closed = http.get(format!("{control}{path}")).send().await.unwrap();
        assert_eq!(
            (closed.status().as_u16(), &closed.headers()["www-authenticate"]),
            (401, &"Bearer".parse().unwrap())
        );
        let open = http.get(format!("{control}{path}")).bearer_auth(&key).send().await.unwrap();
        assert_eq!(open.status(), 200, "{path}");
    }
    let (callback, got) = receiver().await;
    sim.set_callback(callback.parse().unwrap());
    let send = async |path: String, body: Value| {
        http.post(format!("{control}{path}")).bearer_auth(&key).json(&body).send().await.unwrap()
    };
    let plan = json!({ "subject": "Injected", "kind": "group", "people": [{ "name": "Ada" }, { "name": "Bob" }] });
    let id = send("/calls".into(), plan).await.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let before = clock.now();
    assert_eq!(send("/clock".into(), json!({ "step": 3_000 })).await.status(), 200);
    assert_eq!(clock.now().since(before), Millis::seconds(3));
    assert_eq!(got.lock().unwrap().len(), 4, "incoming, establishing, established, roster");
    let calls = http.get(format!("{control}/calls")).bearer_auth(&key).send().await.unwrap();
    let calls = calls.json::<Value>().await.unwrap();
    let ada = calls["value"][0]["participants"][0]["id"].as_str().unwrap();
    let path = format!("/calls/{id}/participants/{ada}");
    assert_eq!(send(format!("{path}/mute"), Value::Null).await.status(), 200);
    assert_eq!(send(format!("{path}/dance"), Value::Null).await.status(), 404);
    sim.settle().await;
    assert_eq!(got.lock().unwrap().last().unwrap().1["value"][0]["resourceData"][1]["isMuted"], json!(true));
    let set = send("/faults".into(), json!({ "holdAnswer": "completed" })).await;
    assert_eq!(set.json::<Value>().await.unwrap()["holdAnswer"], "completed");
    assert_eq!(send("/faults".into(), json!({ "novel": 1 })).await.status(), 400);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn play_prelude_returns_after_the_deliveries() {
    let (sim, clock, _http) = sim("reopening-day").await;
    let (callback, got) = receiver().await;
    sim.set_callback(callback.parse().unwrap());
    sim.play_prelude().await;
    assert_eq!(clock.now(), sim.start());
    let heard = got.lock().unwrap().len();
    assert!(heard > 40, "{heard}");
    assert_eq!(sim.counts().delivered, u64::try_from(heard).unwrap());
    assert_eq!((sim.counts().failed, sim.counts().dropped), (0, 0));
    assert!(sim.next_due().is_some_and(|due| due > clock.now()));
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_world_advances_with_its_clock() {
    let (sim, clock, _http) = sim("reopening-day").await;
    let (callback, got) = receiver().await;
    sim.set_callback(callback.parse().unwrap());
    let mut arrived = got.arrived.subscribe();
    clock.set_speed(Clock::FASTEST);
    let moved = arrived.wait_for(|it| *it >= 10);
    tokio::time::timeout(std::time::Duration::from_secs(30), moved).await.expect("the world does not advance").unwrap();
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_receiver_does_not_block_others() {
    let (sim, clock, http) = sim("empty").await;
    let (callback, got) = receiver().await;
    let secret = sim.ready().client_secret.expose_secret().to_owned();
    let granted: Value = token(&sim, &http, &secret).await.json().await.unwrap();
    let bearer = granted["access_token"].as_str().unwrap();
    for to in ["http://127.0.0.1:1/nobody", &callback] {
        let asked = http.post(format!("{}/communications/calls", sim.ready().graph)).bearer_auth(bearer);
        assert_eq!(asked.json(&group(to)).send().await.unwrap().status(), 201);
    }
    clock.step(Millis::seconds(10));
    sim.settle().await;
    assert!(sim.counts().failed >= 3, "{:?}", sim.counts());
    assert!(got.lock().unwrap().len() >= 3);
    sim.stop().await;
}

/// A receiver that signals each webhook, and answers it when it is released.
struct Slow {
    url: String,
    asked: Arc<tokio::sync::Notify>,
    released: Arc<tokio::sync::Semaphore>,
}

impl Slow {
    async fn start() -> Self {
        let (asked, released) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Semaphore::new(0)));
        let take = {
            let (asked, released) = (Arc::clone(&asked), Arc::clone(&released));
            async move || {
                asked.notify_one();
                drop(released.acquire().await);
                StatusCode::ACCEPTED
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(take))).await.unwrap() });
        Self { url, asked, released }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settle_waits_for_the_slowest_receiver() {
    let (sim, clock, _http) = sim("reopening-day").await;
    let Slow { url, asked, released } = Slow::start().await;
    sim.set_callback(url.parse().unwrap());
    clock.step(sim.next_due().unwrap().since(clock.now()));
    let sim = Arc::new(sim);
    let settling = tokio::spawn({
        let sim = Arc::clone(&sim);
        async move { sim.settle().await }
    });
    asked.notified().await;
    assert!(!settling.is_finished());
    assert_eq!(sim.counts().delivered, 0);
    released.add_permits(1);
    settling.await.unwrap();
    assert_eq!(sim.counts().delivered, 1);
    Arc::into_inner(sim).unwrap().stop().await;
}
