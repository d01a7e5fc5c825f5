//! Graph's errors (graph-contract.md, "Errors"): their shape, and what they mean for an operator.

use serde::{Deserialize, Serialize};

/// The body of an error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error.
    pub error: GraphError,
}

/// One error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphError {
    /// A number in text for call errors (`8522`), a word otherwise (`itemNotFound`).
    #[serde(default)]
    pub code: Box<str>,
    /// A sentence; untrusted text.
    #[serde(default)]
    pub message: Box<str>,
    /// The ids to give to support; spelled `innererror` too.
    #[serde(default, alias = "innererror", skip_serializing_if = "Option::is_none")]
    pub inner_error: Option<InnerError>,
}

/// What helps to find the request again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InnerError {
    /// Graph's id of the request.
    #[serde(rename = "request-id", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Box<str>>,
    /// The caller's id of the request; only in newer answers.
    #[serde(rename = "client-request-id", default, skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<Box<str>>,
    /// When, without a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Box<str>>,
}

impl GraphError {
    /// Reads the body of an error answer; `None` when it is not of Graph's shape.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        serde_json::from_str::<ErrorBody>(body).ok().map(|it| it.error)
    }

    /// An answer with this error and that status as a sentence: the code, Graph's own words, and what to do; untrusted
    /// text.
    #[must_use]
    pub fn sentence(&self, status: u16) -> String {
        let advice = explain(status, &self.code);
        match (&*self.code, self.message.trim_end_matches('.')) {
            ("", "") => format!("{status}: {advice}"),
            (code, "") => format!("{status} {code}: {advice}"),
            (code, message) => format!("{status} {code}: {message}; {advice}"),
        }
    }
}

/// What an error answer means, and the next step, in one sentence.
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
