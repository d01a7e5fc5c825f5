//! Slow, large or many requests: their callers are disconnected, and other callers are not affected.

use std::time::Duration;

use callboard::relay::RelayLimits;
use tokio::io::AsyncWriteExt as _;

use super::site::{OPERATOR, Site, dial, envelope, good_token, heard, status};

/// A time in which all must be done by any machine; what is slow here never ends by itself before it.
const IN_TIME: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_slow_callers_do_not_delay_webhooks() {
    // The slow callers are never disconnected here, so a good caller that waited for one would wait forever.
    let patient = RelayLimits { head_seconds: 3_600, body_seconds: 3_600, connections: 256, ..RelayLimits::default() };
    let site = Site::with(patient).await;
    let token = good_token();
    let mut slow = Vec::new();
    for number in 0..200 {
        let mut line = dial(&format!("127.0.0.{}", 2 + number % 7), site.address()).await;
        let begun = match number % 4 {
            0 => String::new(),
            1 => "POST /notifications HT".to_owned(),
            2 => "POST /notifications HTTP/1.1\r\nHost: relay\r\nX-Slow: y".to_owned(),
            // As far as the body: the slowest that only the platform itself could be.
            _ => format!(
                "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\n\
                 Content-Length: 100\r\n\r\n{{"
            ),
        };
        line.write_all(begun.as_bytes()).await.unwrap();
        slow.push(line);
    }
    let good = async {
        for number in 0..100 {
            let answer = site.webhook(&token, &envelope(&format!("call-{number}"))).await;
            assert_eq!(answer.status(), 202, "webhook {number}");
        }
    };
    tokio::time::timeout(IN_TIME, good).await.expect("good webhooks waited for slow callers");
    assert!(site.counted("connections").await >= 200, "the slow ones are all still there");
    drop(slow);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_every_connection() {
    let limits =
        RelayLimits { connections: 64, connections_per_address: 16, head_seconds: 3_600, ..RelayLimits::default() };
    let site = Site::with(limits).await;
    let mut greedy = Vec::new();
    for _ in 0..100 {
        greedy.push(dial("127.0.0.2", site.address()).await);
    }
    site.until_refused("connectionsOfAddress", 84).await;
    let (token, body) = (good_token(), envelope("a"));
    let good = site.webhook(&token, &body);
    assert_eq!(tokio::time::timeout(IN_TIME, good).await.unwrap().status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_slow_callers_are_disconnected_and_counted() {
    let site = Site::with(RelayLimits { head_seconds: 1, body_seconds: 1, ..RelayLimits::default() }).await;
    let token = good_token();
    for begun in ["", "GET /healthz HTTP/1.1\r\nHost:"] {
        let mut line = dial("127.0.0.2", site.address()).await;
        line.write_all(begun.as_bytes()).await.unwrap();
        let said = heard(&mut line).await;
        assert!(said.is_empty() || status(&said) == 408, "{said}");
    }
    site.until_refused("slowHead", 1).await;
    let mut line = dial("127.0.0.2", site.address()).await;
    let head = format!(
        "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\nContent-Length: 10\r\n\
         Connection: close\r\n\r\n{{"
    );
    line.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(status(&heard(&mut line).await), 408);
    assert_eq!(site.refused("slowBody").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_requests_are_refused_and_counted() {
    let limits = RelayLimits { head_bytes: 16 * 1_024, body_bytes: 1_000, ..RelayLimits::default() };
    let site = Site::with(limits).await;
    let token = good_token();
    let head = |more: &str| format!("GET /healthz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n{more}\r\n");
    for more in [format!("X-Large: {}\r\n", "x".repeat(64 * 1_024)), "X-Many: y\r\n".repeat(200)] {
        assert_eq!(status(&site.raw("127.0.0.1", head(&more)).await), 431);
    }
    let target = format!("GET /{} HTTP/1.1\r\nHost: relay\r\n\r\n", "x".repeat(70_000));
    assert!(matches!(status(&site.raw("127.0.0.1", target).await), 414 | 431));
    site.until_refused("largeHead", 3).await;
    assert_eq!(site.webhook(&token, &" ".repeat(1_001)).await.status(), 413);
    let chunked = format!(
        "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Transfer-Encoding: chunked\r\n\r\n800\r\n{}\r\n0\r\n\r\n",
        " ".repeat(0x800)
    );
    assert_eq!(status(&site.raw("127.0.0.1", chunked).await), 413);
    let announced = format!(
        "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Length: 99999999999999\r\n\r\n"
    );
    assert_eq!(status(&site.raw("127.0.0.1", announced).await), 413);
    assert_eq!(site.refused("largeBody").await, 3);
    assert_eq!(site.webhook(&token, &envelope("a")).await.status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_body_has_separate_limits() {
    let limits = RelayLimits { gate_body_bytes: 100, gate_body_seconds: 1, ..RelayLimits::default() };
    let site = Site::with(limits).await.with_a_call().await;
    let mute = "POST /graph/v1.0/communications/calls/a/mute";
    let body = |size: usize| format!("{{{}}}", " ".repeat(size - 2));
    let fits = site.request(OPERATOR, mute, "", &body(100)).await;
    assert_eq!(status(&fits), 200, "{fits}");
    let large = site.request(OPERATOR, mute, "", &body(101)).await;
    assert!(status(&large) == 400 && large.contains("larger than 100 bytes"), "{large}");
    let head = format!("{mute} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {OPERATOR}\r\nContent-Length: 50\r\n");
    let slow = site.raw("127.0.0.1", format!("{head}Connection: close\r\n\r\n{{")).await;
    assert!(status(&slow) == 400 && slow.contains("did not arrive within 1 s"), "{slow}");
    assert_eq!(site.platform.acts().len(), 1, "nothing of them reaches Graph");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_http_is_refused_and_counted() {
    let site = Site::open().await;
    let hello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, b'\r', b'\n', b'\r', b'\n'];
    let cases: [&[u8]; 5] = [
        &hello,
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for case in cases {
        let said = site.raw("127.0.0.1", case).await;
        assert!(said.is_empty() || (400..=505).contains(&status(&said)), "{said}");
    }
    site.until_refused("malformedHead", 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_floods_are_rate_limited() {
    let site = Site::with(RelayLimits { requests_burst: 5, requests_per_second: 0, ..RelayLimits::default() }).await;
    let health = "GET /healthz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n";
    for number in 1..=8 {
        let answer = site.raw("127.0.0.2", health).await;
        assert_eq!(status(&answer), if number <= 5 { 200 } else { 429 }, "{answer}");
    }
    assert_eq!(status(&site.raw("127.0.0.3", health).await), 200);
    assert_eq!(site.refused("rateLimited").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn excess_webhooks_get_retry_after_and_are_noted() {
    let limits = RelayLimits { webhooks_burst: 3, webhooks_per_second: 0, ..RelayLimits::default() };
    let site = Site::with(limits).await;
    let token = good_token();
    for number in 1..=5 {
        let answer = site.webhook(&token, &envelope("a")).await;
        assert_eq!(answer.status(), if number <= 3 { 202 } else { 503 });
        assert_eq!(answer.headers().contains_key("retry-after"), number > 3);
    }
    assert_eq!(site.refused("tokenRate").await, 2);
    assert_eq!(site.counted("webhooks_total{outcome=\"later\"}").await, 2);

    let site = Site::with(RelayLimits { webhooks_at_once: 1, body_seconds: 3_600, ..RelayLimits::default() }).await;
    let mut slow = dial("127.0.0.2", site.address()).await;
    let head = format!(
        "POST /notifications HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\nContent-Length: 9\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let shed = async { while site.webhook(&token, "{\"value\":[]}").await.status() != 503 {} };
    tokio::time::timeout(IN_TIME, shed).await.unwrap();
    assert!(site.refused("busy").await > 0);
}
