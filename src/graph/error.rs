//! Graph's errors (graph-contract.md, "Errors"): their JSON forms, and their meaning for an operator.

use serde::{Deserialize, Deserializer, Serialize};

/// The body of an error answer. Besides `{"error": …}` it reads two other shapes that Graph uses: the flat
/// `{"errorCode": …, "message": …}`, and `{"Message": …}` of a route that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AnyErrorBody")]
pub struct ErrorBody {
    /// The code and message, from whichever shape the body has.
    pub error: GraphError,
}

/// Every shape of an error body at once.
#[derive(Deserialize)]
#[serde(rename = "ErrorBody", rename_all = "camelCase")]
struct AnyErrorBody {
    #[serde(default)]
    error: Option<GraphError>,
    #[serde(default)]
    error_code: Option<Box<str>>,
    #[serde(default, alias = "Message")]
    message: Option<Box<str>>,
}

impl TryFrom<AnyErrorBody> for ErrorBody {
    type Error = &'static str;

    fn try_from(any: AnyErrorBody) -> Result<Self, Self::Error> {
        let error = match any {
            AnyErrorBody { error: Some(error), .. } => error,
            AnyErrorBody { error_code: None, message: None, .. } => {
                return Err("it has no error, errorCode or Message");
            }
            AnyErrorBody { error_code, message, .. } => GraphError {
                code: error_code.unwrap_or_default(),
                message: message.unwrap_or_default(),
                inner_error: None,
            },
        };
        Ok(Self { error })
    }
}

/// The code and message of an error, with the ids for support.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphError {
    /// A number in text for call errors (`8522`), a word otherwise (`itemNotFound`).
    #[serde(default, deserialize_with = "text_or_null")]
    pub code: Box<str>,
    /// A sentence; untrusted text. Empty where Graph writes `null`.
    #[serde(default, deserialize_with = "text_or_null")]
    pub message: Box<str>,
    /// The ids for a support request; also spelled `innererror`.
    #[serde(default, alias = "innererror", skip_serializing_if = "Option::is_none")]
    pub inner_error: Option<InnerError>,
}

/// The ids that identify a request to Graph's support.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InnerError {
    /// Graph's id of the request.
    #[serde(rename = "request-id", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Box<str>>,
    /// The caller's id of the request; only in newer answers.
    #[serde(rename = "client-request-id", default, skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<Box<str>>,
    /// The time, without a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Box<str>>,
}

/// Returns a text; `null` reads as an empty one.
fn text_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<str>, D::Error> {
    Ok(Option::<Box<str>>::deserialize(deserializer)?.unwrap_or_default())
}

impl GraphError {
    /// Reads the body of an error answer; `None` when it has no shape that Graph uses.
    ///
    /// A client library that does not know the flat shape wraps it: its JSON is then the message of another error. The
    /// innermost error is the service's own.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let outer = serde_json::from_str::<ErrorBody>(body).ok()?.error;
        let wrapped = serde_json::from_str::<ErrorBody>(&outer.message).ok().map(|it| it.error);
        Some(match wrapped {
            Some(inner) => Self { inner_error: inner.inner_error.or(outer.inner_error), ..inner },
            None => outer,
        })
    }

    /// Returns a sentence with the status, the code, Graph's message and the next step; untrusted text.
    #[must_use]
    pub fn sentence(&self, status: u16) -> String {
        let advice = explain(status, &self.code);
        match (&*self.code, self.message.trim_end_matches('.')) {
            ("", "") => format!("{status}: {advice}"),
            (code, "") => format!("{status} {code}: {advice}"),
            ("", message) => format!("{status}: {message}; {advice}"),
            (code, message) => format!("{status} {code}: {message}; {advice}"),
        }
    }
}

/// Returns what an error answer means, and the next step.
#[must_use]
pub fn explain(status: u16, code: &str) -> &'static str {
    match (status, code) {
        (_, "8522") | (404, "itemNotFound" | "") => "the call or the person is gone; nothing to do",
        (_, "7504") => "the application lacks a permission in this tenant; ask an administrator to grant it",
        (_, "7505") => "the application's token is for another tenant; check the relay's tenant",
        (400, _) => "Graph did not accept the request as it is; see its message",
        (401, _) => "Graph did not accept the application's token; check the relay's application id and secret",
        (403, _) => "the application may not do this; ask an administrator for the permission",
        (404, _) => "Graph does not know the call or the person; it may have ended",
        (405, _) => "Graph does not offer this for this kind of call",
        (408, _) => "the call timed out; read it again",
        (409, _) => "the call is not in a state for this; read it again",
        (429, _) => "Graph asks for fewer requests; wait and try again",
        (500..=599, _) => "Graph has a problem; read the call again before you repeat",
        _ => "Graph did not do it; see its message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_error_keeps_code_and_message() {
        let cases = [
            (r#"{"error": {"code": "8522", "message": "Gone."}}"#, Some(("8522", "Gone."))),
            (r#"{"error": {"code": "generalException", "message": null}}"#, Some(("generalException", ""))),
            (r#"{"error": {"code": null}}"#, Some(("", ""))),
            (
                r#"{"errorCode": "7503", "message": "Not in the store.", "instanceAnnotations": []}"#,
                Some(("7503", "Not in the store.")),
            ),
            (r#"{"errorCode": "7503"}"#, Some(("7503", ""))),
            (r#"{"Message": "There is no such route."}"#, Some(("", "There is no such route."))),
            (
                r#"{"error": {"code": "UnknownError", "message": "{\"errorCode\":\"7503\",\"message\":\"Not in the store.\"}"}}"#,
                Some(("7503", "Not in the store.")),
            ),
            (r#"{"error": {"code": "UnknownError", "message": "{not JSON"}}"#, Some(("UnknownError", "{not JSON"))),
            (r#"{"error": null}"#, None),
            (r#"{"value": []}"#, None),
            (r#""Bad gateway""#, None),
        ];
        for (body, expected) in cases {
            let read = GraphError::read(body);
            assert_eq!(read.as_ref().map(|it| (&*it.code, &*it.message)), expected, "{body}");
        }
    }

    #[test]
    fn an_error_without_a_code_shows_its_message() {
        let error = GraphError::read(r#"{"Message": "There is no such route."}"#).unwrap();
        assert!(error.sentence(404).starts_with("404: There is no such route; "), "{}", error.sentence(404));
    }
}
