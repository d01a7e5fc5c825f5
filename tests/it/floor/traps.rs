//! Every trap of the contract that data can show has an example in `tests/data`, and each example shows the traps that
//! the index says it shows.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::examples::{self, Example};

/// A trap, and whether an example shows it.
type Trap = (&'static str, fn(&Example) -> bool);

const TRAPS: &[Trap] = &[
    // Envelopes and addresses.
    ("both addresses", |it| items(it).all(|it| it["resource"].is_string() && it["resourceUrl"].is_string())),
    ("callbackUri of a notification", |it| items(it).any(|it| it["callbackUri"].is_string())),
    ("legacy address alone", |it| items(it).all(|it| it["resource"].is_string() && it["resourceUrl"].is_null())),
    ("malformed roster address", |it| address(it).ends_with("/operations/participants")),
    ("address without leading slash", |it| address(it).starts_with("communications/")),
    ("absolute address", |it| address(it).starts_with("https://")),
    ("address of one participant", |it| address(it).contains("/participants/")),
    ("lower-case collection", |it| address(it).contains("/contentsharingsessions")),
    ("operation at the roster's address", |it| address(it).ends_with("/participants") && has(it, "Operation")),
    ("object where lists are usual", |it| items(it).all(|it| it["resourceData"].is_object())),
    ("no resourceData", |it| items(it).any(|it| it.get("resourceData").is_none())),
    ("no envelope around a recorder's item", |it| it.json().get("value").is_none() && has(it, "Notification")),
    ("several items in one body", |it| items(it).count() > 2),
    ("empty envelope", |it| it.json()["value"] == Value::Array(Vec::new())),
    ("one bad item in a batch", |it| refused(it, "") && it.understood.iter().any(|it| it.contains(" CALL: call"))),
    ("path and type disagree", |it| address(it).ends_with("/participants") != has(it, "graph.participant")),
    ("another stream", |it| has(it, "meetingCallEvents")),
    ("refused: Syntax", |it| refused(it, "syntax")),
    ("refused: Envelope", |it| refused(it, "envelope")),
    ("refused: Address", |it| refused(it, "address")),
    ("refused: Type", |it| refused(it, "type")),
    ("refused: Shape", |it| refused(it, "shape")),
    // Ids, words and values.
    ("id in capitals without dashes", |it| has(it, CAPITALS)),
    ("both forms of one id", |it| has(it, CAPITALS) && has(it, DASHED)),
    ("id only in the address", |it| items(it).all(|it| it["resourceData"].get("id").is_none())),
    ("id that is no GUID", |it| has(it, r#""id": "19:"#)),
    ("id that is unfit for a path", |it| has(it, r#""id": "../"#)),
    ("null id", |it| has(it, r#""id": null"#)),
    ("empty text for an id", |it| has(it, r#"Id": """#)),
    ("words in Pascal case", |it| {
        ["Updated", "Established", "Completed", "Running", "Forbidden"]
            .iter()
            .any(|word| has(it, &format!("\"{word}\"")))
    }),
    ("unknown words", |it| it.kept.iter().any(|it| it.contains('='))),
    ("unknown members", |it| it.kept.iter().any(|it| !it.contains('='))),
    ("nulls", |it| has(it, ": null")),
    ("numbers in strings", |it| {
        let names =
            ["code", "subcode", "sequenceId", "sequenceNumber", "rosterSequenceNumber", "maxSilenceTimeoutInSeconds"];
        any(&it.json(), &|name, value| {
            names.contains(&name) && value.as_str().is_some_and(|it| it.parse::<i64>().is_ok())
        })
    }),
    ("flags in strings", |it| any(&it.json(), &|name, value| name.starts_with("is") && value.is_string())),
    ("thread without its suffix", |it| has(it, "threadId") && !has(it, "@thread")),
    ("identitySet with members of its subtype", |it| {
        has(it, r#""phone": {"#) && has(it, r#""applicationInstance": {"#)
    }),
    ("encrypted source", |it| {
        any(&it.json()["value"], &|name, value| name == "source" && any(value, &|it, _| it == "encrypted"))
    }),
    ("control letters in a name", |it| has(it, "\\u001b") || it.text.contains('\u{202e}')),
    // Calls and operations.
    ("code 0 is success", |it| has(it, r#""code": 0,"#)),
    ("subCode", |it| has(it, r#""subCode""#)),
    ("subcode missing", |it| has(it, r#""code""#) && !has(it, r#""subcode""#)),
    ("deleted without state", |it| last(it)["changeType"] == "deleted" && last(it)["resourceData"]["state"].is_null()),
    ("status null", |it| has(it, r#""status": null"#)),
    ("hold finished at once", |it| {
        it.file.starts_with("answers/") && has(it, "HoldMusic") && has(it, r#""completed""#)
    }),
    ("no operation in the answer", |it| it.json()["status"] == 202 && it.json()["body"].is_null()),
    ("participants by id alone", |it| it.json()["body"]["participants"][0].is_string()),
    // Rosters.
    ("application itself in the roster", |it| it.understood.iter().any(|it| it.contains("application.id=APP"))),
    ("system application in the roster", |it| has(it, "ApplicationType")),
    ("someone in the lobby", |it| has(it, r#""isInLobby": true"#)),
    ("serverMuted left out", |it| has(it, r#""isMuted": true"#) && !has(it, "serverMuted")),
    ("inactive main audio", |it| any(&it.json(), &|name, value| name == "direction" && value == "inactive")),
    ("roster without the application", |it| {
        last(it)["resourceData"].is_array() && !last(it).to_string().contains("\"application\"")
    }),
    ("empty roster", |it| has(it, "articipants") && it.text.contains("[]")),
    ("delta roster", |it| has(it, "#microsoft.graph.deltaParticipants")),
    ("delta roster in a list", |it| items(it).all(|it| it["resourceData"][0]["sequenceNumber"].is_string())),
    ("removedState", |it| has(it, r#""removedState": {"#)),
    // Answers that are errors, or no JSON.
    ("code is a number in text", |it| error(it)["code"].as_str().is_some_and(|it| it.parse::<u32>().is_ok())),
    ("innererror in lower case", |it| error(it)["innererror"].is_object()),
    ("no inner error", |it| error(it)["innerError"].is_null() && error(it)["innererror"].is_null()),
    ("fractional Retry-After", |it| it.json()["headers"]["Retry-After"].as_str().is_some_and(|it| it.contains('.'))),
    ("empty message", |it| error(it)["message"] == ""),
    ("error without code", |it| error(it).is_object() && error(it)["code"].is_null()),
    ("null message", |it| error(it).get("message") == Some(&Value::Null)),
    ("flat error", |it| it.json()["body"]["errorCode"].is_string()),
    ("message alone", |it| it.json()["body"]["Message"].is_string()),
    ("error without body", |it| it.json()["status"] == 504 && it.json()["body"].is_null()),
    ("text where JSON is usual", |it| it.json()["body"].is_string()),
    // Paths of requests.
    ("qualified action", |it| path(it).contains("/microsoft.graph.")),
    ("deprecated alias", |it| path(it).contains("/app/calls/")),
    ("query behind a path", |it| path(it).contains('?')),
    ("empty segments", |it| path(it).matches("//").count() > 1),
    ("action that does not exist", |it| it.understood.iter().any(|it| it.contains("no path"))),
    // What is known of a call only over time.
    ("duplicates", |it| steps(it).windows(2).any(|it| it[0]["body"] == it[1]["body"])),
    ("hours late", |it| steps(it).iter().any(|it| it["after"].as_str().unwrap().ends_with('h'))),
    ("late after the end", |it| has(it, r#""terminated""#) && last(it)["resourceData"]["state"] == "established"),
    ("out of order", |it| {
        let order =
            |it: &Value| it["sequenceNumber"].as_i64().or_else(|| Some(i64::from(it["state"] == "established")));
        let numbers: Vec<_> = steps(it).iter().map(|it| order(&it["body"]["value"][0]["resourceData"])).collect();
        !numbers.is_sorted()
    }),
    ("end without terminating", |it| {
        has(it, r#""terminated""#) && !has(it, r#""established""#) && !has(it, "terminating")
    }),
    ("back from transferring", |it| has(it, r#""transferring""#) && last(it)["resourceData"]["state"] == "established"),
    ("absence is leaving", |it| it.understood.iter().any(|it| it.contains(", left")) && !has(it, "removedState")),
    ("application unknown", |it| !has(it, "myParticipantId")),
    ("partial calls", |it| it.understood.iter().any(|it| it.contains("established") && it.contains("subject"))),
];

const CAPITALS: &str = "0CA11000000040008000000000000001";
const DASHED: &str = "-0000-4000-8000-000000000001";

fn has(example: &Example, text: &str) -> bool {
    example.text.contains(text)
}

fn refused(example: &Example, reason: &str) -> bool {
    example.understood.iter().any(|it| it.strip_prefix("refused: ").is_some_and(|it| it.starts_with(reason)))
}

/// Returns the items of a notification's body, or of an answer that is a list.
fn items(example: &Example) -> std::vec::IntoIter<Value> {
    example.json()["value"].as_array().cloned().unwrap_or_default().into_iter()
}

fn steps(example: &Example) -> Vec<Value> {
    example.json().as_array().cloned().unwrap_or_default()
}

/// Returns the last item, also of a sequence.
fn last(example: &Example) -> Value {
    steps(example).last().map_or_else(|| items(example).last().unwrap_or_default(), |it| it["body"]["value"][0].clone())
}

fn address(example: &Example) -> String {
    last(example)["resourceUrl"].as_str().unwrap_or_default().to_owned()
}

fn path(example: &Example) -> String {
    example.json()["path"].as_str().unwrap_or_default().to_owned()
}

fn error(example: &Example) -> Value {
    example.json()["body"]["error"].clone()
}

/// Returns whether any member at any depth is such a one.
fn any(value: &Value, is: &dyn Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| is(name, value) || any(value, is)),
        Value::Array(items) => items.iter().any(|it| any(it, is)),
        _ => false,
    }
}

#[test]
fn every_trap_has_an_example() {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for example in examples::own().examples {
        for name in &example.traps {
            match TRAPS.iter().find(|(trap, _)| trap == name) {
                None => faults.push(format!("{}: {name} is no trap of the list", example.file)),
                Some((_, shows)) if !shows(&example) => faults.push(format!("{}: does not show {name}", example.file)),
                Some((trap, _)) => drop(seen.insert(*trap)),
            }
        }
    }
    let missing = TRAPS.iter().map(|(trap, _)| *trap).filter(|it| !seen.contains(it));
    faults.extend(missing.map(|it| format!("no example shows {it}")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
