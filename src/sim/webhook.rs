//! Delivers notifications to webhooks: in order for each address, one address never waiting for another.
//!
//! A delivery is one POST. What the receiver answers is counted, never repeated: whether Graph repeats is not
//! documented. Only an incoming call may be sent elsewhere, once. Knows nothing of calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::sync::watch;
use url::Url;
use uuid::Uuid;

use crate::clock;

use super::SimError;
use super::keys::{KeyError, SigningKey};
use super::reply::{self, Replied, Then};
use super::world::{Expects, Outgoing};

/// The most notifications that wait for one address; more push out the oldest, which is counted as dropped.
const MOST_WAITING: usize = 10_000;
/// The longest that a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a webhook token lives, in seconds.
const TOKEN_LIVES: i64 = 3_900;
/// A token with less than this left, in seconds, is replaced.
const TOKEN_FRESH: i64 = 600;

/// The post office.
#[derive(Debug)]
pub(super) struct Post {
    client: reqwest::Client,
    key: Arc<SigningKey>,
    issued: Claims,
    lanes: Mutex<Lanes>,
    busy: watch::Sender<usize>,
    /// Tells that a reply came.
    pub(super) replied: watch::Sender<()>,
}

/// What every webhook token says.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    /// The application that it is for.
    pub(super) audience: Box<str>,
    /// Its tenant.
    pub(super) tenant: Box<str>,
}

/// What became of notifications so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Answered with 2xx.
    pub delivered: u64,
    /// Answered otherwise, or not at all.
    pub failed: u64,
    /// Pushed out of a full queue, or without an address to go to.
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct Lanes {
    /// Invariant: an address has a lane exactly while its task runs.
    waiting: BTreeMap<Url, VecDeque<Outgoing>>,
    counts: Counts,
    token: Option<(String, i64)>,
    /// What recorders replied. At [`MOST_WAITING`] the oldest is forgotten, as if it had not come in time.
    replies: VecDeque<Replied>,
}

impl Post {
    /// A post office whose receivers' certificates may also come from `authorities`, which is PEM or empty.
    pub(super) fn new(key: Arc<SigningKey>, issued: Claims, authorities: &[u8]) -> Result<Self, SimError> {
        let client = reply::client("Microsoft-Skype/3.0,(Calling/1.0)", PATIENCE, authorities)?;
        let (lanes, busy, replied) = (Mutex::default(), watch::Sender::new(0), watch::Sender::new(()));
        Ok(Self { client, key, issued, lanes, busy, replied })
    }

    /// Puts a notification in the queue of its address; delivers it from a task of that address.
    pub(super) fn send(self: &Arc<Self>, to: Option<Url>, outgoing: Outgoing) {
        let mut lanes = self.lanes();
        let Some(to) = to else {
            lanes.counts.dropped += 1;
            return;
        };
        if let Some(waiting) = lanes.waiting.get_mut(&to) {
            waiting.push_back(outgoing);
            if waiting.len() > MOST_WAITING {
                waiting.pop_front();
                lanes.counts.dropped += 1;
            }
            return;
        }
        lanes.waiting.insert(to.clone(), VecDeque::from([outgoing]));
        self.busy.send_replace(lanes.waiting.len());
        drop(lanes);
        let post = Arc::clone(self);
        tokio::spawn(async move { post.run(to).await });
    }

    /// Waits until nothing is waiting or under way.
    pub(super) async fn idle(&self) {
        let mut busy = self.busy.subscribe();
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = busy.wait_for(|it| *it == 0).await;
    }

    /// Whether nothing is waiting or under way.
    pub(super) fn is_idle(&self) -> bool {
        *self.busy.borrow() == 0
    }

    /// The replies that came, in order; they are given once.
    pub(super) fn replies(&self) -> VecDeque<Replied> {
        std::mem::take(&mut self.lanes().replies)
    }

    /// What became of notifications so far.
    pub(super) fn counts(&self) -> Counts {
        self.lanes().counts
    }

    async fn run(&self, to: Url) {
        while let Some(outgoing) = self.next(&to) {
            let delivered = self.deliver(&to, &outgoing).await;
            let mut lanes = self.lanes();
            match delivered {
                Ok(status) if status.is_success() => lanes.counts.delivered += 1,
                Ok(status) => {
                    lanes.counts.failed += 1;
                    tracing::warn!(%to, %status, call = %outgoing.call, "a webhook refused a notification");
                }
                Err(error) => {
                    lanes.counts.failed += 1;
                    tracing::warn!(%to, %error, call = %outgoing.call, "a webhook could not be reached");
                }
            }
        }
    }

    fn next(&self, to: &Url) -> Option<Outgoing> {
        let mut lanes = self.lanes();
        let next = lanes.waiting.get_mut(to).and_then(VecDeque::pop_front);
        if next.is_none() {
            lanes.waiting.remove(to);
            self.busy.send_replace(lanes.waiting.len());
        }
        next
    }

    async fn deliver(&self, to: &Url, outgoing: &Outgoing) -> Result<reqwest::StatusCode, PostError> {
        let mut answer = self.ask(to, outgoing).await?;
        if outgoing.expects == Expects::Place {
            answer = match reply::then(to, &answer) {
                Then::Rest => answer,
                Then::Go(place) => self.ask(&place, outgoing).await?,
                Then::Repeat => self.ask(to, outgoing).await?,
            };
        }
        let status = answer.status();
        if let Expects::Reply(who) = &outgoing.expects
            && status.is_success()
        {
            let reply = Replied { call: outgoing.call.clone(), who: who.clone(), body: reply::body(answer).await };
            let mut lanes = self.lanes();
            lanes.replies.push_back(reply);
            if lanes.replies.len() > MOST_WAITING {
                lanes.replies.pop_front();
            }
            drop(lanes);
            self.replied.send_replace(());
        }
        Ok(status)
    }

    async fn ask(&self, to: &Url, outgoing: &Outgoing) -> Result<reqwest::Response, PostError> {
        let body = json!({
            "@odata.type": "#microsoft.graph.commsNotifications",
            "value": [&outgoing.notification],
        });
        let request = (self.client.post(to.clone()).bearer_auth(self.token()?))
            .header("X-Microsoft-Skype-Chain-ID", &*outgoing.chain)
            .header("X-Microsoft-Skype-Message-ID", Uuid::new_v4().to_string())
            .header("Scenario-ID", Uuid::new_v4().to_string())
            .json(&body);
        Ok(request.send().await?)
    }

    /// The webhook token: signed once and used while it lives.
    fn token(&self) -> Result<String, KeyError> {
        let now = clock::wall().0 / 1_000;
        let mut lanes = self.lanes();
        if let Some((token, expires)) = &lanes.token
            && expires - now > TOKEN_FRESH
        {
            return Ok(token.clone());
        }
        let expires = now + TOKEN_LIVES;
        let token = self.key.sign(&json!({
            "iss": ISSUER, "aud": self.issued.audience, "tid": self.issued.tenant, "nbf": now - 5, "exp": expires,
        }))?;
        lanes.token = Some((token.clone(), expires));
        Ok(token)
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who signs webhooks (contract section 7.6).
pub(super) const ISSUER: &str = "https://api.botframework.com";

#[derive(Debug, thiserror::Error)]
enum PostError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
}
