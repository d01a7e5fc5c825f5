//! Requests to Graph with the application's token. One try each: what may be repeated is `attempts`' business.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use url::Url;

use super::app_token::{AppToken, TokenError};
use crate::clock;
use crate::graph::Method;

/// The way to Graph.
pub(super) struct Outbound {
    base: String,
    http: reqwest::Client,
    token: AppToken,
}

/// What Graph answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoReply {
    /// Nothing was sent.
    #[error("Graph could not be reached: {0}")]
    NotSent(String),
    /// It was sent, or may have been.
    #[error("Graph did not answer: {0}")]
    Sent(String),
    /// There is no token, and trying again will not give one.
    #[error("{0}")]
    NoToken(String),
}

const CONNECTING: Duration = Duration::from_secs(3);
const ANSWERING: Duration = Duration::from_secs(8);
const LARGEST: usize = 4 * 1_024 * 1_024;

impl Outbound {
    pub(super) fn new(graph: &Url, http: reqwest::Client, token: AppToken) -> Self {
        Self { base: graph.as_str().trim_end_matches('/').to_owned(), http, token }
    }

    /// Sends once, within `patience`, the token included. `path` begins at `/communications`.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&str>,
        patience: Duration,
    ) -> Result<Reply, NoReply> {
        let began = clock::instant();
        let late = || NoReply::NotSent("there was no token in time".to_owned());
        let token = tokio::time::timeout(patience, self.token.get()).await.map_err(|_elapsed| late())?;
        let token = token.map_err(|error| match error {
            TokenError::Away(_) => NoReply::NotSent(error.to_string()),
            TokenError::Refused(_) => NoReply::NoToken(error.to_string()),
        })?;
        let left = patience.checked_sub(began.elapsed()).ok_or_else(late)?;
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        request = request.header(reqwest::header::AUTHORIZATION, token).timeout(left.min(ANSWERING));
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_owned());
        }
        let answer = request.send().await.map_err(|error| no_reply(&error))?;
        let status = answer.status().as_u16();
        let location = text(answer.headers(), &LOCATION);
        let retry_after = text(answer.headers(), &RETRY_AFTER).and_then(|it| seconds(&it));
        let body = read(answer).await?;
        Ok(Reply { status, location, retry_after, body })
    }

    /// Whether there is a token, or could be one now.
    pub(super) async fn token_obtainable(&self) -> Result<(), String> {
        self.token.get().await.map(drop).map_err(|error| error.to_string())
    }

    /// How long the token is still good.
    pub(super) fn token_left(&self) -> Option<Duration> {
        self.token.left()
    }

    /// Forgets the token, after Graph has refused it.
    pub(super) fn renew_token(&self) {
        self.token.forget();
    }
}

async fn read(mut answer: reqwest::Response) -> Result<String, NoReply> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| no_reply(&error))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(NoReply::Sent("the answer is larger than 4 MiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn text(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `Retry-After` in seconds, which may be written with a fraction.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn no_reply(error: &reqwest::Error) -> NoReply {
    // The innermost cause says what happened; the address is known and may hold ids.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let words = if error.is_timeout() { "it took too long".to_owned() } else { cause.to_string() };
    if error.is_connect() || error.is_builder() { NoReply::NotSent(words) } else { NoReply::Sent(words) }
}

/// A client for a server: no redirects, and no proxy for this machine itself.
pub(super) fn client(server: &Url) -> Result<reqwest::Client, reqwest::Error> {
    let here = match server.host() {
        Some(url::Host::Ipv4(it)) => it.is_loopback(),
        Some(url::Host::Ipv6(it)) => it.is_loopback(),
        Some(url::Host::Domain(it)) => it == "localhost",
        None => false,
    };
    let builder = reqwest::Client::builder().connect_timeout(CONNECTING).redirect(reqwest::redirect::Policy::none());
    if here { builder.no_proxy().build() } else { builder.build() }
}
