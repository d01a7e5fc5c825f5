//! Records of the journal as text for an operator: indented, with every secret masked.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::graph::{self, ParticipantId, mask_secrets};

/// Returns a JSON text indented and with its secrets masked; any other text as it is.
pub(in crate::desk) fn pretty(text: &str) -> String {
    let value: Result<(Value, _), _> = graph::decode_partly(text);
    match value {
        Ok((value, _)) => indented(value),
        // Its secrets cannot be found.
        Err(error) if text.trim_start().starts_with(['{', '[']) => format!("this record cannot be shown: {error}"),
        Err(_) => text.to_owned(),
    }
}

/// Returns the part of a roster that is about a person; `None` for a text that lists no such person.
pub(in crate::desk) fn part_about(text: &str, person: &ParticipantId) -> Option<String> {
    let id = person.to_string();
    // Only what is about the person is read, because a roster can have thousands of people.
    if let Some(part) = raw_part_about(text, &id) {
        return Some(pretty(part.get()));
    }
    let (value, _): (Value, _) = graph::decode_partly(text).ok()?;
    let is = |entry: &&Value| entry.get("id").and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case(&id));
    let lists = LISTS.into_iter().filter_map(|it| value.get(it)?.as_array());
    let found = lists.chain(value.as_array()).flatten().find(is);
    found.or_else(|| Some(&value).filter(is)).cloned().map(indented)
}

/// Finds the part about a person without reading the others; `None` also if something is unreadable on the way.
fn raw_part_about<'a>(text: &'a str, id: &str) -> Option<&'a RawValue> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct RecordLists<'a> {
        #[serde(borrow)]
        resource_data: Option<&'a RawValue>,
        #[serde(borrow)]
        participants: Option<&'a RawValue>,
        #[serde(borrow)]
        value: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct PersonId<'a> {
        #[serde(borrow)]
        id: Option<Cow<'a, str>>,
    }
    let lists = if text.trim_start().starts_with('[') {
        vec![text]
    } else {
        let lists: RecordLists<'_> = serde_json::from_str(text).ok()?;
        [lists.resource_data, lists.participants, lists.value].into_iter().flatten().map(RawValue::get).collect()
    };
    let people = lists.into_iter().filter_map(|it| serde_json::from_str::<Vec<&RawValue>>(it).ok()).flatten();
    let is = |person: &&RawValue| {
        let read = serde_json::from_str::<PersonId<'_>>(person.get());
        read.ok().and_then(|it| it.id).is_some_and(|it| it.eq_ignore_ascii_case(id))
    };
    people.into_iter().find(is)
}

/// Returns the first lines of a text, and how many more it has.
pub(in crate::desk) fn cut_lines(text: &str, most: usize) -> (Vec<String>, usize) {
    let mut lines = text.lines();
    let first = lines.by_ref().take(most).map(str::to_owned).collect();
    (first, lines.count())
}

/// The members of a record that can hold its people.
const LISTS: [&str; 3] = ["resourceData", "participants", "value"];

/// A record with a list of people, each of whom has an id.
pub(in crate::desk) struct PeopleList {
    rest: Value,
    people: Vec<(String, Value)>,
}

impl PeopleList {
    /// Takes the people out of a record; `None` if it has no list of people, or one of them has no id.
    pub(in crate::desk) fn of(mut record: Value) -> Option<Self> {
        let list = match record.as_array_mut() {
            Some(list) => std::mem::take(list),
            None => LISTS.into_iter().find_map(|it| record.get_mut(it)?.as_array_mut().map(std::mem::take))?,
        };
        let id = |person: &Value| person.get("id").and_then(Value::as_str).map(str::to_ascii_lowercase);
        let people = list.into_iter().map(|it| Some((id(&it)?, it))).collect::<Option<Vec<_>>>()?;
        Some(Self { rest: record, people })
    }

    /// Returns the record without its people.
    pub(in crate::desk) fn rest(&self) -> Value {
        self.rest.clone()
    }

    /// Takes the people, each with the id.
    pub(in crate::desk) fn take_people(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.people)
    }
}

/// Returns a record of the journal as indented JSON, with its secrets masked.
pub(in crate::desk) fn json(record: &impl serde::Serialize) -> String {
    serde_json::to_value(record).map(indented).unwrap_or_default()
}

/// Returns a value as indented JSON, with its secrets masked.
pub(in crate::desk) fn indented(mut value: Value) -> String {
    mask_secrets(&mut value);
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "45a6d4ac-51e8-4d0b-8c3f-2f9a7e60b1d4";
    const BOB: &str = "079d6969-154a-4943-b6ff-3824c6b56481";

    #[test]
    fn a_person_has_their_own_part_of_a_roster() {
        let person = ParticipantId::new(ADA).unwrap();
        let roster = format!(r#"[{{"id": "{BOB}", "isMuted": true}}, {{"id": "{ADA}", "isMuted": false}}]"#);
        for text in [roster.clone(), format!(r#"{{"resourceData": {roster}}}"#), format!(r#"{{"value": {roster}}}"#)] {
            let part = part_about(&text, &person).unwrap();
            assert!(part.contains(ADA) && !part.contains(BOB), "{part}");
        }
        assert_eq!(part_about(&format!(r#"[{{"id": "{BOB}"}}]"#), &person), None);
        assert_eq!(part_about("not JSON", &person), None);
    }

    #[test]
    fn secrets_are_masked() {
        assert!(!pretty(r#"{"recordingAccessToken": "s3cret"}"#).contains("s3cret"));
        // Half a surrogate pair is no reason to show them.
        let half = pretty(r#"{"recordingAccessToken": "s3cret", "name": "\ud83d"}"#);
        assert!(!half.contains("s3cret") && half.contains('\u{fffd}'), "{half}");
        assert!(!pretty(r#"{"recordingAccessToken": "s3cret", "x": 1e999}"#).contains("s3cret"));
        assert_eq!(pretty("not JSON"), "not JSON");
    }
}
