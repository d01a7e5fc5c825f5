//! Refusals of the token endpoint and its documents, with the members that Entra sends: clients show them, and Microsoft's
//! credential classes read the code from them.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::sim::server::http::header_text;
use crate::time::clock;

/// A refusal by the token endpoint.
#[derive(Debug)]
pub(in crate::sim::server) struct LoginRefusal {
    status: StatusCode,
    error: &'static str,
    /// It begins with Entra's code, for example `AADSTS7000215: `, where Entra has one.
    description: String,
}

impl LoginRefusal {
    /// Creates a refusal with a word of OAuth 2.0 and Entra's description.
    pub(in crate::sim::server) fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into() }
    }

    /// Refuses a request that is not valid: 400.
    pub(in crate::sim::server) fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }

    /// Refuses the credentials of a client: 401.
    pub(in crate::sim::server) fn client(description: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    /// Answers the refusal. Its `correlation_id` is the request's `client-request-id`, if that is a GUID.
    pub(in crate::sim::server) fn answer(self, headers: &HeaderMap) -> Response {
        let now = Timestamp::from_millisecond(clock::wall().0).unwrap_or_default();
        let time = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let trace = Uuid::new_v4();
        let given = header_text(headers, "client-request-id").and_then(|it| Uuid::parse_str(it).ok());
        let correlation = given.unwrap_or_else(Uuid::new_v4);
        let code = code(&self.description);
        let description =
            format!("{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}", self.description);
        let mut body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": code.into_iter().collect::<Vec<u64>>(),
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        if let (Some(code), Some(members)) = (code, body.as_object_mut()) {
            members.insert("error_uri".into(), json!(format!("https://login.microsoftonline.com/error?code={code}")));
        }
        (self.status, Json(body)).into_response()
    }
}

/// Returns the number of Entra's code at the beginning of a description.
fn code(description: &str) -> Option<u64> {
    description.strip_prefix("AADSTS")?.split_once(':')?.0.parse().ok()
}
