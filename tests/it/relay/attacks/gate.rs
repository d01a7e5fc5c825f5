//! Smuggling to Graph through the gate with a valid token: with any path, headers and framing, only the gate's listed
//! actions reach Graph, as the relay writes them.

use super::site::{OPERATOR, Seen, Site, VIEWER, status};

const CALL: &str = "/graph/v1.0/communications/calls/a";
const MUTE: &str = "/graph/v1.0/communications/calls/a/participants/bob/mute";

/// Headers that the relay's own client sends, and no others.
const OWN: [&str; 5] = ["accept", "authorization", "content-length", "content-type", "host"];

/// The suffixes of a known call's path.
const BELOW: &[&str] = &[
    "/../../users",
    "/../../../v1.0/users",
    "/./mute",
    "/%2e%2e/%2e%2e/users",
    "/%2E%2E%2Fusers",
    "/%252e%252e/users",
    "%2Fmute",
    "%2fparticipants%2fbob%2fmute",
    "/participants/bob%2F..%2F..%2Fmute",
    "/participants/../mute",
    "/participants/%2e%2e/mute",
    "//mute",
    "/mute/",
    "/mute;x=1",
    "/;/mute",
    "/\\mute",
    "\\..\\users",
    "/mute%00",
    "/mute%0d%0aX-Evil:1",
    "/mute%20HTTP/1.1",
    "%3Fx=",
    "/mute%23",
    "/transfer",
    "/redirect",
    "/answer",
    "/reject",
    "/recordResponse",
    "/playPrompt",
    "/updateRecordingStatus",
    "/subscribeToTone",
    "/addLargeGalleryView",
    "/participants/invite",
    "/participants/bob/transfer",
    "/microsoft.graph.transfer",
    "/evil.mute.transfer",
];

/// Whole targets.
const WHOLE: &[&str] = &[
    "/graph/v1.0/users",
    "/graph/v1.0/users/bob/sendMail",
    "/graph/v1.0/communications/calls",
    "/graph/v1.0/communications/onlineMeetings",
    "/graph/v1.0/communications/presences",
    "/graph/v1.0/$batch",
    "/graph/v1.0/https://evil.example/communications/calls/a/mute",
    "/graph/v1.0/http:%2F%2Fevil.example/communications/calls/a/mute",
    "/graph/beta/communications/calls/a/mute",
    "/graph/v1.0/../v1.0/communications/calls/a/mute",
    "/graph//v1.0/communications/calls/a/mute",
    "/GRAPH/v1.0/communications/calls/a/mute",
    "//evil.example/graph/v1.0/communications/calls/a/mute",
    "http://graph.microsoft.com/v1.0/users",
    "http://evil.example/graph/v1.0/communications/calls/a/transfer",
    "*",
];

/// Asserts that Graph received only requests that the relay may send.
fn is_clean(site: &Site, seen: &[Seen]) {
    let host = site.platform.base.strip_prefix("http://").unwrap();
    for it in seen {
        let known = [
            "/v1.0/communications/calls/a",
            "/v1.0/communications/calls/a/participants",
            "/v1.0/communications/calls/a/participants/bob/mute",
        ];
        assert!(known.contains(&it.target.as_str()), "{it:?}");
        for (name, value) in &it.headers {
            assert!(OWN.contains(&name.as_str()), "{name}: {value}");
            match name.as_str() {
                "host" => assert_eq!(value, host),
                "authorization" => assert_eq!(value, "Bearer app-token"),
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_escapes_the_listed_actions() {
    let site = Site::open().await.with_a_call().await;
    let paths = BELOW.iter().map(|it| format!("{CALL}{it}")).chain(WHOLE.iter().map(|it| (*it).to_owned()));
    let before = site.platform.seen().len();
    let mut refused = 0;
    for path in paths {
        for method in ["POST", "DELETE", "GET", "PATCH", "PUT", "CONNECT", "TRACE", "mute"] {
            let answer = site.request(OPERATOR, &format!("{method} {path}"), "", "").await;
            assert!((400..500).contains(&status(&answer)), "{method} {path}: {answer}");
            refused += 1;
        }
    }
    assert_eq!(site.platform.seen().len(), before, "{:?}", site.platform.seen());
    let mut counted = 0;
    for reason in ["path", "notAllowed", "noSuchPath", "malformedHead"] {
        counted += site.refused(reason).await;
    }
    let unknown = site.counted("gate_total{action=\"none\",outcome=\"refused\"}").await;
    assert!(counted + unknown >= refused * 9 / 10, "{counted} and {unknown} of {refused} were counted");
    assert!(site.refused("path").await > 0 && site.refused("notAllowed").await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_listed_parts_of_a_request_reach_graph() {
    let site = Site::open().await.with_a_call().await;
    let headers = "X-Forwarded-Host: evil.example\r\nX-Forwarded-For: 127.0.0.1\r\n\
                   X-Original-URL: /v1.0/users\r\nX-Rewrite-URL: /v1.0/users\r\nForwarded: host=evil.example\r\n\
                   X-HTTP-Method-Override: DELETE\r\nX-Method-Override: DELETE\r\nPrefer: respond-async\r\n\
                   Client-Request-Id: evil\r\nCookie: evil=1\r\nContent-Type: text/evil\r\n";
    let body = r#"{"clientContext":"t-1","callbackUri":"https://evil.example","participants":[{"id":"eve"}]}"#;
    let before = site.platform.seen().len();
    let target = format!("POST {MUTE}?$expand=evil&access_token=evil&_method=DELETE");
    let answer = site.request(OPERATOR, &target, headers, body).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let acts = site.platform.acts();
    assert_eq!(acts.len(), 1);
    assert_eq!((acts[0].method.as_str(), acts[0].body.as_str()), ("POST", r#"{"clientContext":"t-1"}"#));
    is_clean(&site, &site.platform.seen()[before..]);

    let read = site.request(OPERATOR, &format!("GET {CALL}"), "X-HTTP-Method-Override: DELETE\r\n", "").await;
    assert_eq!(status(&read), 200);
    assert_eq!(site.platform.acts().len(), 1, "a read stays a read");
    is_clean(&site, &site.platform.seen()[before..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smuggled_request_has_no_rights() {
    let site = Site::open().await.with_a_call().await;
    let inner = format!("DELETE {CALL} HTTP/1.1\r\nHost: relay\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let outer = |framing: &str, body: &str| {
        format!("POST {MUTE} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {OPERATOR}\r\n{framing}\r\n{body}")
    };
    let long = inner.len();
    let cases = [
        outer("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{inner}")),
        outer("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", &format!("0\r\n\r\n{inner}")),
        outer("Content-Length: 0\r\nContent-Length: 5\r\n", &inner),
        outer(&format!("Content-Length: {long}, 0\r\n"), &inner),
        outer("Content-Length: +0\r\n", &inner),
        outer("Content-Length: 0x0\r\n", &inner),
        outer("Transfer-Encoding: chunked, identity\r\n", &inner),
        outer("Transfer-Encoding: xchunked\r\n", &inner),
        outer("Transfer-Encoding : chunked\r\n", &inner),
        outer("X: y\r\n Transfer-Encoding: chunked\r\n", &inner),
        outer("Transfer-Encoding: chunked\r\n", &format!("0;a=\nb\r\n\r\n{inner}")),
        outer("Transfer-Encoding: chunked\r\n", &format!("-1\r\n\r\n{inner}")),
        outer("Transfer-Encoding: chunked\r\n", &format!("fffffffffffffffff\r\n\r\n{inner}")),
        outer("Callboard-Ticket: x\rX-Evil: 1\r\nContent-Length: 0\r\nConnection: close\r\n", ""),
        outer("Callboard-Ticket: x\u{0}\r\nContent-Length: 0\r\nConnection: close\r\n", ""),
        outer("Connection: close\r\nContent-Length: 0\r\n", &inner),
    ];
    let before = site.platform.seen().len();
    for case in cases {
        let answer = site.raw("127.0.0.1", &case).await;
        assert!(site.platform.acts().iter().all(|it| it.method == "POST"), "the inner request was heard: {case}");
        assert!(!answer.contains("HTTP/1.1 204") && answer.matches("HTTP/1.1 200").count() <= 1, "{case}\n{answer}");
    }
    is_clean(&site, &site.platform.seen()[before..]);
    assert!(site.refused("malformedHead").await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_cannot_act() {
    let site = Site::open().await.with_a_call().await;
    for (first, headers) in [
        (format!("POST {MUTE}"), ""),
        (format!("POST {CALL}/mute"), "X-HTTP-Method-Override: GET\r\n"),
        (format!("DELETE {CALL}"), ""),
        (format!("POST {MUTE}"), "X-Role: operator\r\nX-Operator: ada\r\n"),
        (format!("POST {MUTE}?role=operator&access_token={OPERATOR}"), ""),
    ] {
        let answer = site.request(VIEWER, &first, headers, "").await;
        assert_eq!(status(&answer), 403, "{first}: {answer}");
    }
    // With somebody's token in a second header there is one reading, and it is the first.
    let both = format!("Authorization: Bearer {OPERATOR}\r\n");
    assert_eq!(status(&site.request(VIEWER, &format!("POST {MUTE}"), &both, "").await), 403);
    assert_eq!(site.platform.acts().len(), 0);
    assert_eq!(site.refused("notAllowed").await, 6);
    assert_eq!(site.counted("gate_total{action=\"mute\",outcome=\"forbidden\"}").await, 4);
}
