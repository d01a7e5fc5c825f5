//! The members whose values no screen may show: tokens of meetings and recordings, passcodes, secrets.

use serde_json::Value;

/// The text that replaces a secret.
pub const MASK: &str = "***";

/// The words that the name of a secret member contains, in lower case.
const WORDS: [&str; 5] = ["token", "secret", "password", "passcode", "authorization"];

/// Returns whether the member of this name holds a secret, such as `recordingAccessToken`.
#[must_use]
pub fn is_secret(member: &str) -> bool {
    let name = member.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Replaces the values of secret members, at any depth. Objects and arrays below a secret member are masked whole.
pub fn mask_secrets(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret(name) && !member.is_null() {
                    *member = Value::String(MASK.to_owned());
                } else {
                    mask_secrets(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_secrets),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_at_any_depth_and_nothing_else_is() {
        let mut value = json!({
            "meetingInfo": {"@odata.type": "#microsoft.graph.tokenMeetingInfo", "token": "s3cret"},
            "recordingAccessToken": "s3cret",
            "items": [{"passcode": {"a": "s3cret"}}, {"subject": "token ring"}],
            "clientSecret": null,
        });
        mask_secrets(&mut value);
        let text = value.to_string();
        assert!(!text.contains("s3cret") && text.contains("token ring"), "{text}");
        assert_eq!(value["clientSecret"], Value::Null);
        assert_eq!(value["meetingInfo"]["token"], MASK);
    }
}
