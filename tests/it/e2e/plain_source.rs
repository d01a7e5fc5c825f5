//! Tests of a plain source: its notifications are on the board, its label is shown, and nobody can act.

use std::time::Duration;

use callboard::console::{DeskSetup, HeadlessDesk, RelayAccess};
use callboard::desk::LinkState;
use callboard::protocol::Role;
use callboard::time::clock::Clock;
use futures_util::SinkExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

async fn accept(listener: &TcpListener) -> WebSocketStream<tokio::net::TcpStream> {
    accept_async(listener.accept().await.unwrap().0).await.unwrap()
}

fn item(call: &str) -> serde_json::Value {
    json!({
        "changeType": "updated", "resourceUrl": format!("/communications/calls/{call}"),
        "resourceData": { "@odata.type": "#microsoft.graph.call", "state": "established" },
    })
}

async fn until(desk: &mut HeadlessDesk, wanted: impl FnMut(&callboard::desk::Desk) -> bool) {
    tokio::time::timeout(Duration::from_mins(1), desk.until(wanted)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_source_is_read_and_labelled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap()).parse().unwrap();
    let seat = RelayAccess { url, token: "".into(), trust: None };
    let mut desk = HeadlessDesk::connect(seat, Clock::system(), DeskSetup::default()).unwrap();
    let ((), mut source) = tokio::join!(until(&mut desk, |desk| desk.link().is_live()), accept(&listener));
    assert!(desk.desk().link().label().contains("PLAIN SOURCE 127.0.0.1, no resume"));
    assert_eq!(desk.desk().link().role(), Role::Viewer);

    let body = json!({ "value": [item("a"), { "changeType": "odd" }, item("b")] });
    for text in [body.to_string(), "rubbish".to_owned()] {
        source.send(Message::text(text)).await.unwrap();
    }
    source.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    until(&mut desk, |desk| desk.live().calls().count() == 2 && desk.live().counts().notifications == 2).await;

    // What was said meanwhile is missing, and the board says so; what is known stays.
    let gaps = desk.desk().live().counts().gaps;
    drop(source);
    until(&mut desk, |desk| matches!(desk.link().state(), LinkState::Down { .. })).await;
    let ((), mut source) = tokio::join!(until(&mut desk, |desk| desk.link().is_live()), accept(&listener));
    assert_eq!(desk.desk().live().counts().gaps, gaps + 1);
    source.send(Message::text(json!({ "value": [item("c")] }).to_string())).await.unwrap();
    until(&mut desk, |desk| desk.live().calls().count() == 3).await;
}

#[tokio::test]
async fn a_token_is_sent_to_a_remote_plain_source_only_over_tls() {
    let far = |token: &str| RelayAccess {
        url: "ws://source.example/feed".parse().unwrap(),
        token: token.into(),
        trust: None,
    };
    assert!(HeadlessDesk::connect(far("secret"), Clock::system(), DeskSetup::default()).is_err());
    assert!(HeadlessDesk::connect(far(""), Clock::system(), DeskSetup::default()).is_ok());
}
