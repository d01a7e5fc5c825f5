//! Tests of the findings in texts, and that watching a reading does not change it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::watch::watch;
use super::*;
use crate::floor::Fact;
use crate::graph;

fn inspect_all(text: &str) -> Vec<InspectedItem> {
    let mut items = Vec::new();
    inspect(text, &mut |found| match found {
        TextFinding::Item(item) => items.push(item),
        TextFinding::Broken(broken) => panic!("{broken:?} in {text}"),
    });
    items
}

fn inspect_one(value: &Value) -> InspectedItem {
    let [item] = inspect_all(&value.to_string()).try_into().unwrap();
    item
}

fn pointer(path: &[PathStep]) -> String {
    path.iter().fold(String::new(), |out, step| match step {
        PathStep::Member(name) => format!("{out}/{}", name.replace('~', "~0").replace('/', "~1")),
        PathStep::Item(at) => format!("{out}/{at}"),
    })
}

impl InspectedItem {
    fn member(&self, at: &str) -> &InspectedMember {
        let found = self.members.iter().find(|it| pointer(&it.path) == at);
        found.unwrap_or_else(|| panic!("no {at} in {:#?}", self.members))
    }

    fn reads(&self, at: &str) -> (String, Option<&str>, &MemberState) {
        let member = self.member(at);
        (member.read_as.to_string(), member.value.as_deref(), &member.state)
    }
}

fn roster() -> Value {
    json!({"@odata.type": "#microsoft.graph.commsNotification", "changeType": "Updated",
    "resourceUrl": "/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896/participants",
    "resourceData": [{
        "@odata.type": "#microsoft.graph.participant", "id": "2765eb15-01f8-47c6-b12b-c32111a4a86f",
        "info": {"identity": {"@odata.type": "#microsoft.graph.communicationsIdentitySet",
                              "user": {"displayName": "Bob", "id": "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96"}}},
        "mediaStreams": [{"mediaType": "hologram", "label": "main-audio", "direction": "inactive"}],
        "isMuted": "true", "isInLobby": null, "novel": {"a": [1]},
    }]})
}

fn operation() -> Value {
    let call = "communications/calls/57dab8b1-894c-409a-b240-bd8beae78896";
    json!({"changeType": "deleted", "resourceUrl": format!("{call}/operations/0fe0623f-d628-42ed-b4bd-8ac290072cc5"),
        "resourceData": {"@odata.type": "#microsoft.graph.inviteParticipantsOperation", "@odata.etag": "W/\"54451\"",
            "clientContext": "d45324c1", "status": "completed", "resultInfo": {"code": "200", "subCode": 0, "message": "ok"},
            "participants": [{"identity": {"user": {"id": "u1", "novel": 1}}, "hidden": false}, "p2"]}})
}

#[test]
fn each_member_has_its_type() {
    let item = roster();
    let item = inspect_one(&json!({"@odata.type": "#microsoft.graph.commsNotifications", "value": [item]}));
    assert_eq!((item.kind, item.used, item.line), (JsonKind::Envelope, true, 1));
    assert!(item.says[1].contains("roster of 1 person"), "{:?}", item.says);
    let known = MemberState::Understood;
    let person = "/value/0/resourceData/0";
    assert_eq!(item.reads("/value/0/changeType"), ("changeType".to_owned(), Some("Updated"), &known));
    assert_eq!(item.reads("/value/0"), ("commsNotification".to_owned(), None, &known));
    assert_eq!(item.reads("/value/0/resourceData"), ("list".to_owned(), Some("1"), &known));
    assert_eq!(item.reads(person), ("participant".to_owned(), None, &known));
    assert_eq!(item.reads(&format!("{person}/isMuted")), ("flag".to_owned(), Some("true"), &known));
    assert_eq!(item.reads(&format!("{person}/isInLobby")).1, Some("null"));
    assert_eq!(item.reads(&format!("{person}/id")).0, "id");
    let media = item.reads(&format!("{person}/mediaStreams/0/mediaType"));
    assert_eq!((&*media.0, media.2), ("modality", &MemberState::Kept(KeptReason::UnknownWord)));
    let novel = item.reads(&format!("{person}/novel"));
    assert_eq!((&*novel.0, novel.1), ("unknown member", Some(r#"{"a":[1]}"#)));
    assert_eq!(novel.2, &MemberState::Kept(KeptReason::UnknownMember));
    let direction = item.member(&format!("{person}/mediaStreams/0/direction"));
    assert!(direction.note.as_ref().unwrap().contains("maybe on hold"));
    let named = item.member(&format!("{person}/info/identity/@odata.type"));
    assert_eq!((named.note.as_deref(), &named.state), (Some("read as identitySet"), &MemberState::Annotation));
    // Members are in the order of the text.
    let at = |path: &str| item.members.iter().position(|it| pointer(&it.path) == path).unwrap();
    let order = [at("/value/0/changeType"), at(person), at(&format!("{person}/novel")), at("/value/0/resourceUrl")];
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn every_wrong_member_has_its_position() {
    let text = r#"{"changeType": "updated",
  "resourceUrl": "/communications/calls/c1/participants",
  "resourceData": [
    {"id": "p1", "isMuted": "maybe", "isInLobby": 7, "info": {"region": "westus"}},
    {"id": "p2", "mediaStreams": "none"}
  ]}"#;
    let [item] = inspect_all(text).try_into().unwrap();
    assert!(
        !item.used && item.says[0].contains("without /resourceData/0/isInLobby, /resourceData/0/isMuted"),
        "{:?}",
        item.says
    );
    for (at, places, said) in [
        ("/resourceData/0/isMuted", (4, 35), "maybe"),
        ("/resourceData/0/isInLobby", (4, 51), "true, false"),
        ("/resourceData/1/mediaStreams", (5, 39), "sequence"),
    ] {
        let MemberState::Wrong { says, line, column } = &item.member(at).state else { panic!("{at} is wrong") };
        assert!(says.contains(said), "{says}");
        assert_eq!((*line, *column), places, "{at}: {says}");
    }
    assert_eq!(item.reads("/resourceData/0/info/region").2, &MemberState::Understood);
    assert_eq!(item.reads("/resourceData/1/id").2, &MemberState::Understood);
    let twice = inspect_all(r#"{"error": {"code": "8522", "code": "8523", "message": "gone"}}"#).remove(0);
    assert!(
        matches!(&twice.member("/error/code").state, MemberState::Wrong { says, .. } if says.contains("duplicate"))
    );
}

#[test]
fn a_record_is_read_together_with_its_content() {
    let item = roster();
    let body = json!({"@odata.type": "#microsoft.graph.muteParticipantOperation", "id": "o1", "status": "completed", "new": 1});
    let lines = [
        json!({"at": 1, "notification": item, "index": 0}),
        json!({"at": 2, "answered": {"ticket": "t", "outcome": {"replied": {"status": 200, "body": body}}, "took": 3}}),
        json!({"at": 3, "observed": {"call": "c1", "read": {"participants": [{"id": "p1"}]}}}),
        json!({"at": 4, "noted": "opened"}),
        json!({"at": 5, "noted": {"gap": {"reason": "slow"}}}),
    ];
    let text = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let items = inspect_all(&text);
    assert_eq!(items.iter().map(|it| it.line).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(items.iter().all(|it| it.kind == JsonKind::Record && it.used), "{items:#?}");
    assert_eq!(items[0].reads("/notification/resourceData/0/isMuted").0, "flag");
    assert_eq!(items[1].reads("/answered/outcome/replied/body/status").0, "operationStatus");
    let new = items[1].reads("/answered/outcome/replied/body/new");
    assert_eq!(new.2, &MemberState::Kept(KeptReason::UnknownMember));
    assert_eq!(items[2].reads("/observed/read/participants/0/id").0, "id");
}

/// Another value of the same kind.
fn other(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.parse::<i64>().is_ok() || text == "true" => None,
        Value::String(text) => Some(json!(format!("{text}x"))),
        Value::Bool(flag) => Some(json!(!flag)),
        Value::Number(number) => Some(json!(number.as_i64()? + 1)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[test]
fn only_understood_members_affect_the_reading() {
    let mut tried = 0;
    for item in [roster(), operation()] {
        let before = graph::read(&item.to_string()).unwrap();
        for member in inspect_one(&item).members {
            let at = pointer(&member.path);
            let mut changed = item.clone();
            let Some(value) = changed.pointer_mut(&at) else { panic!("{at} is not in {item}") };
            let ignored = match member.state {
                MemberState::Understood => false,
                MemberState::Annotation => true,
                MemberState::Kept(reason) => reason == KeptReason::UnknownMember,
                MemberState::Wrong { .. } => panic!("{at} is wrong"),
            };
            // The type of the data decides how it is read: another type would be another kind.
            let Some(another) = other(value).filter(|_| !at.ends_with("@odata.type")) else { continue };
            *value = another;
            let after = graph::read(&changed.to_string());
            assert_eq!(after.as_ref() == Ok(&before), ignored, "{at}: {after:?}");
            tried += 1;
        }
    }
    assert!(tried >= 19, "{tried}");
}

fn json_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z]{0,4}", any::<String>(), Just("main-audio".to_owned()), Just("200".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    let name = prop_oneof![
        Just("resourceData".to_owned()),
        Just("isMuted".to_owned()),
        Just("value".to_owned()),
        Just("error".to_owned()),
        Just("@odata.type".to_owned()),
        Just("body".to_owned()),
        Just("method".to_owned()),
        Just("at".to_owned()),
        any::<String>(),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

/// Returns a good notification with one value replaced.
fn spoiled() -> impl Strategy<Value = String> {
    (0_usize..2, any::<prop::sample::Index>(), json_value()).prop_map(|(which, at, value)| {
        let mut item = if which == 0 { roster() } else { operation() };
        let places: Vec<String> = inspect_one(&item).members.iter().map(|it| pointer(&it.path)).collect();
        *item.pointer_mut(&places[at.index(places.len())]).unwrap() = value;
        item.to_string()
    })
}

fn drawn(text: &str) -> String {
    let mut out = String::new();
    let mut count = MemberCounts::default();
    inspect(text, &mut |found| {
        count.add(&found);
        out.push_str(&page(&found));
    });
    out + &summary(&count)
}

proptest! {
    /// A watched reading has the same result as an unwatched one, so findings agree with the floor.
    #[test]
    fn watching_changes_nothing(text in spoiled()) {
        let start = TextPosition { line: 1, column: 1 };
        let (watched, members) = watch(&text, start, |log| graph::read_by(log, &text));
        let wrong = members.iter().any(|it| matches!(it.state, MemberState::Wrong { .. }));
        prop_assert!(watched.is_err() || !wrong, "{members:?}");
        // What the floor reads only in part is wrong here.
        let read = graph::read(&text).map_err(|it| it.reason);
        if read.as_ref().is_ok_and(|it| !it.unreadable.is_empty()) {
            prop_assert!(watched.is_err());
        } else {
            prop_assert_eq!(watched.map_err(|it| it.reason), read);
        }
        let record = format!("{{\"at\":1,\"notification\":{text}}}");
        let (watched, _) = watch(&record, start, |log| Fact::decode_by(log, &record).is_ok());
        prop_assert_eq!(watched, Fact::decode(&record).is_ok());
    }

    #[test]
    fn no_text_panics_or_prints_control_characters(text in prop_oneof![any::<String>(), json_value().prop_map(|it| it.to_string()), spoiled()]) {
        let shown = drawn(&text);
        let harmful = |letter: char| (letter.is_control() && letter != '\n') || ('\u{202a}'..='\u{202e}').contains(&letter);
        prop_assert!(!shown.contains(harmful), "{shown:?}");
    }

    #[test]
    fn a_truncated_text_is_broken_at_its_end(cut in 1_usize..400) {
        let text = roster().to_string();
        let part = text.get(..cut.min(text.len() - 1)).unwrap();
        let mut broken = None;
        inspect(part, &mut |found| if let TextFinding::Broken(it) = found { broken = Some(it) });
        let broken = broken.unwrap();
        prop_assert_eq!(broken.line, 1);
        prop_assert!(broken.column.abs_diff(part.chars().count()) <= 1, "{:?}", broken);
    }
}

#[test]
fn broken_json_is_shown_at_its_place() {
    let text = "{\"at\": 1, \"noted\": \"opened\"}\n{\"at\": 2, \"noted\": \u{1b}[2J}\n";
    let shown = drawn(text);
    assert!(shown.contains("Line 2, column 20: not JSON") && shown.contains("\"noted\": \u{FFFD}[2J}"), "{shown}");
    let lines: Vec<&str> = shown.lines().collect();
    let caret = lines.iter().position(|it| it.trim() == "^").unwrap();
    assert_eq!(lines[caret].find('^'), lines[caret - 1].find('\u{FFFD}'), "{shown}");
    assert!(drawn("<html>").contains("web page"));
    assert!(drawn("").contains("no text at all"));
}

#[test]
fn secrets_are_not_shown() {
    let shown = drawn(
        r##"{"@odata.type": "#microsoft.graph.recordOperation", "status": "completed", "recordingAccessToken": "s3cret"}"##,
    );
    assert!(!shown.contains("s3cret") && shown.contains("***"), "{shown}");
}

#[test]
fn deep_and_long_texts_are_read() {
    let deep = format!("{}1{}", "{\"body\":".repeat(50_000), "}".repeat(50_000));
    drawn(&deep);
    drawn(&"[".repeat(100_000));
    let many: Vec<Value> = (0..2_000).map(|at| json!({"id": format!("p{at}"), "isMuted": at})).collect();
    let item = inspect_one(
        &json!({"changeType": "updated", "resourceUrl": "/app/calls/c1/participants", "resourceData": many}),
    );
    assert!(!item.used && item.members.iter().any(|it| matches!(it.state, MemberState::Wrong { .. })));
}
