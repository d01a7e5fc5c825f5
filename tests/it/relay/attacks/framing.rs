//! Requests that announce their length in two ways, so that somebody on the way may read another request out of them:
//! one way is believed, the other is not looked at, and nothing that follows on the line is heard (RFC 9112, 6.1). They
//! are not refused nor counted: the HTTP library takes the length away before anything of ours sees the request, and
//! telling it from the bytes would be a second reader of heads, which is how such attacks come about.

use super::site::{OPERATOR, Site, envelope, good_token, status};

/// Both forms of two lengths: chunked, and a length so small that the rest would be a separate request.
const BOTH: [&str; 2] =
    ["Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"];

fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

/// A request with a body in chunks, and another one behind it on the same line.
fn followed(first: &str, token: &str, lengths: &str, body: &str, inner: &str) -> String {
    let head = format!("{first} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {token}\r\n");
    format!("{head}{lengths}\r\n{}{head}Content-Length: {}\r\n\r\n{inner}", chunked(body), inner.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_with_two_lengths_ends_its_connection() {
    let site = Site::open().await;
    for (turn, lengths) in (1..).zip(BOTH) {
        let (first, token) = ("POST /notifications", good_token());
        // The relay answers once and closes the connection.
        let said = site.raw("127.0.0.1", followed(first, &token, lengths, &envelope("a"), &envelope("smuggled"))).await;
        assert_eq!((status(&said), said.matches("HTTP/1.1 ").count()), (202, 1), "{said}");
        assert_eq!(site.counted("webhooks_total{outcome=\"kept\"}").await, turn);
    }
    // With only one length both requests are answered, so it is the two lengths that close the connection.
    let lengths = "Transfer-Encoding: chunked\r\n";
    let inner = followed("POST /notifications", &good_token(), lengths, &envelope("a"), &envelope("b"));
    let said = site.raw("127.0.0.1", inner.replacen("Content-Length", "Connection: close\r\nContent-Length", 1)).await;
    assert_eq!(said.matches("HTTP/1.1 202").count(), 2, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_with_two_lengths_ends_its_connection() {
    let site = Site::open().await.with_a_call().await;
    let first = "POST /graph/v1.0/communications/calls/a/participants/bob/mute";
    for (turn, lengths) in (1..).zip(BOTH) {
        let said = site.raw("127.0.0.1", followed(first, OPERATOR, lengths, "{}", "{}")).await;
        assert_eq!((status(&said), said.matches("HTTP/1.1 ").count()), (200, 1), "{said}");
        assert_eq!(site.platform.acts().len(), turn, "{lengths}");
    }
}
