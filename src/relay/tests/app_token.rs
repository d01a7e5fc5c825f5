//! Tests of the application's token: shared fetches, renewal before expiry, secret and certificate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::watch;

use super::graph::{APP, FakeGraph, KEY};
use crate::graph::Method;
use crate::relay::graph::app_token::{AppToken, TokenError, TokenRequest};
use crate::relay::graph::circuit_breaker::Priority;
use crate::relay::graph::client::GraphClient;
use crate::relay::graph::request::{GraphRequest, NoResponse};
use crate::relay::{AppCertificate, AppCredential, CredentialError, SigningAlgorithm};

const SCOPE: &str = "https://graph.microsoft.com/.default";

/// Returns a token endpoint that answers 500 when the test wants it, and counts its requests.
async fn failing_endpoint() -> (url::Url, watch::Sender<bool>, Arc<AtomicU32>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url::Url::parse(&format!("http://{}/token", listener.local_addr().unwrap())).unwrap();
    let (open, asked) = (watch::Sender::new(false), Arc::new(AtomicU32::new(0)));
    let (gate, count) = (open.clone(), Arc::clone(&asked));
    let answer = async move || {
        count.fetch_add(1, Ordering::AcqRel);
        gate.subscribe().wait_for(|it| *it).await.unwrap();
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let router = axum::Router::new().route("/token", axum::routing::post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, open, asked)
}

fn app_token(url: url::Url) -> AppToken {
    with(url, AppCredential::Secret(SecretString::from("secret-of-the-application")))
}

fn with(url: url::Url, credential: AppCredential) -> AppToken {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    AppToken::new(http, TokenRequest { url, app_id: APP.into(), scope: SCOPE.into(), credential })
}

async fn until(what: &str, so: impl Fn() -> bool) {
    let wait = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait).await.unwrap_or_else(|_| panic!("no {what} in time"));
}

#[tokio::test]
async fn the_wait_for_a_token_is_part_of_the_time_for_a_request() {
    let (url, _shut, _) = failing_endpoint().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let outbound = GraphClient::new(&url.join("/v1.0").unwrap(), http, app_token(url), 100, Arc::default());
    let patience = Duration::from_millis(100);
    let turn = outbound.acquire(Priority::Operator, patience).await.unwrap();
    let ask = GraphRequest { method: Method::Get, path: "/communications/calls/a", body: None, begin_by: None };
    let answer = tokio::time::timeout(Duration::from_mins(1), outbound.send(turn, ask, patience)).await.unwrap();
    assert_eq!(answer, Err(NoResponse::TokenAway("there was no token in time".to_owned())));
}

#[tokio::test]
async fn concurrent_requests_share_one_failed_fetch() {
    let (url, open, asked) = failing_endpoint().await;
    let token = app_token(url);
    let mut waiting: Vec<_> = (0..10).map(|_| Box::pin(token.get())).collect();
    for it in &mut waiting {
        assert!(futures_util::poll!(it).is_pending());
    }
    open.send_replace(true);
    for it in waiting {
        assert!(matches!(it.await, Err(TokenError::Away(_))));
    }
    assert_eq!(asked.load(Ordering::Acquire), 1);
    assert!(token.get().await.is_err());
    assert_eq!(asked.load(Ordering::Acquire), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires_without_a_request() {
    let graph = FakeGraph::start().await;
    *graph.state().lives.lock().unwrap() = Some(10);
    let token = app_token(graph.url("/token"));
    assert_eq!(token.get().await.unwrap(), "Bearer app-token-1");
    // At half of its short lifetime.
    let renewed = until("new token", || *graph.state().tokens.lock().unwrap() >= 2);
    tokio::select! { () = token.keep_fresh() => {}, () = renewed => {} }
}

#[tokio::test]
async fn a_valid_token_is_used_while_the_endpoint_is_down() {
    let graph = FakeGraph::start().await;
    *graph.state().lives.lock().unwrap() = Some(60);
    let token = app_token(graph.url("/token"));
    assert_eq!(token.get().await.unwrap(), "Bearer app-token-1");
    *graph.state().declines.lock().unwrap() = Some(503);
    for _ in 0..100 {
        assert_eq!(token.get().await.unwrap(), "Bearer app-token-1");
    }
    assert_eq!(graph.state().forms.lock().unwrap().len(), 1);
    // A token that Graph refused is dropped, and a newer one is not.
    token.forget(&"Bearer app-token-0".parse().unwrap());
    assert_eq!(token.get().await.unwrap(), "Bearer app-token-1");
    token.forget(&"Bearer app-token-1".parse().unwrap());
    assert!(matches!(token.get().await, Err(TokenError::Away(_))));
}

#[tokio::test]
async fn a_final_refusal_is_reported_and_not_retried_in_the_background() {
    let graph = FakeGraph::start().await;
    *graph.state().lives.lock().unwrap() = Some(1);
    let token = app_token(graph.url("/token"));
    token.get().await.unwrap();
    *graph.state().declines.lock().unwrap() = Some(401);
    let forms = || graph.state().forms.lock().unwrap().len();
    {
        let renewing = token.keep_fresh();
        tokio::pin!(renewing);
        let refused = until("refusal", || forms() == 2);
        tokio::select! { () = &mut renewing => {}, () = refused => {} }
        // The same `AppToken`, after a time in which retries would have been visible.
        drop(tokio::time::timeout(Duration::from_millis(1_500), renewing).await);
    }
    assert_eq!(forms(), 2);
    let error = token.get().await.unwrap_err();
    assert!(matches!(error, TokenError::Refused(_)));
    let words = error.to_string();
    assert!(words.contains("401 Unauthorized invalid_client Invalid client secret is provided."), "{words}");
}

/// Returns a fake certificate: it contains the key's modulus, as a real one does.
fn certificate() -> Vec<u8> {
    [&b"0certificate"[..], KEY.public_key().modulus().big_endian_without_leading_zero(), b"end"].concat()
}

fn pem(name: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|it| std::str::from_utf8(it).unwrap()).collect();
    format!("-----BEGIN {name}-----\n{}\n-----END {name}-----\n", lines.join("\n"))
}

fn key() -> SecretString {
    pem("PRIVATE KEY", AsDer::as_der(&*KEY).unwrap().as_ref()).into()
}

#[tokio::test]
async fn a_certificate_signs_an_assertion_for_each_token() {
    for (algorithm, name, verifying) in [
        (SigningAlgorithm::Ps256, "PS256", &RSA_PSS_2048_8192_SHA256),
        (SigningAlgorithm::Rs256, "RS256", &RSA_PKCS1_2048_8192_SHA256),
    ] {
        let graph = FakeGraph::start().await;
        let read = AppCertificate::read(pem("CERTIFICATE", &certificate()).as_bytes(), &key(), algorithm).unwrap();
        assert!(!format!("{read:?}").contains("PRIVATE"));
        let token = with(graph.url("/token"), AppCredential::Certificate(Box::new(read)));
        token.get().await.unwrap();
        token.forget(&"Bearer app-token-1".parse().unwrap());
        token.get().await.unwrap();
        let forms = graph.state().forms.lock().unwrap().clone();
        let field = |form: &str, name: &str| {
            let found = url::form_urlencoded::parse(form.as_bytes()).find(|(it, _)| it == name);
            found.map(|(_, value)| value.into_owned())
        };
        assert_eq!(field(&forms[0], "client_secret"), None);
        let kind = field(&forms[0], "client_assertion_type").unwrap();
        assert_eq!(kind, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert_eq!(field(&forms[0], "scope").unwrap(), SCOPE);
        let assertions: Vec<String> = forms.iter().map(|it| field(it, "client_assertion").unwrap()).collect();
        let (text, signature) = assertions[0].rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(verifying, KEY.public_key().as_ref()).verify(text.as_bytes(), &signature).unwrap();
        let parts: Vec<Value> =
            text.split('.').map(|it| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(it).unwrap()).unwrap()).collect();
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate()));
        assert_eq!((parts[0]["alg"].as_str(), parts[0]["x5t#S256"].as_str()), (Some(name), Some(&*thumbprint)));
        let claims = &parts[1];
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(APP), Some(APP)));
        assert_eq!(claims["aud"], graph.url("/token").as_str());
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 600);
        assert_ne!(assertions[0], assertions[1], "each assertion has a new id");
    }
}

#[test]
fn unusable_certificates_give_an_error() {
    let good = pem("CERTIFICATE", &certificate());
    let read = |certificate: &str, key: &SecretString| {
        AppCertificate::read(certificate.as_bytes(), key, SigningAlgorithm::Ps256).unwrap_err()
    };
    assert!(matches!(read("no pem", &key()), CredentialError::Certificate(_)));
    assert!(matches!(read(&good, &"no pem".into()), CredentialError::Key(_)));
    assert!(matches!(read(&good, &pem("PRIVATE KEY", b"no key").into()), CredentialError::Rsa(_)));
    assert!(matches!(read(&pem("CERTIFICATE", &[1; 900]), &key()), CredentialError::Pair));
}
