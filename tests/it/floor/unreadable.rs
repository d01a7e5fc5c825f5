//! A member of a wrong kind affects what derives from it, and nothing else.

use callboard::floor::{Act, Fact, GraphReading, ReceivedItem, Uncertainty};
use callboard::graph::{CallId, ParticipantId, envelope, read};
use serde_json::{Value, json};

use crate::support::examples::{self, Kind};
use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person, raw};

/// Members without which it is not known which call an item is about.
const ADDRESSES: [&str; 3] = ["/resourceUrl", "/resource", "/call/id"];

/// Every place in a value, as a JSON pointer, with a value of another kind for it.
fn corruptions(value: &Value, place: &str, found: &mut Vec<(String, Value)>) {
    if !place.is_empty() {
        found.push((
            place.to_owned(),
            match value {
                Value::Null => return,
                Value::Bool(_) => json!("maybe"),
                Value::Number(_) => json!("a number"),
                Value::String(_) => json!({"odd": [1]}),
                Value::Array(_) | Value::Object(_) => json!(7),
            },
        ));
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                corruptions(value, &format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                corruptions(value, &format!("{place}/{at}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The floor without its doubts, its counts, its event log, and when each call was last heard of.
fn certain(history: &History) -> Value {
    fn erase(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["doubt", "unreadable", "counts", "lines", "heard"] {
                    members.remove(name);
                }
                members.values_mut().for_each(erase);
            }
            Value::Array(items) => items.iter_mut().for_each(erase),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut floor = serde_json::to_value(&history.floor).unwrap();
    erase(&mut floor);
    floor
}

/// The items of every example of a notification, our own and the documented ones.
fn items() -> Vec<(String, Value)> {
    let own = examples::own().examples.into_iter().filter(|it| it.kind == Kind::Notification);
    let mut bodies: Vec<(String, String)> = own.map(|it| (it.file.clone(), it.text)).collect();
    for example in examples::documented().into_iter().flatten() {
        // Change notifications of meeting call events are another stream, which this API does not carry.
        if example.json["kind"] == "notification" && !example.name.starts_with("meeting-call-events") {
            bodies.push((example.name, example.json["body"].to_string()));
        }
    }
    let items = bodies.into_iter().flat_map(|(name, body)| {
        let items: Vec<Value> = match envelope(&body) {
            Ok(items) => items.into_iter().map(|it| serde_json::from_str(it.get()).unwrap_or_default()).collect(),
            Err(_) => serde_json::from_str(&body).into_iter().collect(),
        };
        items.into_iter().map(move |it| (name.clone(), it))
    });
    items.filter(|(_, item)| read(&item.to_string()).is_ok_and(|it| it.unreadable.is_empty())).collect()
}

#[test]
fn a_member_of_a_wrong_kind_changes_nothing_that_is_known() {
    let items = items();
    assert!(items.len() > 40, "only {} items", items.len());
    let mut left_out = 0;
    for (name, item) in items {
        let mut whole = History::default();
        whole.notified(&item).later(1_000).notified(&item);
        let whole = certain(&whole);
        let mut places = Vec::new();
        corruptions(&item, "", &mut places);
        for (place, odd) in places {
            let mut corrupted = item.clone();
            *corrupted.pointer_mut(&place).unwrap() = odd;
            let Ok(read) = read(&corrupted.to_string()) else {
                // A recorder's item has its call in it, and only its type says so.
                let is_address = ADDRESSES.contains(&place.as_str()) || place == "/call";
                let is_recorders = place == "/@odata.type" && item.get("call").is_some();
                assert!(is_address || is_recorders, "{name}: {place} is rejected: {corrupted}");
                continue;
            };
            // Another address may be a different call's.
            if ADDRESSES.contains(&place.as_str()) {
                continue;
            }
            left_out += read.unreadable.len();
            let mut partly = History::default();
            partly.notified(&item).later(1_000).notified(&corrupted);
            // The reason of an end is a text of all its members, and the type of the data says what the item means.
            if !place.starts_with("/resourceData/resultInfo") && place != "/resourceData/@odata.type" {
                assert_eq!(whole, certain(&partly), "{name}: {place}");
            }
            if read.unreadable.is_empty() {
                continue;
            }
            let counted = partly.floor.counts().unreadable;
            assert_eq!(counted, u64::try_from(read.unreadable.len()).unwrap(), "{name}: {place}");
            let call = partly.floor.call(&read.call).unwrap();
            assert!(
                call.doubt.is_some() || !call.is_live(),
                "{name}: the relay must read the call again after {place}"
            );
        }
    }
    assert!(left_out > 100, "only {left_out} members were left out");
}

/// A call with Ada, Bob and the application.
fn seated() -> History {
    let mut history = History::default();
    history.call_said("created", &json!({"state": "established", "myParticipantId": ME}));
    let people = [person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob")];
    history.roster(&people).observed(GraphReading::Participants(raw(&json!(people))));
    history
}

fn somebody<'a>(history: &'a History, id: &str) -> &'a callboard::floor::Person {
    let call = history.floor.call(&CallId::new(CALL).unwrap()).unwrap();
    &call.people[&ParticipantId::new(id).unwrap()]
}

fn doubt(history: &History) -> Option<Uncertainty> {
    history.floor.call(&CallId::new(CALL).unwrap()).unwrap().doubt
}

#[test]
fn one_unreadable_member_makes_that_person_doubtful_and_the_others_are_up_to_date() {
    let mut history = seated();
    let odd = [
        person(ME, "Callboard"),
        but(person(ADA, "Ada"), &json!({"isMuted": true})),
        but(person(BOB, "Bob"), &json!({"isMuted": "maybe", "isInLobby": true})),
    ];
    history.later(1_000).roster(&odd);
    assert!(somebody(&history, ADA).muted && somebody(&history, ADA).unreadable.is_none());
    let bob = somebody(&history, BOB);
    assert!(!bob.muted && bob.lobby.is_some(), "what is readable is applied");
    assert_eq!(bob.unreadable.as_deref(), Some("isMuted"));
    assert_eq!((doubt(&history), history.floor.counts().unreadable), (Some(Uncertainty::Unreadable), 1));
    assert_eq!(history.floor.doubtful().count(), 1, "the relay reads the call");
    // Graph says the same to the relay: the call is read, and Bob stays doubtful.
    history.later(1_000).observed(GraphReading::Participants(raw(&json!(odd))));
    let unreadable = Some(Uncertainty::Unreadable);
    assert_eq!((doubt(&history), somebody(&history, BOB).unreadable.as_deref()), (unreadable, Some("isMuted")));
    assert_eq!(history.floor.doubtful().count(), 0, "reading it again would say the same");
    history.later(1_000).roster(&[person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob")]);
    assert_eq!(somebody(&history, BOB).unreadable.as_deref(), None);
    assert_eq!(history.floor.doubtful().count(), 1, "there is news, so it is read once more");
    history.observed(GraphReading::Participants(raw(&json!([person(ME, "Callboard"), person(BOB, "Bob")]))));
    assert_eq!(doubt(&history), None);
}

#[test]
fn an_unreadable_id_removes_nobody() {
    for odd in
        [json!({"id": {"odd": 1}, "isMuted": true}), json!(7), json!({"id": "bob/x"}), json!({"id": "bob\u{fffd}"})]
    {
        let mut history = seated();
        let people = [person(ME, "Callboard"), person(ADA, "Ada"), odd];
        history.later(1_000).roster(&people);
        assert!(somebody(&history, BOB).left.is_none() && doubt(&history) == Some(Uncertainty::Unreadable));
        history.later(1_000).observed(GraphReading::Participants(raw(&json!(people))));
        assert!(somebody(&history, BOB).left.is_none() && doubt(&history) == Some(Uncertainty::Unreadable));
        history.later(1_000).roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
        assert!(somebody(&history, BOB).left.is_some());
    }
}

#[test]
fn half_a_surrogate_pair_in_a_name_is_no_reason_for_doubt() {
    let mut history = seated();
    let item = json!({
        "changeType": "updated", "resourceUrl": format!("/communications/calls/{CALL}/participants"),
        "resourceData": [person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "HALF"), &json!({"isMuted": true}))],
    });
    let text = item.to_string().replace("HALF", "Bob \\ud83d");
    let item = serde_json::value::RawValue::from_string(text).unwrap();
    let received = ReceivedItem::new(item, None, 0);
    history.later(1_000).fact(Fact::Notification(received));
    let bob = somebody(&history, BOB);
    assert_eq!((&*bob.name, bob.muted, bob.unreadable.as_deref()), ("Bob \u{fffd}", true, None));
    assert_eq!(doubt(&history), None);
}

#[test]
fn what_is_unreadable_proves_nothing() {
    // Half a pair in an id is no id, so Bob may be the one, and the removal has no proof.
    let mut history = seated();
    history.asked("removal", Act::Remove, Some(BOB)).replied("removal", 204, &Value::Null).later(1_000);
    let roster = |bob: &str| {
        let address = format!("/communications/calls/{CALL}/participants");
        format!(
            r#"{{"changeType":"updated","resourceUrl":"{address}","resourceData":[{{"id":"{ME}"}},{{"id":"{ADA}"}},{bob}]}}"#
        )
    };
    let said = |history: &mut History, item: String| {
        let item = serde_json::value::RawValue::from_string(item).unwrap();
        history.fact(Fact::Notification(ReceivedItem::new(item, None, 0)));
    };
    said(&mut history, roster(&format!(r#"{{"id":"{BOB}\ud83d"}}"#)));
    assert!(history.floor.operations().all(|it| it.proof.is_none()) && somebody(&history, BOB).left.is_none());
    // Nor does a stream that stands beside an unreadable one prove a mute, or begin a hold.
    let mut history = seated();
    history.asked("mute", Act::Mute, Some(BOB)).replied("mute", 200, &json!({"status": "completed"})).later(1_000);
    let streams =
        r#"[{"label":7,"mediaType":"audio"},{"mediaType":"audio","serverMuted":true,"direction":"inactive"}]"#;
    said(&mut history, roster(&format!(r#"{{"id":"{BOB}","mediaStreams":{streams}}}"#)));
    assert!(history.floor.operations().all(|it| it.proof.is_none()) && somebody(&history, BOB).hold.is_none());
    // A member that appears twice makes the item unreadable.
    for twice in [r#""isMuted":false,"isMuted":true"#, r#""isMuted":"maybe","isMuted":true"#] {
        said(&mut history, roster(&format!(r#"{{"id":"{BOB}",{twice}}}"#)));
        assert!(history.floor.operations().all(|it| it.proof.is_none()) && !somebody(&history, BOB).muted, "{twice}");
    }
}
