//! The bot's webhook: verifies the signature, answers 202, and stores what the bot needs. Repeats change nothing. The bot
//! reads the state of a call rather than derive it from notifications.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use tokio::sync::watch;

/// What came so far.
#[derive(Default)]
pub(crate) struct Heard {
    /// How operations ended, by their ids and by their `clientContext`: `completed` is not undone by what came late.
    pub(crate) operations: BTreeMap<String, String>,
    /// Calls whose end was told.
    pub(crate) ended: BTreeSet<String>,
    /// The calls that notify each address.
    pub(crate) calls: BTreeMap<String, BTreeSet<String>>,
    /// How many webhooks were turned away.
    pub(crate) forged: usize,
}

/// Where notifications arrive.
pub(crate) struct Inbox {
    heard: Mutex<Heard>,
    arrived: watch::Sender<()>,
    keys: tokio::sync::Mutex<JwkSet>,
    openid: String,
    audience: String,
}

/// An id as it compares: in any case, with or without dashes.
pub(crate) fn plain(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

impl Inbox {
    /// Opens a webhook; the address below which it takes notifications.
    pub(crate) async fn open(openid: String, audience: String) -> (Arc<Self>, String) {
        let (heard, arrived) = (Mutex::default(), watch::Sender::new(()));
        let keys = tokio::sync::Mutex::new(JwkSet { keys: Vec::new() });
        let inbox = Arc::new(Self { heard, arrived, keys, openid, audience });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let app = Router::new().route("/calls/{attempt}", post(take)).with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (inbox, format!("http://{at}/calls"))
    }

    pub(crate) fn look<T>(&self, sees: impl FnOnce(&Heard) -> T) -> T {
        sees(&self.heard.lock().unwrap())
    }

    /// Changes with every notification.
    pub(crate) fn arrivals(&self) -> watch::Receiver<()> {
        self.arrived.subscribe()
    }

    /// Whether the platform signed this for us. Keys are fetched anew when a token names one that is not known.
    async fn is_signed(&self, headers: &HeaderMap) -> bool {
        let token = headers.get("authorization").and_then(|it| it.to_str().ok()).unwrap_or_default();
        let token = token.strip_prefix("Bearer ").unwrap_or_default();
        let Some(kid) = jsonwebtoken::decode_header(token).ok().and_then(|it| it.kid) else { return false };
        let mut keys = self.keys.lock().await;
        if keys.find(&kid).is_none()
            && let Some(fetched) = self.fetch().await
        {
            *keys = fetched;
        }
        let Some(key) = keys.find(&kid).and_then(|it| DecodingKey::from_jwk(it).ok()) else { return false };
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_audience(&[&self.audience]);
        rules.set_issuer(&["https://api.botframework.com", "https://graph.microsoft.com"]);
        jsonwebtoken::decode::<Value>(token, &key, &rules).is_ok_and(|it| it.claims["tid"].is_string())
    }

    async fn fetch(&self) -> Option<JwkSet> {
        let openid: Value = reqwest::get(&self.openid).await.ok()?.json().await.ok()?;
        reqwest::get(openid["jwks_uri"].as_str()?).await.ok()?.json().await.ok()
    }
}

async fn take(
    State(inbox): State<Arc<Inbox>>,
    Path(attempt): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if !inbox.is_signed(&headers).await {
        inbox.heard.lock().unwrap().forged += 1;
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(envelope) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    let mut heard = inbox.heard.lock().unwrap();
    for item in envelope["value"].as_array().into_iter().flatten() {
        hear(&mut heard, &attempt, item);
    }
    drop(heard);
    inbox.arrived.send_replace(());
    StatusCode::ACCEPTED
}

fn hear(heard: &mut Heard, attempt: &str, item: &Value) {
    let path = [&item["resourceUrl"], &item["resource"]].into_iter().find_map(|it| it.as_str()).unwrap_or_default();
    let mut segments = path.split('/').skip_while(|it| !it.eq_ignore_ascii_case("calls")).skip(1);
    let Some(call) = segments.next().map(plain) else { return };
    heard.calls.entry(attempt.to_owned()).or_default().insert(call.clone());
    let deleted = item["changeType"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("deleted"));
    match (segments.next(), segments.next()) {
        (None, _) if deleted => {
            heard.ended.insert(call);
        }
        (Some(of), Some(id)) if of.eq_ignore_ascii_case("operations") && deleted => {
            let data = &item["resourceData"];
            let data = data.as_array().and_then(|it| it.first()).unwrap_or(data);
            let status = data["status"].as_str().unwrap_or_default().to_lowercase();
            let context = data["clientContext"].as_str().map(str::to_owned);
            for name in [Some(plain(id)), context].into_iter().flatten() {
                let known = heard.operations.entry(name).or_default();
                if known != "completed" {
                    known.clone_from(&status);
                }
            }
        }
        _ => {}
    }
}
