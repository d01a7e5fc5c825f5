//! Delivers notifications to webhooks. Notifications of one call are delivered in order; different calls are delivered
//! concurrently, up to a bound.
//!
//! A delivery is one POST, and its outcome is counted. A refused webhook with retries left goes back to the world, so
//! that it does not delay the next one. Only the notification of an incoming call follows a redirect, once. This module
//! does not look into notifications.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use reqwest::header;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use url::Url;
use uuid::Uuid;

use crate::bounded::{BoundedMap, Ring};
use crate::graph::CallId;
use crate::time::clock;

use super::SimError;
use super::keyring::KeyRing;
use super::keys::{KeyError, SigningKey};
use super::reply::{self, IncomingNext, RecorderReply};
use super::settings::Signature;
use super::world::{ExpectedReply, WebhookPost};

/// The maximum number of queued webhooks of one call and address; a new one evicts the oldest, which counts as dropped.
const MOST_WAITING: usize = 10_000;
/// The maximum number of concurrent deliveries.
const MAX_CONCURRENT: usize = 256;
/// The maximum number of remembered addresses that refuse webhooks.
const MOST_FAILING: usize = 1_000;
/// The maximum number of tenants with a cached token.
const MOST_TENANTS: usize = 100;
/// The time that a receiver has to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// The value of `Max-Forwards`. \[unverified\]: the header was observed, its value was not.
const MOST_FORWARDS: &str = "10";
/// The lifetime of a webhook token, in seconds.
const TOKEN_LIFETIME: i64 = 3_900;
/// A cached token with less remaining lifetime is replaced, in seconds.
const TOKEN_MIN_REMAINING: i64 = 600;

/// Delivers webhooks, and counts their outcomes.
#[derive(Debug)]
pub(super) struct WebhookSender {
    client: reqwest::Client,
    keys: Arc<KeyRing>,
    /// The application id that webhook tokens are for.
    audience: Box<str>,
    /// Bounds the concurrent deliveries to [`MAX_CONCURRENT`]; further ones wait for a permit.
    permits: Semaphore,
    lanes: Mutex<DeliveryLanes>,
    /// The number of running lanes.
    busy: watch::Sender<usize>,
    /// Changes when a recorder replies.
    pub(super) replied: watch::Sender<()>,
    /// Changes when a webhook with retries left is refused.
    pub(super) refused: watch::Sender<()>,
}

/// The outcomes of notifications so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCounts {
    /// The receiver answered with 2xx.
    pub delivered: u64,
    /// The receiver answered otherwise, or not at all.
    pub failed: u64,
    /// It was evicted from a full queue, or had no address.
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct DeliveryLanes {
    /// One queue for each address and call, so that the notifications of a call arrive in order and no call waits for
    /// another. While the clock is stepped by hand there is one queue for each address, so that all notifications
    /// arrive in order. Invariant: a lane exists exactly while its task runs.
    waiting: BTreeMap<DeliveryLane, Ring<WebhookPost, MOST_WAITING>>,
    /// The addresses that refused the last webhook, each logged once.
    failing: BoundedMap<Url, (), MOST_FAILING>,
    /// Refused webhooks with retries left; at most [`MOST_WAITING`], further ones get no retry.
    refused: Vec<WebhookPost>,
    counts: DeliveryCounts,
    /// The valid token of each tenant.
    tokens: BoundedMap<Box<str>, WebhookToken, MOST_TENANTS>,
    /// The replies of recorders. An evicted reply counts as one that did not arrive in time.
    replies: Ring<RecorderReply, MOST_WAITING>,
}

/// An address and a call; no call while all calls share one queue.
type DeliveryLane = (Url, Option<CallId>);

/// A token that is used until it expires or its key is replaced.
#[derive(Debug, Clone)]
struct WebhookToken {
    text: String,
    expires: i64,
    key: String,
}

impl WebhookSender {
    /// Creates a sender that trusts the system's certificate authorities, and those in `authorities`, which
    /// is PEM or empty.
    pub(super) fn new(keys: Arc<KeyRing>, audience: Box<str>, authorities: &[u8]) -> Result<Self, SimError> {
        let client = reply::client("Microsoft-Skype/3.0,(Calling/1.0)", ANSWER_TIMEOUT, authorities)?;
        let (busy, replied, refused) = (watch::Sender::new(0), watch::Sender::new(()), watch::Sender::new(()));
        let (permits, lanes) = (Semaphore::new(MAX_CONCURRENT), Mutex::default());
        Ok(Self { client, keys, audience, permits, lanes, busy, replied, refused })
    }

    /// Queues a webhook in its lane, and starts the task of the lane if it does not run.
    pub(super) fn send(self: &Arc<Self>, to: Option<Url>, post: WebhookPost, in_order: bool) {
        let mut lanes = self.lanes();
        let Some(to) = to else {
            lanes.counts.dropped += items(&post);
            return;
        };
        let lane = (to, (!in_order).then(|| post.call.clone()));
        if let Some(waiting) = lanes.waiting.get_mut(&lane) {
            let evicted = waiting.push(post);
            lanes.counts.dropped += evicted.as_ref().map(items).unwrap_or_default();
            return;
        }
        lanes.waiting.entry(lane.clone()).or_default().push(post);
        self.busy.send_replace(lanes.waiting.len());
        drop(lanes);
        let sender = Arc::clone(self);
        tokio::spawn(async move { sender.run(lane).await });
    }

    /// Waits until no webhook is queued or being delivered.
    pub(super) async fn wait_until_idle(&self) {
        let mut busy = self.busy.subscribe();
        // Waiting cannot fail, because `self` owns the sender.
        let _ = busy.wait_for(|it| *it == 0).await;
    }

    /// Waits until no webhook of a call is queued or being delivered, at most for [`ANSWER_TIMEOUT`].
    pub(super) async fn wait_until_call_idle(&self, call: &CallId) {
        let mut busy = self.busy.subscribe();
        let of_call = |lane: &DeliveryLane| lane.1.as_ref().is_none_or(|it| it == call);
        let idle = async {
            loop {
                busy.mark_unchanged();
                if !self.lanes().waiting.keys().any(of_call) || busy.changed().await.is_err() {
                    return;
                }
            }
        };
        // After the timeout the caller continues without the receiver's answer.
        let _ = tokio::time::timeout(ANSWER_TIMEOUT, idle).await;
    }

    /// Returns whether no webhook is queued or being delivered.
    pub(super) fn is_idle(&self) -> bool {
        *self.busy.borrow() == 0
    }

    /// Removes and returns the replies of recorders, in order.
    pub(super) fn take_replies(&self) -> Ring<RecorderReply, MOST_WAITING> {
        std::mem::take(&mut self.lanes().replies)
    }

    /// Returns the outcomes of notifications so far.
    pub(super) fn counts(&self) -> DeliveryCounts {
        self.lanes().counts
    }

    /// Removes and returns the refused webhooks with retries left.
    pub(super) fn take_refused(&self) -> Vec<WebhookPost> {
        std::mem::take(&mut self.lanes().refused)
    }

    /// Returns whether there are refused webhooks with retries left.
    pub(super) fn has_refused(&self) -> bool {
        !self.lanes().refused.is_empty()
    }

    async fn run(&self, lane: DeliveryLane) {
        while let Some(post) = self.next(&lane) {
            // The semaphore is never closed.
            let _permit = self.permits.acquire().await;
            let to = &lane.0;
            let delivered = self.deliver(to, &post).await;
            let is_accepted = matches!(&delivered, Ok(status) if status.is_success());
            let mut lanes = self.lanes();
            lanes.log_refusal(to, &delivered);
            if is_accepted {
                lanes.counts.delivered += items(&post);
                continue;
            }
            lanes.counts.failed += items(&post);
            if post.retries_left > 0 && lanes.refused.len() < MOST_WAITING {
                lanes.refused.push(post);
                drop(lanes);
                self.refused.send_replace(());
            }
        }
    }

    fn next(&self, lane: &DeliveryLane) -> Option<WebhookPost> {
        let mut lanes = self.lanes();
        let next = lanes.waiting.get_mut(lane).and_then(Ring::pop_oldest);
        if next.is_none() {
            lanes.waiting.remove(lane);
            self.busy.send_replace(lanes.waiting.len());
        }
        next
    }

    async fn deliver(&self, to: &Url, post: &WebhookPost) -> Result<reqwest::StatusCode, WebhookError> {
        let mut answer = self.post(to, post).await?;
        if post.expects == ExpectedReply::AddressOrReceipt {
            answer = match reply::next_after(to, &answer) {
                IncomingNext::Done => answer,
                IncomingNext::Redirect(address) => self.post(&address, post).await?,
                IncomingNext::Repeat => self.post(to, post).await?,
            };
        }
        let status = answer.status();
        if let ExpectedReply::Reply(who) = &post.expects
            && status.is_success()
        {
            let reply = RecorderReply { call: post.call.clone(), who: who.clone(), body: reply::body(answer).await };
            self.lanes().replies.push(reply);
            self.replied.send_replace(());
        }
        Ok(status)
    }

    async fn post(&self, to: &Url, post: &WebhookPost) -> Result<reqwest::Response, WebhookError> {
        let body = json!({ "@odata.type": "#microsoft.graph.commsNotifications", "value": post.items });
        let mut request = (self.client.post(to.clone()))
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "Keep-Alive")
            .header(header::MAX_FORWARDS, MOST_FORWARDS)
            .header("X-Microsoft-Skype-Chain-ID", &*post.chain)
            .header("X-Microsoft-Skype-Message-ID", &*post.message)
            .header("Scenario-ID", &*post.chain)
            .json(&body);
        if let Some(token) = self.token(post).await? {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?)
    }

    /// Returns the token of a webhook. A valid token is cached until it expires; an invalid one is made each time.
    async fn token(&self, post: &WebhookPost) -> Result<Option<String>, KeyError> {
        let now = clock::wall().0 / 1_000;
        let (audience, tenant) = (&self.audience, &post.tenant);
        let claims = json!({
            "iss": ISSUER, "aud": audience, "tid": tenant, "iat": now, "nbf": now - 5, "exp": now + TOKEN_LIFETIME,
        });
        let wrong = |member: &str, value: Value| {
            let mut wrong = claims.clone();
            if let Some(claim) = wrong.get_mut(member) {
                *claim = value;
            }
            wrong
        };
        let key = self.keys.current()?;
        let signed = match post.signature {
            Signature::Valid => return self.cached_token(&key, (&claims, tenant), now).map(Some),
            Signature::Unsigned => return Ok(None),
            Signature::WrongAudience => key.sign(&wrong("aud", json!(Uuid::nil())))?,
            Signature::WrongIssuer => key.sign(&wrong("iss", json!("https://issuer.invalid")))?,
            Signature::Expired => key.sign(&wrong("exp", json!(now - 3_600)))?,
            Signature::UnknownKey => self.keys.unpublished().await?.sign(&claims)?,
            Signature::WrongSignature => {
                let (right, other) = (key.sign(&claims)?, key.sign(&wrong("nbf", json!(now)))?);
                let (right, other) = (right.rsplit_once('.'), other.rsplit_once('.'));
                let (right, other) = right.zip(other).ok_or(KeyError::Sign)?;
                format!("{}.{}", right.0, other.1)
            }
        };
        Ok(Some(signed))
    }

    /// Returns the cached token of a tenant, or signs a new one.
    fn cached_token(&self, key: &SigningKey, (claims, tenant): (&Value, &str), now: i64) -> Result<String, KeyError> {
        let mut lanes = self.lanes();
        let cached = lanes.tokens.get(tenant).filter(|it| it.key == key.id() && it.expires - now > TOKEN_MIN_REMAINING);
        if let Some(token) = cached {
            return Ok(token.text.clone());
        }
        let token = WebhookToken { text: key.sign(claims)?, expires: now + TOKEN_LIFETIME, key: key.id().to_owned() };
        lanes.tokens.insert(tenant.into(), token.clone());
        Ok(token.text)
    }

    fn lanes(&self) -> MutexGuard<'_, DeliveryLanes> {
        self.lanes.lock()
    }
}

/// The issuer of webhook tokens (graph-contract.md, "Who signs webhooks").
pub(super) const ISSUER: &str = "https://api.botframework.com";

impl DeliveryLanes {
    /// Logs that an address refuses webhooks, once until it accepts one.
    fn log_refusal(&mut self, to: &Url, delivered: &Result<reqwest::StatusCode, WebhookError>) {
        let why = match delivered {
            Ok(status) if status.is_success() => {
                self.failing.remove(to);
                return;
            }
            Ok(status) => format!("it answered {status}"),
            Err(error) => error.to_string(),
        };
        if self.failing.get(to).is_none() {
            self.failing.insert(to.clone(), ());
            tracing::warn!(%to, why, "a webhook refuses notifications; this is logged once until it accepts one");
        }
    }
}

/// Returns how many notifications a webhook carries.
fn items(post: &WebhookPost) -> u64 {
    u64::try_from(post.items.len()).unwrap_or(u64::MAX)
}

#[derive(Debug, thiserror::Error)]
enum WebhookError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
}
