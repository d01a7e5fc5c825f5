//! Rows 8 and 9: durable webhooks per second, compared with a server that only parses them; and the time from a POST to
//! a console's socket, compared with a minimal relay that stores and forwards.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::graph::call_id;
use crate::stage::{Server, Stage};
use crate::wire::Poster;
use crate::{median, percentile, row};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const SENDERS: usize = 64;
const ROUND: Duration = Duration::from_millis(700);
const ROUNDS: usize = 5;
/// The number of posts in a round of row 9, a millisecond apart.
const POSTS: usize = 1_000;

/// Returns four people as Graph sends them, with an identifying mark.
pub(crate) fn people(call: usize, mark: usize) -> String {
    let person = |at: usize| {
        format!(
            r##"{{"@odata.type":"#microsoft.graph.participant","id":"11111111-0000-0000-000{at}-{call:012}","info":{{"identity":{{"user":{{"displayName":"Person {at}","id":"22222222-0000-0000-0000-00000000000{at}","tenantId":"33333333-0000-0000-0000-000000000000"}}}},"region":"westus","languageId":"en-US"}},"mediaStreams":[{{"mediaType":"audio","label":"main-audio","sourceId":"{mark}","direction":"sendReceive","serverMuted":false}}],"isMuted":{},"isInLobby":false}}"##,
            mark.is_multiple_of(2)
        )
    };
    (0..4).map(person).collect::<Vec<_>>().join(",")
}

/// Returns the roster of a call, with an identifying mark.
pub(crate) fn roster(call: usize, mark: usize) -> String {
    format!(
        r#"{{"changeType":"updated","resourceUrl":"/communications/calls/{}/participants","resourceData":[{}]}}"#,
        call_id(call),
        people(call, mark)
    )
}

fn envelope(mark: usize) -> String {
    format!(r#"{{"value":[{}]}}"#, roster(mark % 200, mark))
}

/// Returns the answers per second for this number of senders.
async fn rate(url: &str, authorization: &str) -> f64 {
    let mut posters = Vec::new();
    for _ in 0..SENDERS {
        posters.push(Poster::new(url, authorization).await);
    }
    let began = Instant::now();
    let senders = posters.into_iter().enumerate().map(|(sender, mut poster)| {
        tokio::spawn(async move {
            let mut answers = 0_u32;
            while began.elapsed() < ROUND {
                assert_eq!(poster.post(&envelope(sender * 1_000_000 + answers as usize)).await, 202);
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

/// A console that receives everything.
async fn socket(feed: &str, token: Option<&str>) -> Socket {
    let mut request = feed.into_client_request().expect("an address");
    let Some(token) = token else { return connect_async(request).await.expect("a line").0 };
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

/// Returns the milliseconds from each POST to the console, at a thousand posts per second.
async fn latencies(url: &str, authorization: &str, mut console: Socket) -> Vec<f64> {
    let (heard_in, mut heard) = mpsc::channel(POSTS);
    let listening = tokio::spawn(async move {
        while let Some(Ok(message)) = console.next().await {
            let text = message.to_text().unwrap_or_default();
            let mark = text.split_once(r#""sourceId":""#);
            let mark = mark.and_then(|(_, rest)| rest.split('"').next()?.parse::<usize>().ok());
            if let Some(mark) = mark
                && heard_in.send((mark, Instant::now())).await.is_err()
            {
                return;
            }
        }
    });
    let mut posters = Vec::new();
    for _ in 0..SENDERS {
        posters.push(Poster::new(url, authorization).await);
    }
    let start = Instant::now() + Duration::from_millis(20);
    let due = move |mark: usize| start + Duration::from_millis(mark as u64);
    for (sender, mut poster) in posters.into_iter().enumerate() {
        tokio::spawn(async move {
            for mark in (sender..POSTS).step_by(SENDERS) {
                tokio::time::sleep_until(due(mark).into()).await;
                assert_eq!(poster.post(&envelope(mark)).await, 202);
            }
        });
    }
    let mut figures = Vec::with_capacity(POSTS);
    while figures.len() < POSTS {
        let heard = tokio::time::timeout(Duration::from_secs(5), heard.recv()).await;
        let (mark, at) = heard.expect("every webhook arrives").expect("the console listens");
        // Measured from the planned time, because a sender that waits for an answer is delayed by the server.
        figures.push(at.duration_since(due(mark)).as_secs_f64() * 1_000.0);
    }
    listening.abort();
    figures
}

pub(crate) async fn rows(stage: &Stage) {
    let parse = Server::baseline("parse");
    let intake = stage.relay.says("intake");
    let (mut base, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        base.push(rate(parse.says("http"), &stage.authorization).await);
        ours.push(rate(intake, &stage.authorization).await);
    }
    row("8 intake, durable (vs axum + parse)", "/s", median(base), median(ours), ">= 0.5x");
    drop(parse);

    let smallest = Server::baseline("smallest");
    let (mut base, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let console = socket(smallest.says("feed"), None).await;
        base.extend(latencies(smallest.says("http"), "", console).await);
        let console = socket(stage.relay.says("feed"), Some(&stage.token)).await;
        ours.extend(latencies(intake, &stage.authorization, console).await);
    }
    let (base50, ours50) = (percentile(&mut base, 50), percentile(&mut ours, 50));
    row("9 POST to console at 1,000/s, p50 (vs smallest relay)", "ms", base50, ours50, "<= 1.3x");
    row("9 … p99", "ms", percentile(&mut base, 99), percentile(&mut ours, 99), "<= 1.5x");
}
