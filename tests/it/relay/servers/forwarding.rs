//! A bot behind the relay's binary: Graph gets its reply, or an error in time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::{Place, figure, start};
use crate::e2e::processes::{Server, refuses};
use crate::relay::attacks::sealed::Authority;
use crate::relay::attacks::site::{envelope, good_token};

/// The maximum size of a forwarded reply.
const LARGEST: usize = 256 * 1_024;
/// The maximum number of webhooks that wait for the bot.
const AT_ONCE: usize = 256;

/// A bot that behaves as the call's name says, and delays slow webhooks until it is released.
#[derive(Default)]
struct Bot {
    bodies: Mutex<Vec<String>>,
    free: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

/// A slow webhook at the bot; it is over when its sender has gone, too.
struct Waiting<'a>(&'a Bot);

impl<'a> Waiting<'a> {
    fn begin(bot: &'a Bot) -> Self {
        bot.waiting.send_modify(|it| *it += 1);
        Self(bot)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|it| *it -= 1);
    }
}

impl Bot {
    async fn start() -> (Arc<Self>, String) {
        let bot = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/calls", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/api/calls", axum::routing::post(reply)).with_state(Arc::clone(&bot));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (bot, url)
    }

    async fn until_waiting(&self, count: usize) {
        let mut waiting = self.waiting.subscribe();
        let enough = tokio::time::timeout(Duration::from_mins(1), waiting.wait_for(|it| *it >= count)).await;
        enough.unwrap_or_else(|_| panic!("{} of {count} wait for the bot", *self.waiting.borrow())).unwrap();
    }
}

async fn reply(State(bot): State<Arc<Bot>>, body: String) -> Response {
    bot.bodies.lock().unwrap().push(body.clone());
    let does = |what: &str| body.contains(&format!("/communications/calls/{what}"));
    if does("slow") {
        let _waiting = Waiting::begin(&bot);
        bot.free.subscribe().wait_for(|it| *it).await.unwrap();
    }
    if does("exact") || does("large") {
        return "x".repeat(LARGEST + usize::from(does("large"))).into_response();
    }
    let headers = [("location", "https://bot.example/elsewhere"), ("content-type", "text/x-bot")];
    (StatusCode::TEMPORARY_REDIRECT, headers, "the bot's own words").into_response()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn post(relay: &Server, body: String) -> (u16, reqwest::header::HeaderMap, String) {
    let sent = client().post(relay.says("intake")).bearer_auth(good_token()).body(body).send().await.unwrap();
    (sent.status().as_u16(), sent.headers().clone(), sent.text().await.unwrap())
}

async fn forwards(relay: &Server, outcome: &str) -> i64 {
    figure(relay, &format!("forwards_total{{outcome=\"{outcome}\"}}")).await
}

#[expect(clippy::disallowed_methods, reason = "how long an answer takes is wall time")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[tokio::test(flavor = "multi_thread")]
async fn graph_gets_the_bots_reply_or_an_error_in_time() {
    let (place, (bot, url)) = (Place::new().await, Bot::start().await);
    let relay = place.relay(&["--forward", &url, "--forward-seconds", "2"]);
    let (status, headers, body) = post(&relay, envelope("a")).await;
    assert_eq!((status, body.as_str()), (307, "the bot's own words"));
    assert_eq!(
        (&headers["location"], &headers["content-type"]),
        (&"https://bot.example/elsewhere".parse().unwrap(), &"text/x-bot".parse().unwrap())
    );
    assert_eq!(*bot.bodies.lock().unwrap(), [envelope("a")]);
    let (status, _, body) = post(&relay, envelope("exact")).await;
    assert_eq!((status, body.len()), (200, LARGEST));
    let (status, _, body) = post(&relay, envelope("large")).await;
    assert!(status == 502 && body.contains("larger than 256 KiB"), "{status} {body}");
    let began = now();
    let (status, _, body) = post(&relay, envelope("slow")).await;
    let took = began.elapsed();
    assert!(status == 504 && body.contains("did not answer in time"), "{status} {body}");
    assert!((Duration::from_millis(1_900)..Duration::from_secs(9)).contains(&took), "{took:?}");
    for (outcome, times) in [("replied", 2), ("tooLarge", 1), ("slow", 1), ("full", 0)] {
        assert_eq!(forwards(&relay, outcome).await, times, "{outcome}");
    }

    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap());
    drop(gone);
    let relay = place.relay(&["--forward", &url]);
    let (status, _, body) = post(&relay, envelope("a")).await;
    assert!(status == 502 && body.contains("cannot be reached"), "{status} {body}");
    assert_eq!(forwards(&relay, "unreachable").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_recorders_webhook_is_answered_within_its_five_seconds() {
    let (place, (_bot, url)) = (Place::new().await, Bot::start().await);
    let relay = place.relay(&["--forward", &url, "--forward-seconds", "15"]);
    let bare = serde_json::from_str::<serde_json::Value>(&envelope("slow")).unwrap()["value"][0].to_string();
    let began = now();
    let (status, _, _) = post(&relay, bare).await;
    let took = began.elapsed();
    assert_eq!(status, 504);
    assert!((Duration::from_millis(3_900)..Duration::from_secs(14)).contains(&took), "{took:?}");
}

/// Keeps one webhook waiting until the bot is released, and returns the bot's reply.
async fn wait_in_line(http: reqwest::Client, intake: String, token: String) -> u16 {
    loop {
        let sent = http.post(&intake).bearer_auth(&token).body(envelope("slow")).send().await.unwrap();
        match sent.status().as_u16() {
            // It waited for too long, or came before another one's place was free.
            503 | 504 => {}
            replied => return replied,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_wait_for_the_bot_are_bounded_and_delay_no_others() {
    let (place, (bot, url)) = (Place::new().await, Bot::start().await);
    let relay = place.relay(&["--forward", &url, "--forward-seconds", "15"]);
    let (http, intake, token) = (client(), relay.says("intake").to_owned(), good_token());
    let mut sent = tokio::task::JoinSet::new();
    for _ in 1..AT_ONCE {
        sent.spawn(wait_in_line(http.clone(), intake.clone(), token.clone()));
    }
    bot.until_waiting(AT_ONCE - 1).await;
    let (status, _, body) = post(&relay, envelope("a")).await;
    assert_eq!((status, body.as_str()), (307, "the bot's own words"), "one that is quick passes those that wait");

    sent.spawn(wait_in_line(http, intake, token));
    bot.until_waiting(AT_ONCE).await;
    // One of them may just be coming again.
    let full = async {
        loop {
            let (status, headers, body) = post(&relay, envelope("b")).await;
            if status != 307 {
                return (status, headers, body);
            }
        }
    };
    let (status, headers, body) = tokio::time::timeout(Duration::from_mins(1), full).await.unwrap();
    assert!(status == 503 && body.contains("too many notifications wait for the bot"), "{status} {body}");
    assert_eq!(headers["retry-after"], "1");
    assert!(forwards(&relay, "full").await >= 1);
    bot.free.send_replace(true);
    while let Some(replied) = sent.join_next().await {
        assert_eq!(replied.unwrap(), 307);
    }
    assert_eq!(post(&relay, envelope("slow")).await.0, 307, "there is room again");
}

/// A bot that speaks TLS, and answers everything with 204.
async fn sealed(authority: &Authority) -> String {
    let (files, certificate) = authority.issue();
    let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (line, _) = listener.accept().await.unwrap();
            let Ok(mut line) = acceptor.accept(line).await else { continue };
            let (mut said, mut some) = (Vec::new(), [0; 4_096]);
            while !said.ends_with(b"}]}") {
                let read = line.read(&mut some).await.unwrap();
                said.extend_from_slice(&some[..read]);
            }
            line.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.unwrap();
            line.shutdown().await.unwrap();
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_with_a_private_certificate_needs_its_authority() {
    let (place, authority) = (Place::new().await, Authority::new());
    let url = sealed(&authority).await;
    let relay = place.relay(&["--forward", &url]);
    let (status, _, body) = post(&relay, envelope("a")).await;
    assert!(status == 502 && body.contains("cannot be reached"), "{status} {body}");
    let ca = authority.path("ca.pem");
    let relay = place.relay(&["--forward", &url, "--forward-ca", ca.to_str().unwrap()]);
    assert_eq!(post(&relay, envelope("a")).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarding_to_the_relay_itself_is_refused_and_plain_http_warned_about() {
    let place = Place::new().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let (listen, itself) = (format!("127.0.0.1:{port}"), format!("http://localhost:{port}/notifications"));
    let journal = place.folder.path().join("journal");
    let words = place.words(&journal, &["--listen", &listen, "--forward", &itself]);
    let said = refuses(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.contains("is the relay itself") && said.contains(&itself), "{said}");

    for (to, warned) in [("http://bot.example/api/calls", true), ("https://bot.example/api/calls", false)] {
        let log = place.path(if warned { "warned" } else { "quiet" });
        let relay = start(&place.words(&journal, &["--forward", to, "--log", &log]));
        assert!(relay.terminate());
        let log = std::fs::read_to_string(&log).unwrap();
        assert_eq!(log.contains("forwarded over plain HTTP"), warned, "{log}");
    }
}
