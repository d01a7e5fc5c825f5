//! The baselines. Each is a separate process like the relay, and does the same work without the relay's additions.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::routing::{get, post};
use bytes::Bytes;
use callboard::floor::{Cursor, Fact, ReceivedItem, Sum};
use callboard::graph;
use callboard::journal::{Journal as _, JournalStore};
use callboard::protocol::encode_entry;
use callboard::time::Timestamp;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::graph as stand_in;

/// Runs the baseline with this name, or the stand-in for Graph: prints its address and serves until it is killed.
pub(crate) async fn serve(name: &str) {
    match name {
        "parse" => parse().await,
        "smallest" => smallest().await,
        "lines" => lines().await,
        "graph" => ready(stand_in::router(), None).await,
        other => panic!("no baseline is called {other}"),
    }
}

async fn ready(router: Router, lines: Option<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("its address");
    println!("{}", json!({ "http": format!("http://{at}/"), "feed": format!("ws://{at}/feed"), "lines": lines }));
    axum::serve(listener, router).await.expect("it serves");
}

/// The items of a webhook, read as strictly as the relay reads them.
fn items(body: &str) -> Vec<Box<RawValue>> {
    let items = graph::envelope(body).expect("an envelope");
    for item in &items {
        std::hint::black_box(graph::read(item.get()).expect("a notification"));
    }
    items.into_iter().map(ToOwned::to_owned).collect()
}

/// Row 8: parses each webhook without storing it.
async fn parse() {
    let take = async |body: String| {
        std::hint::black_box(items(&body));
        StatusCode::ACCEPTED
    };
    ready(Router::new().route("/", post(take)), None).await;
}

struct Smallest {
    store: JournalStore,
    tell: broadcast::Sender<String>,
}

/// Row 9: stores each webhook in the same store, and then sends it to every socket.
async fn smallest() {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let store = JournalStore::open(folder.path()).expect("a journal");
    let shared = Arc::new(Smallest { store, tell: broadcast::Sender::new(1_024) });
    let take = async |State(shared): State<Arc<Smallest>>, body: String| {
        let fact = |item| (Timestamp(1), Fact::Notification(ReceivedItem::new(item, None, 0)));
        shared.store.append(items(&body).into_iter().map(fact).collect()).await.expect("room");
        // It fails only without listeners.
        let _ = shared.tell.send(body);
        StatusCode::ACCEPTED
    };
    let listen = async |State(shared): State<Arc<Smallest>>, upgrade: WebSocketUpgrade| {
        let mut told = shared.tell.subscribe();
        upgrade.on_upgrade(async move |socket| {
            let (mut sink, _stream) = socket.split();
            while let Ok(text) = told.recv().await {
                if sink.send(Message::Text(text.into())).await.is_err() {
                    return;
                }
            }
        })
    };
    ready(Router::new().route("/", post(take)).route("/feed", get(listen)).with_state(shared), None).await;
}

/// Row 10: encodes each webhook's entries once, and writes them in one piece to every plain connection.
async fn lines() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("its address");
    let tell = broadcast::Sender::<Bytes>::new(64);
    let told = tell.clone();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            line.set_nodelay(true).expect("a socket");
            let mut told = told.subscribe();
            tokio::spawn(async move {
                while let Ok(bytes) = told.recv().await {
                    if line.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let take = async |State(tell): State<broadcast::Sender<Bytes>>, body: String| {
        let mut whole = Vec::new();
        for item in items(&body) {
            let body = Fact::Notification(ReceivedItem::new(item, None, 0)).encode(Timestamp(1));
            let text = encode_entry(Cursor(2), Cursor(1), Sum(1), &body);
            let length = u16::try_from(text.len()).expect("a short entry");
            whole.extend_from_slice(&[0x81, 126]);
            whole.extend_from_slice(&length.to_be_bytes());
            whole.extend_from_slice(text.as_bytes());
        }
        tell.send(whole.into()).expect("somebody listens");
        StatusCode::ACCEPTED
    };
    ready(Router::new().route("/", post(take)).with_state(tell), Some(at)).await;
}
