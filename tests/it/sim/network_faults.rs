//! Faults between Graph and the board: every JSON form, wrongly signed webhooks, and notifications that are lost, late,
//! repeated and out of order. The board stays correct, or shows why it may not be.

use std::collections::{BTreeMap, BTreeSet};

use callboard::demo::RunningDemo;
use callboard::desk::Desk;
use callboard::floor::{Act, OperationOutcome};
use callboard::sim::SimSettings;
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::e2e::loopback::{ACME, done};
use crate::support::harness::{call, direct, person, reopening_day, seated};

/// Whom nobody else acts on: their call and their name.
const OLGA: (&str, &str) = ("Support / Wingtip", "Olga Petrenko");

/// Every spelling that the simulator knows, in turns.
fn every_spelling() -> SimSettings {
    let changes = json!({
        "idCasing": "mixed", "leadingSlash": "mixed", "legacyResource": "mixed", "rosterAddress": "mixed",
        "collections": "byCount", "operationIds": "mixed", "resultCodes": "mixed", "subcodeKey": "mixed",
        "statusCasing": "mixed", "stateCasing": "mixed", "unknownMembers": 0.3, "batchNotifications": 5,
        "batchWindowMs": 50,
    });
    SimSettings::default().changed(changes.as_object().unwrap()).unwrap()
}

/// Asks the simulator's control API.
async fn hand(stage: &RunningDemo, method: Method, path: &str, body: &Value) -> Value {
    let ready = stage.sim.ready();
    let asked = reqwest::Client::new().request(method, format!("{}{path}", ready.control));
    let answer = asked.bearer_auth(ready.control_token.expose_secret()).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path} {body}: {}", answer.status());
    answer.json().await.unwrap()
}

/// Changes settings of the simulator.
pub(crate) async fn set(stage: &RunningDemo, changes: &Value) {
    hand(stage, Method::POST, "/faults", changes).await;
}

type Board = BTreeMap<String, BTreeSet<(String, bool)>>;

/// Who is in which call with a roster, and muted, as the simulator has it.
async fn truth(stage: &RunningDemo) -> Board {
    let calls = hand(stage, Method::GET, "/calls", &Value::Null).await;
    let calls = calls["value"].as_array().unwrap().iter();
    let with_roster = calls.filter(|it| it["kind"] != "oneToOne" && it["state"] == "established");
    let told = with_roster.map(|call| {
        let here = call["participants"].as_array().unwrap().iter();
        let here = here.filter(|it| it["presence"] == "here" || it["presence"] == "lobby");
        let people =
            here.map(|it| (it["id"].as_str().unwrap().to_owned(), it["muted"] == true || it["serverMuted"] == true));
        (call["id"].as_str().unwrap().to_owned(), people.collect())
    });
    told.collect()
}

/// The same as the board has it.
fn board(desk: &Desk, truth: &Board) -> Board {
    let calls = desk.live().calls().filter(|it| it.is_live() && truth.contains_key(&it.id.to_string()));
    let told = calls.map(|call| {
        let people = call.present().filter(|it| !call.is_own_participant(&it.id));
        (call.id.to_string(), people.map(|it| (it.id.to_string(), it.muted)).collect())
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wire_form_gives_the_same_board() {
    let stage = reopening_day(1.0, every_spelling()).await;
    let mut dana = seated(&stage, "dana").await;
    for (act, name) in [(Act::Mute, Some("Ada Byrne")), (Act::Release, Some("Bob Okafor")), (Act::MuteSelf, None)] {
        let operation = done(&mut dana, act, ACME, name).await;
        assert_eq!(operation.outcome, OperationOutcome::Confirmed, "{act}");
    }
    assert_eq!(person(call(dana.desk(), ACME), "Bob Okafor").hold, None);
    stage.clock.set_speed(0.0);
    stage.sim.settle().await;
    let truth = truth(&stage).await;
    assert!(truth.len() > 3 && truth.values().flatten().any(|it| it.1), "{truth:?}");
    dana.until(|desk| board(desk, &truth) == truth).await;
    let counts = dana.desk().live().counts();
    assert!(counts.notifications > 40 && counts.rejected.is_empty() && counts.refused.is_empty(), "{counts:?}");
    assert_eq!(counts.gaps, 0);
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrongly_signed_webhooks_are_refused_and_change_nothing() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let muted = |desk: &Desk| person(call(desk, OLGA.0), OLGA.1).muted;
    let before = muted(dana.desk());
    for (signature, reason) in [
        ("wrongAudience", "wrong audience"),
        ("wrongIssuer", "wrong issuer"),
        ("expired", "expired"),
        ("unsigned", "no bearer token"),
        ("unknownKey", "unknown signing key"),
        ("wrongSignature", "wrong signature"),
    ] {
        set(&stage, &json!({ "webhookSignature": signature })).await;
        direct(&stage, OLGA.0, OLGA.1, if before { "unmute" } else { "mute" }).await;
        dana.until(|desk| desk.live().counts().refused.contains_key(reason)).await;
        assert_eq!(muted(dana.desk()), before, "{signature}");
        direct(&stage, OLGA.0, OLGA.1, if before { "mute" } else { "unmute" }).await;
    }
    set(&stage, &json!({ "webhookSignature": "valid" })).await;
    direct(&stage, OLGA.0, OLGA.1, if before { "unmute" } else { "mute" }).await;
    dana.until(|desk| muted(desk) != before).await;
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_survives_many_faults_and_acts_are_proved_afterwards() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let storm = json!({
        "dropNotifications": 0.3, "duplicateNotifications": 0.4, "reorderNotifications": 0.5, "reorderWindowMs": 300,
        "hourLateNotifications": 0.1, "neverTerminated": 0.5, "webhookSignature": "unsigned",
        "webhookSignatureShare": 0.2, "redeliveries": 2, "redeliverAfterMs": 100, "answers500": 0.2, "answers503": 0.2,
        "answers429": 0.2, "cutBefore": 0.1, "cutAfter": 0.1, "token503": 0.3, "openid": "unavailable",
        "jwks": "unavailable",
    });
    set(&stage, &storm).await;
    let heard = dana.desk().live().counts().notifications;
    for turn in 0..40 {
        let does = if turn % 2 == 0 { "mute" } else { "unmute" };
        direct(&stage, OLGA.0, OLGA.1, does).await;
    }
    stage.sim.settle().await;
    dana.until(|desk| desk.live().counts().notifications > heard + 10).await;
    assert!(dana.desk().live().counts().refused.contains_key("no bearer token"));
    set(&stage, &json!(SimSettings::default())).await;
    let own = done(&mut dana, Act::MuteSelf, ACME, None).await;
    assert_eq!(own.outcome, OperationOutcome::Confirmed);
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rolled_keys_are_found_immediately_and_deferred_within_the_next_minute() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let muted = |desk: &Desk| person(call(desk, OLGA.0), OLGA.1).muted;
    let before = muted(dana.desk());
    let roll = async || {
        let signs = hand(&stage, Method::GET, "/keys", &Value::Null).await["signs"].clone();
        hand(&stage, Method::POST, "/keys/roll", &Value::Null).await;
        let dropped = hand(&stage, Method::POST, "/keys/drop", &Value::Null).await;
        assert_eq!(dropped["published"], json!([dropped["signs"]]));
        assert_ne!(dropped["signs"], signs);
    };
    // The relay has fetched the keys a moment ago, and yet nothing of a new one is lost.
    roll().await;
    direct(&stage, OLGA.0, OLGA.1, if before { "unmute" } else { "mute" }).await;
    dana.until(|desk| muted(desk) != before).await;
    assert!(dana.desk().live().counts().refused.is_empty());
    // The relay fetches unknown keys at most once a minute. Earlier webhooks are deferred and counted.
    roll().await;
    direct(&stage, OLGA.0, OLGA.1, if before { "mute" } else { "unmute" }).await;
    dana.until(|desk| desk.live().counts().refused.contains_key("a signing key that may be new")).await;
    assert!(!dana.desk().live().counts().refused.contains_key("unknown signing key"));
    assert_ne!(muted(dana.desk()), before);
    stage.shut_down().await;
}
