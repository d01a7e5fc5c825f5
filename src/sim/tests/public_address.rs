//! Tests of the addresses in answers: they begin as the client reached the simulator, or as `--public-url` says.

use reqwest::Method;

use super::callback_addresses::settings;
use super::recordings_and_tones::Client;
use super::*;

/// The headers of a proxy that terminates TLS at `graph.test`.
const PROXIED: [(&str, &str); 2] = [("x-forwarded-host", "graph.test"), ("x-forwarded-proto", "https")];

async fn text_of(asked: reqwest::RequestBuilder) -> Value {
    let asked = PROXIED.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value));
    let answer = asked.send().await.unwrap();
    let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
    json!({ "location": location, "body": answer.json::<Value>().await.unwrap() })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_follows_the_headers_of_the_proxy() {
    let client = Client::in_a_call().await;
    let at = |path: &str| client.sim.ready().graph.join(path).unwrap();
    let keys = text_of(client.http.get(at("/.well-known/openidconfiguration"))).await;
    assert_eq!(keys["body"]["jwks_uri"], "https://graph.test/.well-known/keys");
    let call = at(&format!("/v1.0/{}", client.call));
    let read = text_of(client.http.get(call.clone()).bearer_auth(&client.bearer)).await;
    assert_eq!(read["body"]["@odata.context"], "https://graph.test/v1.0/$metadata#communications/calls/$entity");
    let asked = client.http.post(format!("{call}/recordResponse")).bearer_auth(&client.bearer);
    let recorded = text_of(asked.json(&json!({ "clientContext": "mark" }))).await;
    let operation = recorded["location"].as_str().unwrap();
    assert!(operation.starts_with("https://graph.test/v1.0/communications/calls/"), "{operation}");
    client.passes(20).await;
    let path = operation.strip_prefix("https://graph.test/v1.0/").unwrap();
    let ended = client.asks(Method::GET, path, &Value::Null).await.1;
    let file = ended["recordingLocation"].as_str().unwrap();
    assert!(file.starts_with("https://graph.test/recordings/"), "{file}");
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_url_begins_every_address() {
    let mut settings = settings(None);
    settings.public_url = Some("https://sim.test:8443/graph/".parse().unwrap());
    let sim = start(settings).await.unwrap();
    let ready = serde_json::to_value(sim.ready()).unwrap();
    let tenant = ready["tenant"].as_str().unwrap();
    for (member, path) in [
        ("graph", "/v1.0"),
        ("token", &format!("/{tenant}/oauth2/v2.0/token")),
        ("openid", "/.well-known/OpenIdConfiguration"),
        ("control", "/sim"),
    ] {
        assert_eq!(ready[member], format!("https://sim.test:8443/graph{path}"));
    }
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_url_with_a_secret_is_refused() {
    let mut settings = settings(None);
    settings.public_url = Some("https://me:pw@sim.test".parse().unwrap());
    let error = start(settings).await.err().map(|it| it.to_string()).unwrap_or_default();
    assert!(error.starts_with("--public-url cannot be \"https://sim.test\""), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_segments_of_a_path_are_ignored() {
    let client = Client::in_a_call().await;
    let call = client.call.strip_prefix("communications/calls/").unwrap().to_owned();
    let root = client.sim.ready().graph.join("/").unwrap();
    for (method, path, status) in [
        (Method::GET, format!("v1.0//communications/calls/{call}"), 200),
        (Method::GET, format!("/beta//communications/calls/{call}"), 200),
        (Method::POST, format!("v1.0/communications//calls/{call}///keepAlive"), 200),
        (Method::GET, format!("/v1.0//communications/calls/{call}/participants//"), 200),
        (Method::GET, format!("v1.0//app/calls/{call}"), 404),
        (Method::GET, "/.well-known//openidconfiguration".to_owned(), 200),
    ] {
        let asked = client.http.request(method, format!("{root}{path}")).bearer_auth(&client.bearer);
        assert_eq!(asked.send().await.unwrap().status(), status, "{path}");
    }
    let asked = client.http.get(format!("{root}/beta//communications/calls/{call}")).bearer_auth(&client.bearer);
    let context = asked.send().await.unwrap().json::<Value>().await.unwrap()["@odata.context"].clone();
    assert!(context.as_str().unwrap().starts_with(&format!("{root}beta/$metadata")), "{context}");
    client.sim.stop().await;
}
