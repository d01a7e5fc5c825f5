//! Tests that each setting has an effect over HTTP that is absent by default.

use serde_json::{Value, json};

use super::client_script::{Hook, Probe};
use super::setting_rows::{self, Row, TESTED_ALONE, verifies};
use super::*;
use crate::sim::settings::SETTINGS;

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_has_an_effect_over_http() {
    let mut probe = Probe::new(42).await;
    let usual = probe.plays(&json!({})).await;
    let rows: Vec<Row> = setting_rows::all();
    let is_tested = |name: &str| TESTED_ALONE.contains(&name) || rows.iter().any(|row| row.0 == name);
    let unseen = SETTINGS.iter().map(|it| it.name).filter(|it| !is_tested(it));
    let unseen: Vec<_> = unseen.collect();
    assert!(unseen.is_empty(), "no row for {unseen:?}");
    let mut wrong = Vec::new();
    for (name, set, sees) in rows {
        assert!(set.get(name).is_some(), "{name} is not set in its row");
        if sees(&usual) {
            wrong.push(format!("{set} is seen by default"));
        }
        let seen = probe.plays(&set).await;
        if !sees(&seen) {
            let states = seen.states().join(" ");
            wrong.push(format!("{set} is not seen in {} webhooks: {states}\n{:?}", seen.hooks.len(), seen.statuses()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    probe.sim.stop().await;
}

/// Removes the ports, which differ from run to run.
fn without_ports(item: &mut Value) {
    item["callbackUri"] = Value::Null;
    for member in ["recordingLocation", "callbackUri"] {
        if let Some(place) = item["resourceData"].get_mut(member) {
            *place = Value::Null;
        }
    }
}

/// Settings of every kind at once.
fn storm() -> Value {
    json!({
        "dropNotifications": 0.2, "duplicateNotifications": 0.3, "reorderNotifications": 0.4,
        "hourLateNotifications": 0.1, "neverTerminated": 0.3, "neverFinished": 0.3, "unknownMembers": 0.2,
        "answers401": 0.05, "answers409": 0.05, "answers429": 0.1, "answers500": 0.05, "answers500After": 0.1,
        "answers503": 0.1, "cutBefore": 0.05, "cutAfter": 0.05, "webhookSignature": "unsigned",
        "webhookSignatureShare": 0.3, "idCasing": "mixed", "leadingSlash": "mixed", "legacyResource": "mixed",
        "rosterAddress": "mixed", "operationIds": "mixed", "resultCodes": "mixed", "subcodeKey": "mixed",
        "statusCasing": "mixed", "stateCasing": "mixed", "batchNotifications": 4, "batchWindowMs": 700,
        "collections": "byCount",
        "faultsOn": "mute,startHoldMusic,stopHoldMusic,playPrompt,invite,getCall,getParticipant,deleteParticipant,transfer",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_and_requests_give_the_same_faults_ids_and_order() {
    let mut stories = Vec::new();
    for seed in [7, 7, 8] {
        let mut probe = Probe::new(seed).await;
        let mut seen = probe.plays(&storm()).await;
        let answers: Vec<_> = seen.answers.iter().map(|it| (it.label, it.status, it.body["id"].clone())).collect();
        seen.hooks.iter_mut().flat_map(|it| &mut it.items).for_each(without_ports);
        let hooks: Vec<_> =
            seen.hooks.into_iter().map(|it| (it.at, it.message, it.authorization.is_some(), it.items)).collect();
        assert!(hooks.len() > 10 && answers.iter().any(|it| it.1 >= 400 || it.1 == 0), "{answers:?}");
        stories.push((answers, hooks));
        probe.sim.stop().await;
    }
    assert_eq!(stories[0], stories[1]);
    assert_ne!(stories[0], stories[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_changes_neither_ids_nor_other_faults() {
    let mut told = Vec::new();
    for set in [
        json!({ "dropNotifications": 0.4 }),
        json!({ "dropNotifications": 0.4, "duplicateNotifications": 0.5, "reorderNotifications": 0.5,
                "hourLateNotifications": 0.2, "webhookSignature": "expired", "webhookSignatureShare": 0.5,
                "slowAnswers": 0.3, "slowAnswersMs": 1, "batchNotifications": 9 }),
    ] {
        let mut probe = Probe::new(42).await;
        let mut seen = probe.plays(&set).await;
        let ids: Vec<_> = seen.answers.iter().map(|it| (it.label, it.body["id"].clone())).collect();
        seen.hooks.iter_mut().flat_map(|it| &mut it.items).for_each(without_ports);
        let items: std::collections::BTreeSet<String> = seen.items().map(Value::to_string).collect();
        told.push((ids, items));
        probe.sim.stop().await;
    }
    assert!(told[0].1.len() > 10);
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_can_be_listed_and_changed_over_the_control_api() {
    let probe = Probe::new(42).await;
    let (status, listed) = probe.hand(reqwest::Method::GET, "/settings", &Value::Null).await;
    let presets = SimSettings::default().explained_presets();
    let mut listed = listed.as_array().unwrap().clone();
    let rest = listed.split_off(presets.len());
    assert_eq!(json!(std::mem::replace(&mut listed, rest)), json!(presets), "the presets come first");
    let acts = listed.split_off(SETTINGS.len());
    assert_eq!((status, json!(listed)), (200, json!(SimSettings::default().explained())));
    for (act, path) in acts.iter().zip(["keys/roll", "keys/drop"]) {
        assert_eq!((&act["kind"], &act["post"], &act["value"]), (&json!("action"), &json!(path), &act["default"]));
    }
    for (changes, said) in [
        (json!({ "holdAnswr": "completed" }), "there is no setting \"holdAnswr\"; the nearest is holdAnswer"),
        (json!({ "secondHold": "completed", "holdAnswer": "complete" }), "holdAnswer cannot be \"complete\""),
        (json!(["holdAnswer"]), "the body cannot be read"),
    ] {
        let (status, refused) = probe.set(&changes).await;
        assert_eq!(status, 400, "{changes}");
        assert!(refused["error"].as_str().unwrap().contains(said), "{refused}");
    }
    assert_eq!(probe.set(&json!({ "faultsOn": "mute,invite" })).await.0, 200);
    let listed = probe.hand(reqwest::Method::GET, "/settings", &Value::Null).await.1;
    let set: Vec<&Value> = listed.as_array().unwrap().iter().filter(|it| it["value"] != it["default"]).collect();
    assert_eq!(set.len(), 1, "a refused change changes nothing: {set:?}");
    assert_eq!((&set[0]["name"], &set[0]["value"]), (&json!("faultsOn"), &json!(["mute", "invite"])));
    probe.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_can_be_rolled_and_old_ones_dropped_at_run_time() {
    let mut probe = Probe::new(42).await;
    let kid = |hook: &Hook| {
        let token = hook.authorization.as_ref().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
    };
    let before = probe.plays(&json!({})).await;
    let (status, rolled) = probe.hand(reqwest::Method::POST, "/keys/roll", &Value::Null).await;
    assert_eq!((status, rolled["published"].as_array().unwrap().len()), (200, 2));
    let after = probe.plays(&json!({})).await;
    assert_eq!(json!(kid(&before.hooks[0])), rolled["published"][0]);
    assert_eq!(json!(kid(&after.hooks[0])), rolled["signs"]);
    assert_eq!((after.keys["keys"].as_array().unwrap().len(), verifies(&after, &after.hooks[0])), (2, Some(true)));
    assert_eq!(verifies(&after, &before.hooks[0]), Some(true), "the old key is still published");
    assert_eq!(probe.hand(reqwest::Method::POST, "/keys/drop", &Value::Null).await.0, 200);
    let dropped = probe.plays(&json!({})).await;
    assert_eq!(verifies(&dropped, &before.hooks[0]), None, "the old key is gone");
    assert_eq!(verifies(&dropped, &dropped.hooks[0]), Some(true));
    probe.sim.stop().await;
}
