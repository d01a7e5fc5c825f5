//! The fast path for rosters, by far the largest and most frequent notifications: one pass over the text.
//!
//! Invariant: where the fast path reads an item, the general reader reads the same from it. All other items are left
//! to the general reader.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use super::lenient::named_text::named_text;
use super::{ChangeType, Notification, NotifiedResource, Participant, Route};

/// A roster as Graph writes it; every other form is left to the general reader.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FastRoster<'a> {
    change_type: ChangeType,
    #[serde(deserialize_with = "route")]
    resource_url: Option<Route>,
    resource_data: Vec<Participant>,
    #[serde(rename = "@odata.type", default, deserialize_with = "is_comms_notification")]
    is_call_notification: bool,
    #[serde(borrow, default)]
    #[expect(dead_code, reason = "an item whose legacy address is not a string must not take the fast path")]
    resource: Option<Cow<'a, str>>,
}

fn route<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Route>, D::Error> {
    named_text(deserializer, "address", Route::parse)
}

fn is_comms_notification<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    named_text(deserializer, "type", |name| name == "#microsoft.graph.commsNotification")
}

/// Reads an item that is a plain roster. Returns `None` for any other item.
pub(super) fn read(item: &str) -> Option<Notification> {
    // A delta roster lists changes, not everybody.
    if item.contains("deltaParticipants") {
        return None;
    }
    let read: FastRoster<'_> = serde_json::from_str(item).ok()?;
    match read.resource_url {
        Some(Route::Participants(call)) if read.is_call_notification => Some(Notification {
            change: read.change_type,
            call,
            resource: NotifiedResource::Roster(read.resource_data),
            unreadable: Vec::new(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::{GeneralReader, read_by};
    use super::read;

    fn item() -> Value {
        json!({"@odata.type": "#microsoft.graph.commsNotification", "changeType": "updated",
               "resourceUrl": "/communications/calls/57dab8b1-894c-409a-b240-bd8beae78896/participants",
               "resource": "/app/calls/c2/participants",
               "resourceData": [{"@odata.type": "#microsoft.graph.participant", "id": "p1", "isMuted": "true",
                                 "info": {"identity": {"user": {"id": "u1", "displayName": "Ada"}}, "region": "westus"},
                                 "mediaStreams": null, "novel": [{"deep": 1}]}, {"id": null}]})
    }

    #[test]
    fn only_plain_rosters_take_the_fast_path() {
        assert_eq!(read(&item().to_string()), read_by(&GeneralReader, &item().to_string()).ok());
        assert!(read(&item().to_string()).is_some());
        for (member, value) in [
            ("@odata.type", json!("#microsoft.graph.participantLeftNotification")),
            ("resourceUrl", json!("")),
            ("resourceUrl", json!("/communications/calls/c1")),
            ("resource", json!(7)),
            ("resourceData", json!({"id": "p1"})),
            ("resourceData", json!([{"@odata.type": "#microsoft.graph.deltaParticipants"}])),
            ("changeType", Value::Null),
        ] {
            let mut other = item();
            other[member] = value;
            assert_eq!(read(&other.to_string()), None, "{member}");
        }
    }

    proptest! {
        #[test]
        fn fast_path_agrees_with_the_general_reader(
            places in prop::collection::vec(prop::sample::select(vec![
                "/@odata.type", "/changeType", "/resourceUrl", "/resource", "/resourceData", "/resourceData/0",
                "/resourceData/0/@odata.type", "/resourceData/0/id", "/resourceData/0/isMuted", "/resourceData/0/info",
                "/resourceData/0/info/identity/user", "/resourceData/0/mediaStreams", "/resourceData/1",
            ]), 0..3),
            value in prop::sample::select(vec![
                Value::Null, json!(""), json!(7), json!(true), json!([]), json!({}), json!([{"label": "main-audio"}]),
                json!("/communications/calls/c1"), json!("#microsoft.graph.deltaParticipants"),
                json!("#microsoft.graph.muteParticipantOperation"), json!({"id": "p2"}), json!("deleted"),
            ]),
        ) {
            let mut item = item();
            for place in places {
                if let Some(found) = item.pointer_mut(place) {
                    *found = value.clone();
                }
            }
            let text = item.to_string();
            if let Some(fast) = read(&text) {
                prop_assert_eq!(Ok(fast), read_by(&GeneralReader, &text));
            }
        }
    }
}
