//! Every trap that data can show has an example in `tests/data`, and each example shows the traps that its index,
//! `index.toml`, lists. A trap is a form of Graph's messages that a reader of its documentation does not expect; the
//! guide's page `graph-contract.md` describes them.

use std::collections::BTreeSet;

use callboard::cli::inspect::KeptReason;
use serde_json::Value;

use crate::support::examples::{self, Example};
use crate::support::understood;

/// A trap, and whether an example shows it.
type Trap = (&'static str, fn(&Example) -> bool);

const TRAPS: &[Trap] = &[
    // Envelopes and addresses.
    ("both addresses", |example| items(example).all(|it| it["resource"].is_string() && it["resourceUrl"].is_string())),
    ("callbackUri of a notification", |example| items(example).any(|it| it["callbackUri"].is_string())),
    ("legacy address alone", |example| {
        items(example).all(|it| it["resource"].is_string() && it["resourceUrl"].is_null())
    }),
    ("malformed roster address", |example| address(example).ends_with("/operations/participants")),
    ("address without leading slash", |example| address(example).starts_with("communications/")),
    ("absolute address", |example| address(example).starts_with("https://")),
    ("address of one participant", |example| address(example).contains("/participants/")),
    ("lower-case collection", |example| address(example).contains("/contentsharingsessions")),
    ("operation at the roster's address", |example| {
        address(example).ends_with("/participants") && has(example, "Operation")
    }),
    ("object where lists are usual", |example| items(example).all(|it| it["resourceData"].is_object())),
    ("no resourceData", |example| items(example).any(|it| it.get("resourceData").is_none())),
    ("no envelope around a recorder's item", |example| {
        example.json().get("value").is_none() && has(example, "Notification")
    }),
    ("several items in one body", |example| items(example).count() > 2),
    ("empty envelope", |example| example.json()["value"] == Value::Array(Vec::new())),
    ("one bad item in a batch", |example| {
        let is_bad = has_refused_item(example) || example.understood.iter().any(|it| it.starts_with("not readable"));
        is_bad && example.understood.iter().any(|it| it.contains(" CALL: call"))
    }),
    ("path and type disagree", |example| {
        address(example).ends_with("/participants") != has(example, "graph.participant")
    }),
    ("another stream", |example| has(example, "meetingCallEvents")),
    ("refused: Syntax", |example| refused(example, "syntax")),
    ("refused: Envelope", |example| refused(example, "envelope")),
    ("refused: Address", |example| refused(example, "address")),
    ("refused: Type", |example| refused(example, "type")),
    ("refused: Shape", |example| refused(example, "shape")),
    // Ids, words and values.
    ("id in capitals without dashes", |example| has(example, CAPITALS)),
    ("both forms of one id", |example| has(example, CAPITALS) && has(example, DASHED)),
    ("id only in the address", |example| items(example).all(|it| it["resourceData"].get("id").is_none())),
    ("id that is no GUID", |example| has(example, r#""id": "19:"#)),
    ("id that is unfit for a path", |example| has(example, r#""id": "../"#)),
    ("null id", |example| has(example, r#""id": null"#)),
    ("empty text for an id", |example| has(example, r#"Id": """#)),
    ("words in Pascal case", |example| {
        ["Updated", "Established", "Completed", "Running", "Forbidden"]
            .iter()
            .any(|word| has(example, &format!("\"{word}\"")))
    }),
    ("unknown words", |example| keeps(example, KeptReason::UnknownWord)),
    ("unknown members", |example| keeps(example, KeptReason::UnknownMember)),
    ("nulls", |example| has(example, ": null")),
    ("numbers in strings", |example| {
        let names =
            ["code", "subcode", "sequenceId", "sequenceNumber", "rosterSequenceNumber", "maxSilenceTimeoutInSeconds"];
        any_member(&example.json(), &|name, value| {
            names.contains(&name) && value.as_str().is_some_and(|it| it.parse::<i64>().is_ok())
        })
    }),
    ("flags in strings", |example| {
        any_member(&example.json(), &|name, value| name.starts_with("is") && value.is_string())
    }),
    ("thread without its suffix", |example| has(example, "threadId") && !has(example, "@thread")),
    ("identitySet with members of its subtype", |example| {
        has(example, r#""phone": {"#) && has(example, r#""applicationInstance": {"#)
    }),
    ("encrypted source", |example| {
        any_member(&example.json()["value"], &|name, value| {
            name == "source" && any_member(value, &|it, _| it == "encrypted")
        })
    }),
    ("control letters in a name", |example| has(example, "\\u001b") || example.text.contains('\u{202e}')),
    // Calls and operations.
    ("code 0 is success", |example| has(example, r#""code": 0,"#)),
    ("subCode", |example| has(example, r#""subCode""#)),
    ("subcode missing", |example| has(example, r#""code""#) && !has(example, r#""subcode""#)),
    ("deleted without state", |example| {
        last(example)["changeType"] == "deleted" && last(example)["resourceData"]["state"].is_null()
    }),
    ("status null", |example| has(example, r#""status": null"#)),
    ("hold finished at once", |example| {
        example.file.starts_with("answers/") && has(example, "HoldMusic") && has(example, r#""completed""#)
    }),
    ("no operation in the answer", |example| example.json()["status"] == 202 && example.json()["body"].is_null()),
    ("participants by id alone", |example| example.json()["body"]["participants"][0].is_string()),
    // Rosters.
    ("application itself in the roster", |example| {
        example.understood.iter().any(|it| it.contains("application.id=APP"))
    }),
    ("system application in the roster", |example| has(example, "ApplicationType")),
    ("someone in the lobby", |example| has(example, r#""isInLobby": true"#)),
    ("serverMuted left out", |example| has(example, r#""isMuted": true"#) && !has(example, "serverMuted")),
    ("inactive main audio", |example| {
        any_member(&example.json(), &|name, value| name == "direction" && value == "inactive")
    }),
    ("roster without the application", |example| {
        last(example)["resourceData"].is_array() && !last(example).to_string().contains("\"application\"")
    }),
    ("empty roster", |example| has(example, "articipants") && example.text.contains("[]")),
    ("delta roster", |example| has(example, "#microsoft.graph.deltaParticipants")),
    ("delta roster in a list", |example| items(example).all(|it| it["resourceData"][0]["sequenceNumber"].is_string())),
    ("removedState", |example| has(example, r#""removedState": {"#)),
    // Answers that are errors, or no JSON.
    ("code is a number in text", |example| error(example)["code"].as_str().is_some_and(|it| it.parse::<u32>().is_ok())),
    ("innererror in lower case", |example| error(example)["innererror"].is_object()),
    ("no inner error", |example| error(example)["innerError"].is_null() && error(example)["innererror"].is_null()),
    ("fractional Retry-After", |example| {
        example.json()["headers"]["Retry-After"].as_str().is_some_and(|it| it.contains('.'))
    }),
    ("empty message", |example| error(example)["message"] == ""),
    ("error without code", |example| error(example).is_object() && error(example)["code"].is_null()),
    ("null message", |example| error(example).get("message") == Some(&Value::Null)),
    ("flat error", |example| example.json()["body"]["errorCode"].is_string()),
    ("message alone", |example| example.json()["body"]["Message"].is_string()),
    ("error without body", |example| example.json()["status"] == 504 && example.json()["body"].is_null()),
    ("text where JSON is usual", |example| example.json()["body"].is_string()),
    // Paths of requests.
    ("qualified action", |example| path(example).contains("/microsoft.graph.")),
    ("deprecated alias", |example| path(example).contains("/app/calls/")),
    ("query behind a path", |example| path(example).contains('?')),
    ("empty segments", |example| path(example).matches("//").count() > 1),
    ("action that does not exist", |example| example.understood.iter().any(|it| it.contains("no path"))),
    // What is known of a call only over time.
    ("duplicates", |example| steps(example).windows(2).any(|it| it[0]["body"] == it[1]["body"])),
    ("hours late", |example| steps(example).iter().any(|it| it["after"].as_str().unwrap().ends_with('h'))),
    ("late after the end", |example| {
        has(example, r#""terminated""#) && last(example)["resourceData"]["state"] == "established"
    }),
    ("out of order", |example| {
        let data: Vec<_> = steps(example).iter().map(|it| it["body"]["value"][0]["resourceData"].clone()).collect();
        let delta_numbers = data.iter().filter_map(|it| it["sequenceNumber"].as_i64());
        let is_established = data.iter().map(|it| it["state"] == "established");
        !delta_numbers.is_sorted()
            || (data.iter().any(|it| it["state"] == "establishing") && !is_established.is_sorted())
    }),
    ("end without terminating", |example| {
        has(example, r#""terminated""#) && !has(example, r#""established""#) && !has(example, "terminating")
    }),
    ("back from transferring", |example| {
        has(example, r#""transferring""#) && last(example)["resourceData"]["state"] == "established"
    }),
    ("absence is leaving", |example| {
        example.understood.iter().any(|it| it.contains(", left")) && !has(example, "removedState")
    }),
    ("application unknown", |example| example.understood.iter().any(|it| it.contains("doubt=unknownSelf"))),
    ("partial calls", |example| {
        example.understood.iter().any(|it| it.contains("established") && it.contains("subject"))
    }),
];

/// The id of the examples' call, in capitals without dashes.
const CAPITALS: &str = "0CA11000000040008000000000000001";
/// The end of the same id, as of most ids of the examples, in its usual form.
const DASHED: &str = "-0000-4000-8000-000000000001";

fn has(example: &Example, text: &str) -> bool {
    example.text.contains(text)
}

fn refused(example: &Example, reason: &str) -> bool {
    example.understood.iter().any(|it| it.strip_prefix("refused: ") == Some(reason))
}

fn has_refused_item(example: &Example) -> bool {
    example.understood.iter().any(|it| it.starts_with("refused: "))
}

/// Returns whether `callboard inspect` keeps a member of an example for this reason.
fn keeps(example: &Example, reason: KeptReason) -> bool {
    understood::kept_members(example).iter().any(|(_, found)| *found == reason)
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

/// Returns whether `is` holds for any member at any depth.
fn any_member(value: &Value, is: &dyn Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| is(name, value) || any_member(value, is)),
        Value::Array(items) => items.iter().any(|it| any_member(it, is)),
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
