//! Tests of callback addresses: redirects, HTTPS with a private certificate authority, replies of recorders.

use axum::extract::Path;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::recordings_and_tones::Client;
use super::*;
use crate::sim::{SimError, TrustedParties, start_trusting};

const RINGS: &str = r#"{ "subject": "Rings", "kind": "group", "answeredBy": "client", "people": [{ "name": "Ada" }] }"#;

/// Returns a receiver that stores its requests and answers each path by a script. Returns its address and
/// the requests by path.
async fn scripted() -> (String, Got) {
    let got = Got::default();
    let take = async |State(got): State<Got>, Path(path): Path<String>, body: Bytes| -> Response {
        let mut item: Value = serde_json::from_slice(&body).unwrap();
        item["path"] = json!(path);
        let joining = item["value"][0]["@odata.type"] == "#microsoft.graph.participantJoiningNotification";
        let incoming = item["value"][0]["changeType"] == "created";
        got.lock().unwrap().push((HeaderMap::new(), item));
        match &*path {
            "found" if incoming => (StatusCode::FOUND, [(LOCATION, "/elsewhere")]).into_response(),
            "moved" => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "elsewhere")]).into_response(),
            "loop" => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/loop")]).into_response(),
            "outside" => (StatusCode::FOUND, [(LOCATION, "http://bot.contoso.com/")]).into_response(),
            "older" => StatusCode::NO_CONTENT.into_response(),
            _ if joining => axum::Json(json!({ "@odata.type": "#microsoft.graph.acceptJoinResponse" })).into_response(),
            _ => StatusCode::ACCEPTED.into_response(),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let app = Router::new().route("/{path}", post(take)).with_state(Arc::clone(&got));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (format!("http://{at}"), got)
}

/// Returns the path and change type of each arrival since the last call.
fn arrivals(got: &Got) -> Vec<(String, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let items = std::mem::take(&mut *got.lock().unwrap());
    items.iter().map(|(_, it)| (text(&it["path"]), text(&it["value"][0]["changeType"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incoming_call_follows_one_redirect_and_is_repeated_for_204_if_the_setting_says_so() {
    let client = Client::in_a_call().await;
    let (at, got) = scripted().await;
    let cases = [
        ("found", "accepted", vec!["found", "elsewhere"]),
        ("moved", "accepted", vec!["moved", "elsewhere"]),
        ("loop", "accepted", vec!["loop", "loop"]),
        ("outside", "accepted", vec!["outside"]),
        ("older", "accepted", vec!["older"]),
        ("older", "repeats", vec!["older", "older"]),
        ("plain", "repeats", vec!["plain"]),
    ];
    for (path, no_content, wanted) in cases {
        assert_eq!(client.hand("/faults", &json!({ "noContent": no_content })).await, 200);
        client.sim.set_callback(format!("{at}/{path}").parse().unwrap());
        assert_eq!(client.hand("/calls", &serde_json::from_str(RINGS).unwrap()).await, 201);
        client.sim.settle().await;
        let paths: Vec<_> = arrivals(&got).into_iter().map(|it| it.0).collect();
        assert_eq!(paths, wanted);
        client.passes(16).await;
        let ended = arrivals(&got);
        assert_eq!(ended, [(path.to_owned(), "deleted".to_owned())], "only an incoming call is redirected");
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_reject_and_redirect_may_set_a_callback_uri() {
    let client = Client::in_a_call().await;
    let (at, got) = scripted().await;
    client.sim.set_callback(format!("{at}/registered").parse().unwrap());
    let target = json!([{ "identity": { "user": { "id": "x" } } }]);
    let bodies = [
        (
            "answer",
            json!({ "acceptedModalities": ["audio"],
            "mediaConfig": { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" } }),
        ),
        ("reject", json!({ "reason": "busy" })),
        ("redirect", json!({ "targets": target })),
    ];
    for (action, asked) in bodies {
        client.hand("/calls", &serde_json::from_str(RINGS).unwrap()).await;
        client.sim.settle().await;
        let incoming = got.lock().unwrap().last().unwrap().1["value"][0]["resourceUrl"].as_str().unwrap().to_owned();
        assert_eq!(arrivals(&got), [("registered".to_owned(), "created".to_owned())]);
        let ask = async |address: String| {
            let mut asked = asked.clone();
            asked["callbackUri"] = json!(address);
            client.asks(Method::POST, &format!("{}/{action}", incoming.trim_start_matches('/')), &asked).await
        };
        let plain = ask("http://bot.contoso.com/calls".into()).await;
        assert_eq!((plain.0, &plain.1["error"]["code"]), (400, &json!("invalidRequest")), "{action}");
        assert_eq!(ask(format!("{at}/own")).await.0, 202, "{action}");
        client.passes(2).await;
        let after = arrivals(&got);
        assert!(!after.is_empty() && after.iter().all(|(path, _)| path == "own"), "{action}: {after:?}");
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorders_reply_admits_a_person() {
    let client = Client::in_a_call().await;
    let (at, got) = scripted().await;
    client.sim.set_callback(format!("{at}/recorder").parse().unwrap());
    let plan = json!({ "subject": "Trade", "kind": "meeting", "answeredBy": "client", "people": [
        { "name": "Ada", "recorded": true }, { "name": "Cleo", "recorded": true, "joins": 10 },
    ] });
    assert_eq!(client.hand("/calls", &plan).await, 201);
    client.sim.settle().await;
    let incoming = got.lock().unwrap()[0].1["value"][0]["resourceUrl"].as_str().unwrap().to_owned();
    let answer = json!({
        "callbackUri": format!("{at}/recorder"),
        "acceptedModalities": ["audio"],
        "mediaConfig": { "@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "x" },
        "participantCapacity": 2,
    });
    let incoming = incoming.trim_start_matches('/');
    assert_eq!(client.asks(Method::POST, &format!("{incoming}/answer"), &answer).await.0, 202);
    client.passes(11).await;
    let (_, people) = client.asks(Method::GET, &format!("{incoming}/participants"), &Value::Null).await;
    assert!(people.to_string().contains("Cleo"), "{people}");
    client.sim.stop().await;
}

/// Returns a receiver whose certificate a private authority issued. Returns its address and that authority.
async fn behind_tls() -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = authority.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::from_params(&authority, &key);
    let own = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    let chain = vec![leaf.der().clone()];
    let secret = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config =
        tokio_rustls::rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth().with_single_cert(chain, secret).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut some = [0; 4_096];
            if stream.read(&mut some).await.is_ok_and(|it| it > 0) {
                let said = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(said).await;
                let _ = stream.shutdown().await;
            }
        }
    });
    (format!("https://localhost:{}/calls", at.port()), root.pem())
}

pub(super) fn settings(callback: Option<String>) -> SimStart {
    SimStart {
        scenario: Scenario::named("empty").unwrap().unwrap(),
        seed: 42,
        settings: SimSettings::default(),
        clock: Clock::starting_at(Timestamp(1_700_000_000_000), 0.0),
        listen: "127.0.0.1:0".parse().unwrap(),
        callback: callback.map(|it| it.parse().unwrap()),
        public_url: None,
    }
}

fn trusting(authorities: &[u8]) -> TrustedParties {
    TrustedParties { authorities: authorities.to_vec(), client: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn https_webhooks_trust_the_given_authority() {
    let (at, authority) = behind_tls().await;
    for (authorities, delivered) in [(authority.as_bytes(), 1), (&b""[..], 0)] {
        let sim = start_trusting(settings(Some(at.clone())), trusting(authorities)).await.unwrap();
        let http = reqwest::Client::new();
        let asked = http.post(format!("{}/calls", sim.ready().control));
        let asked = asked.bearer_auth(sim.ready().control_token.expose_secret());
        assert_eq!(asked.body(RINGS).send().await.unwrap().status(), 201);
        sim.settle().await;
        assert_eq!((sim.counts().delivered, sim.counts().failed), (delivered, 1 - delivered));
        sim.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_authorities_are_refused() {
    for text in ["rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let refused = start_trusting(settings(None), trusting(text.as_bytes())).await.err();
        assert!(matches!(refused, Some(SimError::Authorities(_) | SimError::Client(_))), "{text}: {refused:?}");
    }
}

/// Returns a webhook that counts what arrives and answers nothing.
async fn silent() -> (String, tokio::sync::watch::Receiver<usize>) {
    let (counted, arrived) = tokio::sync::watch::channel(0);
    let take = async move || {
        counted.send_modify(|it| *it += 1);
        std::future::pending::<StatusCode>().await
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(take))).await.unwrap() });
    (format!("http://{at}/"), arrived)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_holds_up_the_next_notification_only_for_a_while() {
    let client = Client::in_a_call().await;
    client.clock.set_speed(100.0);
    for (waits, wanted) in [(0, 3), (10_000, 1)] {
        assert_eq!(client.hand("/faults", &json!({ "nextWaitsMs": waits })).await, 200);
        let (callback, mut arrived) = silent().await;
        let created = client.asks(Method::POST, "communications/calls", &group(&callback)).await;
        assert_eq!(created.0, 201);
        let soon = std::time::Duration::from_secs(8);
        tokio::time::timeout(soon, arrived.wait_for(|it| *it >= wanted)).await.expect("it was held up").unwrap();
        // By then establishing, established and the first rosters are due, and only those that wait have not left.
        client.clock.sleep_until(client.clock.now() + Millis::seconds(60)).await;
        assert!(wanted > 1 || *arrived.borrow() == 1, "{} arrived", *arrived.borrow());
    }
    assert_eq!(client.sim.counts().failed, 0, "nobody has run out of time yet");
    client.sim.stop().await;
}
