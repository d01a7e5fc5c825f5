//! Hides tokens in what Graph or the token endpoint answer: an error's text may repeat the token that was sent, and the
//! journal, its exports and the log must not hold it. Pure.

use std::borrow::Cow;

/// What stands for a token.
const MASK: &str = "[token]";
/// The beginning of every JSON Web Token: `{"` in base64.
const JWT_BEGINS: &str = "eyJ";
/// The shortest text that counts as a token, in bytes: its header alone is longer.
const MIN_TOKEN: usize = 20;

/// Returns a text without the given secret, as it was sent in a header or a form, and without anything that looks like a
/// JSON Web Token.
pub(in crate::relay) fn mask_tokens<'a>(text: &'a str, secret: &str) -> Cow<'a, str> {
    let secret = secret.strip_prefix("Bearer ").unwrap_or(secret);
    let known = !secret.is_empty() && text.contains(secret);
    let text = if known { Cow::Owned(text.replace(secret, MASK)) } else { Cow::Borrowed(text) };
    if text.contains(JWT_BEGINS) { Cow::Owned(without_jwts(&text)) } else { text }
}

fn without_jwts(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(JWT_BEGINS) {
        let (before, from) = rest.split_at(at);
        masked.push_str(before);
        let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | '=');
        let (word, after) = from.split_at(from.find(|it| !is_part(it)).unwrap_or(from.len()));
        masked.push_str(if word.len() >= MIN_TOKEN && word.contains('.') { MASK } else { word });
        rest = after;
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_hidden_and_other_text_stays() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl-_";
        let said = |text: &str| mask_tokens(text, "Bearer opaque-secret").into_owned();
        assert_eq!(said(&format!("token '{jwt}' has expired")), "token '[token]' has expired");
        assert_eq!(said(&format!("{jwt}, then {jwt}")), "[token], then [token]");
        assert_eq!(
            said(r#"{"message":"Bearer opaque-secret is unknown"}"#),
            r#"{"message":"Bearer [token] is unknown"}"#
        );
        for text in ["no call has this id", "eyJ", "keyJournal.entry", "eyJust-a-name-without-a-dot", ""] {
            assert_eq!(said(text), text);
        }
        assert!(matches!(mask_tokens("plain", ""), Cow::Borrowed("plain")));
    }
}
