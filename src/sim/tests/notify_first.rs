//! Tests of notifications that arrive before the answer to their request.

use reqwest::Method;

use super::recordings_and_tones::Client;
use super::*;

impl Client {
    /// Returns the notifications of a call since the request: types of operations, states, `roster`.
    fn received(&self, call: &str) -> Vec<String> {
        let items = std::mem::take(&mut *self.got.lock().unwrap());
        let items = items.into_iter().flat_map(|(_, it)| it["value"].as_array().unwrap().clone());
        let about = items.filter(|it| it["resourceUrl"].as_str().unwrap().contains(call));
        let told = about.map(|item| {
            let data = &item["resourceData"];
            let kind = data["@odata.type"].as_str().map(|it| it.replace("#microsoft.graph.", ""));
            let said = data["state"].as_str().map(str::to_owned).or(kind);
            said.unwrap_or_else(|| if data.is_array() { "roster".to_owned() } else { String::new() })
        });
        told.collect()
    }

    /// Sends a request; returns the notifications that arrived before the answer.
    async fn hears(&self, method: Method, path: &str, body: &Value) -> Vec<String> {
        self.sim.settle().await;
        self.got.lock().unwrap().clear();
        let (status, answer) = self.asks(method, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        let id = path.strip_prefix("communications/calls").unwrap().trim_start_matches('/').split('/').next().unwrap();
        self.received(if id.is_empty() { answer["id"].as_str().unwrap() } else { id })
    }

    async fn first(&self, what: &str) {
        let set = json!({ "arrivesFirst": what, "inviteWithoutChat": "allowed" });
        assert_eq!(self.hand("/faults", &set).await, 200);
    }
}

fn prompts() -> Value {
    json!({ "prompts": [{ "@odata.type": "#microsoft.graph.mediaPrompt", "mediaInfo": {
        "@odata.type": "#microsoft.graph.mediaInfo", "uri": "https://bot.contoso.com/a.wav", "resourceId": "a" } }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actions_notification_arrives_before_its_answer() {
    let client = Client::in_a_call().await;
    let people = client.asks(Method::GET, &format!("{}/participants", client.call), &Value::Null).await.1;
    let who = format!("participants/{}", people["value"][1]["id"].as_str().unwrap());
    let zoe = json!({ "participants": [{ "identity": { "user": { "id": "zoe" } } }] });
    let acts = [
        ("mute".to_owned(), json!({}), "roster"),
        ("unmute".to_owned(), json!({}), "roster"),
        (format!("{who}/mute"), json!({}), "roster"),
        (format!("{who}/startHoldMusic"), json!({}), "startHoldMusicOperation"),
        (format!("{who}/stopHoldMusic"), json!({}), "stopHoldMusicOperation"),
        ("playPrompt".to_owned(), prompts(), "playPromptOperation"),
        ("playPrompt".to_owned(), prompts(), "playPromptOperation"),
        ("recordResponse".to_owned(), json!({}), "recordOperation"),
        ("sendDtmfTones".to_owned(), json!({ "tones": ["tone1", "pound"] }), "sendDtmfTonesOperation"),
        ("participants/invite".to_owned(), zoe, "inviteParticipantsOperation"),
        ("addLargeGalleryView".to_owned(), json!({}), "addLargeGalleryViewOperation"),
    ];
    // The clock is stopped: without the setting nothing is notified until it moves.
    let mute = format!("{}/{who}/mute", client.call);
    assert_eq!(client.hears(Method::POST, &mute, &json!({})).await, [""; 0]);
    client.passes(2).await;
    client.first("notification").await;
    for (path, asked, told) in acts {
        if path.ends_with("/mute") {
            let (call, who) = (client.call.rsplit('/').next().unwrap(), path.trim_end_matches("/mute"));
            assert_eq!(client.hand(&format!("/calls/{call}/{who}/unmute"), &Value::Null).await, 200);
        }
        let received = client.hears(Method::POST, &format!("{}/{path}", client.call), &asked).await;
        assert!(received.iter().any(|it| it == told), "{path}: {received:?}");
    }
    let received = client.hears(Method::DELETE, &format!("{}/{who}", client.call), &Value::Null).await;
    assert!(received.contains(&"roster".to_owned()), "{received:?}");
    assert_eq!(client.hears(Method::DELETE, &client.call, &Value::Null).await, ["terminating"]);
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calls_notification_arrives_before_the_answer_to_create_answer_or_transfer() {
    let client = Client::in_a_call().await;
    client.first("notification").await;
    let (callback, others) = receiver().await;
    client.sim.set_callback(callback.parse().unwrap());
    let own = client.asks(Method::GET, &client.call, &Value::Null).await.1["callbackUri"].clone();
    let mut pair = group(own.as_str().unwrap());
    pair["targets"].as_array_mut().unwrap().truncate(1);
    assert_eq!(client.hears(Method::POST, "communications/calls", &pair).await, ["establishing"]);
    let pair = client.asks(Method::POST, "communications/calls", &pair).await.1;
    let pair = format!("communications/calls/{}", pair["id"].as_str().unwrap());
    client.passes(5).await;
    let heidi = json!({ "identity": { "user": { "id": "heidi" } } });
    let transfer = json!({ "transferTarget": heidi });
    assert_eq!(client.hears(Method::POST, &format!("{pair}/transfer"), &transfer).await, ["transferring"]);
    let media = json!({ "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" });
    for (action, asked, told) in [
        ("answer", json!({ "acceptedModalities": ["audio"], "mediaConfig": media }), vec!["establishing"]),
        ("reject", json!({ "reason": "busy" }), vec!["terminated"]),
        ("redirect", json!({ "targets": [heidi] }), vec!["terminated"]),
    ] {
        let plan =
            json!({ "subject": "Rings", "kind": "oneToOne", "answeredBy": "client", "people": [{ "name": "A" }] });
        assert_eq!(client.hand("/calls", &plan).await, 201);
        client.sim.settle().await;
        let incoming = others.lock().unwrap().last().unwrap().1["value"][0]["resourceUrl"].clone();
        let incoming = incoming.as_str().unwrap().trim_start_matches('/').to_owned();
        let mut asked = asked;
        asked["callbackUri"] = own.clone();
        let received = client.hears(Method::POST, &format!("{incoming}/{action}"), &asked).await;
        let received: Vec<_> =
            received.iter().map(|it| if it == "call" { "terminated" } else { it.as_str() }).collect();
        assert_eq!(received, told, "{action}");
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_waits_for_the_webhooks_answer() {
    let client = Arc::new(Client::in_a_call().await);
    client.first("notification").await;
    let Slow { url: slow, asked, released } = Slow::start().await;
    let creating = tokio::spawn({
        let client = Arc::clone(&client);
        async move { client.asks(Method::POST, "communications/calls", &group(&slow)).await.0 }
    });
    asked.notified().await;
    // Requests without a notification, and other calls, do not wait.
    assert_eq!(client.asks(Method::GET, &client.call, &Value::Null).await.0, 200);
    assert!(!creating.is_finished());
    released.add_permits(1);
    assert_eq!(creating.await.unwrap(), 201);
    Arc::into_inner(client).unwrap().sim.stop().await;
}
