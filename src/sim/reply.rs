//! Interprets a receiver's answer to a webhook: a redirect of an incoming call, a request to repeat it, or a recorder's
//! reply. Also creates the HTTP client of webhooks with the certificate authorities that it trusts.

use reqwest::header::LOCATION;
use reqwest::{Certificate, Client, Response, StatusCode};
use url::Url;

use crate::graph::{CallId, ParticipantId};

use super::SimError;
use super::settings::NoContent;
use super::world::allowed_callback;

/// The maximum size of a reply, in bytes.
const MAX_REPLY: usize = 64 << 10;

/// The reply of a recorder about a person.
#[derive(Debug)]
pub(super) struct RecorderReply {
    /// The recorder's call.
    pub(super) call: CallId,
    /// The participant that it is about.
    pub(super) who: ParticipantId,
    /// The body as received.
    pub(super) body: Vec<u8>,
}

/// What to do after the answer to the notification of an incoming call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IncomingNext {
    /// Nothing: the answer is final.
    Done,
    /// Send the notification to another address: 302 as documented, or 307 as in a sample. A redirect is followed once,
    /// and only to an address that is allowed as a `callbackUri`.
    Redirect(Url),
    /// Send the notification to the same address again, if the setting `noContent` says that 204 asks for it. In the older
    /// protocol of bots, 204 asks for Graph's protocol, which is the only one here. A second 204 is final.
    Repeat,
}

/// Returns what to do after the answer to the notification of an incoming call.
pub(super) fn next_after(to: &Url, answer: &Response, no_content: NoContent) -> IncomingNext {
    match answer.status() {
        StatusCode::NO_CONTENT if no_content == NoContent::Repeats => IncomingNext::Repeat,
        StatusCode::FOUND | StatusCode::TEMPORARY_REDIRECT => {
            let place = answer.headers().get(LOCATION).and_then(|it| it.to_str().ok());
            let place = place.and_then(|it| to.join(it).ok()).filter(allowed_callback);
            place.map_or(IncomingNext::Done, IncomingNext::Redirect)
        }
        _ => IncomingNext::Done,
    }
}

/// Reads a reply. Returns an empty body if it is too large or incomplete.
pub(super) async fn body(mut answer: Response) -> Vec<u8> {
    let mut read = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if read.len() + chunk.len() <= MAX_REPLY => read.extend_from_slice(&chunk),
            Ok(None) => return read,
            Ok(Some(_)) | Err(_) => return Vec::new(),
        }
    }
}

/// Creates the HTTP client of webhooks. It trusts the system's authorities, and those in `authorities`, which is PEM.
pub(super) fn client(agent: &str, patience: std::time::Duration, authorities: &[u8]) -> Result<Client, SimError> {
    let own = Certificate::from_pem_bundle(authorities).map_err(|error| SimError::Authorities(error.to_string()))?;
    if own.is_empty() && !authorities.is_empty() {
        return Err(SimError::Authorities("the file contains no certificate".into()));
    }
    let builder = Client::builder().user_agent(agent).timeout(patience).no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    Ok(builder.tls_certs_merge(own).build()?)
}
