//! One HTTP exchange, as the answer that the desk reads.

use reqwest::header::CONTENT_TYPE;

use crate::desk::GateAnswer;

/// Sends a request and returns the answer, or the reason for a missing one.
pub(super) async fn exchange(request: reqwest::RequestBuilder, body: Option<String>) -> GateAnswer {
    let request = match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(body),
        None => request,
    };
    match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            match response.text().await {
                Ok(body) => GateAnswer::Replied { status, body },
                Err(error) => no_answer(true, error.without_url()),
            }
        }
        Err(error) => no_answer(!error.is_connect() && !error.is_builder(), error.without_url()),
    }
}

/// The outcome of an exchange without an answer; `sent` says whether the request may have reached the gate.
pub(super) fn no_answer(sent: bool, error: impl std::fmt::Display) -> GateAnswer {
    GateAnswer::Lost { sent, error: error.to_string() }
}
