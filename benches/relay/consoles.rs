//! Row 10: one entry to a thousand consoles, against the same bytes written to a thousand plain lines; and the memory
//! of a console that idles and of one that has stopped reading.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::intake::roster;
use crate::row;
use crate::stage::Stage;

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const CONSOLES: usize = 1_000;
const ENTRIES: usize = 200;

/// A socket without words.
pub(crate) async fn plain(feed: &str) -> Socket {
    connect_async(feed).await.expect("a line").0
}

/// A console that has everything.
pub(crate) async fn live(feed: &str, token: &str) -> Socket {
    let mut request = feed.into_client_request().expect("an address");
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a token"));
    let (mut socket, _) = connect_async(request).await.expect("the relay lets it in");
    socket.send(Message::text(r#"{"type":"start"}"#)).await.expect("it hears");
    while let Some(Ok(message)) = socket.next().await {
        if message.to_text().is_ok_and(|it| it.contains(r#""type":"caughtUp""#)) {
            return socket;
        }
    }
    panic!("the relay closed the line");
}

/// Posts entries in batches, and waits until every console has heard of the last one; deliveries a second.
async fn fan_out(stage: &Stage, heard: &mut mpsc::Receiver<()>) -> f64 {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let began = Instant::now();
    for batch in 0..ENTRIES / 50 {
        let items: Vec<String> = (0..50).map(|at| roster(batch * 50 + at, 777_777)).collect();
        let body = format!(r#"{{"value":[{}]}}"#, items.join(","));
        let request = client.post(stage.relay.says("intake")).header("authorization", &stage.authorization).body(body);
        request.send().await.expect("an answer").error_for_status().expect("202");
    }
    for _ in 0..CONSOLES {
        heard.recv().await.expect("a console hears");
    }
    deliveries(began)
}

fn deliveries(began: Instant) -> f64 {
    (CONSOLES * ENTRIES) as f64 / began.elapsed().as_secs_f64()
}

/// The same bytes to as many plain lines, each batch in one write.
async fn plain_lines() -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let batch = roster(1, 777_777).repeat(50);
    let whole = batch.len() * ENTRIES / 50;
    let (done_in, mut done) = mpsc::channel(CONSOLES);
    let mut lines = Vec::new();
    for _ in 0..CONSOLES {
        let (mut near, far) = (TcpStream::connect(address).await.expect("a line"), listener.accept().await);
        lines.push(far.expect("a line").0);
        let done = done_in.clone();
        tokio::spawn(async move {
            let mut piece = vec![0; 4 * 1_024];
            let mut all = 0;
            while all < whole {
                all += near.read(&mut piece).await.expect("bytes");
            }
            done.send(()).await.expect("the count goes on");
        });
    }
    let began = Instant::now();
    for mut line in lines {
        let batch = batch.clone();
        tokio::spawn(async move {
            for _ in 0..ENTRIES / 50 {
                line.write_all(batch.as_bytes()).await.expect("it takes them");
            }
            line
        });
    }
    for _ in 0..CONSOLES {
        done.recv().await.expect("a line ends");
    }
    deliveries(began)
}

pub(crate) async fn rows(stage: &Stage) {
    let feed = stage.relay.says("feed");
    // The first one makes the snapshot that all share.
    drop(live(feed, &stage.token).await);
    let before = stage.relay.memory();
    let (heard_in, mut heard) = mpsc::channel(CONSOLES);
    for _ in 0..CONSOLES {
        let mut socket = live(feed, &stage.token).await;
        let heard = heard_in.clone();
        tokio::spawn(async move {
            let mut entries = 0;
            while let Some(Ok(message)) = socket.next().await {
                entries += usize::from(message.to_text().is_ok_and(|it| it.contains(r#""sourceId":"777777""#)));
                if entries == ENTRIES {
                    entries = 0;
                    heard.send(()).await.expect("the count goes on");
                }
            }
        });
    }
    let each = (stage.relay.memory() - before) / CONSOLES as f64;
    row("10 memory of an idle console", "KiB", 20.0, each, "<= 1x of 20 KiB");
    let base = plain_lines().await;
    let ours = fan_out(stage, &mut heard).await;
    row("10 fan-out to 1,000 consoles (vs plain lines)", "/s", base, ours, ">= 0.8x");

    // They take what there is and then nothing more, while the floor goes on.
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(live(feed, &stage.token).await);
    }
    let before = stage.relay.memory();
    let alone = fan_out(stage, &mut heard).await;
    let with = fan_out(stage, &mut heard).await;
    let each = (stage.relay.memory() - before).max(0.0) / 20.0;
    row("10 fan-out beside 20 stalled consoles", "/s", alone, with, ">= 0.9x");
    row("10 memory of a stalled console", "KiB", 1_024.0, each, "<= 1x of 1 MiB");
    drop(stalled);
    tokio::time::sleep(Duration::from_millis(100)).await;
}
