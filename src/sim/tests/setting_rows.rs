//! The effect of each setting: what to set, and what a client then sees.

use serde_json::{Value, json};

use super::client_script::{Hook, Seen};
use super::*;

/// The settings whose effect needs a receiver of its own. `callback_addresses` tests them.
pub(super) const TESTED_ALONE: [&str; 2] = ["nextWaitsMs", "noContent"];

/// Returns the rows of all other settings.
pub(super) fn all() -> Vec<Row> {
    [open(), reported(), wire(), delivery(), answers()].into_iter().flatten().collect()
}

/// A setting, the members to set (its name first), and a check of the effect.
pub(super) type Row = (&'static str, Value, fn(&Seen) -> bool);

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
pub(super) fn verifies(seen: &Seen, hook: &Hook) -> Option<bool> {
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

/// Returns the rows about outcomes and forms that public reports show.
fn reported() -> Vec<Row> {
    vec![
        row("promptOutcome", json!("fails"), |seen| {
            seen.of("playPromptOperation").iter().any(|it| it["resourceData"]["status"] == "failed")
        }),
        row("invitationOutcome", json!("fails"), |seen| {
            let result = |it: &Value| it["resourceData"]["resultInfo"].clone();
            seen.of("inviteParticipantsOperation").iter().any(|it| {
                result(it)["subcode"] == 9_999 && result(it)["message"].as_str().unwrap().contains("8:orgid:278405a3")
            })
        }),
        row("chatAfterInvite", json!("null"), |seen| {
            seen.answer("invited").status == 200 && seen.answer("invited").body["chatInfo"].is_null()
        }),
        row("oneToOneParticipants", json!("empty"), |seen| seen.answer("pair").body["value"] == json!([])),
        row("redirectEnd", json!("answered"), |seen| {
            seen.states().contains(&"redirecting") && redirected_after(seen).is_some_and(|it| (2..9).contains(&it))
        }),
        row("redirectEnd", json!("unanswered"), |seen| redirected_after(seen) == Some(20)),
        row("oneToOneChat", json!("bare"), |seen| {
            let incoming = &seen.answer("incoming").body;
            incoming["chatInfo"]["threadId"] == format!("19:{}", incoming["id"].as_str().unwrap())
        }),
        ("errorBody", json!({ "errorBody": "flat", "answers403": 1, "faultsOn": ["mute"] }), |seen| {
            let refused = &seen.answer("mute").body;
            refused["errorCode"] == "7504" && refused["message"].is_string() && refused.get("error").is_none()
        }),
        row("badRequestCode", json!("BadRequest"), |seen| error(seen, "bare", 400, "BadRequest")),
        row("badRequestCode", json!("UnknownError"), |seen| {
            error(seen, "bare", 400, "UnknownError") && seen.answer("bare").body["error"]["message"] == ""
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
        row("endResult", json!("500/1203002"), |seen| ends_with(seen, 500, 1_203_002)),
        row("endResult", json!("408/13025"), |seen| ends_with(seen, 408, 13_025)),
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
        mute("answers7503", |seen| seen.status("mute") == 403 && seen.answer("mute").body["errorCode"] == "7503"),
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

fn ends_with(seen: &Seen, code: i64, subcode: i64) -> bool {
    let ends: Vec<&Value> = seen.items().filter(|it| it["resourceData"]["state"] == "terminated").collect();
    let has_result = |it: &&Value| {
        let result = &it["resourceData"]["resultInfo"];
        result.is_null() || (result["code"] == code && result["subcode"] == subcode)
    };
    ends.iter().all(has_result) && ends.iter().any(|it| it["resourceData"]["resultInfo"].is_object())
}

/// Returns how many seconds a call was `redirecting`, rounded down.
fn redirected_after(seen: &Seen) -> Option<i64> {
    let begins = seen.hooks.iter().find(|it| it.items[0]["resourceData"]["state"] == "redirecting")?;
    let call = &begins.items[0]["resourceUrl"];
    let is_end = |it: &&Hook| it.items[0]["changeType"] == "deleted" && it.items[0]["resourceUrl"] == *call;
    Some((seen.hooks.iter().find(is_end)?.at - begins.at) / 1_000)
}
