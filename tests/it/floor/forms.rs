//! Every form that `src/graph` knows has an example in `tests/data`, and the index names every example. Where
//! `CALLBOARD_OPENAPI` names Graph's own description of the calls API, none of its paths and words is unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use callboard::graph::{
    CallAction, CallDirection, CallState, CallTranscriptionState, ChangeType, CommsOperationStatus, EndpointType,
    GraphAction, IdentityKind, MediaDirection, MediaState, Method, Modality, NotifiedResource, OperationKind,
    ParticipantAction, RecordingStatus, RejectCallReason, RejectReason, Route, RoutingMode, RoutingType,
    ScreenSharingRole, Tone,
};
use serde::Deserialize;
use serde::de::value::Error;
use serde::de::{Deserializer, Visitor};
use serde_json::Value;

use crate::support::examples::{self, Example, Kind};
use crate::support::{outside, understood};

/// Asks a type for its name and the words that it knows; reads nothing.
struct Asks<'a>(&'a mut String);

impl<'de> Deserializer<'de> for Asks<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str("")
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        name.clone_into(self.0);
        visitor.visit_str("")
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// Returns an open enum's name, as `callboard inspect` has it, and its words in lower case.
fn words<T: for<'de> Deserialize<'de>>() -> (String, BTreeSet<String>) {
    let mut text = String::new();
    T::deserialize(Asks(&mut text)).unwrap_or_else(|error| panic!("{error}"));
    let (name, words) = text.split_once('|').unwrap();
    (name[..1].to_lowercase() + &name[1..], words.split('|').map(str::to_lowercase).collect())
}

/// Every open enum of the calls API.
fn enums() -> BTreeMap<String, BTreeSet<String>> {
    BTreeMap::from([
        words::<CallDirection>(),
        words::<CallState>(),
        words::<CallTranscriptionState>(),
        words::<ChangeType>(),
        words::<EndpointType>(),
        words::<MediaDirection>(),
        words::<MediaState>(),
        words::<Modality>(),
        words::<OperationKind>(),
        words::<CommsOperationStatus>(),
        words::<RecordingStatus>(),
        words::<RejectCallReason>(),
        words::<RoutingMode>(),
        words::<RoutingType>(),
        words::<ScreenSharingRole>(),
        words::<Tone>(),
    ])
}

#[test]
fn every_example_is_in_the_index_and_every_file_is_an_example() {
    let named: Vec<String> = examples::own().examples.into_iter().map(|it| it.file).collect();
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(examples::folder())
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_dir() && !["written", "clock", "faults"].iter().any(|other| it.ends_with(other)))
    {
        for file in std::fs::read_dir(&folder).unwrap() {
            let folder = folder.file_name().unwrap().to_string_lossy();
            files.insert(format!("{folder}/{}", file.unwrap().file_name().to_string_lossy()));
        }
    }
    let once: BTreeSet<String> = named.iter().cloned().collect();
    let (unnamed, missing): (Vec<_>, Vec<_>) = (files.difference(&once).collect(), once.difference(&files).collect());
    assert!(unnamed.is_empty() && missing.is_empty(), "not in the index: {unnamed:?}; not a file: {missing:?}");
    assert_eq!(named.len(), once.len(), "an example is named twice");
}

#[test]
fn every_example_has_a_purpose() {
    let mut forms = BTreeSet::new();
    let mut faults = Vec::new();
    for Example { file, kind, heading, form, understood, text, .. } in examples::own().examples {
        let folder = match kind {
            Kind::Notification => "notifications/",
            Kind::Answer => "answers/",
            Kind::Request => "requests/",
            Kind::Sequence => "sequences/",
        };
        let heading = heading
            .split_once(' ')
            .is_some_and(|(number, title)| number.starts_with(|it: char| it.is_ascii_digit()) && !title.is_empty());
        // What is refused may be anything; every other file is JSON.
        let whole = file.ends_with(".txt") || serde_json::from_str::<Value>(&text).is_ok();
        let says = !form.is_empty() && (!understood.is_empty() || file.contains("envelope-empty"));
        if !(file.starts_with(folder) && heading && whole && says && forms.insert((folder, form))) {
            faults.push(file);
        }
    }
    assert!(faults.is_empty(), "no folder, heading, JSON, form of its own or understanding: {faults:?}");
}

#[test]
fn every_enum_value_has_an_example() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for example in examples::own().examples {
        let members = example.body().map(|it| understood::inspected_members(&it)).unwrap_or_default();
        for member in members {
            if let (Some(value), Some(name)) = (member.value, member.read_as.name()) {
                seen.entry(name.to_owned()).or_default().insert(value.to_lowercase());
            }
        }
    }
    let none = BTreeSet::new();
    let mut missing = Vec::new();
    for (name, words) in enums() {
        let seen = seen.get(&name).unwrap_or(&none);
        missing.extend(words.difference(seen).map(|word| format!("{name} {word}")));
    }
    assert!(missing.is_empty(), "without an example: {missing:?}");
}

/// Asserts that each of `all` was seen.
fn assert_seen<T: Ord + fmt::Debug>(seen: &BTreeSet<T>, all: &[T]) {
    let missing: Vec<&T> = all.iter().filter(|it| !seen.contains(it)).collect();
    assert!(missing.is_empty(), "without an example: {missing:?}");
}

#[test]
fn every_kind_of_resource_refusal_and_identity_has_an_example() {
    // A new variant stops the build here: it belongs into its list below.
    let resource = |it: &NotifiedResource| match it {
        NotifiedResource::Call(_) => "call",
        NotifiedResource::Roster(_) => "roster",
        NotifiedResource::Delta(_) => "delta",
        NotifiedResource::Operation(Some(_), _) => "operation",
        NotifiedResource::Operation(None, _) => "operation without id",
        NotifiedResource::ContentSharing(_) => "content sharing",
        NotifiedResource::Joining(_) => "joining",
        NotifiedResource::Left(_) => "left",
    };
    let refusal = |it: RejectReason| match it {
        RejectReason::Syntax => "syntax",
        RejectReason::Envelope => "envelope",
        RejectReason::Address => "address",
        RejectReason::Type => "type",
        RejectReason::Shape => "shape",
    };
    let (mut resources, mut refusals, mut identities) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for example in examples::own().examples.iter().filter(|it| it.kind == Kind::Notification) {
        for read in understood::notifications(&example.text) {
            match read {
                Ok(it) => {
                    resources.insert(resource(&it.resource));
                    if let NotifiedResource::Roster(people) = it.resource {
                        let sets = people.into_iter().filter_map(|it| it.info?.identity);
                        identities.extend(sets.filter_map(|it| it.principal().map(|(kind, _)| kind)));
                    }
                }
                Err(reject) => drop(refusals.insert(refusal(reject.reason))),
            }
        }
    }
    let all = ["call", "roster", "delta", "operation", "operation without id", "content sharing", "joining", "left"];
    assert_seen(&resources, &all);
    assert_seen(&refusals, &["syntax", "envelope", "address", "type", "shape"]);
    let all = [
        IdentityKind::User,
        IdentityKind::Guest,
        IdentityKind::Phone,
        IdentityKind::Application,
        IdentityKind::ApplicationInstance,
        IdentityKind::Device,
        IdentityKind::OnPremises,
        IdentityKind::Encrypted,
        IdentityKind::AzureCommunicationServicesUser,
        IdentityKind::Asserted,
    ];
    assert_seen(&identities, &all);
}

#[test]
fn every_path_and_act_has_a_request_and_every_request_an_answer() {
    let (mut routes, mut acts, mut calls, mut people) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for example in examples::own().examples {
        let json = example.json();
        let Some(path) = json["path"].as_str() else { continue };
        let method: Method = serde_json::from_value(json["method"].clone()).unwrap();
        let Some(found) = Route::parse(path) else { continue };
        if example.kind == Kind::Answer {
            let success = json["status"].as_u64().is_some_and(|it| it < 300);
            answered.extend(success.then(|| (method, found.to_string())));
            continue;
        }
        acts.extend(GraphAction::of(method, &found).as_ref().map(act));
        match found {
            Route::CallAction(_, action) => drop(calls.insert(action)),
            Route::ParticipantAction(_, _, action) => drop(people.insert(action)),
            _ => {}
        }
        routes.insert(route(&found));
        asked.insert((method, found.to_string()));
    }
    assert_seen(&calls, CallAction::ALL);
    assert_seen(&people, ParticipantAction::ALL);
    assert_seen(&routes, &ROUTES);
    assert_seen(&acts, &ACTS);
    // Operations are listed in the metadata alone: no page shows the answer.
    asked.retain(|(_, path)| !path.ends_with("/operations"));
    assert_eq!(asked, answered, "requests, and the paths of the answers");
}

const ROUTES: [&str; 14] = [
    "calls",
    "quality",
    "call",
    "call action",
    "participants",
    "invite",
    "participant",
    "participant action",
    "operations",
    "operation",
    "sharing sessions",
    "sharing session",
    "audio groups",
    "audio group",
];

fn route(it: &Route) -> &'static str {
    match it {
        Route::Calls => "calls",
        Route::LogTeleconferenceDeviceQuality => "quality",
        Route::Call(_) => "call",
        Route::CallAction(..) => "call action",
        Route::Participants(_) => "participants",
        Route::Invite(_) => "invite",
        Route::Participant(..) => "participant",
        Route::ParticipantAction(..) => "participant action",
        Route::Operations(_) => "operations",
        Route::Operation(..) => "operation",
        Route::ContentSharingSessions(_) => "sharing sessions",
        Route::ContentSharingSession(..) => "sharing session",
        Route::AudioRoutingGroups(_) => "audio groups",
        Route::AudioRoutingGroup(..) => "audio group",
    }
}

const ACTS: [&str; 12] = [
    "mute self",
    "unmute self",
    "mute",
    "hold",
    "release",
    "remove",
    "hang up",
    "keep alive",
    "get call",
    "list participants",
    "get participant",
    "get operation",
];

fn act(it: &GraphAction) -> &'static str {
    match it {
        GraphAction::MuteSelf(_) => "mute self",
        GraphAction::UnmuteSelf(_) => "unmute self",
        GraphAction::MuteParticipant(..) => "mute",
        GraphAction::StartHoldMusic(..) => "hold",
        GraphAction::StopHoldMusic(..) => "release",
        GraphAction::RemoveParticipant(..) => "remove",
        GraphAction::HangUp(_) => "hang up",
        GraphAction::KeepAlive(_) => "keep alive",
        GraphAction::GetCall(_) => "get call",
        GraphAction::ListParticipants(_) => "list participants",
        GraphAction::GetParticipant(..) => "get participant",
        GraphAction::GetOperation(..) => "get operation",
    }
}

#[test]
fn graphs_description_has_no_unknown_path_or_enum_value() {
    const DESCRIPTION: &str = "CALLBOARD_OPENAPI";
    let Some(file) = std::env::var_os(DESCRIPTION) else {
        return outside::skipped(&format!("{DESCRIPTION} names no OpenAPI description of Graph's calls API"));
    };
    let text = std::fs::read_to_string(file).unwrap();
    let known = enums();
    let (mut paths, mut words, mut schema) = (0, 0, "");
    let mut faults = Vec::new();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("  /").and_then(|it| it.strip_suffix(':')) {
            paths += 1;
            let filled = path.replace(['{', '}'], "");
            if !path.ends_with("/$count") && Route::parse(&format!("/{filled}")).is_none() {
                faults.push(path.to_owned());
            }
        } else if let Some(name) = line.strip_prefix("    microsoft.graph.").and_then(|it| it.strip_suffix(':')) {
            schema = name;
            let kind = format!("#microsoft.graph.{name}").to_lowercase();
            if name.ends_with("Operation") && !known["operationKind"].contains(&kind) {
                faults.push(name.to_owned());
            }
        } else if let Some(word) = line.strip_prefix("      - ") {
            let name = if schema == "rejectReason" { "rejectCallReason" } else { schema };
            let Some(enumeration) = known.get(name).filter(|_| !word.starts_with("unknown")) else { continue };
            words += 1;
            if !enumeration.contains(&word.to_lowercase()) {
                faults.push(format!("{schema} {word}"));
            }
        }
    }
    assert!(paths > 25 && words > 60, "only {paths} paths and {words} words of ours in {DESCRIPTION}");
    assert!(faults.is_empty(), "not known: {faults:?}");
}
