//! A relay under attack, and a platform that records every request.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callboard::relay::{
    self, JournalChoice, NetworkSettings, OperatorRegistry, Relay, RelayLimits, RelaySettings, Role, TlsFiles,
};
use callboard::time::clock::{Clock, wall};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use url::Url;

pub(crate) const APP: &str = "5a4cf3b8-4c44-4d2a-9a3a-1d5c0f8f4b11";
pub(crate) const TENANT: &str = "632899f8-2ea1-4604-8413-27bd2892079f";
pub(crate) const KID: &str = "key-1";
pub(crate) const OPERATOR: &str = "token-of-ada";
pub(crate) const VIEWER: &str = "token-of-vic";
pub(crate) const SECRET: &str = "secret-of-the-application";

static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

/// A request as it reached the platform's Graph.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// The target as it was written, with query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// The platform: keys, tokens, Graph.
pub(crate) struct Platform {
    pub(crate) base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A relay and the platform beside it.
pub(crate) struct Site {
    pub(crate) relay: Relay,
    pub(crate) platform: Platform,
    pub(crate) http: reqwest::Client,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let metadata = json!({ "jwks_uri": format!("{base}/keys") });
        let router = Router::new()
            .route("/openid", get(async move || axum::Json(metadata.clone())))
            .route("/keys", get(async || axum::Json(json!({ "keys": [jwk()] }))))
            .route("/token", post(async || axum::Json(json!({ "access_token": "app-token", "expires_in": 3_600 }))))
            .fallback(any(record))
            .with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, seen }
    }

    /// Returns the requests to Graph other than reads.
    pub(crate) fn acts(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|it| it.method != "GET").collect()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn record(State(seen): State<Arc<Mutex<Vec<Seen>>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let text = |it: &axum::http::HeaderValue| String::from_utf8_lossy(it.as_bytes()).into_owned();
    seen.lock().unwrap().push(Seen {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    if parts.method != "GET" {
        return axum::Json(json!({ "id": "op-1", "status": "completed" })).into_response();
    }
    let person = |id: &str| json!({ "id": id, "isMuted": false, "info": { "identity": { "user": { "id": id } } } });
    if parts.uri.path().ends_with("/participants") {
        return axum::Json(json!({ "value": [person("bot"), person("bob")] })).into_response();
    }
    let meeting = json!({ "@odata.type": "#microsoft.graph.organizerMeetingInfo" });
    axum::Json(json!({ "state": "established", "myParticipantId": "bot", "meetingInfo": meeting })).into_response()
}

impl Site {
    pub(crate) async fn open() -> Self {
        Self::with(RelayLimits::default()).await
    }

    pub(crate) async fn with(limits: RelayLimits) -> Self {
        Self::of(NetworkSettings { limits, ..NetworkSettings::default() }).await
    }

    pub(crate) async fn sealed(tls: TlsFiles, limits: RelayLimits) -> Self {
        Self::of(NetworkSettings { tls: Some(tls), limits, ..NetworkSettings::default() }).await
    }

    pub(crate) async fn of(net: NetworkSettings) -> Self {
        let platform = Platform::start().await;
        let relay = relay::start(settings(&platform.base, net)).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { relay, platform, http }
    }

    /// A relay that knows the call `a` and has read it from Graph.
    pub(crate) async fn with_a_call(self) -> Self {
        let body = envelope("a");
        assert_eq!(self.webhook(&good_token(), &body).await.status(), 202);
        self.until("the keeper's reads", || self.platform.seen().len() >= 2).await;
        self
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.relay.ready().relay.split_once("://").unwrap().1.parse().unwrap()
    }

    pub(crate) async fn webhook(&self, token: &str, body: &str) -> reqwest::Response {
        self.http.post(&self.relay.ready().intake).bearer_auth(token).body(body.to_owned()).send().await.unwrap()
    }

    /// Sends these bytes from this loopback address, and returns everything that the relay answers until it closes.
    pub(crate) async fn raw(&self, from: &str, bytes: impl AsRef<[u8]>) -> String {
        let mut line = dial(from, self.address()).await;
        // The relay may hang up in the middle of what is sent.
        drop(line.write_all(bytes.as_ref()).await);
        heard(&mut line).await
    }

    /// A request with these further header lines, and nothing after it.
    pub(crate) async fn request(&self, token: &str, first: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        self.raw(
            "127.0.0.1",
            format!(
                "{first} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
                 Content-Length: {length}\r\n{headers}\r\n{body}"
            ),
        )
        .await
    }

    /// How often something was counted, such as `refusals_total{reason="expired"}`.
    pub(crate) async fn counted(&self, what: &str) -> u64 {
        let ops = self.relay.ready().ops.clone().unwrap();
        let text = self.http.get(format!("{ops}/metrics")).send().await.unwrap().text().await.unwrap();
        let line = format!("callboard_{what} ");
        text.lines().find_map(|it| it.strip_prefix(&line)?.parse().ok()).unwrap_or_default()
    }

    pub(crate) async fn refused(&self, reason: &str) -> u64 {
        self.counted(&format!("refusals_total{{reason=\"{reason}\"}}")).await
    }

    /// Waits until a reason was counted so often.
    pub(crate) async fn until_refused(&self, reason: &str, times: u64) {
        let wait = async { while self.refused(reason).await < times {} };
        let late = async |_| panic!("{reason} was counted {} times, not {times}", self.refused(reason).await);
        match tokio::time::timeout(Duration::from_secs(20), wait).await {
            Ok(()) => {}
            Err(elapsed) => late(elapsed).await,
        }
    }

    pub(crate) async fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let wait = async {
            while !done() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("no {what} in time"));
    }
}

/// A relay's settings beside a platform.
pub(crate) fn settings(platform: &str, net: NetworkSettings) -> RelaySettings {
    let url = |path: &str| Url::parse(&format!("{platform}{path}")).unwrap();
    RelaySettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        clock: Clock::system(),
        journal: JournalChoice::Temporary,
        label: "TEST".into(),
        app_id: APP.into(),
        openid: url("/openid"),
        graph: url("/v1.0"),
        token_url: url("/token"),
        credential: relay::AppCredential::Secret(SECRET.into()),
        tuning: relay::GraphSettings::default(),
        retention: relay::RetentionPolicy::ALL,
        tenants: vec![TENANT.into()],
        issuers: relay::default_issuers(),
        operators: OperatorRegistry::in_memory(vec![
            ("ada".into(), Role::Operator, OPERATOR.into()),
            ("vic".into(), Role::Viewer, VIEWER.into()),
        ]),
        net: NetworkSettings { ops: Some("127.0.0.1:0".parse().unwrap()), ..net },
    }
}

/// A connection from this address.
pub(crate) async fn dial(from: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}

/// Reads until the other end closes the connection.
pub(crate) async fn heard(line: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset after the answer is an end too.
    let read = tokio::time::timeout(Duration::from_secs(20), line.read_to_end(&mut all)).await;
    assert!(read.is_ok(), "the relay did not hang up; it said {:?}", String::from_utf8_lossy(&all));
    String::from_utf8_lossy(&all).into_owned()
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    let number = answer.strip_prefix("HTTP/1.1 ").and_then(|it| it.get(..3)?.parse().ok());
    number.unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

pub(crate) fn envelope(call: &str) -> String {
    json!({ "value": [{
        "changeType": "updated", "resourceUrl": format!("/communications/calls/{call}"),
        "resourceData": { "@odata.type": "#microsoft.graph.call", "state": "established" },
    }] })
    .to_string()
}

pub(crate) fn claims() -> Value {
    let now = wall().0 / 1_000;
    json!({ "iss": "https://api.botframework.com", "aud": APP, "tid": TENANT, "nbf": now - 10, "exp": now + 3_600 })
}

pub(crate) fn good_token() -> String {
    sign(&json!({ "alg": "RS256", "kid": KID }), &claims())
}

pub(crate) fn unsigned(head: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

pub(crate) fn sign(head: &Value, claims: &Value) -> String {
    sign_text(&unsigned(head, claims))
}

/// A text that the platform's key signed, whatever it says.
pub(crate) fn sign_text(text: &str) -> String {
    let mut signature = vec![0; KEY.public_modulus_len()];
    KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(crate) fn modulus() -> String {
    URL_SAFE_NO_PAD.encode(KEY.public_key().modulus().big_endian_without_leading_zero())
}

fn jwk() -> Value {
    let exponent = URL_SAFE_NO_PAD.encode(KEY.public_key().exponent().big_endian_without_leading_zero());
    json!({ "kty": "RSA", "use": "sig", "kid": KID, "n": modulus(), "e": exponent })
}
