//! Delivers notifications to webhooks. Notifications of one call are delivered in order, but a slow receiver holds up the
//! next one only for a while; different calls are delivered concurrently, up to a bound.
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
    permits: Arc<Semaphore>,
    lanes: Mutex<DeliveryLanes>,
    /// The number of running lanes and of deliveries that were overtaken.
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
    /// The deliveries that the next one has not waited for, by lane. Bounded by [`MAX_CONCURRENT`]: each has a permit.
    overtaken: BTreeMap<DeliveryLane, usize>,
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
        let (permits, lanes) = (Arc::new(Semaphore::new(MAX_CONCURRENT)), Mutex::default());
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
        self.busy.send_replace(lanes.busy());
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
                let is_idle = {
                    let lanes = self.lanes();
                    !lanes.waiting.keys().chain(lanes.overtaken.keys()).any(of_call)
                };
                if is_idle || busy.changed().await.is_err() {
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

    /// Delivers the webhooks of a lane in order. Each waits for the receiver's answer to the one before, but in a lane of
    /// one call not longer than the setting `nextWaitsMs` says.
    async fn run(self: Arc<Self>, lane: DeliveryLane) {
        while let Some(post) = self.next(&lane) {
            // The semaphore is never closed, so that every delivery has a permit.
            let permit = Arc::clone(&self.permits).acquire_owned().await;
            let patience = lane.1.is_some().then(|| Duration::from_millis(post.next_waits_ms));
            let mut delivery = Box::pin(Arc::clone(&self).deliver_and_count(lane.0.clone(), post));
            let Some(patience) = patience else {
                delivery.await;
                continue;
            };
            if tokio::time::timeout(patience, &mut delivery).await.is_ok() {
                continue;
            }
            *self.lanes().overtaken.entry(lane.clone()).or_default() += 1;
            let (sender, lane) = (Arc::clone(&self), lane.clone());
            tokio::spawn(async move {
                delivery.await;
                drop(permit);
                sender.end_overtaken(&lane);
            });
        }
    }

    async fn deliver_and_count(self: Arc<Self>, to: Url, post: WebhookPost) {
        let delivered = self.deliver(&to, &post).await;
        let is_accepted = matches!(&delivered, Ok(status) if status.is_success());
        let mut lanes = self.lanes();
        lanes.log_refusal(&to, &delivered);
        if is_accepted {
            lanes.counts.delivered += items(&post);
            return;
        }
        lanes.counts.failed += items(&post);
        if post.retries_left > 0 && lanes.refused.len() < MOST_WAITING {
            lanes.refused.push(post);
            drop(lanes);
            self.refused.send_replace(());
        }
    }

    /// Notes the end of a delivery that the next one has not waited for.
    fn end_overtaken(&self, lane: &DeliveryLane) {
        let mut lanes = self.lanes();
        if let Some(running) = lanes.overtaken.get_mut(lane) {
            *running -= 1;
            if *running == 0 {
                lanes.overtaken.remove(lane);
            }
        }
        self.busy.send_replace(lanes.busy());
    }

    fn next(&self, lane: &DeliveryLane) -> Option<WebhookPost> {
        let mut lanes = self.lanes();
        let next = lanes.waiting.get_mut(lane).and_then(Ring::pop_oldest);
        if next.is_none() {
            lanes.waiting.remove(lane);
            self.busy.send_replace(lanes.busy());
        }
        next
    }

    async fn deliver(&self, to: &Url, post: &WebhookPost) -> Result<reqwest::StatusCode, WebhookError> {
        let mut answer = self.post(to, post).await?;
        if post.expects == ExpectedReply::AddressOrReceipt {
            answer = match reply::next_after(to, &answer, post.no_content) {
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
            .headers(platform_headers())
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

/// Returns the headers with which the platform names the part of it that sends. The names were observed
/// (msteams-docs #9170). \[unverified\]: the values.
fn platform_headers() -> header::HeaderMap {
    let named = [("ms-teams-ring", "general"), ("ms-teams-partition", "amer01"), ("ms-teams-region", "amer")];
    let headers =
        named.map(|(name, value)| (header::HeaderName::from_static(name), header::HeaderValue::from_static(value)));
    headers.into_iter().collect()
}

/// The issuer of webhook tokens (graph-contract.md, "Who signs webhooks").
pub(super) const ISSUER: &str = "https://api.botframework.com";

impl DeliveryLanes {
    /// Returns the number of running lanes and of deliveries that were overtaken.
    fn busy(&self) -> usize {
        self.waiting.len() + self.overtaken.values().sum::<usize>()
    }

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
