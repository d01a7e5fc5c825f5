//! Tests of recorded files, telephone keys and `Retry-After` over HTTP.

use reqwest::Method;

use super::*;

/// A simulator with an established group call of a client, and requests to it.
pub(super) struct Client {
    pub(super) sim: Simulator,
    pub(super) clock: Clock,
    pub(super) http: reqwest::Client,
    pub(super) bearer: String,
    pub(super) call: String,
    pub(super) got: Got,
}

impl Client {
    pub(super) async fn in_a_call() -> Self {
        let (sim, clock, http) = sim("empty").await;
        let (callback, got) = receiver().await;
        let secret = sim.ready().client_secret.expose_secret().to_owned();
        let granted: Value = token(&sim, &http, &secret).await.json().await.unwrap();
        let bearer = granted["access_token"].as_str().unwrap().to_owned();
        let mut client = Self { sim, clock, http, bearer, call: String::new(), got };
        let created = client.asks(Method::POST, "communications/calls", &group(&callback)).await;
        client.call = format!("communications/calls/{}", created.1["id"].as_str().unwrap());
        client.passes(20).await;
        client
    }

    pub(super) async fn asks(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let asked = self.http.request(method, format!("{}/{path}", self.sim.ready().graph)).bearer_auth(&self.bearer);
        let answer = asked.json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub(super) async fn passes(&self, seconds: i64) {
        self.clock.step(Millis::seconds(seconds));
        self.sim.settle().await;
    }

    pub(super) async fn hand(&self, path: &str, body: &Value) -> u16 {
        let at = format!("{}{path}", self.sim.ready().control);
        let asked = self.http.post(at).bearer_auth(self.sim.ready().control_token.expose_secret());
        asked.json(body).send().await.unwrap().status().as_u16()
    }

    fn last(&self) -> Value {
        self.got.lock().unwrap().last().unwrap().1["value"][0]["resourceData"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_file_is_fetched_with_its_own_token() {
    let client = Client::in_a_call().await;
    let path = format!("{}/recordResponse", client.call);
    let (status, _) = client.asks(Method::POST, &path, &json!({ "maxRecordDurationInSeconds": 2 })).await;
    assert_eq!(status, 200);
    client.passes(3).await;
    let told = client.last();
    let (file, token) = (told["recordingLocation"].as_str().unwrap(), told["recordingAccessToken"].as_str().unwrap());
    for wrong in [&*client.bearer, ""] {
        assert_eq!(client.http.get(file).bearer_auth(wrong).send().await.unwrap().status(), 401);
    }
    assert_eq!(client.http.get(format!("{file}0")).bearer_auth(token).send().await.unwrap().status(), 404);
    let answer = client.http.get(file).bearer_auth(token).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/octet-stream".parse().unwrap())
    );
    assert!(answer.bytes().await.unwrap().starts_with(b"RIFF"));
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_can_be_pressed_and_groups_changed_over_http() {
    let client = Client::in_a_call().await;
    let (_, people) = client.asks(Method::GET, &format!("{}/participants", client.call), &Value::Null).await;
    let who = people["value"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(client.asks(Method::POST, &format!("{}/subscribeToTone", client.call), &json!({})).await.0, 200);
    let call = client.call.rsplit('/').next().unwrap();
    let press = format!("/calls/{call}/participants/{who}/press");
    assert_eq!(client.hand(&format!("{press}/pound"), &Value::Null).await, 204);
    assert_eq!(client.hand(&format!("{press}/shift"), &Value::Null).await, 404);
    client.sim.settle().await;
    assert_eq!(client.last()["toneInfo"]["tone"], "pound");

    let groups = format!("{}/audioRoutingGroups", client.call);
    let asked = json!({ "id": "g", "routingMode": "multicast", "sources": [who], "receivers": [] });
    assert_eq!(client.asks(Method::POST, &groups, &asked).await.0, 200);
    let (status, changed) =
        client.asks(Method::PATCH, &format!("{groups}/g"), &json!({ "routingMode": "oneToOne" })).await;
    assert_eq!((status, &changed["routingMode"]), (200, &json!("oneToOne")));
    assert!(changed["@odata.context"].as_str().unwrap().ends_with("/audioRoutingGroups/$entity"));
    assert_eq!(client.asks(Method::PUT, &format!("{groups}/g"), &asked).await.0, 405);
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_request_gets_retry_after() {
    let client = Client::in_a_call().await;
    assert_eq!(client.hand("/faults", &json!({ "requestsPer15s": 0 })).await, 200);
    let asked = client.http.get(format!("{}/{}", client.sim.ready().graph, client.call)).bearer_auth(&client.bearer);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "15.000");
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "TooManyRequests");
    client.sim.stop().await;
}
