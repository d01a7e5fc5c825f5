//! Two simulators with the same seed give the same answers and notifications to the same requests, in the same order.

use reqwest::Method;

use super::*;

/// Returns all answers and notifications of one simulator, without the ports of the simulator and the receiver.
async fn story(seed: u64) -> Vec<String> {
    let clock = Clock::starting_at(Timestamp(1_700_000_000_000), 0.0);
    let (callback, got) = receiver().await;
    let settings = SimStart {
        scenario: Scenario::named("reopening-day").unwrap().unwrap(),
        seed,
        settings: SimSettings { duplicate_notifications: 0.2, drop_notifications: 0.1, ..SimSettings::default() },
        clock: clock.clone(),
        listen: "127.0.0.1:0".parse().unwrap(),
        callback: Some(callback.parse().unwrap()),
        public_url: None,
    };
    let sim = start(settings).await.unwrap();
    let http = reqwest::Client::new();
    let ready = sim.ready().clone();
    let control = |path: &str, body: &Value| {
        let asked = http.post(format!("{}{path}", ready.control)).bearer_auth(ready.control_token.expose_secret());
        asked.json(body).send()
    };
    let mut said = vec![ready.client_id.to_string(), ready.tenant.to_string()];
    said.push(ready.client_secret.expose_secret().to_owned());
    control("/clock", &json!({ "step": 2_820_000 })).await.unwrap();
    let granted: Value = token(&sim, &http, ready.client_secret.expose_secret()).await.json().await.unwrap();
    let bearer = granted["access_token"].as_str().unwrap().to_owned();
    let ask = async |method: Method, path: String, body: Value| -> Value {
        let asked = http.request(method, format!("{}/communications/calls{path}", ready.graph)).bearer_auth(&bearer);
        asked.json(&body).send().await.unwrap().json().await.unwrap_or_default()
    };
    let created = ask(Method::POST, String::new(), group(&callback)).await;
    let call = created["id"].as_str().unwrap().to_owned();
    said.push(created.to_string());
    control("/clock", &json!({ "step": 20_000 })).await.unwrap();
    let plan = json!({ "subject": "Injected", "kind": "group", "people": [{ "name": "Ada" }, { "name": "Bob" }] });
    said.push(control("/calls", &plan).await.unwrap().text().await.unwrap());
    let people = ask(Method::GET, format!("/{call}/participants"), Value::Null).await;
    let who = people["value"][1]["id"].as_str().unwrap().to_owned();
    for action in ["startHoldMusic", "mute", "stopHoldMusic"] {
        let path = format!("/{call}/participants/{who}/{action}");
        said.push(ask(Method::POST, path, json!({ "clientContext": action })).await.to_string());
        control("/clock", &json!({ "step": 5_000 })).await.unwrap();
    }
    said.push(ask(Method::GET, format!("/{call}/participants"), Value::Null).await.to_string());
    ask(Method::DELETE, format!("/{call}"), Value::Null).await;
    control("/clock", &json!({ "step": 60_000 })).await.unwrap();
    said.extend(got.lock().unwrap().iter().map(|(_, it)| it.to_string()));
    let (own, theirs) = (sim.ready().graph.origin().ascii_serialization(), callback);
    sim.stop().await;
    said.into_iter().map(|it| it.replace(&own, "SIM").replace(&theirs, "BOT")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_determines_answers_and_notifications() {
    let (one, again, other) = tokio::join!(story(42), story(42), story(43));
    assert!(one.len() > 100, "{}", one.len());
    for (at, (one, again)) in one.iter().zip(&again).enumerate() {
        assert_eq!(one, again, "item {at}");
    }
    assert_eq!(one.len(), again.len());
    assert_ne!(one, other);
}
