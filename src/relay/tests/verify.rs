//! Tests of webhook tokens: the refused ones with their reasons, and changes of the signing key.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::graph::{
    APP, FakeGraph, KID, ROLLED, TENANT, claims, modulus, sign, sign_text, sign_with_another_key, unsigned,
};
use crate::relay::webhooks::signing_keys::SigningKeys;
use crate::relay::webhooks::verify::{TokenDenial, TokenVerifier};
use crate::relay::{GraphSettings, default_issuers};

const PAUSE: Duration = Duration::from_mins(1);

/// Returns a platform, and the verifier of its tokens, for a tenant whose id is in capitals.
async fn stands() -> (FakeGraph, Arc<SigningKeys>, TokenVerifier) {
    let graph = FakeGraph::start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let keys = Arc::new(SigningKeys::new(graph.url("/openid"), http, PAUSE));
    let verifier = TokenVerifier::new(Arc::clone(&keys), APP, &default_issuers(), vec![TENANT.to_uppercase()]);
    (graph, keys, verifier)
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// Returns a token of a known attack: the public key used as a shared secret.
fn signed_with_the_public_key() -> String {
    let text = unsigned(&json!({ "alg": "HS256", "kid": KID }), &claims());
    let key = hmac::Key::new(hmac::HMAC_SHA256, modulus().as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
}

/// Returns a correctly signed token with these texts as its parts.
fn spelled(head: &str, claims: &str) -> String {
    sign_text(&format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims)))
}

fn more_tricks() -> Vec<(&'static str, String, u16)> {
    let head = json!({ "alg": "RS256", "kid": KID });
    let good = sign(&head, &claims());
    let (text, signature) = good.rsplit_once('.').unwrap();
    let twice = |name: &str, value: &str| {
        let claims = claims().to_string();
        spelled(&head.to_string(), &format!("{},\"{name}\":{value}}}", claims.trim_end_matches('}')))
    };
    let headed = |name: &str, value: Value| {
        let mut head = head.clone();
        head[name] = value;
        head
    };
    let theirs = |head: &Value| sign_with_another_key(head, &claims());
    let evil = "https://evil.example/keys";
    vec![
        ("longer than a token is", sign(&head, &with("padding", "x".repeat(16 * 1_024).into())), 401),
        ("not signed", format!("{text}.").replacen(text, &unsigned(&json!({ "alg": "NoNe" }), &claims()), 1), 401),
        ("not signed with RS256", format!("{}.{signature}", unsigned(&headed("alg", "rs256".into()), &claims())), 401),
        ("not signed with RS256", sign(&headed("alg", "RS384".into()), &claims()), 401),
        ("not a token", format!("{good}.garbage"), 401),
        ("not a token", format!("{good}="), 401),
        ("not a token", sign(&headed("crit", json!(["exp"])), &claims()), 401),
        ("not a token", spelled(r#"{"alg":"none","alg":"RS256","kid":"key-1"}"#, &claims().to_string()), 401),
        ("not a token", twice("tid", r#""another""#), 401),
        ("not a token", twice("aud", r#""another""#), 401),
        ("not a token", twice("exp", "9999999999"), 401),
        ("wrong signature", format!("{text}."), 401),
        ("wrong signature", theirs(&headed("jku", evil.into())), 401),
        ("wrong signature", theirs(&headed("x5u", evil.into())), 401),
        ("wrong signature", theirs(&headed("jwk", json!({ "kty": "RSA", "n": modulus(), "e": "AQAB" }))), 401),
        ("unknown signing key", theirs(&headed("kid", "../../key-1".into())), 401),
        ("unknown signing key", theirs(&headed("kid", "".into())), 401),
        ("unknown signing key", theirs(&headed("kid", "KEY-1".into())), 401),
        ("wrong audience", sign(&head, &with("aud", json!([APP]))), 401),
        ("wrong audience", sign(&head, &with("aud", json!([APP, "another"]))), 401),
        ("wrong audience", sign(&head, &with("aud", format!("{APP} ").into())), 401),
        ("wrong issuer", sign(&head, &with("iss", json!(["https://api.botframework.com"]))), 401),
        ("wrong issuer", sign(&head, &with("iss", "https://api.botframework.com.evil.example".into())), 401),
        ("no tenant", sign(&head, &with("tid", "".into())), 401),
        ("no tenant", sign(&head, &with("tid", json!([TENANT]))), 401),
        ("no tenant", sign(&head, &with("tid", 7.into())), 401),
    ]
}

#[tokio::test]
async fn every_bad_token_is_refused_with_its_reason() {
    let (_graph, keys, verifier) = stands().await;
    let head = json!({ "alg": "RS256", "kid": KID });
    let now = crate::time::clock::wall().0 / 1_000;
    let cases = [
        ("no bearer token", String::new(), 401),
        ("not a token", "abc".to_owned(), 401),
        ("not signed", format!("{}.", unsigned(&json!({ "alg": "none", "kid": KID }), &claims())), 401),
        ("not signed with RS256", signed_with_the_public_key(), 401),
        ("wrong signature", sign_with_another_key(&head, &claims()), 401),
        ("wrong audience", sign(&head, &with("aud", "another".into())), 401),
        ("wrong issuer", sign(&head, &with("iss", "https://sts.example".into())), 401),
        ("expired", sign(&head, &with("exp", (now - 301).into())), 401),
        ("not valid yet", sign(&head, &with("nbf", (now + 310).into())), 401),
        ("a claim is missing: exp", sign(&head, &without("exp")), 401),
        ("a claim is missing: nbf", sign(&head, &without("nbf")), 401),
        ("a claim is missing: aud", sign(&head, &without("aud")), 401),
        ("a claim is missing: iss", sign(&head, &without("iss")), 401),
        ("no tenant", sign(&head, &without("tid")), 401),
        ("tenant not allowed", sign(&head, &with("tid", "another".into())), 403),
        ("unknown signing key", sign(&json!({ "alg": "RS256", "kid": "key-9" }), &claims()), 401),
        ("unknown signing key", sign(&json!({ "alg": "RS256" }), &claims()), 401),
    ];
    for (reason, token, status) in cases.into_iter().chain(more_tricks()) {
        // The earlier tokens did not use up the fetch for an unknown key.
        keys.make_older().await;
        let denial = verifier.check(Some(&format!("Bearer {token}"))).await.unwrap_err();
        assert_eq!((denial.reason().as_str(), denial.status()), (reason, status));
    }
    assert!(matches!(verifier.check(None).await, Err(TokenDenial::NoToken)));
    for good in [claims(), with("exp", (now - 200).into()), with("iss", "https://graph.microsoft.com".into())] {
        verifier.check(Some(&format!("Bearer {}", sign(&head, &good)))).await.unwrap();
    }
}

#[tokio::test]
async fn without_keys_a_webhook_gets_503() {
    let nowhere = url::Url::parse("http://127.0.0.1:1/openid").unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let verifier = TokenVerifier::new(
        Arc::new(SigningKeys::new(nowhere, http, PAUSE)),
        APP,
        &default_issuers(),
        vec![TENANT.into()],
    );
    let token = sign(&json!({ "alg": "RS256", "kid": KID }), &claims());
    // Also for a second request before the next fetch of the keys.
    for _ in 0..2 {
        let denial = verifier.check(Some(&format!("Bearer {token}"))).await.unwrap_err();
        assert_eq!((denial.reason().as_str(), denial.status()), ("signing keys cannot be fetched", 503));
    }
}

#[tokio::test]
async fn an_unknown_key_gets_503_only_while_the_keys_cannot_be_fetched() {
    let (graph, keys, verifier) = stands().await;
    let strange = format!("Bearer {}", sign(&json!({ "alg": "RS256", "kid": "key-9" }), &claims()));
    let good = format!("Bearer {}", sign(&json!({ "alg": "RS256", "kid": KID }), &claims()));
    let (unknown, new, away) =
        ("unknown signing key", "a signing key that may be new", "signing keys cannot be fetched");
    for (keyless, reasons) in [(false, [unknown, new, new]), (true, [away; 3]), (false, [unknown, new, new])] {
        *graph.state().keyless.lock().unwrap() = keyless;
        for reason in reasons {
            let denial = verifier.check(Some(&strange)).await.unwrap_err();
            assert_eq!((denial.reason().as_str(), denial.status() == 401), (reason, reason == unknown), "{keyless}");
        }
        verifier.check(Some(&good)).await.unwrap();
        keys.make_older().await;
    }
}

#[tokio::test]
async fn a_new_key_is_found_immediately_and_invented_ids_cost_one_fetch_a_minute() {
    let (graph, keys, verifier) = stands().await;
    let signed = |kid: &str| format!("Bearer {}", sign(&json!({ "alg": "RS256", "kid": kid }), &claims()));
    let fetches = || *graph.state().fetches.borrow();
    verifier.check(Some(&signed(KID))).await.unwrap();
    assert_eq!(fetches(), 1);
    *graph.state().rolled.lock().unwrap() = true;
    // Of many concurrent tokens one causes the fetch.
    let new = signed(ROLLED);
    let all = futures_util::future::join_all((0..20).map(|_| verifier.check(Some(&new)))).await;
    assert!(all.into_iter().all(|it| it.is_ok()));
    assert_eq!(fetches(), 2);
    for made_up in 0..20 {
        let denial = verifier.check(Some(&signed(&format!("no-{made_up}")))).await.unwrap_err();
        assert!(matches!(denial, TokenDenial::NewKey(left) if left <= PAUSE && left > Duration::ZERO), "{denial}");
        assert_eq!((denial.status(), denial.word()), (503, "newKey"));
    }
    assert_eq!(fetches(), 2, "invented ids cause one fetch a minute");
    keys.make_older().await;
    let denial = verifier.check(Some(&signed("no-more"))).await.unwrap_err();
    assert_eq!((denial.reason().as_str(), fetches()), ("unknown signing key", 3));
}

#[tokio::test]
async fn a_token_is_refused_when_its_key_is_no_longer_listed() {
    let (graph, keys, verifier) = stands().await;
    let signed = |kid: &str| format!("Bearer {}", sign(&json!({ "alg": "RS256", "kid": kid }), &claims()));
    let (old, new) = (signed(KID), signed(ROLLED));
    let first = verifier.check(Some(&old)).await.unwrap();
    keys.make_older().await;
    assert_eq!(verifier.check(Some(&signed("made-up"))).await.unwrap_err().word(), "unknownKey");
    assert!(verifier.knows(&first), "the keys were fetched again, and are the same");
    keys.make_older().await;
    *graph.state().rolled.lock().unwrap() = true;
    assert_ne!(verifier.check(Some(&new)).await.unwrap(), first);
    assert_eq!(verifier.check(Some(&old)).await.unwrap_err().word(), "newKey", "the key must be fetched again");
}

#[tokio::test]
async fn tokens_for_another_application_cause_no_fetch() {
    let (graph, _keys, verifier) = stands().await;
    let now = crate::time::clock::wall().0 / 1_000;
    let strange = json!({ "alg": "RS256", "kid": "key-9" });
    for claims in [
        with("aud", "another".into()),
        with("aud", json!([APP])),
        with("iss", "https://sts.example".into()),
        with("tid", "another".into()),
        with("exp", (now - 301).into()),
        with("nbf", (now + 310).into()),
        without("exp"),
        without("nbf"),
        without("tid"),
    ] {
        let denial = verifier.check(Some(&format!("Bearer {}", sign(&strange, &claims)))).await.unwrap_err();
        assert_eq!((denial.reason().as_str(), denial.status()), ("unknown signing key", 401), "{claims}");
    }
    assert_eq!(*graph.state().fetches.borrow(), 1, "the first fetch of the keys");
}

/// Counts the deferred webhooks that were valid, until it is dropped.
fn follow(verifier: &Arc<TokenVerifier>) -> tokio::sync::watch::Receiver<u32> {
    let (count, counted) = tokio::sync::watch::channel(0);
    let verifier = Arc::clone(verifier);
    tokio::spawn(async move { verifier.follow_keys(|| count.send_modify(|it| *it += 1)).await });
    counted
}

#[tokio::test]
async fn deferred_webhooks_count_as_missed_only_if_the_list_has_a_new_key() {
    let (graph, keys, verifier) = stands().await;
    let verifier = Arc::new(verifier);
    let mut missed = follow(&verifier);
    let mut fetches = graph.state().fetches.subscribe();
    let signed = |kid: &str| format!("Bearer {}", sign(&json!({ "alg": "RS256", "kid": kid }), &claims()));
    let limit = Duration::from_secs(20);
    verifier.check(Some(&signed(KID))).await.unwrap();
    for word in ["unknownKey", "newKey"] {
        assert_eq!(verifier.check(Some(&signed("made-up"))).await.unwrap_err().word(), word);
    }
    // The relay fetches the keys without another webhook, and finds that no valid webhook was deferred.
    keys.make_older().await;
    tokio::time::timeout(limit, fetches.wait_for(|it| *it == 3)).await.unwrap().unwrap();
    assert_eq!(verifier.check(Some(&signed("made-up"))).await.unwrap_err().word(), "newKey");
    // The platform signs with a new key.
    *graph.state().rolled.lock().unwrap() = true;
    assert_eq!(verifier.check(Some(&signed(ROLLED))).await.unwrap_err().word(), "newKey");
    assert_eq!(*missed.borrow(), 0);
    keys.make_older().await;
    tokio::time::timeout(limit, missed.wait_for(|it| *it == 1)).await.unwrap().unwrap();
    verifier.check(Some(&signed(ROLLED))).await.unwrap();
    // While the server is down, deferred webhooks may be valid.
    assert_eq!(verifier.check(Some(&signed("made-up"))).await.unwrap_err().word(), "newKey");
    *graph.state().keyless.lock().unwrap() = true;
    keys.make_older().await;
    tokio::time::timeout(limit, missed.wait_for(|it| *it == 2)).await.unwrap().unwrap();
}

#[tokio::test]
async fn audiences_and_the_tolerated_clock_difference_are_settings() {
    let graph = FakeGraph::start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let keys = Arc::new(SigningKeys::new(graph.url("/openid"), http, PAUSE));
    let issuers = ["https://sts.example".to_owned()];
    let tuning =
        GraphSettings { audiences: vec!["another".into()], skew: Duration::from_secs(30), ..GraphSettings::default() };
    let verifier = TokenVerifier::new(keys, APP, &issuers, vec![TENANT.into()]).tuned(APP, &tuning);
    let now = crate::time::clock::wall().0 / 1_000;
    let head = json!({ "alg": "RS256", "kid": KID });
    for (audience, late, reason) in [(APP, 0, None), ("another", 10, None), ("third", 0, Some("wrong audience"))] {
        let mut claims = with("iss", issuers[0].as_str().into());
        claims["aud"] = audience.into();
        claims["exp"] = (now - late).into();
        let found = verifier.check(Some(&format!("Bearer {}", sign(&head, &claims)))).await;
        assert_eq!(found.map_err(|it| it.reason()).err().as_deref(), reason, "{audience} {late}");
    }
    let mut late = with("iss", issuers[0].as_str().into());
    late["exp"] = (now - 60).into();
    let denial = verifier.check(Some(&format!("Bearer {}", sign(&head, &late)))).await.unwrap_err();
    assert_eq!(denial.reason(), "expired");
}
