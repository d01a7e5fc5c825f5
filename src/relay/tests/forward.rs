//! Tests of forwarding: the bot's copy, the answer to Graph, and a slow bot that delays nothing else.

use std::sync::Mutex;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use url::Url;

use super::*;
use crate::relay::{ForwardSettings, UnreachedReply};

/// A bot that stores its requests, and delays its answers while it is held.
#[derive(Default)]
struct Bot {
    got: Mutex<Vec<(HeaderMap, Bytes)>>,
    held: watch::Sender<bool>,
}

async fn start() -> (Arc<Bot>, Url) {
    let bot = Arc::new(Bot::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/api/calls?x=1", listener.local_addr().unwrap())).unwrap();
    let router = axum::Router::new().route("/api/calls", axum::routing::post(answer)).with_state(Arc::clone(&bot));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (bot, url)
}

async fn answer(State(bot): State<Arc<Bot>>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let slow = String::from_utf8_lossy(&body).contains("slow");
    bot.got.lock().unwrap().push((headers, body));
    if slow {
        bot.held.subscribe().wait_for(|it| !*it).await.unwrap();
    }
    let headers = [("location", "https://bot.example/elsewhere"), ("content-type", "text/x-bot"), ("x-own", "1")];
    (StatusCode::TEMPORARY_REDIRECT, headers, "the bot's own words")
}

async fn bench(url: &Url, budget: Duration, unreached: UnreachedReply) -> Bench {
    let forward = ForwardSettings { url: url.clone(), ca: None, budget, unreached };
    Bench::set_up(|settings| settings.tuning.forward = Some(forward)).await
}

const BUDGET: Duration = Duration::from_mins(1);

fn unforwarded(entries: &[Entry]) -> Vec<(String, u64)> {
    let note = |it: &Noted| {
        if let Noted::ForwardFailed { reason, count } = it { Some((reason.to_string(), *count)) } else { None }
    };
    notes(entries, note)
}

#[tokio::test]
async fn the_bot_gets_the_unchanged_webhook_and_graph_gets_its_reply() {
    let (bot, url) = start().await;
    let bench = bench(&url, BUDGET, UnreachedReply::Tell).await;
    let body = format!(" {}\n", envelope(&[call_item("a", "established")]));
    let send = || {
        let request = bench.http.post(&bench.relay.ready().intake).bearer_auth(graph::token()).body(body.clone());
        let request = request.header("X-Microsoft-Skype-Message-ID", "m-1").header("Scenario-ID", "s-1");
        let request = request.header("Content-Type", "application/json; charset=utf-8");
        request.header("X-Microsoft-Skype-Chain-ID", "c-1").header("Keep-Alive", "5")
    };
    for times in 1..=2 {
        let reply = send().send().await.unwrap();
        assert_eq!(reply.status(), 307);
        assert_eq!(reply.headers()["location"], "https://bot.example/elsewhere");
        assert_eq!(reply.headers()["content-type"], "text/x-bot");
        assert!(!reply.headers().contains_key("x-own"));
        assert_eq!(reply.text().await.unwrap(), "the bot's own words");
        // The bot also receives the repeat, which the journal has once.
        assert_eq!(bot.got.lock().unwrap().len(), times);
        assert_eq!(notifications(&bench.entries().await), 1);
    }
    let (headers, got) = bot.got.lock().unwrap()[0].clone();
    assert_eq!(got, body);
    for (name, value) in [
        ("scenario-id", "s-1"),
        ("x-microsoft-skype-message-id", "m-1"),
        ("x-microsoft-skype-chain-id", "c-1"),
        ("content-type", "application/json; charset=utf-8"),
        ("host", url.authority()),
    ] {
        assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
    }
    assert!(headers["authorization"].to_str().unwrap().starts_with("Bearer ey"));
    assert!(!headers.contains_key("keep-alive"));
}

#[tokio::test]
async fn refused_webhooks_are_not_forwarded_and_unknown_items_are() {
    let (bot, url) = start().await;
    let bench = bench(&url, BUDGET, UnreachedReply::Tell).await;
    let stranger = bench.http.post(&bench.relay.ready().intake).bearer_auth("nonsense").body("{}");
    assert_eq!(stranger.send().await.unwrap().status(), 401);
    bench.journal.refuses.send_replace(true);
    let item = call_item("a", "established");
    assert_eq!(bench.post(None, envelope(std::slice::from_ref(&item))).await.status(), 503);
    assert!(bot.got.lock().unwrap().is_empty());
    bench.journal.refuses.send_replace(false);
    bench.post(None, r#"{"of":"tomorrow"}"#).await;
    assert_eq!(bot.got.lock().unwrap()[0].1, r#"{"of":"tomorrow"}"#);
}

#[tokio::test]
async fn the_settings_decide_graphs_answer_while_the_bot_is_down() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    for (unreached, status) in [(UnreachedReply::Tell, 502), (UnreachedReply::Accept, 202)] {
        let bench = bench(&url, BUDGET, unreached).await;
        assert_eq!(bench.post(None, envelope(&[call_item("a", "established")])).await.status(), status);
        assert_eq!(bench.post(None, envelope(&[call_item("b", "established")])).await.status(), status);
        let all = |it: &[Entry]| unforwarded(it).iter().map(|(_, count)| count).sum::<u64>() == 2;
        let entries = bench.until("note", all).await;
        assert!(unforwarded(&entries).iter().all(|(reason, _)| reason == "the bot cannot be reached"));
        assert_eq!(notifications(&entries), 2);
    }
}

#[tokio::test]
async fn a_slow_bot_delays_only_its_own_webhook() {
    let (bot, url) = start().await;
    bot.held.send_replace(true);
    let slow = || envelope(&[call_item("slow", "established")]);
    let patient = bench(&url, BUDGET, UnreachedReply::Tell).await;
    let mut late = std::pin::pin!(patient.post(None, slow()));
    let quick = async {
        while bot.got.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        patient.post(None, envelope(&[call_item("a", "established")])).await.status()
    };
    tokio::select! {
        _ = &mut late => panic!("the bot is held"),
        quick = quick => assert_eq!(quick, 307),
    }
    bot.held.send_replace(false);
    assert_eq!(late.await.status(), 307);

    bot.held.send_replace(true);
    let bench = bench(&url, Duration::from_secs(1), UnreachedReply::Tell).await;
    assert_eq!(bench.post(None, slow()).await.status(), 504);
    let entries = bench.until("note", |it| !unforwarded(it).is_empty()).await;
    assert_eq!(unforwarded(&entries), [("the bot did not answer in time".to_owned(), 1)]);
    assert_eq!(notifications(&entries), 1);
}
