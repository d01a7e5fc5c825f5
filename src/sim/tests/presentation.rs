//! Tests of the presentation over the control API: steps, their expectations, and restarts.

use super::*;

const CALLS: &str = "name = 'short'\ntitle = 'A short play'\ndescription = 'y'\nprelude = '10s'\n\
    [[calls]]\nsubject = 'A'\nkind = 'group'\nat = '-5s'\npeople = [{ name = 'Ada' }, { name = 'Bob' }]\n\
    [[steps]]\ntitle = 'One'\nsay = 'Look.'\ndo = 'nothing'\n\
    [[steps]]\ntitle = 'Two'\nsay = 'Bob mutes himself.'\ndo = 'watch Bob'\n\
    events = [{ call = 'A', participant = 'Bob', does = 'mute' }, { call = 'A', participant = 'Bob', does = 'admit' }]\n\
    expects = [{ call = 'A', participant = 'Bob', is = 'muted' }, { call = 'A', participant = 'Ada', is = 'gone' }]\n\
    select = { call = 'A', participant = 'Bob' }\nfaults = { endlessHolds = true, redeliveries = 2 }\n\
    [[steps]]\ntitle = 'Three'\nsay = 'The call.'\ndo = 'nothing'\nselect = { call = 'A' }\n\
    faults = { redeliveries = 4 }\n";

/// Returns a simulator of the scenario above after its prelude, and its recorded notifications.
async fn short() -> (Simulator, Clock, ControlClient, Got) {
    let clock = Clock::starting_at(Timestamp(1_700_000_000_000), 0.0);
    let (callback, got) = receiver().await;
    let settings = SimStart {
        scenario: Scenario::parse(CALLS).unwrap(),
        seed: 42,
        settings: SimSettings::default(),
        clock: clock.clone(),
        listen: "127.0.0.1:0".parse().unwrap(),
        callback: Some(callback.parse().unwrap()),
        public_url: None,
    };
    let sim = start(settings).await.unwrap();
    sim.play_prelude().await;
    let presenter = ControlClient {
        http: reqwest::Client::new(),
        control: sim.ready().control.to_string(),
        key: sim.ready().control_token.expose_secret().to_owned(),
    };
    (sim, clock, presenter, got)
}

struct ControlClient {
    http: reqwest::Client,
    control: String,
    key: String,
}

impl ControlClient {
    async fn get(&self, path: &str) -> Value {
        let asked = self.http.get(format!("{}{path}", self.control)).bearer_auth(&self.key);
        asked.send().await.unwrap().json().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let asked = self.http.post(format!("{}{path}", self.control)).bearer_auth(&self.key);
        let answer = asked.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Returns the ids of the calls, and of a person called Ada in the first.
    async fn calls(&self) -> (Vec<String>, String) {
        let calls = self.get("/calls").await;
        let calls = calls["value"].as_array().unwrap();
        let ada = calls[0]["participants"][0]["id"].as_str().unwrap().to_owned();
        (calls.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect(), ada)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_can_be_visited_and_their_expectations_are_observed() {
    let (sim, _clock, presenter, got) = short().await;
    let closed = presenter.http.get(format!("{}/stage", presenter.control)).send().await.unwrap();
    assert_eq!(closed.status(), 401);
    let sheet = presenter.get("/stage").await;
    assert_eq!(
        (&sheet["scenario"], &sheet["title"], &sheet["step"], &sheet["seed"]),
        (&json!("short"), &json!("A short play"), &json!(1), &json!(42))
    );
    let one = json!({ "number": 1, "title": "One", "notes": "Look.", "press": "nothing", "expects": [] });
    assert_eq!(sheet["steps"][0], one);
    let (status, sheet) = presenter.post("/stage", json!({ "step": "next" })).await;
    assert_eq!((status, &sheet["step"]), (200, &json!(2)));
    assert_eq!(sheet["note"], "Bob cannot do that in A now");
    let expects = json!([{ "what": "Bob is muted", "seen": true }, { "what": "Ada has left", "seen": false }]);
    assert_eq!((&sheet["steps"][1]["expects"], &sheet["steps"][1]["seen"]), (&expects, &json!(false)));
    sim.settle().await;
    let told = got.lock().unwrap().last().unwrap().1["value"][0]["resourceData"].to_string();
    assert!(told.contains("\"isMuted\":true"), "{told}");
    let (call, ada) = presenter.calls().await;
    presenter.post(&format!("/calls/{}/participants/{ada}/leave", call[0]), Value::Null).await;
    assert_eq!(presenter.get("/stage").await["steps"][1]["seen"], json!(true));
    assert_eq!(presenter.post("/stage", json!({ "step": "previous" })).await.1["step"], json!(1));
    let wrong = [
        (json!({ "step": "previous" }), "the first step"),
        (json!({ "step": 9 }), "the steps are 1 to 3"),
        (json!({ "step": "sideways" }), "\"next\", \"previous\" or a number"),
        (json!({ "step": 1, "restart": true }), "one thing"),
        (json!({}), "one thing"),
        (json!({ "scenario": "nowhere" }), "reopening-day"),
        (json!({ "novel": 1 }), "novel"),
    ];
    for (body, said) in wrong {
        let (status, refusal) = presenter.post("/stage", body).await;
        assert_eq!(status, 400);
        assert!(refusal["error"].as_str().unwrap().contains(said), "{refusal}");
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_sets_its_own_faults_and_puts_back_what_it_set() {
    let (sim, _clock, presenter, _got) = short().await;
    let faults = async || {
        let set = presenter.get("/faults").await;
        (set["neverFinished"].as_f64() == Some(1.0), set["redeliveries"].as_i64().unwrap(), set["mostCalls"].clone())
    };
    assert_eq!(faults().await, (false, 0, json!(1_000)));
    let (_, sheet) = presenter.post("/stage", json!({ "step": 2 })).await;
    let (calls, _) = presenter.calls().await;
    let bob = presenter.get("/calls").await["value"][0]["participants"][1]["id"].clone();
    assert_eq!(sheet["steps"][1]["select"], json!({ "callId": calls[0], "participantId": bob }));
    assert_eq!(sheet["steps"][2]["select"], json!({ "callId": calls[0] }));
    assert_eq!(faults().await, (true, 2, json!(1_000)));
    // The same step again: its faults do not pile up.
    presenter.post("/stage", json!({ "step": 2 })).await;
    presenter.post("/faults", json!({ "mostCalls": 7 })).await;
    presenter.post("/stage", json!({ "step": "next" })).await;
    assert_eq!(faults().await, (false, 4, json!(7)), "what the presenter sets stays");
    assert_eq!(presenter.post("/stage", json!({ "step": 9 })).await.0, 400);
    assert_eq!(faults().await, (false, 4, json!(7)), "a refused step changes nothing");
    presenter.post("/stage", json!({ "step": "previous" })).await;
    assert_eq!(faults().await, (true, 2, json!(7)), "each visit sets them");
    presenter.post("/stage", json!({ "restart": true })).await;
    assert_eq!(faults().await, (false, 0, json!(7)), "a restart puts them back too");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_ends_the_calls_and_starts_again_with_the_prelude() {
    let (sim, clock, presenter, got) = short().await;
    presenter.post("/stage", json!({ "step": 2 })).await;
    sim.settle().await;
    let (before, _) = presenter.calls().await;
    let (at, told) = (clock.now(), got.lock().unwrap().len());
    let (status, sheet) = presenter.post("/stage", json!({ "restart": true })).await;
    assert_eq!((status, &sheet["step"], &sheet["steps"][1]["seen"]), (200, &json!(1), &json!(false)));
    assert_eq!(sheet["seed"], 43, "a new seed gives new ids");
    assert_eq!(clock.now().since(at), Millis::seconds(10), "the prelude's length");
    assert_eq!(clock.speed().to_bits(), 0.0_f64.to_bits(), "the clock is stopped again");
    let news: Vec<Value> = got.lock().unwrap().iter().skip(told).map(|it| it.1["value"][0].clone()).collect();
    assert_eq!((&news[0]["changeType"], &news[0]["resourceData"]["state"]), (&json!("deleted"), &json!("terminated")));
    assert!(news[0]["resourceUrl"].as_str().unwrap().contains(&before[0]), "{news:?}");
    let (after, _) = presenter.calls().await;
    assert!(after.len() == 1 && after != before);
    assert!(news.iter().skip(1).all(|it| it["resourceUrl"].as_str().unwrap().contains(&after[0])), "{news:?}");
    assert!(news.len() > 3, "the new call, its states and its roster: {news:?}");
    let (status, sheet) = presenter.post("/stage", json!({ "scenario": "empty" })).await;
    assert_eq!((status, &sheet["scenario"], &sheet["step"]), (200, &json!("empty"), &json!(0)));
    assert_eq!(presenter.get("/calls").await["value"], json!([]));
    let (status, refusal) = presenter.post("/stage", json!({ "step": "next" })).await;
    assert_eq!((status, &refusal["error"]), (400, &json!("the scenario empty has no steps")));
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_driver_plays_the_prelude_and_a_dropped_restart_plays_itself() {
    let (sim, clock, presenter, _got) = short().await;
    let mut lead = sim.prelude_driver();
    let begin = clock.now();
    let asked = tokio::spawn(async move { (presenter.post("/stage", json!({ "restart": true })).await, presenter) });
    let restart = lead.restarted().await.unwrap();
    assert_eq!((restart.start.since(begin), &*restart.scenario.name), (Millis::seconds(10), "short"));
    assert!(lead.next_due().is_some() && !asked.is_finished());
    clock.step(restart.start.since(clock.now()));
    lead.settle().await;
    restart.played();
    let ((status, _), presenter) = asked.await.unwrap();
    assert_eq!((status, clock.now().since(begin)), (200, Millis::seconds(10)));
    drop(lead);
    assert_eq!(presenter.post("/stage", json!({ "restart": true })).await.0, 200);
    assert_eq!(clock.now().since(begin), Millis::seconds(20));
    sim.stop().await;
}
