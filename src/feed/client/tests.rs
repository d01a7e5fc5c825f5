//! Tests of the feed's client with a misbehaving relay, over a real socket.

use futures_util::{SinkExt, StreamExt};
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};
use url::Url;

use super::*;
use crate::floor::{Cursor, Fact, Floor, Noted, Sum};
use crate::graph::CallId;
use crate::protocol::{
    CloseCode, ConsoleFrame, FeedFrame, HelloFrame, MAX_MESSAGE, PROTOCOL, RelayStamp, ResetReason, Role, SUBPROTOCOL,
    SnapshotPiece, encode_entry, encode_history_entry,
};
use crate::time::Timestamp;

struct Relay {
    listener: TcpListener,
}

impl Relay {
    async fn new() -> (Self, FeedConfig) {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// Returns a relay whose connections have tiny receive buffers.
    fn narrow() -> (Self, FeedConfig) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self::on(socket.listen(8).unwrap())
    }

    fn on(listener: TcpListener) -> (Self, FeedConfig) {
        let url = Url::parse(&format!("ws://{}/feed", listener.local_addr().unwrap())).unwrap();
        (Self { listener }, FeedConfig { url, token: SecretString::from("t"), trust: None })
    }

    /// Accepts a console, sends `hello`, and returns the console's first frame.
    async fn accept(&self, protocol: u32) -> (WebSocketStream<TcpStream>, ConsoleFrame) {
        self.accept_with(protocol, 5).await
    }

    async fn accept_with(&self, protocol: u32, heartbeat_seconds: u32) -> (WebSocketStream<TcpStream>, ConsoleFrame) {
        let (stream, _) = self.listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library's own type")]
        let agree = |asked: &Request, mut answer: Response| -> Result<Response, ErrorResponse> {
            assert_eq!(asked.headers()["authorization"], "Bearer t");
            answer.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
            Ok(answer)
        };
        let mut socket = accept_hdr_async(stream, agree).await.unwrap();
        let hello = FeedFrame::Hello(HelloFrame {
            protocol,
            label: "TEST".into(),
            operator: "ada".into(),
            role: Role::Viewer,
            epoch: "e1".into(),
            oldest: Cursor(1),
            head: Cursor(4),
            heartbeat_seconds,
            now: Timestamp(0),
            act_expires_seconds: None,
        });
        socket.send(Message::text(hello.encode())).await.unwrap();
        let Some(Ok(Message::Text(begin))) = socket.next().await else { panic!("the console said nothing") };
        (socket, ConsoleFrame::decode(&begin).unwrap())
    }
}

fn entry(cursor: u64) -> Message {
    let body = Fact::Noted(Noted::RelayStarted).encode(Timestamp(1));
    Message::text(encode_entry(Cursor(cursor), Cursor(cursor - 1), Sum(cursor), &body))
}

/// Returns an entry that answers a `read`, or that claims to.
fn history_entry(cursor: u64) -> Message {
    let body = Fact::Noted(Noted::RelayStarted).encode(Timestamp(1));
    Message::text(encode_history_entry(Cursor(cursor), Cursor(cursor - 1), Sum(cursor), &body))
}

/// Returns an entry of two MiB.
fn large_entry(cursor: u64) -> Message {
    let reason = "x".repeat(2 * 1_024 * 1_024).into();
    let body = Fact::Noted(Noted::Gap { reason, from: None }).encode(Timestamp(1));
    Message::text(encode_entry(Cursor(cursor), Cursor(cursor - 1), Sum(cursor), &body))
}

#[tokio::test]
async fn a_gap_closes_the_connection_and_the_client_resumes() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(64);
    let (_orders, receiver) = mpsc::channel(1);
    tokio::spawn(run(config, None, sender, receiver));

    let (mut socket, begin) = relay.accept(PROTOCOL).await;
    assert_eq!(begin, ConsoleFrame::Start);
    let mut frames = vec![Message::text(FeedFrame::Reset { reason: ResetReason::New, cursor: Cursor(0) }.encode())];
    let floor = serde_json::to_string(&Floor::default()).unwrap();
    frames.extend(SnapshotPiece::number(&[floor], false).map(|it| Message::text(FeedFrame::Snapshot(it).encode())));
    frames.extend([entry(1), Message::text(r#"{"type":"weather"}"#), entry(2), entry(4)]);
    for frame in frames {
        socket.send(frame).await.unwrap();
    }
    let (_socket, begin) = relay.accept(PROTOCOL).await;
    assert_eq!(begin, ConsoleFrame::Resume { epoch: "e1".into(), after: Cursor(2), sum: Sum(2) });

    let mut applied = Vec::new();
    let reason = loop {
        let event = events.recv().await.unwrap();
        if let FeedEvent::Entries(entries) = &event {
            applied.extend(entries.iter().map(|it| it.cursor.0));
        }
        if let FeedEvent::Down { reason, .. } = event {
            break reason;
        }
    };
    assert_eq!(applied, [1, 2]);
    assert_eq!(reason, "entry 4 does not follow 2: there is a gap");
}

#[tokio::test]
async fn a_relay_with_another_protocol_is_refused() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(64);
    let (_orders, receiver) = mpsc::channel(1);
    tokio::spawn(run(config, None, sender, receiver));
    let (_socket, _) = relay.accept(PROTOCOL + 1).await;
    assert!(matches!(events.recv().await, Some(FeedEvent::Connecting)));
    let Some(FeedEvent::Refused(why)) = events.recv().await else { panic!("another protocol was taken") };
    assert!(why.contains("speaks protocol 2"), "{why}");
    assert!(events.recv().await.is_none());
}

#[tokio::test]
async fn a_slow_owner_loses_no_entries() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(1);
    let (_orders, receiver) = mpsc::channel(1);
    let from = ResumePoint { epoch: "e1".into(), after: Cursor(0), sum: Sum(0) };
    tokio::spawn(run(config, Some(from), sender, receiver));
    let (mut socket, _) = relay.accept(PROTOCOL).await;
    let sending = tokio::spawn(async move {
        for cursor in 1..=5_000 {
            socket.send(entry(cursor)).await.unwrap();
        }
        socket
    });
    let mut applied = 0;
    while applied < 5_000 {
        if let FeedEvent::Entries(entries) = events.recv().await.unwrap() {
            assert!(entries.len() <= 64);
            applied += entries.len();
        }
    }
    drop(sending.await.unwrap());
}

/// Waits until the connection is down; returns the reason and the time of the next attempt.
async fn down(events: &mut mpsc::Receiver<FeedEvent>) -> (String, Timestamp) {
    let down = async {
        loop {
            if let FeedEvent::Down { reason, retry_at } = events.recv().await.unwrap() {
                return (reason, retry_at);
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), down).await.expect("the line is not down")
}

#[tokio::test]
async fn a_silent_relay_is_disconnected_even_while_commands_are_sent() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(64);
    let (orders, receiver) = mpsc::channel(1);
    tokio::spawn(run(config, None, sender, receiver));
    let (_silent, _) = relay.accept_with(PROTOCOL, 1).await;
    let asking = tokio::spawn(async move {
        let mut often = tokio::time::interval(Duration::from_millis(100));
        loop {
            often.tick().await;
            if orders.send(FeedCommand::Looking(None)).await.is_err() {
                return;
            }
        }
    });
    assert_eq!(down(&mut events).await.0, "nothing was heard of the relay for 3 s");
    asking.abort();
}

#[tokio::test]
async fn a_leap_of_the_relays_time_is_told_and_a_new_connection_begins_its_estimate_anew() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(64);
    let (_orders, receiver) = mpsc::channel(1);
    let relay_clock = RelayClock::default();
    tokio::spawn(run_timed(config, None, (sender, receiver), relay_clock.clone()));
    let (mut socket, _) = relay.accept(PROTOCOL).await;
    for ms in [1_000, 3_000, 33_000] {
        let sent = Some(RelayStamp { ms, start: "a".into() });
        let beat = FeedFrame::Heartbeat { cursor: Cursor(0), now: Timestamp(0), refusing_since: None, sent };
        socket.send(Message::text(beat.encode())).await.unwrap();
    }
    let mut leaps = Vec::new();
    while leaps.len() < 4 {
        let event = events.recv().await.unwrap();
        if matches!(event, FeedEvent::Heartbeat(_) | FeedEvent::TimeLeapt) {
            leaps.push(matches!(event, FeedEvent::TimeLeapt));
        }
    }
    assert_eq!(leaps, [false, false, true, false], "two seconds more are a delay, and thirty are not");
    assert!(relay_clock.now().is_some_and(|it| it.ms >= 33_000));
    drop(socket);
    let (_socket, _) = relay.accept(PROTOCOL).await;
    while !matches!(events.recv().await, Some(FeedEvent::Hello(_))) {}
    assert_eq!(relay_clock.now(), None, "what passed without a line is not known");
}

#[tokio::test]
async fn a_relay_that_reads_nothing_is_disconnected() {
    let (relay, config) = Relay::narrow();
    let (sender, mut events) = mpsc::channel(64);
    let (orders, receiver) = mpsc::channel(1);
    tokio::spawn(run(config, None, sender, receiver));
    let (socket, _) = relay.accept(PROTOCOL).await;
    let (mut speaks, _never_read) = socket.split();
    let speaking = tokio::spawn(async move {
        let mut often = tokio::time::interval(Duration::from_millis(500));
        let beat =
            FeedFrame::Heartbeat { cursor: Cursor(0), now: Timestamp(0), refusing_since: None, sent: None }.encode();
        loop {
            often.tick().await;
            if speaks.send(Message::text(beat.clone())).await.is_err() {
                return;
            }
        }
    });
    let asking = tokio::spawn(async move {
        // The longest id, so that the system's buffers on both sides fill soon.
        let long = CallId::new(&"c".repeat(256)).unwrap();
        while orders.send(FeedCommand::Looking(Some(long.clone()))).await.is_ok() {}
    });
    assert_eq!(down(&mut events).await.0, "the relay took nothing for 5 s");
    speaking.abort();
    asking.abort();
}

#[tokio::test]
async fn trimmed_entries_are_not_requested_again() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(64);
    let (_orders, receiver) = mpsc::channel(1);
    let from = ResumePoint { epoch: "e1".into(), after: Cursor(7), sum: Sum(7) };
    tokio::spawn(run(config, Some(from), sender, receiver));
    let (mut socket, begin) = relay.accept(PROTOCOL).await;
    assert!(matches!(begin, ConsoleFrame::Resume { .. }));
    // Entries before the close are applied, and the client still reconnects from the start.
    socket.feed(entry(8)).await.unwrap();
    let close = CloseFrame { code: CloseCode::Gone.number().into(), reason: "".into() };
    socket.send(Message::Close(Some(close))).await.unwrap();
    assert_eq!(down(&mut events).await.0, CloseCode::Gone.sentence());
    assert_eq!(relay.accept(PROTOCOL).await.1, ConsoleFrame::Start);
}

#[tokio::test]
async fn the_requested_wait_is_kept() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(64);
    let (orders, receiver) = mpsc::channel(1);
    tokio::spawn(run(config, None, sender, receiver));
    for (code, asked, least, most) in [(CloseCode::Restart, 30_000, 30, 31), (CloseCode::TooSlow, u64::MAX, 60, 61)] {
        let (mut socket, _) = relay.accept(PROTOCOL).await;
        let bye = FeedFrame::Bye { code: code.number(), resumable: true, retry_after_ms: asked };
        let before = crate::time::clock::wall();
        socket.send(Message::text(bye.encode())).await.unwrap();
        let (reason, retry_at) = down(&mut events).await;
        let wait = retry_at.since(before);
        assert_eq!(reason, code.sentence());
        assert!(wait >= Millis::seconds(least) && wait < Millis::seconds(most), "{wait:?}");
        orders.send(FeedCommand::Retry).await.unwrap();
    }
}

#[tokio::test]
async fn a_relay_that_sends_without_end_is_disconnected_with_a_sentence() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(64);
    let (orders, receiver) = mpsc::channel(1);
    let place = config.url.authority().to_owned();
    tokio::spawn(run(config, None, sender, receiver));
    let piece = |history| SnapshotPiece { part: 1, parts: u32::MAX, piece: "{".into(), history };
    let endless = "x".repeat(MAX_MESSAGE + 1);
    for (frames, asks, says) in [
        (vec![Message::text(FeedFrame::Snapshot(piece(false)).encode())], false, "a snapshot of 4294967295 pieces"),
        (
            vec![Message::text(FeedFrame::Snapshot(piece(true)).encode())],
            false,
            "a past floor that this console did not",
        ),
        (vec![history_entry(1)], false, "earlier entries that this console did not ask for"),
        (vec![history_entry(1), history_entry(2)], true, "earlier entries that this console did not ask for"),
        (vec![Message::text(endless)], false, "a message of more than 33554432 bytes"),
    ] {
        let (mut socket, _) = relay.accept(PROTOCOL).await;
        if asks {
            orders.send(FeedCommand::Read { after: Cursor(0), count: 1 }).await.unwrap();
            while !matches!(socket.next().await, Some(Ok(Message::Text(text))) if text.contains("read")) {}
        }
        for frame in frames {
            // The console may close the line before it has read everything.
            drop(socket.send(frame).await);
        }
        let (reason, _) = down(&mut events).await;
        assert!(reason.contains(says) && reason.ends_with(&format!("check that {place} is your relay")), "{reason}");
        orders.send(FeedCommand::Retry).await.unwrap();
    }
}

#[tokio::test]
async fn entries_of_many_bytes_come_one_at_a_time() {
    let (relay, config) = Relay::new().await;
    let (sender, mut events) = mpsc::channel(16);
    let (_orders, receiver) = mpsc::channel(1);
    let from = ResumePoint { epoch: "e1".into(), after: Cursor(0), sum: Sum(0) };
    tokio::spawn(run(config, Some(from), sender, receiver));
    let (mut socket, _) = relay.accept(PROTOCOL).await;
    let sending = tokio::spawn(async move {
        for cursor in 1..=6 {
            socket.send(large_entry(cursor)).await.unwrap();
        }
        socket
    });
    let mut applied = 0;
    while applied < 6 {
        if let FeedEvent::Entries(entries) = events.recv().await.unwrap() {
            assert_eq!(entries.len(), 1);
            assert!(events.len() <= 1, "{} events of many bytes wait", events.len());
            applied += 1;
        }
    }
    drop(sending.await.unwrap());
}
