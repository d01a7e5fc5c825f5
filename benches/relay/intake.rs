//! Rows 8 and 9: webhooks a second, durable, against a server that only parses them; and the time from a POST to a
//! console's socket, against the smallest relay that keeps what it passes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message as Out, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::routing::{get, post};
use callboard::floor::{Fact, Received};
use callboard::journal::{Journal as _, Store};
use callboard::moment::Moment;
use futures_util::StreamExt as _;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::consoles::{self, Socket};
use crate::stage::Stage;
use crate::{median, percentile, row};

const SENDERS: usize = 32;
const ROUND: Duration = Duration::from_millis(700);
const ROUNDS: usize = 5;
/// Row 9 posts so many, a millisecond apart.
const POSTS: usize = 2_000;

/// A roster of four as Graph sends it, with a mark to know it by.
pub(crate) fn roster(call: usize, mark: usize) -> String {
    let person = |at: usize| {
        format!(
            r##"{{"@odata.type":"#microsoft.graph.participant","id":"11111111-0000-0000-{call:04}-00000000000{at}","info":{{"identity":{{"user":{{"displayName":"Person {at}","id":"22222222-0000-0000-0000-00000000000{at}","tenantId":"33333333-0000-0000-0000-000000000000"}}}},"region":"westus","languageId":"en-US"}},"mediaStreams":[{{"mediaType":"audio","label":"main-audio","sourceId":"{mark}","direction":"sendReceive","serverMuted":false}}],"isMuted":{},"isInLobby":false}}"##,
            mark.is_multiple_of(2)
        )
    };
    let people: Vec<String> = (0..4).map(person).collect();
    format!(
        r#"{{"changeType":"updated","resourceUrl":"/communications/calls/44444444-0000-0000-0000-{call:012}/participants","resourceData":[{}]}}"#,
        people.join(",")
    )
}

fn envelope(mark: usize) -> String {
    format!(r#"{{"value":[{}]}}"#, roster(mark % 200, mark))
}

/// Serves a router on a port of its own; its address.
pub(crate) async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(axum::serve(listener, router).into_future());
    address.to_string()
}

/// The answers a second that so many senders get.
async fn rate(url: &str, authorization: &str) -> f64 {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let began = Instant::now();
    let senders = (0..SENDERS).map(|sender| {
        let (client, url, authorization) = (client.clone(), url.to_owned(), authorization.to_owned());
        tokio::spawn(async move {
            let mut answers = 0_u32;
            while began.elapsed() < ROUND {
                let body = envelope(sender * 1_000_000 + answers as usize);
                let answer = client.post(&url).header("authorization", &authorization).body(body).send().await;
                assert_eq!(answer.expect("an answer").status(), 202);
                answers += 1;
            }
            answers
        })
    });
    let mut all = 0;
    for sender in senders.collect::<Vec<_>>() {
        all += sender.await.expect("a sender ends");
    }
    f64::from(all) / began.elapsed().as_secs_f64()
}

/// The smallest relay: keeps each webhook as one entry, and tells sockets the newest.
async fn smallest(store: Arc<Store>) -> String {
    let keep = async |State(store): State<Arc<Store>>, body: String| {
        let item = RawValue::from_string(body).expect("JSON");
        let fact = Fact::Notification(Received { item, message: None, index: 0 });
        store.append(vec![(Moment(1), fact)]).await.expect("room");
        StatusCode::ACCEPTED
    };
    let tell = async |State(store): State<Arc<Store>>, upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async move |mut socket| {
            let mut head = store.follow();
            let mut after = store.head().cursor;
            while head.changed().await.is_ok() {
                for row in store.read(after, 1_000).await.expect("rows") {
                    after = row.cursor;
                    if socket.send(Out::Text(row.body.into())).await.is_err() {
                        return;
                    }
                }
            }
        })
    };
    serve(Router::new().route("/post", post(keep)).route("/feed", get(tell)).with_state(store)).await
}

/// The milliseconds from each POST to the console, at a thousand a second.
async fn latencies(url: &str, authorization: &str, mut console: Socket) -> Vec<f64> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let (heard_in, mut heard) = mpsc::channel(POSTS);
    let listening = tokio::spawn(async move {
        while let Some(Ok(message)) = console.next().await {
            let text = message.to_text().unwrap_or_default();
            let mark = text.split_once(r#""sourceId":""#).or_else(|| text.split_once(r#"\"sourceId\":\""#));
            let mark = mark.and_then(|(_, rest)| rest.split(['"', '\\']).next()?.parse::<usize>().ok());
            if let Some(mark) = mark
                && heard_in.send((mark, Instant::now())).await.is_err()
            {
                return;
            }
        }
    });
    let mut pace = tokio::time::interval(Duration::from_millis(1));
    let mut sent = Vec::with_capacity(POSTS);
    for mark in 0..POSTS {
        pace.tick().await;
        let request = client.post(url).header("authorization", authorization).body(envelope(mark));
        sent.push(Instant::now());
        tokio::spawn(request.send());
    }
    let mut figures = Vec::with_capacity(POSTS);
    while figures.len() < POSTS {
        let Ok(Some((mark, at))) = tokio::time::timeout(Duration::from_secs(5), heard.recv()).await else { break };
        if let Some(began) = sent.get(mark) {
            figures.push(at.duration_since(*began).as_secs_f64() * 1_000.0);
        }
    }
    listening.abort();
    figures
}

pub(crate) async fn rows(stage: &Stage) {
    let parse = async |body: String| {
        std::hint::black_box(serde_json::from_str::<serde_json::Value>(&body).expect("JSON"));
        StatusCode::ACCEPTED
    };
    let parses = format!("http://{}/", serve(Router::new().route("/", post(parse))).await);
    let intake = stage.relay.says("intake");
    let (mut base, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        base.push(rate(&parses, &stage.authorization).await);
        ours.push(rate(intake, &stage.authorization).await);
    }
    row("8 intake, durable (vs axum + parse)", "/s", median(base), median(ours), ">= 0.5x");

    let folder = tempfile::tempdir().expect("a folder for the run");
    let small = smallest(Arc::new(Store::open(folder.path()).expect("a journal"))).await;
    let (url, feed) = (format!("http://{small}/post"), format!("ws://{small}/feed"));
    let mut base = latencies(&url, "", consoles::plain(&feed).await).await;
    let console = consoles::live(stage.relay.says("feed"), &stage.token).await;
    let mut ours = latencies(intake, &stage.authorization, console).await;
    let (base50, ours50) = (percentile(&mut base, 50), percentile(&mut ours, 50));
    row("9 POST to console at 1,000/s, p50 (vs smallest relay)", "ms", base50, ours50, "<= 1.3x");
    row("9 … p99", "ms", percentile(&mut base, 99), percentile(&mut ours, 99), "<= 1.5x");
}
