//! Records of the journal as text for an operator: indented, with every secret masked.

use serde_json::Value;

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
    let (value, _): (Value, _) = graph::decode_partly(text).ok()?;
    let id = person.to_string();
    let is = |entry: &&Value| entry.get("id").and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case(&id));
    let lists = ["resourceData", "participants", "value"].into_iter().filter_map(|it| value.get(it)?.as_array());
    let found = lists.chain(value.as_array()).flatten().find(is);
    found.or_else(|| Some(&value).filter(is)).cloned().map(indented)
}

/// Returns a record of the journal as indented JSON, with its secrets masked.
pub(in crate::desk) fn json(record: &impl serde::Serialize) -> String {
    serde_json::to_value(record).map(indented).unwrap_or_default()
}

fn indented(mut value: Value) -> String {
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
