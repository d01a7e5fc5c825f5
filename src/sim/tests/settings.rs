//! Tests that each setting has an effect over HTTP that is absent by default.

use serde_json::{Value, json};

use super::client_script::{Hook, Probe, Seen};
use super::*;
use crate::sim::settings::SETTINGS;

/// A setting, the members to set (its name first), and a check of the effect.
type Row = (&'static str, Value, fn(&Seen) -> bool);

fn row(name: &'static str, value: Value, sees: fn(&Seen) -> bool) -> Row {
    (name, Value::Object(std::iter::once((name.to_owned(), value)).collect()), sees)
}

/// Returns a row for a fault of answers, applied to every mute.
fn mute(name: &'static str, sees: fn(&Seen) -> bool) -> Row {
    (name, json!({ name: 1, "faultsOn": ["mute"] }), sees)
}

fn error(seen: &Seen, label: &str, status: u16, code: &str) -> bool {
    let got = seen.answer(label);
    let error = &got.body["error"];
    got.status == status && error["code"] == code && error["innerError"]["request-id"].is_string()
}

fn claims(hook: &Hook) -> Value {
    use base64::Engine as _;
    let token = hook.authorization.as_ref().unwrap().strip_prefix("Bearer ").unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// Returns whether a published key verifies a webhook's signature, or `None` if its key is not published.
fn verifies(seen: &Seen, hook: &Hook) -> Option<bool> {
    let token = hook.authorization.as_ref()?.strip_prefix("Bearer ")?;
    let keys: JwkSet = serde_json::from_value(seen.keys.clone()).unwrap();
    let key = keys.find(&jsonwebtoken::decode_header(token).unwrap().kid.unwrap())?.clone();
    let mut rules = Validation::new(Algorithm::RS256);
    (rules.validate_aud, rules.validate_exp) = (false, false);
    Some(jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(&key).unwrap(), &rules).is_ok())
}

/// Returns whether the claim holds for some of the items, but not for all.
fn both(items: impl Iterator<Item = bool>) -> bool {
    let items: Vec<bool> = items.collect();
    items.contains(&true) && items.contains(&false)
}

fn open() -> Vec<Row> {
    vec![
        row("holdAnswer", json!("completed"), |seen| seen.answer("hold").body["status"] == "completed"),
        row("secondHold", json!("conflict"), |seen| error(seen, "second", 409, "conflict")),
        row("actsInLobby", json!("allowed"), |seen| seen.status("mute in the lobby") == 200),
        row("mostCalls", json!(0), |seen| {
            error(seen, "create", 503, "serviceUnavailable")
                && seen.answer("create").retry_after.as_deref() == Some("2")
        }),
        row("removeParticipants", json!("refused"), |seen| error(seen, "remove", 403, "7504")),
        row("emptyBody", json!("allowed"), |seen| seen.status("bare") == 200),
        row("roles", json!(["Calls.Initiate.All"]), |seen| error(seen, "create", 403, "7504")),
        (
            "createTimeRoles",
            json!({ "createTimeRoles": "everyRequest", "roles": ["Calls.InitiateGroupCall.All"] }),
            |seen| seen.status("create") == 201 && error(seen, "get", 403, "7504"),
        ),
        row("undocumented", json!("notAllowed"), |seen| seen.status("list") == 405),
        row("requestsPer15s", json!(1), |seen| seen.answer("get").retry_after.as_deref() == Some("15.000")),
        ("retryAfter", json!({ "retryAfter": "whole", "requestsPer15s": 1 }), |seen| {
            seen.answer("get").retry_after.as_deref() == Some("15")
        }),
        row("transfer", json!("fails"), |seen| {
            seen.items().any(|it| it["resourceData"]["resultInfo"]["subCode"] == 7_000)
        }),
        row("promptLastsMs", json!(9_000), |seen| {
            seen.hooks.iter().any(|it| {
                it.items[0]["resourceData"]["@odata.type"] == "#microsoft.graph.playPromptOperation" && it.at > 52_000
            })
        }),
        row("recordedAnswer", json!("silent"), |seen| {
            seen.of("recordOperation").iter().any(|it| it["resourceData"]["status"] == "failed")
        }),
        row("inviteWithoutChat", json!("allowed"), |seen| seen.status("invite without a chat") == 200),
        row("oddCallChainId", json!("allowed"), |seen| {
            seen.status("blank chain") == 400 && seen.status("odd chain") == 201
        }),
        row("odata", json!("ignored"), |seen| seen.answer("select").body["direction"] == "outgoing"),
        row("odata", json!("refused"), |seen| error(seen, "select", 400, "invalidRequest")),
        row("unrecorded", json!("joins"), |seen| {
            seen.answer("recorded").body["value"].as_array().is_some_and(|it| it.len() == 3)
        }),
        row("mediaState", json!("absent"), |seen| seen.items().all(|it| it["resourceData"]["mediaState"].is_null())),
        row("deltaRoster", json!("list"), |seen| {
            seen.items().any(|it| it["resourceData"][0]["@odata.type"] == "#microsoft.graph.deltaParticipants")
        }),
    ]
}

fn wire() -> Vec<Row> {
    vec![
        row("idCasing", json!("mixed"), |seen| {
            both(seen.items().map(|it| it["resourceUrl"].as_str().unwrap().contains('-')))
        }),
        row("leadingSlash", json!("never"), |seen| {
            seen.items().all(|it| !it["resourceUrl"].as_str().unwrap().starts_with('/'))
        }),
        row("legacyResource", json!("mixed"), |seen| {
            both(seen.items().map(|it| it["resourceUrl"].is_string()))
                && both(seen.items().map(|it| it["resource"].is_string()))
                && seen.items().all(|item| item["resource"].as_str().is_none_or(|it| it.starts_with("/app/calls/")))
        }),
        row("rosterAddress", json!("mixed"), |seen| {
            both(
                seen.rosters()
                    .iter()
                    .map(|it| it["resourceUrl"].as_str().unwrap().ends_with("/operations/participants")),
            )
        }),
        row("collections", json!("byCount"), |seen| {
            seen.items().any(|it| it["resourceData"]["@odata.type"] == "#microsoft.graph.participant")
        }),
        row("operationIds", json!("both"), |seen| {
            let holds = seen.of("startHoldMusicOperation");
            !holds.is_empty() && holds.iter().all(|it| it["resourceData"]["id"].is_string())
        }),
        row("resultCodes", json!("strings"), |seen| {
            seen.items().any(|it| it["resourceData"]["resultInfo"]["subcode"] == "7000")
        }),
        row("subcodeKey", json!("subCode"), |seen| {
            seen.items().any(|it| {
                it["resourceData"]["state"] == "terminated" && it["resourceData"]["resultInfo"]["subCode"] == 7_000
            })
        }),
        row("statusCasing", json!("pascal"), |seen| {
            seen.answer("hold").body["status"] == "Running"
                && seen.items().any(|it| it["resourceData"]["status"] == "Completed")
        }),
        row("stateCasing", json!("mixed"), |seen| {
            both(seen.states().iter().map(|it| it.starts_with(char::is_uppercase)))
        }),
        row("unknownMembers", json!(0.5), |seen| {
            both(seen.items().map(|it| it.to_string().to_lowercase().contains("novel")))
        }),
        ("batchNotifications", json!({ "batchNotifications": 3, "batchWindowMs": 9_000 }), |seen| {
            let sizes: Vec<usize> = seen.hooks.iter().map(|it| it.items.len()).collect();
            sizes.iter().max() == Some(&3)
        }),
        row("batchWindowMs", json!(10_000), |seen| {
            // A webhook that expects a reply is never batched with others.
            let gathered = seen.hooks.windows(2).filter(|it| (it[1].at - it[0].at) % 10_000 == 0).count();
            gathered * 10 >= seen.hooks.len() * 7
        }),
    ]
}

fn delivery() -> Vec<Row> {
    vec![
        row("notificationDelayMs", json!(120_000), |seen| seen.hooks[0].at >= 120_000),
        row("dropNotifications", json!(1), |seen| seen.hooks.is_empty()),
        row("duplicateNotifications", json!(1), |seen| {
            seen.hooks.len() > 10
                && seen.hooks.chunks(2).all(|it| it[0].items == it[1].items && it[0].message != it[1].message)
        }),
        ("reorderNotifications", json!({ "reorderNotifications": 0.5, "reorderWindowMs": 30_000 }), |seen| {
            seen.states().windows(2).any(|it| it == ["established", "establishing"])
        }),
        ("reorderWindowMs", json!({ "reorderNotifications": 1, "reorderWindowMs": 600_000 }), |seen| {
            seen.hooks.iter().any(|it| (300_000..900_000).contains(&it.at))
        }),
        row("hourLateNotifications", json!(0.5), |seen| both(seen.hooks.iter().map(|it| it.at >= 3_600_000))),
        row("neverTerminated", json!(1), |seen| {
            seen.states().contains(&"established") && !seen.states().iter().any(|it| it.starts_with("terminat"))
        }),
        row("neverFinished", json!(1), |seen| {
            seen.status("hold") == 202 && seen.items().all(|it| it["resourceData"]["status"].is_null())
        }),
        row("redeliveries", json!(2), |seen| sent_again(seen).is_some()),
        ("redeliverAfterMs", json!({ "redeliveries": 1, "redeliverAfterMs": 15_000 }), |seen| {
            sent_again(seen) == Some(15_000) && seen.hooks[1].message != seen.hooks[0].message
        }),
        row("openid", json!("unavailable"), |seen| seen.openid == 503),
        row("jwks", json!("unavailable"), |seen| seen.jwks == 503),
        row("token503", json!(1), |seen| seen.status("token") == 503),
        row("token400", json!(1), |seen| {
            seen.status("token") == 400 && seen.answer("token").body["error"] == "invalid_client"
        }),
        row("webhookSignature", json!("wrongAudience"), |seen| {
            seen.hooks
                .iter()
                .all(|hook| claims(hook)["aud"] == json!(uuid::Uuid::nil()) && verifies(seen, hook) == Some(true))
        }),
        row("webhookSignature", json!("wrongIssuer"), |seen| {
            claims(&seen.hooks[0])["iss"] != "https://api.botframework.com"
        }),
        row("webhookSignature", json!("expired"), |seen| {
            claims(&seen.hooks[0])["exp"].as_i64().unwrap() < crate::time::clock::wall().0 / 1_000
        }),
        row("webhookSignature", json!("unsigned"), |seen| seen.hooks.iter().all(|it| it.authorization.is_none())),
        row("webhookSignature", json!("unknownKey"), |seen| {
            seen.hooks.iter().all(|hook| verifies(seen, hook).is_none())
        }),
        row("webhookSignature", json!("wrongSignature"), |seen| {
            seen.hooks.iter().all(|hook| verifies(seen, hook) == Some(false))
        }),
        ("webhookSignatureShare", json!({ "webhookSignature": "unsigned", "webhookSignatureShare": 0.5 }), |seen| {
            both(seen.hooks.iter().map(|it| it.authorization.is_some()))
        }),
    ]
}

fn answers() -> Vec<Row> {
    vec![
        ("faultsOn", json!({ "answers503": 1, "faultsOn": ["getCall"] }), |seen| {
            seen.status("get") == 503 && seen.status("mute") == 200
        }),
        mute("answers401", |seen| error(seen, "mute", 401, "InvalidAuthenticationToken") && seen.status("hold") == 202),
        mute("answers403", |seen| error(seen, "mute", 403, "7504")),
        mute("answers404", |seen| error(seen, "mute", 404, "8522")),
        mute("answers409", |seen| error(seen, "mute", 409, "conflict")),
        mute("answers429", |seen| {
            error(seen, "mute", 429, "TooManyRequests") && seen.answer("mute").retry_after.as_deref() == Some("2.128")
        }),
        mute("answers500", |seen| error(seen, "mute", 500, "generalException") && !muted_ada(seen)),
        mute("answers500After", |seen| error(seen, "mute", 500, "generalException") && muted_ada(seen)),
        mute("answers503", |seen| {
            seen.status("get") == 200
                && error(seen, "mute", 503, "serviceUnavailable")
                && seen.answer("mute").retry_after.as_deref() == Some("2")
        }),
        row("arrivesFirst", json!("notification"), |seen| seen.hooks[0].at == 0),
        mute("cutBefore", |seen| seen.status("mute") == 0 && !muted_ada(seen)),
        mute("cutAfter", |seen| seen.status("mute") == 0 && muted_ada(seen)),
        ("slowAnswers", json!({ "slowAnswers": 1, "slowAnswersMs": 300, "faultsOn": ["mute"] }), |seen| {
            seen.status("mute") == 200 && seen.mute_took >= 300
        }),
        ("slowAnswersMs", json!({ "slowAnswers": 1, "slowAnswersMs": 2_200, "faultsOn": ["mute"] }), |seen| {
            seen.status("mute") == 200 && seen.mute_took >= 2_200
        }),
    ]
}

fn muted_ada(seen: &Seen) -> bool {
    seen.rosters().iter().any(|it| it["resourceData"][1]["mediaStreams"][0]["serverMuted"] == true)
}

/// Returns how much later a webhook was repeated with the same id and the same items.
fn sent_again(seen: &Seen) -> Option<i64> {
    seen.hooks.iter().enumerate().find_map(|(at, first)| {
        let again = seen.hooks.iter().skip(at + 1).find(|it| it.message == first.message)?;
        (again.items == first.items).then_some(again.at - first.at)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_has_an_effect_over_http() {
    let mut probe = Probe::new(42).await;
    let usual = probe.plays(&json!({})).await;
    let rows: Vec<Row> = [open(), wire(), delivery(), answers()].into_iter().flatten().collect();
    let unseen = SETTINGS.iter().map(|it| it.name).filter(|it| rows.iter().all(|row| row.0 != *it));
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
    if let Some(place) = item["resourceData"].get_mut("recordingLocation") {
        *place = Value::Null;
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
