//! One client script for the tests of all settings: it creates calls of each kind, acts on their people, records,
//! answers as a recorder, ends every call and waits an hour. A setting shows in the answers and webhooks it receives.

use axum::http::StatusCode;
use reqwest::Method;

use super::*;

/// An answer: the label of its request, the status (0 if the connection was cut), `Retry-After` and the body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Got {
    pub(super) label: &'static str,
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) body: Value,
}

/// A webhook: its arrival in milliseconds of floor time since the script began, and its content.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hook {
    pub(super) at: i64,
    pub(super) message: String,
    pub(super) authorization: Option<String>,
    pub(super) items: Vec<Value>,
}

/// The answers and webhooks that a client received.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) answers: Vec<Got>,
    pub(super) hooks: Vec<Hook>,
    pub(super) openid: u16,
    pub(super) jwks: u16,
    pub(super) keys: Value,
    /// The response time of the mute, in milliseconds of wall time.
    pub(super) mute_took: u128,
}

impl Seen {
    /// Returns the first answer of this label.
    pub(super) fn answer(&self, label: &str) -> &Got {
        self.answers.iter().find(|it| it.label == label).unwrap_or_else(|| panic!("no request has the label {label}"))
    }

    /// Returns the status of each answer.
    pub(super) fn statuses(&self) -> Vec<(&'static str, u16)> {
        self.answers.iter().map(|it| (it.label, it.status)).collect()
    }

    pub(super) fn status(&self, label: &str) -> u16 {
        self.answer(label).status
    }

    /// Returns every item of every webhook.
    pub(super) fn items(&self) -> impl Iterator<Item = &Value> {
        self.hooks.iter().flat_map(|it| &it.items)
    }

    /// Returns the items whose data is of this type.
    pub(super) fn of(&self, kind: &str) -> Vec<&Value> {
        let kind = format!("#microsoft.graph.{kind}");
        self.items().filter(|it| it["resourceData"]["@odata.type"] == kind.as_str()).collect()
    }

    /// Returns the items with full rosters.
    pub(super) fn rosters(&self) -> Vec<&Value> {
        let about = |it: &&Value| {
            let address = it["resourceUrl"].as_str().or(it["resource"].as_str()).unwrap();
            address.ends_with("/participants")
                && it["resourceData"]["@odata.type"] != "#microsoft.graph.deltaParticipants"
        };
        self.items().filter(about).collect()
    }

    /// Returns the states of the call that is not transferred, in order of arrival.
    pub(super) fn states(&self) -> Vec<&str> {
        self.of("call").into_iter().filter_map(|it| it["resourceData"]["state"].as_str()).collect()
    }
}

/// The state that a test and its webhook share.
#[derive(Default)]
struct Inner {
    hooks: Vec<Hook>,
    refuses: usize,
}

/// A simulator, its client, and the webhook of its calls.
pub(super) struct Probe {
    pub(super) sim: Simulator,
    clock: Clock,
    http: reqwest::Client,
    callback: String,
    inner: Arc<Mutex<Inner>>,
    began: Timestamp,
    bearer: String,
    seen: Seen,
}

impl Probe {
    pub(super) async fn new(seed: u64) -> Self {
        let clock = Clock::starting_at(Timestamp(1_700_000_000_000), 0.0);
        let settings = SimStart {
            scenario: Scenario::named("empty").unwrap().unwrap(),
            seed,
            settings: SimSettings::default(),
            clock: clock.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            callback: None,
            public_url: None,
        };
        let sim = start(settings).await.unwrap();
        let inner = Arc::<Mutex<Inner>>::default();
        let take = {
            let (inner, clock) = (Arc::clone(&inner), clock.clone());
            async move |headers: HeaderMap, body: Bytes| {
                let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap().to_owned());
                let mut body: Value = serde_json::from_slice(&body).unwrap();
                let Value::Array(items) = body["value"].take() else { panic!("no items: {body}") };
                let mut inner = inner.lock().unwrap();
                inner.hooks.push(Hook {
                    at: clock.now().0,
                    message: text("x-microsoft-skype-message-id").unwrap(),
                    authorization: text("authorization"),
                    items,
                });
                if inner.refuses > 0 {
                    inner.refuses -= 1;
                    return StatusCode::INTERNAL_SERVER_ERROR;
                }
                StatusCode::ACCEPTED
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let callback = format!("http://{}/", listener.local_addr().unwrap());
        // The recorder does not reply, which counts as a rejection. Its notifications are not recorded.
        let app = Router::new().route("/", post(take)).route("/recorder", post(async || StatusCode::ACCEPTED));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let (http, began) = (reqwest::Client::new(), clock.now());
        Self { sim, clock, http, callback, inner, began, bearer: String::new(), seen: Seen::default() }
    }

    /// Changes settings over the control API.
    pub(super) async fn set(&self, changes: &Value) -> (u16, Value) {
        self.hand(Method::POST, "/faults", changes).await
    }

    /// Sends a request to the control API.
    pub(super) async fn hand(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let ready = self.sim.ready();
        let asked = self.http.request(method, format!("{}{path}", ready.control));
        let answer = asked.bearer_auth(ready.control_token.expose_secret()).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Makes the webhook refuse the next `webhooks` requests with 500.
    fn refuse(&self, webhooks: usize) {
        self.inner.lock().unwrap().refuses = webhooks;
    }

    /// Plays the script with these settings, then restores the defaults.
    pub(super) async fn plays(&mut self, changes: &Value) -> Seen {
        let (status, said) = self.set(changes).await;
        assert_eq!(status, 200, "{changes}: {said}");
        self.seen = Seen::default();
        self.inner.lock().unwrap().hooks.clear();
        self.began = self.clock.now();
        if changes.get("redeliveries").is_some() {
            self.refuse(1);
        }
        self.signs_in().await;
        self.looks_at_keys().await;
        self.acts_in_a_group().await;
        self.reads_a_delta_roster().await;
        self.transfers().await;
        self.records_without_a_chat().await;
        self.redirects().await;
        self.answers_for_a_recorder().await;
        self.mutes_in_a_lobby().await;
        self.passes(3_700).await;
        self.inner.lock().unwrap().refuses = 0;
        self.set(&json!(SimSettings::default())).await;
        let mut seen = std::mem::take(&mut self.seen);
        seen.hooks = std::mem::take(&mut self.inner.lock().unwrap().hooks);
        seen.hooks.iter_mut().for_each(|it| it.at -= self.began.0);
        seen
    }

    async fn signs_in(&mut self) {
        let secret = self.sim.ready().client_secret.expose_secret().to_owned();
        let answer = token(&self.sim, &self.http, &secret).await;
        let got = Self::got("token", answer).await;
        if let Some(bearer) = got.body["access_token"].as_str() {
            bearer.clone_into(&mut self.bearer);
        }
        self.seen.answers.push(got);
    }

    async fn looks_at_keys(&mut self) {
        let openid = self.http.get(self.sim.ready().openid.clone()).send().await.unwrap();
        self.seen.openid = openid.status().as_u16();
        let at = self.sim.ready().graph.join("/.well-known/keys").unwrap();
        let keys = self.http.get(at).send().await.unwrap();
        self.seen.jwks = keys.status().as_u16();
        self.seen.keys = keys.json().await.unwrap_or_default();
    }

    async fn acts_in_a_group(&mut self) {
        let Some(call) = self.creates("create", &with_chat(group(&self.callback))).await else { return };
        let people = self.asks("people", Method::GET, &format!("{call}/participants"), &Value::Null).await;
        let who = |at: usize| people["value"][at]["id"].as_str().unwrap_or("nobody").to_owned();
        let (ada, bob) = (format!("{call}/participants/{}", who(1)), format!("{call}/participants/{}", who(2)));
        let mark = json!({ "clientContext": "mark" });
        self.asks("get", Method::GET, &call, &Value::Null).await;
        self.asks("list", Method::GET, "communications/calls", &Value::Null).await;
        let before = crate::time::clock::instant();
        self.asks("mute", Method::POST, &format!("{ada}/mute"), &mark).await;
        self.seen.mute_took = before.elapsed().as_millis();
        self.passes(5).await;
        self.asks("bare", Method::POST, &format!("{bob}/mute"), &Value::Null).await;
        self.passes(5).await;
        self.asks("hold", Method::POST, &format!("{ada}/startHoldMusic"), &mark).await;
        self.passes(5).await;
        self.asks("second", Method::POST, &format!("{bob}/startHoldMusic"), &mark).await;
        self.passes(5).await;
        self.asks("release", Method::POST, &format!("{ada}/stopHoldMusic"), &mark).await;
        self.passes(5).await;
        let prompt = json!({ "@odata.type": "#microsoft.graph.mediaPrompt", "mediaInfo": {
            "@odata.type": "#microsoft.graph.mediaInfo", "uri": "https://bot.contoso.com/a.wav",
            "resourceId": "1D6DE2D4-CD51-4309-8DAA-70768651088E" } });
        let prompts = json!({ "prompts": [prompt], "clientContext": "mark" });
        self.asks("prompt", Method::POST, &format!("{call}/playPrompt"), &prompts).await;
        self.passes(5).await;
        let zoe = json!({ "identity": { "user": { "id": "278405a3-f568-4b3e-b684-009193463064" } } });
        let invited = json!({ "participants": [zoe], "clientContext": "mark" });
        self.asks("invite", Method::POST, &format!("{call}/participants/invite"), &invited).await;
        self.passes(8).await;
        self.asks("invited", Method::GET, &call, &Value::Null).await;
        self.asks("remove", Method::DELETE, &bob, &Value::Null).await;
        self.passes(2).await;
        for who in self.people(&call).await.iter().skip(1) {
            self.asks("remove too", Method::DELETE, &format!("{call}/participants/{who}"), &Value::Null).await;
        }
        // Only the application is left in the roster.
        self.passes(0).await;
        self.clock.step(Millis(500));
        self.sim.settle().await;
        self.asks("hang up", Method::DELETE, &call, &Value::Null).await;
        self.passes(30).await;
    }

    async fn people(&mut self, call: &str) -> Vec<String> {
        let people = self.asks("people", Method::GET, &format!("{call}/participants"), &Value::Null).await;
        let people = people["value"].as_array().cloned().unwrap_or_default();
        people.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn reads_a_delta_roster(&mut self) {
        let mut asked = group(&self.callback);
        asked["callOptions"] =
            json!({ "@odata.type": "#microsoft.graph.outgoingCallOptions", "isDeltaRosterEnabled": true });
        if let Some(call) = self.creates("create too", &asked).await {
            self.asks("hang up", Method::DELETE, &call, &Value::Null).await;
            self.passes(30).await;
        }
    }

    async fn transfers(&mut self) {
        let mut asked = group(&self.callback);
        asked["targets"].as_array_mut().unwrap().truncate(1);
        let Some(call) = self.creates("create a pair", &asked).await else { return };
        let target = json!({ "transferTarget": { "identity": { "user": { "id": "u" } } } });
        self.asks("pair", Method::GET, &format!("{call}/participants"), &Value::Null).await;
        self.asks("transfer", Method::POST, &format!("{call}/transfer"), &target).await;
        self.passes(10).await;
        self.asks("hang up", Method::DELETE, &call, &Value::Null).await;
        self.passes(30).await;
    }

    async fn records_without_a_chat(&mut self) {
        let mut odd = group(&format!("{}recorder", self.callback));
        odd["callChainId"] = json!("a chain");
        self.asks("blank chain", Method::POST, "communications/calls", &odd).await;
        odd["callChainId"] = json!("chain-1");
        self.asks("odd chain", Method::POST, "communications/calls", &odd).await;
        let Some(call) = self.creates("create without a chat", &group(&self.callback)).await else { return };
        self.asks("select", Method::GET, &format!("{call}?$select=state"), &Value::Null).await;
        let zoe = json!({ "identity": { "user": { "id": "278405a3-f568-4b3e-b684-009193463064" } } });
        let invited = json!({ "participants": [zoe] });
        self.asks("invite without a chat", Method::POST, &format!("{call}/participants/invite"), &invited).await;
        self.asks("record", Method::POST, &format!("{call}/recordResponse"), &json!({ "clientContext": "mark" })).await;
        self.passes(8).await;
        self.asks("hang up", Method::DELETE, &call, &Value::Null).await;
        self.passes(2).await;
    }

    /// Redirects an incoming call, which then notifies the webhook.
    async fn redirects(&mut self) {
        let plan =
            json!({ "subject": "Sales", "kind": "oneToOne", "answeredBy": "client", "people": [{ "name": "Ada" }] });
        let Some(id) = self.hand(Method::POST, "/calls", &plan).await.1["id"].as_str().map(str::to_owned) else {
            return;
        };
        let call = format!("communications/calls/{id}");
        self.asks("incoming", Method::GET, &call, &Value::Null).await;
        let targets = json!([{ "identity": { "user": { "id": "u" } } }]);
        let redirect = json!({ "targets": targets, "timeout": 20, "callbackUri": self.callback });
        self.asks("redirect", Method::POST, &format!("{call}/redirect"), &redirect).await;
        self.passes(0).await;
        self.passes(30).await;
    }

    /// Answers a call under a recording policy, and rejects the second person.
    async fn answers_for_a_recorder(&mut self) {
        let plan = json!({
            "subject": "Trade", "kind": "group", "at": "0s", "answeredBy": "client",
            "people": [{ "name": "Ada", "recorded": true }, { "name": "Cleo", "recorded": true, "joins": "10s" }],
        });
        let (status, injected) = self.hand(Method::POST, "/calls", &plan).await;
        assert!(matches!(status, 201 | 409), "{injected}");
        let Some(id) = injected["id"].as_str() else { return };
        let call = format!("communications/calls/{id}");
        let answer = json!({
            "callbackUri": format!("{}recorder", self.callback), "acceptedModalities": ["audio"],
            "mediaConfig": { "@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "x" },
            "participantCapacity": 2,
        });
        self.asks("answer", Method::POST, &format!("{call}/answer"), &answer).await;
        self.passes(12).await;
        self.asks("recorded", Method::GET, &format!("{call}/participants"), &Value::Null).await;
        self.asks("hang up", Method::DELETE, &call, &Value::Null).await;
    }

    async fn mutes_in_a_lobby(&mut self) {
        let plan = json!({ "subject": "Waits", "kind": "group", "answeredBy": "bot", "ends": "9s",
            "people": [{ "name": "Ada" }, { "name": "Gus", "lobby": true }] });
        let Some(id) = self.hand(Method::POST, "/calls", &plan).await.1["id"].as_str().map(str::to_owned) else {
            return;
        };
        self.passes(4).await;
        let calls = self.hand(Method::GET, "/calls", &Value::Null).await.1;
        let call = calls["value"].as_array().unwrap().iter().find(|it| it["id"] == *id).cloned().unwrap();
        let gus = call["participants"].as_array().unwrap().iter().find(|it| it["name"] == "Gus").unwrap().clone();
        assert_eq!(gus["presence"], "lobby");
        let path = format!("communications/calls/{id}/participants/{}/mute", gus["id"].as_str().unwrap());
        self.asks("mute in the lobby", Method::POST, &path, &json!({})).await;
    }

    async fn creates(&mut self, label: &'static str, asked: &Value) -> Option<String> {
        let created = self.asks(label, Method::POST, "communications/calls", asked).await;
        let call = format!("communications/calls/{}", created["id"].as_str()?);
        self.passes(20).await;
        Some(call)
    }

    async fn asks(&mut self, label: &'static str, method: Method, path: &str, body: &Value) -> Value {
        let asked = self.http.request(method, format!("{}/{path}", self.sim.ready().graph)).bearer_auth(&self.bearer);
        let asked = if body.is_null() { asked } else { asked.json(body) };
        let got = match asked.send().await {
            Ok(answer) => Self::got(label, answer).await,
            Err(_cut) => Got { label, status: 0, retry_after: None, body: Value::Null },
        };
        self.seen.answers.push(got.clone());
        got.body
    }

    async fn got(label: &'static str, answer: reqwest::Response) -> Got {
        let retry_after = answer.headers().get("retry-after").map(|it| it.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        Got { label, status, retry_after, body: answer.json().await.unwrap_or_default() }
    }

    /// Steps the clock from event to event, so that each webhook arrives when it is due.
    async fn passes(&self, seconds: i64) {
        let until = self.clock.now() + Millis::seconds(seconds);
        while let Some(due) = self.sim.next_due().filter(|it| *it <= until) {
            self.clock.step(due.since(self.clock.now()));
            self.sim.settle().await;
        }
        self.clock.step(until.since(self.clock.now()));
        self.sim.settle().await;
    }
}

/// Returns a call with a chat, so that people can be invited.
fn with_chat(mut asked: Value) -> Value {
    asked["chatInfo"] = json!({ "threadId": "19:meeting_x@thread.v2", "messageId": "0" });
    asked
}
