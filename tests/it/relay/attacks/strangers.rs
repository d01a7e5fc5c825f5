//! Forged webhooks of every kind, guessed tokens, and the notes for operators about them.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callboard::console::{DeskSetup, HeadlessDesk, RelayAccess as Seat};
use callboard::relay::{NetworkSettings, RelayLimits};
use callboard::time::clock::{Clock, wall};
use serde_json::{Value, json};

use super::site::{
    APP, KID, OPERATOR, Site, TENANT, VIEWER, claims, envelope, good_token, modulus, sign, sign_text, status, unsigned,
};

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

fn headed(name: &str, value: Value) -> Value {
    let mut head = json!({ "alg": "RS256", "kid": KID });
    head[name] = value;
    head
}

/// A token whose claims are a text of JSON, as it is.
fn spelled(claims: &str) -> String {
    let head = json!({ "alg": "RS256", "kid": KID }).to_string();
    sign_text(&format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims)))
}

fn signed_with_the_public_key() -> String {
    let text = unsigned(&headed("alg", "HS256".into()), &claims());
    let key = hmac::Key::new(hmac::HMAC_SHA256, modulus().as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
}

/// Each trick: how it is counted, the token, the status.
fn tricks() -> Vec<(&'static str, String, u16)> {
    let head = json!({ "alg": "RS256", "kid": KID });
    let now = wall().0 / 1_000;
    let good = good_token();
    let (text, _) = good.rsplit_once('.').unwrap();
    let twice = |name: &str| {
        let claims = claims().to_string();
        spelled(&format!("{},\"{name}\":\"another\"}}", claims.trim_end_matches('}')))
    };
    let flipped = {
        let (rest, signature) = good.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes[7] ^= 1;
        format!("{rest}.{}", URL_SAFE_NO_PAD.encode(bytes))
    };
    vec![
        ("malformed", "guess".to_owned(), 401),
        ("unsigned", format!("{}.", unsigned(&headed("alg", "none".into()), &claims())), 401),
        ("unsigned", format!("{}.", unsigned(&headed("alg", "nOnE".into()), &claims())), 401),
        ("algorithm", signed_with_the_public_key(), 401),
        ("algorithm", sign(&headed("alg", "RS512".into()), &claims()), 401),
        ("signature", flipped, 401),
        ("signature", format!("{text}."), 401),
        ("unknownKey", sign(&headed("kid", "another".into()), &with("aud", "another".into())), 401),
        ("unknownKey", sign(&headed("kid", "another".into()), &claims()), 401),
        // The keys were asked for: a key that may be new since then is put off.
        ("newKey", sign(&headed("kid", "../key-1".into()), &claims()), 503),
        ("newKey", sign(&headed("kid", "key-1/../key-1".into()), &claims()), 503),
        ("newKey", sign(&headed("kid", "key-1\u{0}".into()), &claims()), 503),
        ("newKey", sign(&headed("kid", "' OR 1=1 --".into()), &claims()), 503),
        ("unknownKey", sign(&headed("kid", "another".into()), &with("tid", "another".into())), 401),
        ("malformed", sign(&headed("kid", json!(["key-1"])), &claims()), 401),
        ("malformed", sign(&headed("crit", json!(["b64"])), &claims()), 401),
        ("expired", sign(&head, &with("exp", (now - 301).into())), 401),
        ("notYet", sign(&head, &with("nbf", (now + 310).into())), 401),
        ("audience", sign(&head, &with("aud", "another".into())), 401),
        ("audience", sign(&head, &with("aud", json!([APP, "another"]))), 401),
        ("issuer", sign(&head, &with("iss", "https://login.example".into())), 401),
        ("noTenant", sign(&head, &with("tid", "".into())), 401),
        ("noTenant", sign(&head, &with("tid", Value::Null)), 401),
        ("noTenant", sign(&head, &with("tid", 7.into())), 401),
        ("tenant", sign(&head, &with("tid", "another".into())), 403),
        (
            "claim",
            spelled(&json!({ "aud": APP, "tid": TENANT, "iss": "https://graph.microsoft.com" }).to_string()),
            401,
        ),
        ("claim", spelled(&without("nbf").to_string()), 401),
        ("malformed", twice("aud"), 401),
        ("malformed", twice("tid"), 401),
        ("malformed", format!("{good}.garbage"), 401),
        ("malformed", format!("{good}!"), 401),
        ("oversized", sign(&head, &with("padding", "x".repeat(20_000).into())), 401),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_forged_webhook_is_refused_counted_and_not_read() {
    let site = Site::open().await;
    let mut expected = std::collections::BTreeMap::<&str, u64>::new();
    for (word, token, wanted) in tricks() {
        // No byte of the announced body is sent, because the token is verified first.
        let head = format!(
            "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\nContent-Length: 9999\r\n\
             Connection: close\r\n\r\n"
        );
        let answer = site.raw("127.0.0.1", head).await;
        assert_eq!(status(&answer), wanted, "{word}: {answer}");
        assert!(!answer.contains(&token), "the answer repeats the token");
        *expected.entry(word).or_default() += 1;
        assert_eq!(site.refused(word).await, expected[word], "{word}");
    }
    assert_eq!(site.webhook(&good_token(), &envelope("a")).await.status(), 202);
    assert_eq!(site.counted("webhooks_total{outcome=\"kept\"}").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn key_addresses_in_a_token_are_never_fetched() {
    let site = Site::open().await;
    let evil = format!("{}/evil", site.platform.base);
    for name in ["jku", "x5u"] {
        // Signed rightly: what the header points to plays no part, for good or bad.
        let answer = site.webhook(&sign(&headed(name, evil.clone().into()), &claims()), "{\"value\":[]}").await;
        assert_eq!(answer.status(), 202);
    }
    let own = json!({ "kty": "RSA", "n": modulus(), "e": "AQAB" });
    let mut head = headed("jwk", own);
    head["kid"] = "theirs".into();
    assert_eq!(site.webhook(&sign(&head, &claims()), "{\"value\":[]}").await.status(), 401);
    assert!(site.platform.seen().iter().all(|it| !it.target.contains("evil")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tokens_in_one_request_are_refused() {
    let site = Site::open().await;
    let (good, bad) = (good_token(), "guess");
    for (first, second) in [(&*good, bad), (bad, &*good)] {
        let head = format!(
            "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {first}\r\n\
             Authorization: Bearer {second}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(status(&site.raw("127.0.0.1", head).await), 401);
    }
    assert_eq!(site.refused("noToken").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_forgers_and_guessers_are_rate_limited() {
    let limits = RelayLimits { failures_burst: 5, failures_per_minute: 1, ..RelayLimits::default() };
    let site = Site::with(limits).await.with_a_call().await;
    let forged = "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer guess\r\nContent-Length: 0\r\n\
                  Connection: close\r\n\r\n";
    let guessed = |token: &str| {
        format!(
            "GET /graph/v1.0/communications/calls/a HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\n\r\n"
        )
    };
    for number in 1..=8 {
        let wanted = if number <= 5 { 401 } else { 429 };
        assert_eq!(status(&site.raw("127.0.0.2", forged).await), wanted, "forgery {number}");
        let answer = site.raw("127.0.0.3", guessed(&format!("guess-{number}"))).await;
        assert_eq!(status(&answer), wanted, "guess {number}");
        assert_eq!(answer.to_lowercase().contains("\r\nretry-after: "), number > 5, "{answer}");
    }
    assert_eq!((site.refused("malformed").await, site.refused("unknownToken").await), (5, 5));
    assert_eq!(site.refused("rateLimited").await, 6);
    assert_eq!(site.webhook(&good_token(), &envelope("a")).await.status(), 202, "another address is not slowed down");
    assert_eq!(status(&site.raw("127.0.0.3", guessed(VIEWER)).await), 200, "nor is a known operator, wherever");
}

#[tokio::test(flavor = "multi_thread")]
async fn genuine_tokens_for_other_applications_never_block_the_platform() {
    let limits = RelayLimits { failures_burst: 3, failures_per_minute: 1, ..RelayLimits::default() };
    let site = Site::with(limits).await;
    let theirs = sign(&json!({ "alg": "RS256", "kid": KID }), &with("aud", "an app of somebody else".into()));
    for _ in 0..20 {
        assert_eq!(site.webhook(&theirs, "{}").await.status(), 401);
    }
    assert_eq!(site.refused("audience").await, 20);
    assert_eq!(site.webhook(&good_token(), &envelope("a")).await.status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_what_was_refused() {
    let site = Site::of(NetworkSettings::default()).await;
    let seat = Seat { url: site.relay.ready().relay.parse().unwrap(), token: OPERATOR.into(), trust: None };
    let mut desk = HeadlessDesk::connect(seat, Clock::system(), DeskSetup::default()).unwrap();
    desk.until(|desk| desk.link().is_live()).await;
    let theirs = sign(&json!({ "alg": "RS256", "kid": KID }), &with("aud", "another".into()));
    assert_eq!(site.webhook(&theirs, "{}").await.status(), 401);
    let gate = format!("{}/communications/calls/a", site.relay.ready().gate);
    assert_eq!(site.http.get(gate).bearer_auth("guess").send().await.unwrap().status(), 401);
    for words in ["1 notification refused: wrong audience", "1 requests turned away at the relay"] {
        desk.until(|desk| desk.live().event_log().any(|it| it.what.to_string().contains(words))).await;
    }
}
