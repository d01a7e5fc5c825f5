//! The faults that the bot must survive: a row for every setting of the simulator, and for every value of every choice.

use callboard::sim::SimSettings;
use callboard::sim::settings::{SETTINGS, SettingKind};
use callboard::time::Millis;
use serde_json::{Map, Value, json};

/// One fault: what is set, and after which time it is lifted, if nothing can be done while it lasts.
pub(crate) struct Row {
    pub(crate) settings: Value,
    pub(crate) lifted: Option<Millis>,
}

/// How long an outage lasts.
const OUTAGE: Millis = Millis::seconds(4);

/// Every fault, one a row.
pub(crate) fn rows() -> Vec<Row> {
    let for_good = measured().into_iter().chain(together()).chain(worded());
    let rows = for_good.map(|settings| Row { settings, lifted: None });
    rows.chain(outages().into_iter().map(|settings| Row { settings, lifted: Some(OUTAGE) })).collect()
}

/// A row for each word of each choice that is not its default.
fn worded() -> Vec<Value> {
    let usual = json!(SimSettings::default());
    let choices = SETTINGS.iter().filter_map(|it| match it.kind {
        SettingKind::Choice(words) => Some((it.name, words)),
        SettingKind::Number { .. } | SettingKind::Share | SettingKind::List { .. } => None,
    });
    let words = choices.flat_map(|(name, words)| words.iter().map(move |it| (name, *it)));
    let other = words.filter(|(name, word)| usual[name] != *word);
    other.map(|(name, word)| Value::Object(std::iter::once((name.to_owned(), json!(word))).collect())).collect()
}

/// Outages, which end, but for some: for good they would leave nothing to do.
fn outages() -> Vec<Value> {
    ["answers429", "answers503", "answers500After"].map(|it| json!({ it: 1 })).to_vec()
}

/// Shares and numbers.
fn measured() -> Vec<Value> {
    vec![
        json!({}),
        json!({ "notificationDelayMs": 20_000 }),
        json!({ "notificationDelayMs": 3_600_000 }),
        json!({ "dropNotifications": 1.0 }),
        json!({ "dropNotifications": 0.5 }),
        json!({ "duplicateNotifications": 1.0 }),
        json!({ "requestsPer15s": 5 }),
        json!({ "mostCalls": 1 }),
        json!({ "hourLateNotifications": 1.0 }),
        json!({ "neverTerminated": 1.0 }),
        json!({ "neverFinished": 0.5 }),
        json!({ "redeliveries": 2 }),
        json!({ "nextWaitsMs": 0 }),
        json!({ "unknownMembers": 1.0 }),
        json!({ "promptLastsMs": 60_000 }),
        json!({ "token503": 0.5 }),
        json!({ "token400": 0.5 }),
        json!({ "answers401": 0.3 }),
        json!({ "answers403": 0.3 }),
        json!({ "answers7503": 0.3 }),
        json!({ "answers404": 0.1 }),
        json!({ "answers409": 0.3 }),
        json!({ "answers429": 0.3 }),
        json!({ "answers500": 0.3 }),
        json!({ "answers500After": 0.3 }),
        json!({ "answers503": 0.3 }),
        json!({ "cutBefore": 0.3 }),
        json!({ "cutAfter": 0.3 }),
    ]
}

/// Settings that mean something only beside others.
fn together() -> Vec<Value> {
    vec![
        json!({ "requestsPer15s": 5, "retryAfter": "whole" }),
        json!({ "requestsPer15s": 5, "retryAfter": "absent" }),
        json!({ "roles": ["Calls.InitiateGroupCall.All", "Calls.Initiate.All", "Calls.JoinGroupCall.All"],
            "createTimeRoles": "everyRequest" }),
        json!({ "reorderNotifications": 1.0, "reorderWindowMs": 20_000 }),
        json!({ "redeliveries": 2, "redeliverAfterMs": 20_000, "webhookSignature": "unsigned",
            "webhookSignatureShare": 0.5 }),
        json!({ "batchNotifications": 20, "batchWindowMs": 3_000 }),
        json!({ "webhookSignature": "expired", "webhookSignatureShare": 0.5 }),
        json!({ "webhookSignature": "unknownKey", "webhookSignatureShare": 0.5 }),
        json!({ "slowAnswers": 1.0, "slowAnswersMs": 30 }),
        json!({ "answers503": 0.6, "faultsOn": ["startHoldMusic", "stopHoldMusic", "mute"] }),
    ]
}

/// Every setting of the wire and every fault at once. The documents that verify webhooks have a storm of their own:
/// without them no webhook counts, and the other faults of webhooks would not be felt.
pub(crate) fn storms() -> Vec<Row> {
    let first = [of_the_wire(), of_deliveries(), of_answers()];
    let first: Map<String, Value> = first.into_iter().filter_map(|it| it.as_object().cloned()).flatten().collect();
    let mut second = first.clone();
    second.extend([("openid".to_owned(), json!("unavailable")), ("jwks".to_owned(), json!("unavailable"))]);
    [first, second].map(|it| Row { settings: Value::Object(it), lifted: Some(OUTAGE) }).into_iter().collect()
}

fn of_the_wire() -> Value {
    json!({
        "idCasing": "mixed",
        "leadingSlash": "mixed",
        "legacyResource": "mixed",
        "rosterAddress": "mixed",
        "collections": "byCount",
        "operationIds": "mixed",
        "resultCodes": "mixed",
        "subcodeKey": "mixed",
        "statusCasing": "mixed",
        "stateCasing": "mixed",
        "oneToOneChat": "bare",
        "errorBody": "flat",
        "badRequestCode": "BadRequest",
        "unknownMembers": 0.5,
        "batchNotifications": 5,
        "batchWindowMs": 500,
    })
}

fn of_deliveries() -> Value {
    json!({
        "notificationDelayMs": 5_000,
        "dropNotifications": 0.3,
        "duplicateNotifications": 0.5,
        "reorderNotifications": 0.3,
        "reorderWindowMs": 5_000,
        "hourLateNotifications": 0.2,
        "neverTerminated": 0.5,
        "neverFinished": 0.2,
        "endResult": "500/3002",
        "webhookSignature": "unsigned",
        "webhookSignatureShare": 0.3,
        "token503": 0.2,
        "token400": 0.2,
    })
}

fn of_answers() -> Value {
    json!({
        "faultsOn": ["*"],
        "answers401": 0.05,
        "answers403": 0.03,
        "answers7503": 0.03,
        "answers404": 0.02,
        "answers409": 0.03,
        "answers429": 0.05,
        "answers500": 0.03,
        "answers500After": 1,
        "answers503": 0.03,
        "arrivesFirst": "notification",
        "cutBefore": 0.03,
        "cutAfter": 0.05,
        "slowAnswers": 0.1,
        "slowAnswersMs": 30,
        "requestsPer15s": 30,
        "retryAfter": "absent",
        "createTimeRoles": "everyRequest",
        "mediaState": "absent",
    })
}
