//! A desk over real connections: WebSocket feed and HTTP gate over loopback, with a minimal test relay.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use callboard::console::{self, HeadlessDesk};
use callboard::desk::{Desk, DeskSetup, LinkState};
use callboard::floor::{Act, Cursor, Entry, OperationStatus, Sum, Ticket};
use callboard::protocol::{ConsoleFrame, FeedFrame, HelloFrame, ResetReason, Role, SnapshotPiece, encode_entry};
use callboard::time::Timestamp;
use callboard::time::clock::Clock;
use serde_json::json;
use tokio::sync::broadcast;

use crate::support::desk_driver::key;
use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person};

/// A minimal relay: one journal in memory, and everything is accepted.
#[derive(Clone)]
struct Relay {
    history: Arc<Mutex<History>>,
    heads: broadcast::Sender<()>,
    asked: Arc<Mutex<Vec<Asked>>>,
    refuses: bool,
}

#[derive(Debug, Clone)]
struct Asked {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Relay {
    async fn start(history: History, refuses: bool) -> (Self, console::RelayAccess) {
        let heads = broadcast::Sender::new(16);
        let relay = Self { history: Arc::new(Mutex::new(history)), heads, asked: Arc::default(), refuses };
        let app =
            Router::new().route("/feed", get(feed)).route("/graph/v1.0/{*path}", any(gate)).with_state(relay.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let seat = console::RelayAccess {
            url: format!("http://{address}").parse().unwrap(),
            token: "canary".into(),
            trust: None,
        };
        (relay, seat)
    }

    fn entries_after(&self, cursor: Cursor) -> Vec<Entry> {
        self.history.lock().unwrap().entries.iter().filter(|it| it.cursor > cursor).cloned().collect()
    }

    fn happens(&self, act: impl FnOnce(&mut History)) {
        act(&mut self.history.lock().unwrap());
        drop(self.heads.send(()));
    }
}

async fn feed(
    State(relay): State<Relay>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    assert_eq!(headers["authorization"], "Bearer canary");
    if relay.refuses {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(upgrade.protocols(["callboard.v1"]).on_upgrade(move |socket| serve(relay, socket)))
}

async fn serve(relay: Relay, mut socket: WebSocket) {
    let mut heads = relay.heads.subscribe();
    let (floor, head) = {
        let history = relay.history.lock().unwrap();
        (history.floor.clone(), history.floor.head())
    };
    let hello = HelloFrame {
        protocol: 1,
        label: "SIMULATOR".into(),
        operator: "dana".into(),
        role: Role::Operator,
        epoch: "e".into(),
        oldest: Cursor(1),
        head,
        heartbeat_seconds: 5,
        now: Timestamp(5_000),
        act_expires_seconds: None,
    };
    let mut frames = vec![FeedFrame::Hello(hello), FeedFrame::Reset { reason: ResetReason::New, cursor: head }];
    frames.extend(SnapshotPiece::number(&floor.snapshot().pieces, false).map(FeedFrame::Snapshot));
    frames.push(FeedFrame::CaughtUp { cursor: head });
    for frame in frames {
        if socket.send(Message::Text(frame.encode().into())).await.is_err() {
            return;
        }
    }
    let mut sent = head;
    loop {
        for entry in relay.entries_after(sent) {
            let text = encode_entry(entry.cursor, entry.after, entry.sum, &entry.fact.encode(entry.at));
            sent = entry.cursor;
            if socket.send(Message::Text(text.into())).await.is_err() {
                return;
            }
        }
        tokio::select! {
            _ = heads.recv() => {}
            said = socket.recv() => match said {
                Some(Ok(Message::Text(text))) => drop(ConsoleFrame::decode(&text).unwrap()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}

async fn gate(
    State(relay): State<Relay>,
    Path(path): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let ticket = headers["callboard-ticket"].to_str().unwrap().to_owned();
    relay.asked.lock().unwrap().push(Asked { method, path, headers, body });
    let answer = json!({"@odata.type": "#microsoft.graph.muteParticipantOperation", "id": "o1", "status": "completed"});
    relay.happens(|it| {
        it.asked(&ticket, Act::Mute, Some(BOB)).replied(&ticket, 200, &answer);
    });
    (StatusCode::OK, answer.to_string())
}

/// A desk at the relay.
fn sits(relay: console::RelayAccess) -> HeadlessDesk {
    HeadlessDesk::connect(relay, Clock::starting_at(Timestamp(5_000), 1.0), DeskSetup::default()).unwrap()
}

/// Waits for a state of the desk, and fails after a time-out.
async fn until(headless: &mut HeadlessDesk, wanted: impl FnMut(&Desk) -> bool) {
    let reached = tokio::time::timeout(Duration::from_mins(1), headless.until(wanted)).await;
    assert!(reached.is_ok(), "the desk does not get there: {:?}", headless.desk().message());
}

#[tokio::test]
async fn a_key_press_is_sent_through_the_gate_and_proved_by_the_feed() {
    let (relay, seat) = Relay::start(History::seated(), false).await;
    let mut headless = sits(seat);
    headless.press(key("2"));
    until(&mut headless, |desk| desk.selected_participant().is_some()).await;
    while headless.desk().person().is_none_or(|it| &*it.name != "Bob") {
        headless.press(key("j"));
    }
    headless.press(key("m"));
    headless.press(key("y"));
    let gated = relay.asked.clone();
    until(&mut headless, |_| !gated.lock().unwrap().is_empty()).await;
    let asked = relay.asked.lock().unwrap()[0].clone();
    assert_eq!(
        (asked.method, asked.path),
        (Method::POST, format!("communications/calls/{CALL}/participants/{BOB}/mute"))
    );
    assert_eq!(asked.headers["authorization"], "Bearer canary");
    assert!(asked.headers["callboard-pressed-ago"].to_str().unwrap().parse::<u64>().unwrap() < 60_000);
    assert!(!asked.headers.contains_key("callboard-pressed"), "this relay tells no time");
    let ticket = asked.headers["callboard-ticket"].to_str().unwrap().to_owned();
    assert_eq!(asked.body, json!({"clientContext": ticket}).to_string());
    let ticket = Ticket(ticket.into());
    let standing = |desk: &Desk, wanted| {
        desk.live().operation_by_ticket(&ticket).is_some_and(|it| it.standing(Timestamp(0)) == wanted)
    };
    until(&mut headless, |desk| standing(desk, OperationStatus::Accepted)).await;
    relay.happens(|it| {
        it.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), &json!({"isMuted": true}))]);
    });
    until(&mut headless, |desk| standing(desk, OperationStatus::Confirmed)).await;
    assert_ne!(headless.desk().live().sum(), Sum::default());
}

#[tokio::test]
async fn a_refusing_relay_is_reported_and_not_retried() {
    let (_relay, seat) = Relay::start(History::seated(), true).await;
    let mut headless = sits(seat.clone());
    until(&mut headless, |desk| matches!(desk.link().state(), LinkState::Refused(_))).await;
    let alien = console::RelayAccess { url: "ftp://example.com".parse().unwrap(), ..seat };
    assert!(HeadlessDesk::connect(alien, Clock::system(), DeskSetup::default()).is_err());
}

#[tokio::test]
async fn the_token_is_not_in_debug_output() {
    let (_relay, seat) = Relay::start(History::seated(), false).await;
    assert!(!format!("{seat:?}").contains("canary"));
    let mut headless = sits(seat);
    until(&mut headless, |desk| desk.link().is_live()).await;
    assert!(!format!("{:?}", headless.desk()).contains("canary"));
}
