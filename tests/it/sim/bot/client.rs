//! The bot: it knows the address of Graph, a token endpoint and its own secret, and does what Graph's pages tell bots
//! to do. It waits as `Retry-After` says, reads what it was not told, takes 404 for the end of a call once reading
//! the call says so too, and asks again for what has no proof.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use callboard::time::Millis;
use callboard::time::clock::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::inbox::{Inbox, plain};

/// How often one request is made before the bot gives up.
const ATTEMPTS: i32 = 40;
/// How long the bot waits to be told of something before it reads, in its own time.
const LOOKS: Millis = Millis(2_000);
/// How often it looks before it asks again.
const PATIENCE: usize = 15;

/// What the bot is told of the world.
pub(crate) struct Access {
    pub(crate) graph: String,
    pub(crate) token: String,
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// Why the bot does not go on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The call has ended.
    Ended,
    /// Graph says that the bot is wrong, or says nothing of use for too long.
    Lost(String),
}

pub(crate) struct Bot {
    access: Access,
    http: reqwest::Client,
    clock: Clock,
    inbox: Arc<Inbox>,
    callback: String,
    token: Mutex<Option<String>>,
    marks: Cell<usize>,
}

impl Bot {
    pub(crate) fn new(access: Access, clock: Clock, (inbox, callback): (Arc<Inbox>, String)) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        Self { access, http, clock, inbox, callback, token: Mutex::new(None), marks: Cell::new(0) }
    }

    fn mark(&self) -> String {
        self.marks.set(self.marks.get() + 1);
        format!("mark-{}", self.marks.get())
    }

    async fn bearer(&self) -> Option<String> {
        let mut token = self.token.lock().await;
        if token.is_none() {
            let form = [
                ("client_id", self.access.id.as_str()),
                ("client_secret", self.access.secret.as_str()),
                ("grant_type", "client_credentials"),
                ("scope", "https://graph.microsoft.com/.default"),
            ];
            let granted = self.http.post(&self.access.token).form(&form).send().await.ok()?;
            let granted: Value = granted.json().await.ok()?;
            *token = granted["access_token"].as_str().map(str::to_owned);
        }
        token.clone()
    }

    /// Makes one request, without a second try; how long to wait where the answer says so.
    async fn once(&self, method: &Method, path: &str, body: &Value) -> Option<(StatusCode, Option<Millis>, Value)> {
        let token = self.bearer().await?;
        let asked = self.http.request(method.clone(), format!("{}{path}", self.access.graph)).bearer_auth(token);
        let asked = if body.is_null() { asked } else { asked.json(body) };
        let answer = asked.send().await.ok()?;
        let wait = answer.headers().get("retry-after").and_then(|it| it.to_str().ok()?.parse::<f64>().ok());
        #[expect(clippy::cast_possible_truncation, reason = "a wait of seconds")]
        let wait = wait.map(|it| Millis((it * 1_000.0).ceil() as i64));
        let status = answer.status();
        let text = answer.text().await.ok()?;
        Some((status, wait, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// Makes a request until it is answered; its body is made anew each time.
    async fn asks(&self, method: Method, path: &str, body: impl Fn() -> Value) -> Result<(StatusCode, Value), Stop> {
        let mut last = String::new();
        for attempt in 0..ATTEMPTS {
            let backoff = Millis(200 << attempt.min(4));
            let wait = match self.once(&method, path, &body()).await {
                None => backoff,
                Some((status, _, said)) if status.is_success() => return Ok((status, said)),
                Some((status, wait, said)) => {
                    last = format!("{method} {path}: {status} {said}");
                    match status.as_u16() {
                        400 | 405 | 415 => break,
                        401 | 403 => {
                            // The token may have expired, or lack what was granted since.
                            *self.token.lock().await = None;
                            backoff
                        }
                        404 if attempt > 0 && self.is_gone(path).await => return Err(Stop::Ended),
                        _ => wait.unwrap_or(backoff),
                    }
                }
            };
            self.clock.sleep(wait).await;
        }
        Err(Stop::Lost(last))
    }

    /// Whether a call is not there, as reading it says three times in a row.
    async fn is_gone(&self, path: &str) -> bool {
        let call = path.split('/').take(2).collect::<Vec<_>>().join("/");
        for _ in 0..3 {
            let read = self.once(&Method::GET, &call, &Value::Null).await;
            if read.is_none_or(|(status, ..)| status != StatusCode::NOT_FOUND) {
                return false;
            }
        }
        true
    }

    /// Waits until Graph tells something, or for as long as the bot goes without looking.
    async fn told(&self) {
        let mut arrivals = self.inbox.arrivals();
        tokio::select! {
            _ = arrivals.changed() => {}
            () = self.clock.sleep(LOOKS) => {}
        }
    }

    /// Creates a group call and waits until it is established; its path. Each attempt notifies an address of its
    /// own, so that a call whose answer was lost is known, and ended.
    pub(crate) async fn call(&self) -> Result<String, Stop> {
        let target = |name: &str| json!({ "identity": { "user": { "id": name, "displayName": name } } });
        let attempt = Cell::new(0);
        let (_, created) = self
            .asks(Method::POST, "", || {
                attempt.set(attempt.get() + 1);
                json!({
                    "callbackUri": format!("{}/{}", self.callback, attempt.get()),
                    "targets": [target("user1"), target("user2")],
                    "requestedModalities": ["audio"],
                    "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
                })
            })
            .await?;
        let call = format!("/{}", created["id"].as_str().unwrap());
        for _ in 0..PATIENCE * 4 {
            let (_, read) = self.asks(Method::GET, &call, || Value::Null).await?;
            if read["state"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("established")) {
                self.end_strays(&call).await?;
                return Ok(call);
            }
            self.told().await;
        }
        Err(Stop::Lost("the call is not established".into()))
    }

    /// Ends the calls that attempts at creating one have left behind.
    async fn end_strays(&self, call: &str) -> Result<(), Stop> {
        let own = plain(call.trim_start_matches('/'));
        let heard: Vec<String> = self.inbox.look(|it| it.calls.values().flatten().cloned().collect());
        for stray in heard.iter().filter(|it| **it != own) {
            self.hang_up(&format!("/{stray}")).await?;
        }
        Ok(())
    }

    /// Somebody of the roster who is not the bot.
    pub(crate) async fn somebody(&self, call: &str) -> Result<String, Stop> {
        for _ in 0..PATIENCE * 4 {
            let (_, whole) = self.asks(Method::GET, call, || Value::Null).await?;
            let (_, roster) = self.asks(Method::GET, &format!("{call}/participants"), || Value::Null).await?;
            let people = roster["value"].as_array().cloned().unwrap_or_default();
            let other =
                people.iter().find(|it| it["id"] != whole["myParticipantId"] && it["isInLobby"] == json!(false));
            if let Some(other) = other {
                return Ok(other["id"].as_str().unwrap().to_owned());
            }
            self.told().await;
        }
        Err(Stop::Lost("nobody comes".into()))
    }

    /// Says that the bot is there.
    pub(crate) async fn keep(&self, call: &str) -> Result<(), Stop> {
        self.asks(Method::POST, &format!("{call}/keepAlive"), || Value::Null).await.map(|_| ())
    }

    /// Puts somebody on hold.
    pub(crate) async fn hold(&self, call: &str, who: &str) -> Result<(), Stop> {
        for _ in 0..ATTEMPTS {
            if self.operates(call, &format!("{call}/participants/{who}/startHoldMusic")).await? {
                return Ok(());
            }
        }
        Err(Stop::Lost("no hold succeeds".into()))
    }

    /// Brings somebody back. A release that fails may be the second of two, the first of which has no proof; then
    /// the hold is made sure of and released again.
    pub(crate) async fn release(&self, call: &str, who: &str) -> Result<(), Stop> {
        for _ in 0..ATTEMPTS {
            if self.operates(call, &format!("{call}/participants/{who}/stopHoldMusic")).await? {
                return Ok(());
            }
            self.hold(call, who).await?;
        }
        Err(Stop::Lost("no release succeeds".into()))
    }

    /// Asks for an operation and waits for its end; whether it succeeded. One that does not end counts as failed.
    async fn operates(&self, call: &str, path: &str) -> Result<bool, Stop> {
        let mark = self.mark();
        let (_, said) = self.asks(Method::POST, path, || json!({ "clientContext": mark })).await?;
        let id = said["id"].as_str().unwrap_or_default().to_owned();
        let mut status = said["status"].as_str().unwrap_or_default().to_lowercase();
        for _ in 0..PATIENCE {
            let told = |name: &str| self.inbox.look(|it| it.operations.get(name).cloned());
            if let Some(told) = told(&plain(&id)).or_else(|| told(&mark)) {
                status = told;
            }
            if status == "completed" || status == "failed" {
                let known = told(&mark).is_some_and(|it| it == "completed");
                return Ok(known || status == "completed");
            }
            self.told().await;
            let (_, read) = self.asks(Method::GET, &format!("{call}/operations/{id}"), || Value::Null).await?;
            status = read["status"].as_str().unwrap_or_default().to_lowercase();
        }
        Ok(false)
    }

    /// Mutes somebody, and takes the roster's word for it.
    pub(crate) async fn mute(&self, call: &str, who: &str) -> Result<(), Stop> {
        let path = format!("{call}/participants/{who}");
        for _ in 0..PATIENCE {
            let mark = self.mark();
            self.asks(Method::POST, &format!("{path}/mute"), || json!({ "clientContext": mark })).await?;
            let (_, read) = self.asks(Method::GET, &path, || Value::Null).await?;
            if read["isMuted"] == json!(true) {
                return Ok(());
            }
            self.told().await;
        }
        Err(Stop::Lost("no mute is shown".into()))
    }

    /// Hangs up, and waits until the call is not there any more.
    pub(crate) async fn hang_up(&self, call: &str) -> Result<(), Stop> {
        match self.asks(Method::DELETE, call, || Value::Null).await {
            Ok(_) | Err(Stop::Ended) => {}
            Err(lost) => return Err(lost),
        }
        for _ in 0..PATIENCE * 4 {
            let told = self.inbox.look(|it| it.ended.contains(&plain(call.trim_start_matches('/'))));
            if told || self.is_gone(call).await {
                return Ok(());
            }
            self.told().await;
        }
        Err(Stop::Lost("the call does not end".into()))
    }
}
