//! Delivers notifications to webhooks: those of one call in order, those of several calls side by side, up to a bound.
//!
//! A delivery is one POST, and its outcome is counted. A refused webhook that may be sent again goes back to the world,
//! so that it never holds up the next one. Only an incoming call may be redirected, once. The content of notifications
//! is not known here.

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
use crate::clock;
use crate::graph::CallId;

use super::SimError;
use super::keyring::KeyRing;
use super::keys::{KeyError, SigningKey};
use super::reply::{self, IncomingNext, RecorderReply};
use super::settings::Signature;
use super::world::{ExpectedReply, WebhookPost};

/// The most webhooks of one call that wait for one address; a new one evicts the oldest, which counts as dropped.
const MOST_WAITING: usize = 10_000;
/// The most deliveries at a time.
const AT_ONCE: usize = 256;
/// The most addresses whose refusals are remembered.
const MOST_FAILING: usize = 1_000;
/// The most tenants whose token is kept.
const MOST_TENANTS: usize = 100;
/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The value of `Max-Forwards`. \[unverified\]: the header was observed, its value was not.
const MOST_FORWARDS: &str = "10";
/// How long a webhook token lives, in seconds.
const TOKEN_LIVES: i64 = 3_900;
/// The least lifetime that a token must have left, in seconds; a shorter one is replaced.
const TOKEN_FRESH: i64 = 600;

/// Delivers webhooks, and counts their outcomes.
#[derive(Debug)]
pub(super) struct WebhookSender {
    client: reqwest::Client,
    keys: Arc<KeyRing>,
    /// The application id that webhook tokens are for.
    audience: Box<str>,
    /// Bounds the deliveries: at most [`AT_ONCE`], and more wait for a permit.
    permits: Semaphore,
    lanes: Mutex<DeliveryLanes>,
    busy: watch::Sender<usize>,
    /// Changes when a recorder replies.
    pub(super) replied: watch::Sender<()>,
    /// Changes when a refused webhook may be sent again.
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
    /// Evicted from a full queue, or without an address to go to.
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct DeliveryLanes {
    /// A lane for each call at each address: the notifications of a call arrive in order, and no call waits for
    /// another. While the clock is stepped by hand, a lane for each address: then all notifications arrive in order.
    /// Invariant: a lane exists exactly while its task runs.
    waiting: BTreeMap<DeliveryLane, Ring<WebhookPost, MOST_WAITING>>,
    /// The addresses that refused the last webhook, each logged once.
    failing: BoundedMap<Url, (), MOST_FAILING>,
    /// Refused webhooks that may be sent again; at most [`MOST_WAITING`], then further ones are not sent again.
    refused: Vec<WebhookPost>,
    counts: DeliveryCounts,
    /// The good token of each tenant.
    tokens: BoundedMap<Box<str>, WebhookToken, MOST_TENANTS>,
    /// The replies of recorders. An evicted one counts as a reply that did not come in time.
    replies: Ring<RecorderReply, MOST_WAITING>,
}

/// An address and a call; no call where all calls share one order.
type DeliveryLane = (Url, Option<CallId>);

/// A token that is used until it expires or its key is replaced.
#[derive(Debug, Clone)]
struct WebhookToken {
    text: String,
    expires: i64,
    key: String,
}

impl WebhookSender {
    /// A sender that trusts the system's certificate authorities, and those in `authorities`, which is PEM or empty.
    pub(super) fn new(keys: Arc<KeyRing>, audience: Box<str>, authorities: &[u8]) -> Result<Self, SimError> {
        let client = reply::client("Microsoft-Skype/3.0,(Calling/1.0)", PATIENCE, authorities)?;
        let (busy, replied, refused) = (watch::Sender::new(0), watch::Sender::new(()), watch::Sender::new(()));
        let (permits, lanes) = (Semaphore::new(AT_ONCE), Mutex::default());
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

    /// Waits until no webhook is queued or on its way.
    pub(super) async fn idle(&self) {
        let mut busy = self.busy.subscribe();
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = busy.wait_for(|it| *it == 0).await;
    }

    /// Waits until no webhook of a call is queued or on its way, at most as long as one receiver may take.
    pub(super) async fn call_idle(&self, call: &CallId) {
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
        // A receiver that does not answer in time is not waited for.
        let _ = tokio::time::timeout(PATIENCE, idle).await;
    }

    /// Whether no webhook is queued or on its way.
    pub(super) fn is_idle(&self) -> bool {
        *self.busy.borrow() == 0
    }

    /// Takes the replies of recorders, in order.
    pub(super) fn take_replies(&self) -> Ring<RecorderReply, MOST_WAITING> {
        std::mem::take(&mut self.lanes().replies)
    }

    /// Returns the outcomes of notifications so far.
    pub(super) fn counts(&self) -> DeliveryCounts {
        self.lanes().counts
    }

    /// Takes the refused webhooks that may be sent again.
    pub(super) fn take_refused(&self) -> Vec<WebhookPost> {
        std::mem::take(&mut self.lanes().refused)
    }

    /// Whether a refused webhook may be sent again.
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
            if post.again > 0 && lanes.refused.len() < MOST_WAITING {
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
        if post.expects == ExpectedReply::Place {
            answer = match reply::then(to, &answer) {
                IncomingNext::Rest => answer,
                IncomingNext::Go(place) => self.post(&place, post).await?,
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
            .header("Scenario-ID", &*post.scenario)
            .json(&body);
        if let Some(token) = self.token(post).await? {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?)
    }

    /// Returns the token of a webhook. A good one is signed once and used until it expires;
    /// a wrong one is made each time.
    async fn token(&self, post: &WebhookPost) -> Result<Option<String>, KeyError> {
        let now = clock::wall().0 / 1_000;
        let (audience, tenant) = (&self.audience, &post.tenant);
        let good = json!({
            "iss": ISSUER, "aud": audience, "tid": tenant, "nbf": now - 5, "exp": now + TOKEN_LIVES,
        });
        let wrong = |member: &str, value: Value| {
            let mut claims = good.clone();
            if let Some(claim) = claims.get_mut(member) {
                *claim = value;
            }
            claims
        };
        let key = self.keys.current()?;
        let signed = match post.signature {
            Signature::Valid => return self.good(&key, (&good, tenant), now).map(Some),
            Signature::Unsigned => return Ok(None),
            Signature::WrongAudience => key.sign(&wrong("aud", json!(Uuid::nil())))?,
            Signature::WrongIssuer => key.sign(&wrong("iss", json!("https://issuer.invalid")))?,
            Signature::Expired => key.sign(&wrong("exp", json!(now - 3_600)))?,
            Signature::UnknownKey => self.keys.stranger().await?.sign(&good)?,
            Signature::WrongSignature => {
                let (right, other) = (key.sign(&good)?, key.sign(&wrong("nbf", json!(now)))?);
                let (right, other) = (right.rsplit_once('.'), other.rsplit_once('.'));
                let (right, other) = right.zip(other).ok_or(KeyError::Sign)?;
                format!("{}.{}", right.0, other.1)
            }
        };
        Ok(Some(signed))
    }

    fn good(&self, key: &SigningKey, (claims, tenant): (&Value, &str), now: i64) -> Result<String, KeyError> {
        let mut lanes = self.lanes();
        let kept = lanes.tokens.get(tenant).filter(|it| it.key == key.id() && it.expires - now > TOKEN_FRESH);
        if let Some(token) = kept {
            return Ok(token.text.clone());
        }
        let token = WebhookToken { text: key.sign(claims)?, expires: now + TOKEN_LIVES, key: key.id().to_owned() };
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
            tracing::warn!(%to, why, "a webhook refuses notifications; this line is logged once until it accepts one");
        }
    }
}

/// How many notifications a webhook carries.
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
