//! What is understood of an example, as lines of text: every member that a type reads, and what it was read as.

use std::collections::BTreeMap;

use callboard::cli::inspect::{InspectedMember, KeptReason, MemberState, PathStep, ReadType, TextFinding, inspect};
use callboard::graph::{
    self, AudioRoutingGroup, Call, CallId, Collection, CommsOperation, ContentSharingSession, ErrorBody, GraphAction,
    ItemRejection, Method, Notification, NotifiedResource, Participant, Route,
};
use callboard::time::Millis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::examples::{Example, Kind};
use crate::support::journal_builder::History;

/// The types that a member may have one of several of; any other type is known by its place.
const CHOICES: [&str; 6] = ["Operation", "MediaConfig", "MeetingInfo", "CallOptions", "mediaPrompt", "mediaInfo"];

/// Returns what is understood of an example, with names for ids.
pub(crate) fn understood(example: &Example, ids: &BTreeMap<String, String>) -> Vec<String> {
    let json = example.json();
    let lines = match example.kind {
        Kind::Notification => notifications(&example.text).into_iter().flat_map(told).collect(),
        Kind::Answer => answer(json["status"].as_u64().unwrap(), &json["body"])
            .unwrap_or_else(|_unreadable| vec!["not read".to_owned()]),
        Kind::Request => request(&json),
        Kind::Sequence => sequence(&json),
    };
    let named = |line: String| ids.iter().fold(line, |line, (name, id)| line.replace(id.as_str(), name));
    lines.into_iter().map(named).collect()
}

/// Reads the body of a webhook as the relay does: an envelope, or else one bare item.
pub(crate) fn notifications(body: &str) -> Vec<Result<Notification, ItemRejection>> {
    match graph::envelope(body) {
        Ok(items) => items.into_iter().map(|item| graph::read(item.get())).collect(),
        Err(reject) => vec![graph::read(body).map_err(|_bare| reject)],
    }
}

fn told(read: Result<Notification, ItemRejection>) -> Vec<String> {
    let Notification { change, call, resource, unreadable } = match read {
        Ok(it) => it,
        Err(ItemRejection { reason, .. }) => return vec![format!("refused: {}", text(&serde_json::json!(reason)))],
    };
    let (what, members) = match resource {
        NotifiedResource::Call(part) => (format!("call{}", after(&part)), Vec::new()),
        NotifiedResource::Roster(people) => ("roster".to_owned(), each(&people)),
        NotifiedResource::Delta(delta) => {
            let number = delta.sequence_number.map_or_else(String::new, |it| format!(" {it}"));
            (format!("delta roster{number}"), each(&delta.participants))
        }
        NotifiedResource::Operation(id, operation) => {
            let id = id.map_or_else(|| "without id".to_owned(), |it| it.to_string());
            (format!("operation {id}{}", after(&operation)), Vec::new())
        }
        NotifiedResource::ContentSharing(sessions) => ("content sharing".to_owned(), each(&sessions)),
        NotifiedResource::Joining(call) => (format!("joining{}", after(&call)), Vec::new()),
        NotifiedResource::Left(who) => {
            (format!("left {}", who.map_or_else(String::new, |it| it.to_string())), Vec::new())
        }
    };
    let left_out = unreadable.iter().map(|it| format!("not readable: {}", it.place)).collect();
    [vec![format!("{change} {call}: {what}")], members, left_out].concat()
}

/// Returns what is understood of an answer, or why the type that its body should have cannot read it.
pub(crate) fn answer(status: u64, body: &Value) -> serde_json::Result<Vec<String>> {
    let kind = body["@odata.type"].as_str().unwrap_or_default();
    let of = |name: &str| kind.rsplit('.').next() == Some(name);
    let lines = match body {
        Value::Null => vec!["no body".to_owned()],
        Value::String(_) => vec!["a text".to_owned()],
        _ if status >= 400 || body.get("error").is_some() => one::<ErrorBody>("", body)?,
        _ if kind.ends_with("Operation") || body.get("status").is_some() => one::<CommsOperation>("operation", body)?,
        _ if of("participant") => one::<Participant>("participant", body)?,
        _ if of("audioRoutingGroup") || body.get("routingMode").is_some() => {
            one::<AudioRoutingGroup>("audio routing group", body)?
        }
        _ if of("contentSharingSession") => one::<ContentSharingSession>("content sharing session", body)?,
        _ if body["value"].is_array() => match body["value"][0]["@odata.type"].as_str().unwrap_or_default() {
            it if it.ends_with("audioRoutingGroup") => list::<AudioRoutingGroup>("audio routing groups", body)?,
            it if it.ends_with("contentSharingSession") => list::<ContentSharingSession>("content sharing", body)?,
            _ => list::<Participant>("participants", body)?,
        },
        _ => one::<Call>("call", body)?,
    };
    Ok(lines.into_iter().map(|line| line.trim().to_owned()).collect())
}

fn one<T: DeserializeOwned + Serialize>(what: &str, body: &Value) -> serde_json::Result<Vec<String>> {
    let read = graph::decode::<T>(&body.to_string())?;
    Ok(vec![what.to_owned() + &after(&read)])
}

fn list<T: DeserializeOwned + Serialize>(what: &str, body: &Value) -> serde_json::Result<Vec<String>> {
    let read = graph::decode::<Collection<T>>(&body.to_string())?;
    Ok([vec![what.to_owned()], each(&read.value)].concat())
}

fn request(json: &Value) -> Vec<String> {
    let method: Method = serde_json::from_value(json["method"].clone()).unwrap();
    let route = Route::parse(json["path"].as_str().unwrap());
    let asked = match &route {
        Some(route) if GraphAction::of(method, route).is_some() => format!("{} {route}, of the gate", method.as_str()),
        Some(route) => format!("{} {route}", method.as_str()),
        None => "no path of the calls API".to_owned(),
    };
    let leaf = |it: &&InspectedMember| {
        it.state == MemberState::Understood && !matches!(it.read_as, ReadType::List | ReadType::Null)
    };
    let members = inspected_members(&json["body"].to_string());
    let members = members.iter().filter(leaf).filter_map(|it| Some((place(&it.path), it.value.clone()?)));
    let members: Vec<_> = members.map(|(place, value)| format!("{place}={}", text(&Value::String(value)))).collect();
    [Some(asked), (!members.is_empty()).then(|| members.join(" "))].into_iter().flatten().collect()
}

/// Folds a sequence, and says what the floor shows after it: the call, then its people.
fn sequence(json: &Value) -> Vec<String> {
    let mut history = History::default();
    let mut calls: Vec<CallId> = Vec::new();
    for step in json.as_array().unwrap() {
        history.later(millis(step["after"].as_str().unwrap()));
        for item in step["body"]["value"].as_array().unwrap() {
            calls.push(graph::read(&item.to_string()).unwrap().call);
            history.notified(item);
        }
    }
    calls.sort();
    calls.dedup();
    let told = |it: &CallId| match history.floor.call(it) {
        Some(call) => shown(&serde_json::to_value(call).unwrap()),
        None => vec![format!("call {it}: not on the floor")],
    };
    calls.iter().flat_map(told).collect()
}

fn shown(call: &Value) -> Vec<String> {
    let said = ["kind", "subject", "connected", "ended", "result", "doubt", "rosterSequence"];
    let said = said.iter().filter_map(|name| Some((name, call.get(name).filter(|it| !it.is_null())?)));
    let said = said.map(|(name, value)| format!("{name}={}", text(value)));
    let said: Vec<_> = std::iter::once(text(&call["state"])).chain(said).collect();
    let mut lines = vec![format!("call {}: {}", text(&call["id"]), said.join(" "))];
    for person in call["people"].as_object().unwrap().values() {
        let flags = ["muted", "left", "hold"].iter().filter_map(|name| {
            let value = &person[name];
            (!matches!(value, Value::Null | Value::Bool(false))).then(|| match value.get("source") {
                Some(source) => format!(", {name} {}", text(source)),
                None if value.is_number() => format!(", {name} at {value}"),
                None => format!(", {name}"),
            })
        });
        lines.push(format!("- {}{}", text(&person["name"]), flags.collect::<String>()));
    }
    lines
}

fn millis(text: &str) -> i64 {
    let (number, unit) = text.split_at(text.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        _ => 3_600,
    };
    Millis::seconds(number.parse::<i64>().unwrap() * seconds).0
}

/// Returns the members that are kept but not understood, as `callboard inspect` sees them; each place once.
pub(crate) fn kept(example: &Example, ids: &BTreeMap<String, String>) -> Vec<String> {
    let lines = kept_members(example).into_iter().map(|(member, reason)| {
        let place = place(&member.path);
        match reason {
            KeptReason::UnknownMember => place,
            // Taken whole, because what it belongs to was refused, or because no type looks into it.
            KeptReason::Unparsed => format!("{place}=JSON"),
            KeptReason::UnknownWord | KeptReason::InvalidId => {
                format!("{place}={}", text(&Value::String(member.value.unwrap_or_default())))
            }
        }
    });
    lines.map(|line| ids.iter().fold(line, |line, (name, id)| line.replace(id.as_str(), name))).collect()
}

/// Returns the members of an example that are kept but not understood, each with the reason.
pub(crate) fn kept_members(example: &Example) -> Vec<(InspectedMember, KeptReason)> {
    let members = example.body().map(|it| inspected_members(&it)).unwrap_or_default();
    let kept = |member: InspectedMember| match member.state {
        MemberState::Kept(reason) => Some((member, reason)),
        MemberState::Understood | MemberState::Annotation | MemberState::Wrong { .. } => None,
    };
    members.into_iter().filter_map(kept).collect()
}

/// Returns the members that `callboard inspect` finds in a text.
pub(crate) fn inspected_members(text: &str) -> Vec<InspectedMember> {
    let mut members = Vec::new();
    inspect(text, &mut |found| {
        if let TextFinding::Item(item) = found {
            members.extend(item.members);
        }
    });
    members
}

fn place(path: &[PathStep]) -> String {
    let step = |it: &PathStep| match it {
        PathStep::Member(name) => name.clone(),
        PathStep::Item(at) => at.to_string(),
    };
    path.iter().map(step).collect::<Vec<_>>().join(".")
}

fn each<T: Serialize>(all: &[T]) -> Vec<String> {
    all.iter().map(|it| format!("-{}", after(it))).collect()
}

/// Every member of a value, with a space before each.
fn after<T: Serialize>(value: &T) -> String {
    let mut members = vec![String::new()];
    flatten(&serde_json::to_value(value).unwrap(), "", &mut members);
    members.join(" ")
}

fn flatten(value: &Value, place: &str, out: &mut Vec<String>) {
    let within = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        Value::Null => {}
        Value::Object(members) => members.iter().for_each(|(name, value)| flatten(value, &within(name), out)),
        Value::Array(items) if items.is_empty() => out.push(format!("{place}=[]")),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            out.push(format!("{place}={}", items.iter().map(text).collect::<Vec<_>>().join(",")));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(at, it)| flatten(it, &within(&at.to_string()), out)),
        Value::String(kind) if place.ends_with("@odata.type") => {
            if CHOICES.iter().any(|it| kind.ends_with(it)) {
                let kind = kind.trim_start_matches("#microsoft.graph.");
                out.push(format!("{}={kind}", place.replace("@odata.", "")));
            }
        }
        value => out.push(format!("{place}={}", text(value))),
    }
}

/// A value as text: bare where that is one word, else in quotes.
fn text(value: &Value) -> String {
    match value.as_str() {
        Some(word) if !word.is_empty() && word.chars().all(|it| it.is_ascii_graphic() && it != '"') => word.to_owned(),
        Some(words) => format!("{words:?}"),
        None => value.to_string(),
    }
}
