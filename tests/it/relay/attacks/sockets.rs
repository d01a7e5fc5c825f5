//! Abuse of the feed's WebSocket, before and after the handshake: a violation of the protocol closes the connection, and
//! does not affect other consoles.

use std::time::Duration;

use callboard::relay::{NetworkSettings, RelayLimits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::site::{OPERATOR, Site, VIEWER, dial, status};

fn handshake(token: &str, more: &str) -> String {
    format!(
        "GET /feed HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Authorization: Bearer {token}\r\n{more}\r\n"
    )
}

/// Opens an upgraded connection to the feed.
async fn upgraded(site: &Site) -> TcpStream {
    let mut line = dial("127.0.0.1", site.address()).await;
    line.write_all(handshake(OPERATOR, "Sec-WebSocket-Protocol: callboard.v1\r\n").as_bytes()).await.unwrap();
    assert!(until(&mut line, "hello").await.starts_with("HTTP/1.1 101"));
    line
}

/// Reads until these words arrive.
async fn until(line: &mut TcpStream, words: &str) -> String {
    let mut all = Vec::new();
    let hearing = async {
        loop {
            let text = String::from_utf8_lossy(&all).into_owned();
            if text.contains(words) {
                return text;
            }
            assert_ne!(line.read_buf(&mut all).await.unwrap(), 0, "the line ended before {words}: {text}");
        }
    };
    tokio::time::timeout(Duration::from_secs(20), hearing).await.unwrap_or_else(|_| panic!("no {words} in time"))
}

/// Returns whether the relay closes the connection.
async fn ends(line: &mut TcpStream) -> bool {
    let mut bytes = [0; 4_096];
    let hearing = async {
        loop {
            match line.read(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), hearing).await.is_ok()
}

/// A frame as a client sends it, its mask all zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()) {
        Ok(length) if length < 126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        Ok(length) => {
            bytes.push(0x80 | 0x7e);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(0x80 | 0x7f);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const PING: u8 = 0x89;
const START: &[u8] = br#"{"type":"start"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn only_a_console_that_violates_the_protocol_is_disconnected() {
    let site = Site::open().await;
    let mut good = upgraded(&site).await;
    let mut claims_more = vec![TEXT, 0xff];
    claims_more.extend((1_u64 << 40).to_be_bytes());
    claims_more.extend([0; 4]);
    let mut beyond = vec![TEXT, 0xff];
    beyond.extend(u64::MAX.to_be_bytes());
    beyond.extend([0; 4]);
    let parts = [frame(0x01, &vec![b' '; 40_000]), frame(0x80, &vec![b' '; 40_000])].concat();
    let cases = [
        ("larger than may be", frame(TEXT, &vec![b' '; 70_000])),
        ("larger than may be in parts", parts),
        ("announced as a tebibyte", claims_more),
        ("announced as more than there is", beyond),
        ("unmasked", [vec![TEXT, 5], b"hello".to_vec()].concat()),
        ("no UTF-8", frame(TEXT, &[0xff, 0xfe])),
        ("half a letter", frame(TEXT, &[0xe2, 0x82])),
        ("a reserved kind", frame(0x83, b"x")),
        ("reserved bits", frame(TEXT | 0x40, b"x")),
        ("a continuation of nothing", frame(0x80, b"x")),
        ("a ping that is too long", frame(PING, &[0; 126])),
        ("a ping in parts", frame(0x09, b"x")),
        ("a close of one byte", frame(0x88, b"x")),
    ];
    let number = u64::try_from(cases.len()).unwrap();
    for (what, bytes) in cases {
        let mut line = upgraded(&site).await;
        line.write_all(&bytes).await.unwrap();
        assert!(ends(&mut line).await, "{what}: the relay did not hang up");
    }
    site.until_refused("webSocket", number).await;
    good.write_all(&frame(TEXT, START)).await.unwrap();
    until(&mut good, "caughtUp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_disconnects_is_not_counted_as_refused() {
    let site = Site::open().await;
    let (quiet, mut loud) = (upgraded(&site).await, upgraded(&site).await);
    // What is sent to it and not read makes the system reset the line, as the end of a process does.
    loud.write_all(&frame(TEXT, START)).await.unwrap();
    loud.readable().await.unwrap();
    drop((quiet, loud));
    let gone = async { while site.counted("consoles").await > 0 {} };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("both are missed");
    assert_eq!(site.refused("webSocket").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_and_invalid_frames_affect_no_other_console() {
    let site = Site::open().await;
    let mut good = upgraded(&site).await;
    let mut bad = upgraded(&site).await;
    // Answered, or at least not taken to heart: what is heard of it is thrown away as it comes.
    let (mut hears, mut says) = bad.split();
    let flood = async {
        for _ in 0..5_000 {
            says.write_all(&frame(PING, b"flood")).await.unwrap();
            says.write_all(&frame(BINARY, &[0; 64])).await.unwrap();
            says.write_all(&frame(TEXT, b"{\"type\":\"no such frame\"}")).await.unwrap();
        }
        for nonsense in [
            &b"no json"[..],
            b"[]",
            b"{}",
            b"null",
            br#"{"type":"resume"}"#,
            br#"{"type":"resume","epoch":"","after":18446744073709551615,"sum":"0"}"#,
            br#"{"type":"read","after":18446744073709551615,"count":4294967295}"#,
            br#"{"type":"read","after":0,"count":0}"#,
            br#"{"type":"ack","cursor":18446744073709551615}"#,
            br#"{"type":"looking","call":"../.."}"#,
            br#"{"type":"hello"}"#,
            br#"{"type":"entry"}"#,
        ] {
            says.write_all(&frame(TEXT, nonsense)).await.unwrap();
        }
        says.write_all(&frame(TEXT, START)).await.unwrap();
    };
    let hearing = async {
        let mut tail = Vec::new();
        loop {
            assert_ne!(hears.read_buf(&mut tail).await.unwrap(), 0, "the line ended");
            if String::from_utf8_lossy(&tail).contains("caughtUp") {
                return;
            }
            let keep = tail.len().saturating_sub(64);
            tail.drain(..keep);
        }
    };
    let both = async { tokio::join!(flood, hearing) };
    tokio::time::timeout(Duration::from_mins(1), both).await.expect("the relay went under in a flood");
    assert!(site.refused("frame").await > 0);
    good.write_all(&frame(TEXT, START)).await.unwrap();
    until(&mut good, "caughtUp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthorised_callers_never_get_a_websocket() {
    let net = NetworkSettings {
        origins: vec!["https://board.example".into()],
        limits: RelayLimits { consoles: 1, ..RelayLimits::default() },
        ..NetworkSettings::default()
    };
    let site = Site::of(net).await;
    let cases = [
        ("unknownToken", handshake("guess", ""), 401),
        ("unknownToken", handshake("guess", "").replace("/feed", &format!("/feed?access_token={OPERATOR}")), 401),
        ("unknownToken", handshake("guess", &format!("Sec-WebSocket-Protocol: callboard.v1, {OPERATOR}\r\n")), 401),
        ("origin", handshake(OPERATOR, "Origin: https://evil.example\r\n"), 403),
        ("origin", handshake(OPERATOR, "Origin: null\r\n"), 403),
        ("origin", handshake(OPERATOR, "Origin: https://board.example.evil.example\r\n"), 403),
        ("origin", handshake(OPERATOR, "Origin: https://board.example\r\nOrigin: https://evil.example\r\n"), 403),
        ("subprotocol", handshake(OPERATOR, "Sec-WebSocket-Protocol: callboard.v9\r\n"), 400),
        ("noWebSocket", handshake(OPERATOR, "").replace("Version: 13", "Version: 8"), 400),
        ("noWebSocket", handshake(OPERATOR, "").replace("Upgrade: websocket", "Upgrade: h2c"), 400),
    ];
    let mut expected = std::collections::BTreeMap::<&str, u64>::new();
    for (reason, request, wanted) in cases {
        let mut line = dial("127.0.0.1", site.address()).await;
        line.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(status(&until(&mut line, "\r\n\r\n").await), wanted, "{request}");
        *expected.entry(reason).or_default() += 1;
        assert_eq!(site.refused(reason).await, expected[reason], "{request}");
    }
    let mut listed = dial("127.0.0.1", site.address()).await;
    listed.write_all(handshake(OPERATOR, "Origin: https://board.example\r\n").as_bytes()).await.unwrap();
    until(&mut listed, "hello").await;
    let mut one_more = dial("127.0.0.1", site.address()).await;
    one_more.write_all(handshake(OPERATOR, "").as_bytes()).await.unwrap();
    assert_eq!(status(&until(&mut one_more, "\r\n\r\n").await), 429);
    assert_eq!(site.refused("tooManyConsoles").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_cannot_take_every_place() {
    let site = Site::with(RelayLimits { consoles_per_token: 3, ..RelayLimits::default() }).await;
    let connect = async |token: &str| {
        let mut line = dial("127.0.0.1", site.address()).await;
        line.write_all(handshake(token, "").as_bytes()).await.unwrap();
        (until(&mut line, "\r\n\r\n").await, line)
    };
    let mut held = Vec::new();
    for _ in 0..3 {
        let (said, line) = connect(VIEWER).await;
        assert_eq!(status(&said), 101);
        held.push(line);
    }
    let (said, mut refused) = connect(VIEWER).await;
    assert_eq!(status(&said), 429);
    let why = until(&mut refused, "close one of them").await;
    assert!(why.contains("3 consoles are open with this token already"), "{why}");
    assert_eq!(status(&connect(OPERATOR).await.0), 101, "another token has its own places");
    drop(held);
    let again = async { while status(&connect(VIEWER).await.0) != 101 {} };
    tokio::time::timeout(Duration::from_mins(1), again).await.expect("a closed console frees its place");
}
