//! Delivers notifications to webhooks: in order for each address, one address never waiting for another.
//!
//! A delivery is one POST. What the receiver answers is counted. A letter that was not taken and may be sent again is
//! given back, so that it never holds up the next one; only an incoming call may be sent elsewhere, once. Knows
//! nothing of calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;
use uuid::Uuid;

use crate::clock;

use super::SimError;
use super::faults::Signature;
use super::keyring::KeyRing;
use super::keys::{KeyError, SigningKey};
use super::reply::{self, Replied, Then};
use super::world::{Expects, Letter};

/// The most notifications that wait for one address; more push out the oldest, which is counted as dropped.
const MOST_WAITING: usize = 10_000;
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
pub(super) struct Post {
    client: reqwest::Client,
    keys: Arc<KeyRing>,
    issued: Claims,
    lanes: Mutex<Lanes>,
    busy: watch::Sender<usize>,
    /// Tells that a reply came.
    pub(super) replied: watch::Sender<()>,
    returns: watch::Sender<()>,
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
    waiting: BTreeMap<Url, VecDeque<Letter>>,
    /// What was not taken and leaves again; at most [`MOST_WAITING`], then no more is given back.
    returned: Vec<Letter>,
    counts: Counts,
    token: Option<Token>,
    /// What recorders replied. At [`MOST_WAITING`] the oldest is forgotten, as if it had not come in time.
    replies: VecDeque<Replied>,
}

/// A token that is used while it lives and its key signs.
#[derive(Debug, Clone)]
struct Token {
    text: String,
    expires: i64,
    key: String,
}

impl Post {
    /// A post office whose receivers' certificates may also come from `authorities`, which is PEM or empty.
    pub(super) fn new(keys: Arc<KeyRing>, issued: Claims, authorities: &[u8]) -> Result<Self, SimError> {
        let client = reply::client("Microsoft-Skype/3.0,(Calling/1.0)", PATIENCE, authorities)?;
        let (busy, replied, returns) = (watch::Sender::new(0), watch::Sender::new(()), watch::Sender::new(()));
        Ok(Self { client, keys, issued, lanes: Mutex::default(), busy, replied, returns })
    }

    /// Puts a letter in the queue of its address; delivers it from a task of that address.
    pub(super) fn send(self: &Arc<Self>, to: Option<Url>, letter: Letter) {
        let mut lanes = self.lanes();
        let Some(to) = to else {
            lanes.counts.dropped += items(&letter);
            return;
        };
        if let Some(waiting) = lanes.waiting.get_mut(&to) {
            waiting.push_back(letter);
            let pushed_out = if waiting.len() > MOST_WAITING { waiting.pop_front() } else { None };
            lanes.counts.dropped += pushed_out.as_ref().map(items).unwrap_or_default();
            return;
        }
        lanes.waiting.insert(to.clone(), VecDeque::from([letter]));
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

    /// What leaves again; it is the caller's from now on.
    pub(super) fn returned(&self) -> Vec<Letter> {
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

    async fn run(&self, to: Url) {
        while let Some(letter) = self.next(&to) {
            let delivered = self.deliver(&to, &letter).await;
            let taken = match &delivered {
                Ok(status) if status.is_success() => true,
                Ok(status) => {
                    tracing::warn!(%to, %status, call = %letter.call, "a webhook refused a notification");
                    false
                }
                Err(error) => {
                    tracing::warn!(%to, %error, call = %letter.call, "a webhook could not be reached");
                    false
                }
            };
            let mut lanes = self.lanes();
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

    fn next(&self, to: &Url) -> Option<Letter> {
        let mut lanes = self.lanes();
        let next = lanes.waiting.get_mut(to).and_then(VecDeque::pop_front);
        if next.is_none() {
            lanes.waiting.remove(to);
            self.busy.send_replace(lanes.waiting.len());
        }
        next
    }

    async fn deliver(&self, to: &Url, letter: &Letter) -> Result<reqwest::StatusCode, PostError> {
        let mut answer = self.ask(to, letter).await?;
        if letter.expects == Expects::Place {
            answer = match reply::then(to, &answer) {
                Then::Rest => answer,
                Then::Go(place) => self.ask(&place, letter).await?,
                Then::Repeat => self.ask(to, letter).await?,
            };
        }
        let status = answer.status();
        if let Expects::Reply(who) = &letter.expects
            && status.is_success()
        {
            let reply = Replied { call: letter.call.clone(), who: who.clone(), body: reply::body(answer).await };
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

    async fn ask(&self, to: &Url, letter: &Letter) -> Result<reqwest::Response, PostError> {
        let body = json!({ "@odata.type": "#microsoft.graph.commsNotifications", "value": letter.items });
        let mut request = (self.client.post(to.clone()))
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "Keep-Alive")
            .header(header::MAX_FORWARDS, MOST_FORWARDS)
            .header("X-Microsoft-Skype-Chain-ID", &*letter.chain)
            .header("X-Microsoft-Skype-Message-ID", &*letter.message)
            .header("Scenario-ID", &*letter.scenario)
            .json(&body);
        if let Some(token) = self.token(letter.signature).await? {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?)
    }

    /// A webhook token: a good one is signed once and used while it lives, a wrong one is made each time.
    async fn token(&self, signature: Signature) -> Result<Option<String>, KeyError> {
        let now = clock::wall().0 / 1_000;
        let Claims { audience, tenant } = &self.issued;
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
        let signed = match signature {
            Signature::Valid => return self.good(&key, &good, now).map(Some),
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

    fn good(&self, key: &SigningKey, claims: &Value, now: i64) -> Result<String, KeyError> {
        let mut lanes = self.lanes();
        if let Some(token) = lanes.token.as_ref().filter(|it| it.key == key.id() && it.expires - now > TOKEN_FRESH) {
            return Ok(token.text.clone());
        }
        let token = Token { text: key.sign(claims)?, expires: now + TOKEN_LIVES, key: key.id().to_owned() };
        lanes.token = Some(token.clone());
        Ok(token.text)
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who signs webhooks (contract section 7.6).
pub(super) const ISSUER: &str = "https://api.botframework.com";

/// How many notifications a letter carries.
fn items(letter: &Letter) -> u64 {
    u64::try_from(letter.items.len()).unwrap_or(u64::MAX)
}

#[derive(Debug, thiserror::Error)]
enum PostError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
}
