//! A scripted Graph: answers as the test sets up, counts requests, and signs webhooks like the platform.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;

pub(super) const APP: &str = "5a4cf3b8-4c44-4d2a-9a3a-1d5c0f8f4b11";
pub(super) const TENANT: &str = "632899f8-2ea1-4604-8413-27bd2892079f";
pub(super) const KID: &str = "key-1";
pub(super) const ROLLED: &str = "key-2";

pub(super) static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static OTHER_KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

pub(super) struct FakeGraph {
    base: String,
    state: Arc<GraphScript>,
}

#[derive(Default)]
pub(super) struct GraphScript {
    /// The requests to Graph, as `METHOD path body`.
    pub(super) requests: Mutex<Vec<String>>,
    /// The answers to acts, in order; `completed` when the list is empty.
    pub(super) answers: Mutex<VecDeque<Answer>>,
    pub(super) tokens: Mutex<u32>,
    pub(super) muted: Mutex<bool>,
    /// The number of next reads that fail.
    pub(super) failing: Mutex<u32>,
    /// The number of next reads of a call that get 404.
    pub(super) unfound: Mutex<u32>,
    /// The number of next reads of a roster that get 404.
    pub(super) rosterless: Mutex<u32>,
    /// Whether `isMuted` of a participant has a wrong kind.
    pub(super) odd_member: Mutex<bool>,
    /// Whether fetches of the keys fail.
    pub(super) keyless: Mutex<bool>,
    /// Whether the signing key has the new id [`ROLLED`].
    pub(super) rolled: Mutex<bool>,
    /// The number of fetches of the keys.
    pub(super) fetches: watch::Sender<u32>,
    /// Graph's answer about an operation; 404 when empty.
    pub(super) operation: Mutex<Option<&'static str>>,
    /// The forms of the token requests.
    pub(super) forms: Mutex<Vec<String>>,
    /// The lifetime of a token, in seconds; an hour by default.
    pub(super) lives: Mutex<Option<i64>>,
    /// The status with which the token endpoint refuses.
    pub(super) declines: Mutex<Option<u16>>,
    /// Whether every call has ended.
    pub(super) over: Mutex<bool>,
    /// Whether reads wait for their answers.
    pub(super) held: watch::Sender<bool>,
}

#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<&'static str>,
    pub(super) body: &'static str,
}

impl FakeGraph {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(GraphScript::default());
        let keys = format!("{base}/keys");
        let router = Router::new()
            .route("/openid", get(async move |State(state): State<Arc<GraphScript>>| openid(&state, &keys)))
            .route("/keys", get(listed))
            .route("/token", post(grant))
            .route("/v1.0/{*path}", any(answer))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, state }
    }

    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.base)).unwrap()
    }

    pub(super) fn state(&self) -> &GraphScript {
        &self.state
    }

    pub(super) fn will_answer(&self, status: u16, retry_after: Option<&'static str>, body: &'static str) {
        self.state.answers.lock().unwrap().push_back(Answer { status, retry_after, body });
    }

    pub(super) fn will_fail_reads(&self, times: u32) {
        *self.state.failing.lock().unwrap() = times;
    }

    /// Returns how often a call was read.
    pub(super) fn reads(&self, call: &str) -> usize {
        let line = format!("GET /communications/calls/{call}");
        self.state.requests.lock().unwrap().iter().filter(|it| **it == line).count()
    }

    /// Returns the acts that Graph received: all requests except reads.
    pub(super) fn acts(&self) -> Vec<String> {
        let all = self.state.requests.lock().unwrap();
        all.iter().filter(|it| !it.starts_with("GET")).cloned().collect()
    }
}

/// Returns a good webhook token.
pub(super) fn token() -> String {
    sign(&json!({ "alg": "RS256", "kid": KID }), &claims())
}

pub(super) fn claims() -> Value {
    let now = crate::time::clock::wall().0 / 1_000;
    json!({ "iss": "https://api.botframework.com", "aud": APP, "tid": TENANT, "nbf": now - 10, "exp": now + 3_600 })
}

pub(super) fn sign(head: &Value, claims: &Value) -> String {
    sign_with(&KEY, head, claims)
}

pub(super) fn sign_with_another_key(head: &Value, claims: &Value) -> String {
    sign_with(&OTHER_KEY, head, claims)
}

/// Returns a text signed by the platform's key.
pub(super) fn sign_text(text: &str) -> String {
    signed(&KEY, text)
}

fn sign_with(key: &RsaKeyPair, head: &Value, claims: &Value) -> String {
    signed(key, &unsigned(head, claims))
}

fn signed(key: &RsaKeyPair, text: &str) -> String {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(super) fn unsigned(head: &Value, claims: &Value) -> String {
    let part = |it: &Value| URL_SAFE_NO_PAD.encode(it.to_string());
    format!("{}.{}", part(head), part(claims))
}

/// Returns the public modulus, as a key list spells it.
pub(super) fn modulus() -> String {
    URL_SAFE_NO_PAD.encode(KEY.public_key().modulus().big_endian_without_leading_zero())
}

async fn listed(State(state): State<Arc<GraphScript>>) -> axum::Json<Value> {
    state.fetches.send_modify(|it| *it += 1);
    let kid = if *state.rolled.lock().unwrap() { ROLLED } else { KID };
    axum::Json(json!({ "keys": [jwk(kid)] }))
}

fn jwk(kid: &str) -> Value {
    let exponent = URL_SAFE_NO_PAD.encode(KEY.public_key().exponent().big_endian_without_leading_zero());
    json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": modulus(), "e": exponent })
}

fn openid(state: &GraphScript, keys: &str) -> Response {
    if *state.keyless.lock().unwrap() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    axum::Json(json!({ "jwks_uri": keys })).into_response()
}

async fn grant(State(state): State<Arc<GraphScript>>, form: String) -> Response {
    state.forms.lock().unwrap().push(form);
    if let Some(status) = *state.declines.lock().unwrap() {
        let body = json!({ "error": "invalid_client", "error_description": "Invalid client secret is provided." });
        return (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
    }
    let mut tokens = state.tokens.lock().unwrap();
    *tokens += 1;
    let lives = state.lives.lock().unwrap().unwrap_or(3_600);
    axum::Json(json!({ "access_token": format!("app-token-{tokens}"), "expires_in": lives })).into_response()
}

async fn answer(State(state): State<Arc<GraphScript>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path().strip_prefix("/v1.0").unwrap().to_owned();
    let line = format!("{} {path} {}", parts.method, String::from_utf8_lossy(&body));
    state.requests.lock().unwrap().push(line.trim().to_owned());
    if *state.over.lock().unwrap() {
        return StatusCode::NOT_FOUND.into_response();
    }
    if parts.method == "GET" {
        drop(state.held.subscribe().wait_for(|it| !*it).await);
        let mut failing = state.failing.lock().unwrap();
        if *failing > 0 {
            *failing -= 1;
            return StatusCode::BAD_GATEWAY.into_response();
        }
        let mut unfound = state.unfound.lock().unwrap();
        if *unfound > 0 && !path.contains("/participants") && !path.contains("/operations/") {
            *unfound -= 1;
            return StatusCode::NOT_FOUND.into_response();
        }
        let mut rosterless = state.rosterless.lock().unwrap();
        if *rosterless > 0 && path.ends_with("/participants") {
            *rosterless -= 1;
            return StatusCode::NOT_FOUND.into_response();
        }
        if path.contains("/operations/") {
            let known = state.operation.lock().unwrap().map(IntoResponse::into_response);
            return known.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response());
        }
        let muted = json!(*state.muted.lock().unwrap());
        return read(&path, if *state.odd_member.lock().unwrap() { json!("maybe") } else { muted });
    }
    let Some(scripted) = state.answers.lock().unwrap().pop_front() else {
        return (StatusCode::OK, r#"{"id":"op-1","status":"completed"}"#).into_response();
    };
    let mut answer = (StatusCode::from_u16(scripted.status).unwrap(), scripted.body).into_response();
    if let Some(after) = scripted.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, after.parse().unwrap());
    }
    answer
}

fn read(path: &str, muted: Value) -> Response {
    let person = |id: &str, muted: Value| json!({ "id": id, "isMuted": muted, "info": { "identity": { "user": { "id": id, "displayName": id } } } });
    if path.ends_with("/participants") {
        return axum::Json(json!({ "value": [person("bot", json!(false)), person("bob", muted)] })).into_response();
    }
    let meeting = json!({ "@odata.type": "#microsoft.graph.organizerMeetingInfo" });
    axum::Json(json!({ "state": "established", "myParticipantId": "bot", "meetingInfo": meeting })).into_response()
}
