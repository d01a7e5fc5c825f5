//! The meaning of a receiver's answer: another address for an incoming call, the same call once more, or a recorder's
//! reply. Also the HTTP client of webhooks, with the certificate authorities that it trusts.

use reqwest::header::LOCATION;
use reqwest::{Certificate, Client, Response, StatusCode};
use url::Url;

use crate::graph::{CallId, ParticipantId};

use super::SimError;
use super::world::allowed_callback;

/// The largest reply that is read, in bytes.
const LARGEST: usize = 64 << 10;

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

/// The next step after the answer to an incoming call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IncomingNext {
    /// The answer is final.
    Rest,
    /// The same notification goes to another address: 302 as documented, 307 as a sample has it. A redirect is followed
    /// once, and only to an address that a `callbackUri` may have.
    Go(Url),
    /// The same notification goes to the same address again. In the older protocol of bots, 204 asks for Graph's own
    /// protocol, which is the only one here; a second 204 is final.
    Repeat,
}

/// Returns what the answer to an incoming call asks for.
pub(super) fn then(to: &Url, answer: &Response) -> IncomingNext {
    match answer.status() {
        StatusCode::NO_CONTENT => IncomingNext::Repeat,
        StatusCode::FOUND | StatusCode::TEMPORARY_REDIRECT => {
            let place = answer.headers().get(LOCATION).and_then(|it| it.to_str().ok());
            let place = place.and_then(|it| to.join(it).ok()).filter(allowed_callback);
            place.map_or(IncomingNext::Rest, IncomingNext::Go)
        }
        _ => IncomingNext::Rest,
    }
}

/// Reads a reply; returns nothing of one that is too large or breaks off.
pub(super) async fn body(mut answer: Response) -> Vec<u8> {
    let mut read = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if read.len() + chunk.len() <= LARGEST => read.extend_from_slice(&chunk),
            Ok(None) => return read,
            Ok(Some(_)) | Err(_) => return Vec::new(),
        }
    }
}

/// The client of webhooks. It trusts the system's authorities, and those in `authorities`, which is PEM.
pub(super) fn client(agent: &str, patience: std::time::Duration, authorities: &[u8]) -> Result<Client, SimError> {
    let own = Certificate::from_pem_bundle(authorities).map_err(|error| SimError::Authorities(error.to_string()))?;
    if own.is_empty() && !authorities.is_empty() {
        return Err(SimError::Authorities("they hold no certificate".into()));
    }
    let builder = Client::builder().user_agent(agent).timeout(patience).no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    Ok(builder.tls_certs_merge(own).build()?)
}
