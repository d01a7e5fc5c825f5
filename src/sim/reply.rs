//! What a receiver's answer means: another place for an incoming call, the wish to hear of it again, or a recorder's
//! reply. And the client that carries notifications, with the authorities that it trusts.

use reqwest::header::LOCATION;
use reqwest::{Certificate, Client, Response, StatusCode};
use url::Url;

use crate::graph::{CallId, ParticipantId};

use super::SimError;
use super::world::allowed_callback;

/// The largest reply that is read, in bytes.
const LARGEST: usize = 64 << 10;

/// What a recorder replied about somebody.
#[derive(Debug)]
pub(super) struct RecorderReply {
    /// The recorder's call.
    pub(super) call: CallId,
    /// About whom.
    pub(super) who: ParticipantId,
    /// The body as it came.
    pub(super) body: Vec<u8>,
}

/// What to do with the answer to an incoming call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IncomingNext {
    /// Nothing: it is the answer.
    Rest,
    /// The same notification goes to another place: 302 as documented, 307 as a sample has it. It is followed once,
    /// and only to where a `callbackUri` may point.
    Go(Url),
    /// The same notification comes again. In the older protocol of bots 204 asks for Graph's own, which is the
    /// only one spoken here; a second 204 is an answer.
    Repeat,
}

/// What the answer to an incoming call asks for.
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

/// Reads a reply; nothing of one that is too large or is cut off.
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
        return Err(SimError::Authorities("there is none".into()));
    }
    let builder = Client::builder().user_agent(agent).timeout(patience).no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    Ok(builder.tls_certs_merge(own).build()?)
}
