//! Tests of injected calls: their callback address can change, and calls of every kind ring and are answered by a
//! client or by the simulator.

use reqwest::Method;

use super::*;

struct Hand {
    sim: Simulator,
    clock: Clock,
    http: reqwest::Client,
    bearer: String,
    got: Got,
    callback: String,
}

impl Hand {
    async fn new() -> Self {
        let (sim, clock, http) = sim("empty").await;
        let (callback, got) = receiver().await;
        let secret = sim.ready().client_secret.expose_secret().to_owned();
        let granted: Value = token(&sim, &http, &secret).await.json().await.unwrap();
        let bearer = granted["access_token"].as_str().unwrap().to_owned();
        Self { sim, clock, http, bearer, got, callback }
    }

    async fn asks(&self, path: &str, body: &Value) -> (u16, Value) {
        let asked = self.http.post(format!("{}{path}", self.sim.ready().control));
        let asked = asked.bearer_auth(self.sim.ready().control_token.expose_secret()).json(body).send().await.unwrap();
        (asked.status().as_u16(), asked.json().await.unwrap())
    }

    /// Injects a call; returns its path and its immediate notifications.
    async fn injects(&self, plan: &Value) -> (String, Value) {
        let (status, injected) = self.asks("/calls", plan).await;
        assert_eq!(status, 201, "{injected}");
        self.sim.settle().await;
        let id = injected["id"].as_str().unwrap();
        let got = self.got.lock().unwrap();
        let first = got.iter().map(|it| &it.1["value"][0]).find(|it| it["resourceUrl"].as_str().unwrap().ends_with(id));
        (format!("communications/calls/{id}"), first.cloned().unwrap_or_default())
    }

    async fn graph(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let asked = self.http.request(method, format!("{}/{path}", self.sim.ready().graph)).bearer_auth(&self.bearer);
        let asked = if body.is_null() { asked } else { asked.json(body) };
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn passes(&self, seconds: i64) {
        self.clock.step(Millis::seconds(seconds));
        self.sim.settle().await;
    }
}

fn answer(callback: &str) -> Value {
    json!({
        "callbackUri": callback, "acceptedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callback_address_can_change_at_run_time() {
    let hand = Hand::new().await;
    let plan = json!({ "subject": "Ring", "kind": "oneToOne", "people": [{ "name": "Ada" }] });
    assert_eq!(hand.injects(&plan).await.1, Value::Null);
    assert_eq!(hand.sim.counts().dropped, 1, "no callback address is set");
    let (status, named) = hand.asks("/callback", &json!({ "url": hand.callback })).await;
    assert_eq!((status, &named["url"]), (200, &json!(hand.callback)));
    assert_eq!(hand.injects(&plan).await.1["resourceData"]["state"], "incoming");
    for (wrong, said) in [
        (json!({ "url": "nowhere" }), "cannot be read"),
        (json!({ "url": "ftp://127.0.0.1/" }), "https"),
        (json!({ "url": "http://bot.example/" }), "http://bot.example"),
        (json!({ "url": "https://name:secret@127.0.0.1/" }), "without a name and a password"),
        (json!({ "uri": "https://127.0.0.1/" }), "uri"),
    ] {
        let (status, refused) = hand.asks("/callback", &wrong).await;
        assert_eq!(status, 400);
        assert!(refused["error"].as_str().unwrap().contains(said), "{refused}");
    }
    assert_eq!(hand.asks("/callback", &json!({ "url": null })).await, (200, json!({ "url": null })));
    assert_eq!(hand.injects(&plan).await.1, Value::Null);
    hand.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_every_kind_can_be_injected() {
    let hand = Hand::new().await;
    hand.asks("/callback", &json!({ "url": hand.callback })).await;
    let caller = json!({ "name": "+442079461188", "kind": "phone" });
    let waits = json!({ "name": "Gus", "kind": "guest", "lobby": true });
    for (kind, people) in [
        ("oneToOne", json!([{ "name": "Ada" }])),
        ("oneToOne", json!([caller])),
        ("group", json!([caller, { "name": "Ada" }, waits])),
        ("meeting", json!([{ "name": "Ada" }, waits])),
        ("meeting", json!([{ "name": "Ada", "recorded": true }, { "name": "Bob" }])),
    ] {
        let recorded = people[0]["recorded"] == true;
        for answered_by in ["bot", "client"] {
            let plan = json!({ "subject": "Ring", "kind": kind, "answeredBy": answered_by, "people": people });
            if recorded && answered_by == "bot" {
                assert_eq!(hand.asks("/calls", &plan).await.0, 400, "only a client can be a recorder");
                continue;
            }
            let (call, first) = hand.injects(&plan).await;
            let data = &first["resourceData"];
            assert_eq!((&first["changeType"], &data["state"]), (&json!("created"), &json!("incoming")), "{plan}");
            let phone = &data["source"]["identity"]["phone"]["id"];
            assert_eq!(phone.as_str(), (people[0]["kind"] == "phone").then_some("+442079461188"), "{plan}");
            assert_eq!(data["incomingContext"]["observedParticipantId"].is_string(), recorded, "{plan}");
            if answered_by == "client" {
                hand.passes(4).await;
                assert_eq!(hand.graph(Method::GET, &call, &Value::Null).await.1["state"], "incoming");
                let answered = hand.graph(Method::POST, &format!("{call}/answer"), &answer(&hand.callback)).await;
                assert_eq!(answered.0, 202, "{plan}");
            }
            hand.passes(4).await;
            assert_eq!(hand.graph(Method::GET, &call, &Value::Null).await.1["state"], "established", "{plan}");
            if kind != "oneToOne" {
                let roster = hand.graph(Method::GET, &format!("{call}/participants"), &Value::Null).await.1;
                let roster = roster["value"].as_array().unwrap().clone();
                assert_eq!(roster.len(), people.as_array().unwrap().len() + 1, "{plan}");
                let lobby = roster.iter().filter(|it| it["isInLobby"] == true).count();
                assert_eq!(lobby, people.as_array().unwrap().iter().filter(|it| it["lobby"] == true).count());
            }
            assert_eq!(hand.graph(Method::DELETE, &call, &Value::Null).await.0, 204);
        }
    }
    hand.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_says_who_answers_and_it_is_a_client_if_its_bot_listens() {
    let hand = Hand::new().await;
    let plan = |more: &[(&str, Value)]| {
        let mut plan = json!({ "subject": "Ring", "kind": "group", "people": [{ "name": "Ada" }, { "name": "Bob" }] });
        for (name, value) in more {
            plan[*name] = value.clone();
        }
        plan
    };
    let answers = async |plan: Value| {
        let (status, answer) = hand.asks("/calls", &plan).await;
        assert_eq!(status, 201, "{answer}");
        assert_eq!(answer["note"].is_string(), answer["answeredBy"].is_string(), "{answer}");
        answer["answeredBy"].as_str().unwrap_or("nobody").to_owned()
    };
    // The receiver only observes, like the demo's relay: it answers no calls.
    hand.sim.set_callback(hand.callback.parse().unwrap());
    assert_eq!(answers(plan(&[])).await, "bot");
    hand.asks("/callback", &json!({ "url": hand.callback })).await;
    assert_eq!(answers(plan(&[])).await, "client");
    assert_eq!(answers(plan(&[("answeredBy", json!("bot"))])).await, "bot");
    assert_eq!(answers(plan(&[("direction", json!("outgoing"))])).await, "nobody");
    let joins = json!([{ "name": "Ada", "joins": "5s" }]);
    let (status, refused) = hand.asks("/calls", &plan(&[("people", joins)])).await;
    assert!(status == 400 && refused["error"].as_str().unwrap().contains("answeredBy says bot"), "{refused}");
    hand.asks("/callback", &json!({ "url": null })).await;
    assert_eq!(answers(plan(&[])).await, "bot");
    let recorded = json!([{ "name": "Ada", "recorded": true }]);
    let (status, answer) = hand.asks("/calls", &plan(&[("people", recorded)])).await;
    assert_eq!((status, &answer["answeredBy"]), (201, &json!("client")));
    assert!(answer["note"].as_str().unwrap().contains("POST /sim/callback"), "{answer}");
    hand.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_notified_to_a_clients_bot_rings_until_answered() {
    let (callback, got) = receiver().await;
    let clock = Clock::starting_at(Timestamp(1_700_000_000_000), 0.0);
    let settings = SimStart {
        scenario: Scenario::named("empty").unwrap().unwrap(),
        seed: 42,
        settings: SimSettings::default(),
        clock: clock.clone(),
        listen: "127.0.0.1:0".parse().unwrap(),
        callback: Some(callback.parse().unwrap()),
        public_url: None,
    };
    let (sim, http) = (start(settings).await.unwrap(), reqwest::Client::new());
    let hand = Hand { sim, clock, http, bearer: String::new(), got, callback };
    let (call, first) =
        hand.injects(&json!({ "subject": "R", "kind": "oneToOne", "people": [{ "name": "Ada" }] })).await;
    assert_eq!(first["resourceData"]["state"], "incoming");
    hand.passes(10).await;
    let id = call.rsplit('/').next().unwrap();
    let state = |it: &(HeaderMap, Value)| it.1["value"][0]["resourceData"]["state"].as_str().unwrap().to_owned();
    let about = |it: &&(HeaderMap, Value)| it.1["value"][0]["resourceUrl"].as_str().unwrap().ends_with(id);
    let states: Vec<_> = hand.got.lock().unwrap().iter().filter(about).map(state).collect();
    assert_eq!(states, ["incoming"], "the simulator's own bot does not answer it");
    hand.sim.stop().await;
}
