//! Delivers notifications to webhooks: what one call says in order, and no call waiting for another, as far as so many
//! may be on their way at once.
//!
//! A delivery is one POST. What the receiver answers is counted. A letter that was not taken and may be sent again is
//! given back, so that it never holds up the next one; only an incoming call may be sent elsewhere, once. Knows
//! nothing of what calls say.

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

/// The most notifications of one call that wait for one address; more push out the oldest, which is counted as dropped.
const MOST_WAITING: usize = 10_000;
/// The most that are on their way at once.
const AT_ONCE: usize = 256;
/// The most addresses whose refusals are remembered.
const MOST_FAILING: usize = 1_000;
/// The most tenants whose token is kept.
const MOST_TENANTS: usize = 100;
/// The longest that a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What `Max-Forwards` says: that it comes was observed, and not its value. \[unverified\]
const MOST_FORWARDS: &str = "10";
/// How long a webhook token lives, in seconds.
const TOKEN_LIVES: i64 = 3_900;
/// A token with less than this left, in seconds, is replaced.
const TOKEN_FRESH: i64 = 600;

/// The post office.
#[derive(Debug)]
pub(super) struct WebhookSender {
    client: reqwest::Client,
    keys: Arc<KeyRing>,
    /// The application that webhooks are for.
    audience: Box<str>,
    /// At most [`AT_ONCE`]; more wait for their turn.
    turns: Semaphore,
    lanes: Mutex<DeliveryLanes>,
    busy: watch::Sender<usize>,
    /// Tells that a reply came.
    pub(super) replied: watch::Sender<()>,
    returns: watch::Sender<()>,
}

/// What became of notifications so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCounts {
    /// Answered with 2xx.
    pub delivered: u64,
    /// Answered otherwise, or not at all.
    pub failed: u64,
    /// Pushed out of a full queue, or without an address to go to.
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct DeliveryLanes {
    /// A lane for each call at each address: what one call says comes in order, and nobody waits for another call. While
    /// the clock is stepped by hand, one for each address: then all of it comes in one order.
    /// Invariant: a lane is there exactly while its task runs.
    waiting: BTreeMap<DeliveryLane, Ring<WebhookPost, MOST_WAITING>>,
    /// The addresses that refused the last webhook, each logged once.
    failing: BoundedMap<Url, (), MOST_FAILING>,
    /// What was not taken and leaves again; at most [`MOST_WAITING`], then no more is given back.
    returned: Vec<WebhookPost>,
    counts: DeliveryCounts,
    /// The good token of each tenant.
    tokens: BoundedMap<Box<str>, WebhookToken, MOST_TENANTS>,
    /// The replies of recorders. An evicted one counts as a reply that did not come in time.
    replies: Ring<RecorderReply, MOST_WAITING>,
}

/// An address and a call; no call where everything waits for what came before it.
type DeliveryLane = (Url, Option<CallId>);

/// A token that is used while it lives and its key signs.
#[derive(Debug, Clone)]
struct WebhookToken {
    text: String,
    expires: i64,
    key: String,
}

impl WebhookSender {
    /// A post office whose receivers' certificates may also come from `authorities`, which is PEM or empty.
    pub(super) fn new(keys: Arc<KeyRing>, audience: Box<str>, authorities: &[u8]) -> Result<Self, SimError> {
        let client = reply::client("Microsoft-Skype/3.0,(Calling/1.0)", PATIENCE, authorities)?;
        let (busy, replied, returns) = (watch::Sender::new(0), watch::Sender::new(()), watch::Sender::new(()));
        let (turns, lanes) = (Semaphore::new(AT_ONCE), Mutex::default());
        Ok(Self { client, keys, audience, turns, lanes, busy, replied, returns })
    }

    /// Puts a letter in the queue of its address; delivers it from a task of that address and call.
    pub(super) fn send(self: &Arc<Self>, to: Option<Url>, letter: WebhookPost, in_order: bool) {
        let mut lanes = self.lanes();
        let Some(to) = to else {
            lanes.counts.dropped += items(&letter);
            return;
        };
        let lane = (to, (!in_order).then(|| letter.call.clone()));
        if let Some(waiting) = lanes.waiting.get_mut(&lane) {
            let evicted = waiting.push(letter);
            lanes.counts.dropped += evicted.as_ref().map(items).unwrap_or_default();
            return;
        }
        lanes.waiting.entry(lane.clone()).or_default().push(letter);
        self.busy.send_replace(lanes.waiting.len());
        drop(lanes);
        let post = Arc::clone(self);
        tokio::spawn(async move { post.run(lane).await });
    }

    /// Waits until nothing is waiting or under way.
    pub(super) async fn idle(&self) {
        let mut busy = self.busy.subscribe();
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = busy.wait_for(|it| *it == 0).await;
    }

    /// Waits until nothing of a call is waiting or under way, at most as long as one receiver may take.
    pub(super) async fn took(&self, call: &CallId) {
        let mut busy = self.busy.subscribe();
        let of_call = |lane: &DeliveryLane| lane.1.as_ref().is_none_or(|it| it == call);
        let taken = async {
            loop {
                busy.mark_unchanged();
                if !self.lanes().waiting.keys().any(of_call) || busy.changed().await.is_err() {
                    return;
                }
            }
        };
        // Whoever does not answer is not waited for any longer.
        let _ = tokio::time::timeout(PATIENCE, taken).await;
    }

    /// Whether nothing is waiting or under way.
    pub(super) fn is_idle(&self) -> bool {
        *self.busy.borrow() == 0
    }

    /// The replies that came, in order; they are given once.
    pub(super) fn replies(&self) -> Ring<RecorderReply, MOST_WAITING> {
        std::mem::take(&mut self.lanes().replies)
    }

    /// What became of notifications so far.
    pub(super) fn counts(&self) -> DeliveryCounts {
        self.lanes().counts
    }

    /// What leaves again; it is the caller's from now on.
    pub(super) fn returned(&self) -> Vec<WebhookPost> {
        std::mem::take(&mut self.lanes().returned)
    }

    /// Whether something leaves again.
    pub(super) fn has_returned(&self) -> bool {
        !self.lanes().returned.is_empty()
    }

    /// Changes when something leaves again.
    pub(super) fn returns(&self) -> watch::Receiver<()> {
        self.returns.subscribe()
    }

    async fn run(&self, lane: DeliveryLane) {
        while let Some(letter) = self.next(&lane) {
            // The semaphore is never closed.
            let _turn = self.turns.acquire().await;
            let to = &lane.0;
            let delivered = self.deliver(to, &letter).await;
            let taken = matches!(&delivered, Ok(status) if status.is_success());
            let mut lanes = self.lanes();
            lanes.remember(to, &delivered);
            if taken {
                lanes.counts.delivered += items(&letter);
                continue;
            }
            lanes.counts.failed += items(&letter);
            if letter.again > 0 && lanes.returned.len() < MOST_WAITING {
                lanes.returned.push(letter);
                drop(lanes);
                self.returns.send_replace(());
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

    async fn deliver(&self, to: &Url, letter: &WebhookPost) -> Result<reqwest::StatusCode, WebhookError> {
        let mut answer = self.ask(to, letter).await?;
        if letter.expects == ExpectedReply::Place {
            answer = match reply::then(to, &answer) {
                IncomingNext::Rest => answer,
                IncomingNext::Go(place) => self.ask(&place, letter).await?,
                IncomingNext::Repeat => self.ask(to, letter).await?,
            };
        }
        let status = answer.status();
        if let ExpectedReply::Reply(who) = &letter.expects
            && status.is_success()
        {
            let reply = RecorderReply { call: letter.call.clone(), who: who.clone(), body: reply::body(answer).await };
            self.lanes().replies.push(reply);
            self.replied.send_replace(());
        }
        Ok(status)
    }

    async fn ask(&self, to: &Url, letter: &WebhookPost) -> Result<reqwest::Response, WebhookError> {
        let body = json!({ "@odata.type": "#microsoft.graph.commsNotifications", "value": letter.items });
        let mut request = (self.client.post(to.clone()))
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "Keep-Alive")
            .header(header::MAX_FORWARDS, MOST_FORWARDS)
            .header("X-Microsoft-Skype-Chain-ID", &*letter.chain)
            .header("X-Microsoft-Skype-Message-ID", &*letter.message)
            .header("Scenario-ID", &*letter.scenario)
            .json(&body);
        if let Some(token) = self.token(letter).await? {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?)
    }

    /// A webhook token: a good one is signed once and used while it lives, a wrong one is made each time.
    async fn token(&self, letter: &WebhookPost) -> Result<Option<String>, KeyError> {
        let now = clock::wall().0 / 1_000;
        let (audience, tenant) = (&self.audience, &letter.tenant);
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
        let signed = match letter.signature {
            Signature::Valid => return self.good(&key, (&good, tenant), now).map(Some),
            Signature::Unsigned => return Ok(None),
            Signature::WrongAudience => key.sign(&wrong("aud", json!(Uuid::nil())))?,
            Signature::WrongIssuer => key.sign(&wrong("iss", json!("https://issuer.invalid")))?,
            Signature::Expired => key.sign(&wrong("exp", json!(now - 3_600)))?,
            Signature::UnknownKey => self.keys.stranger().await?.sign(&good)?,
            Signature::WrongSignature => {
                let (said, other) = (key.sign(&good)?, key.sign(&wrong("nbf", json!(now)))?);
                let (said, other) = (said.rsplit_once('.'), other.rsplit_once('.'));
                let (said, other) = said.zip(other).ok_or(KeyError::Sign)?;
                format!("{}.{}", said.0, other.1)
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

/// Who signs webhooks (graph-contract.md, "Who signs webhooks").
pub(super) const ISSUER: &str = "https://api.botframework.com";

impl DeliveryLanes {
    /// Says that an address takes nothing, once until it takes something again.
    fn remember(&mut self, to: &Url, delivered: &Result<reqwest::StatusCode, WebhookError>) {
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

/// How many notifications a letter carries.
fn items(letter: &WebhookPost) -> u64 {
    u64::try_from(letter.items.len()).unwrap_or(u64::MAX)
}

#[derive(Debug, thiserror::Error)]
enum WebhookError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
}
