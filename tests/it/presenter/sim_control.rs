//! Tests of the console's requests to the control API over real sockets: a scripted one, the simulator's,
//! and a silent one.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use callboard::console::{ControlAccess, HeadlessDesk, RelayAccess};
use callboard::desk::{Desk, DeskSetup, HelpView, Modal};
use callboard::floor::HoldSource;
use callboard::sim::SimSettings;
use callboard::time::clock::Clock;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use url::Url;

use crate::support::desk_driver::key;
use crate::support::harness::{call, person, reopening_day};

/// What a control was sent: the token and the body of each change; and its one setting.
#[derive(Default)]
struct Kept {
    posts: Mutex<Vec<(String, Value)>>,
    answer: Mutex<String>,
}

async fn served(app: Router) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sim", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    Url::parse(&url).unwrap()
}

/// A desk whose relay is not there, with this control.
fn desk(control: Url) -> HeadlessDesk {
    let relay = RelayAccess { url: Url::parse("http://127.0.0.1:1").unwrap(), token: "nobody".into(), trust: None };
    let control = ControlAccess { url: control, token: "the hand's token".into() };
    HeadlessDesk::connect_with_control(relay, Some(control), Clock::system(), DeskSetup::default()).unwrap()
}

/// A control with one setting, which it changes as it is told, unless that is `broken`.
async fn small_control() -> (Url, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    *kept.answer.lock().unwrap() = "running".into();
    let list = async |State(kept): State<Arc<Kept>>| {
        let value = kept.answer.lock().unwrap().clone();
        Json(json!([{
            "name": "holdAnswer", "value": value, "default": "running", "kind": "choice",
            "choices": ["running", "completed", "broken"], "evidence": "documented", "group": "open", "help": "How.",
        }]))
    };
    let change = async |State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes| {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let value = body["holdAnswer"].as_str().unwrap().to_owned();
        let token = headers["authorization"].to_str().unwrap().to_owned();
        assert_eq!(headers["content-type"], "application/json");
        kept.posts.lock().unwrap().push((token, body));
        if value == "broken" {
            return (StatusCode::BAD_REQUEST, Json(json!({ "error": "holdAnswer cannot be broken" })));
        }
        *kept.answer.lock().unwrap() = value;
        (StatusCode::OK, Json(json!({})))
    };
    let app = Router::new().route("/sim/settings", get(list)).route("/sim/faults", post(change));
    (served(app.with_state(Arc::clone(&kept))).await, kept)
}

fn faults_on(desk: &Desk) -> usize {
    desk.control().unwrap().faults_on()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_is_listed_changed_refused_and_reset() {
    let (control, kept) = small_control().await;
    let mut desk = desk(control);
    desk.until(|desk| desk.control().unwrap().settings().len() == 1).await;
    assert_eq!(faults_on(desk.desk()), 0);
    desk.press(key("F"));
    desk.press(key("Enter"));
    let told = |count: usize| {
        let kept = Arc::clone(&kept);
        move |_: &Desk| kept.posts.lock().unwrap().len() == count
    };
    desk.until(told(1)).await;
    assert_eq!(kept.posts.lock().unwrap()[0], ("Bearer the hand's token".into(), json!({ "holdAnswer": "completed" })));
    desk.until(|desk| faults_on(desk) == 1).await;
    desk.press(key("l"));
    let refused = |desk: &Desk| match desk.modal() {
        Modal::SimSettings(panel) => panel.refused().map(str::to_owned),
        other => panic!("{other:?}"),
    };
    desk.until(|desk| refused(desk).is_some()).await;
    assert_eq!(refused(desk.desk()).unwrap(), "holdAnswer cannot be broken");
    desk.until(|desk| desk.control().unwrap().settings()[0].value == "completed").await;
    desk.press(key("0"));
    desk.until(|desk| faults_on(desk) == 0).await;
    desk.until(told(3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_control_api_blocks_no_key() {
    let never = async || std::future::pending::<()>().await;
    let mut desk = desk(served(Router::new().fallback(never)).await);
    desk.until(|_| true).await;
    for (pressed, open) in [("F", true), ("Enter", true), ("j", true), ("Esc", false), ("B", true), ("y", false)] {
        desk.press(key(pressed));
        assert_eq!(*desk.desk().modal() != Modal::None, open, "{pressed}");
    }
    desk.press(key("."));
    desk.press(key("?"));
    assert_eq!(*desk.desk().modal(), Modal::Help(HelpView::default()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_steps_the_presentation_and_supervisors_act_after_a_restart() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let seat = stage.relay_access("dana").unwrap();
    let mut desk =
        HeadlessDesk::connect_with_control(seat, Some(stage.control()), stage.clock.clone(), DeskSetup::default())
            .unwrap();
    let at = |desk: &Desk| desk.control().unwrap().presentation().map(|it| it.step);
    desk.until(|desk| desk.link().is_live() && at(desk) == Some(1)).await;
    let before = call(desk.desk(), "Support / Acme").id.clone();
    assert_eq!(desk.desk().real_label(), "SIMULATOR reopening-day seed 42");
    desk.press(key("."));
    desk.until(|desk| at(desk) == Some(2)).await;
    desk.press(key("B"));
    desk.press(key("y"));
    desk.until(|desk| at(desk) == Some(1)).await;
    // The new call, with Bob put on hold by dana before the curtain, as at first.
    desk.until(|desk| {
        let there = desk.live().calls().find(|it| it.title() == "Support / Acme" && it.is_live());
        there.is_some_and(|it| it.id != before && it.held_by_us().is_some())
    })
    .await;
    assert!(desk.desk().live().call(&before).is_none_or(|it| !it.is_live()), "the old one has ended");
    let anew = desk.desk().live().calls().find(|it| it.title() == "Support / Acme" && it.is_live()).unwrap();
    let bob = person(anew, "Bob Okafor");
    assert!(matches!(&bob.hold.as_ref().unwrap().source, HoldSource::Ours { by, .. } if &**by == "dana"));
    assert!(desk.desk().live().gap().is_none());
    assert_eq!(stage.clock.speed().to_bits(), 1.0_f64.to_bits());
    assert_eq!(desk.desk().real_label(), "SIMULATOR reopening-day seed 43");
    // Somebody else plays another scenario.
    let control = stage.control();
    let asked =
        reqwest::Client::new().post(format!("{}/stage", control.url)).bearer_auth(control.token.expose_secret());
    assert_eq!(asked.json(&json!({ "scenario": "empty" })).send().await.unwrap().status(), 200);
    desk.until(|desk| desk.real_label() == "SIMULATOR empty seed 44").await;
    stage.shut_down().await;
}
