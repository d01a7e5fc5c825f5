//! Tests of the ops listener: readiness with reasons, and metrics.

use callboard::relay::{self, NetworkSettings, RelaySettings};
use serde_json::Value;

use super::site::{OPERATOR, Platform, Site, envelope, good_token, settings};

#[tokio::test(flavor = "multi_thread")]
async fn readiness_reports_what_is_missing() {
    let site = Site::open().await;
    let ops = site.relay.ready().ops.clone().unwrap();
    let answer = site.http.get(format!("{ops}/readyz")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let said: Value = answer.json().await.unwrap();
    for check in ["journal", "floor", "keys", "token"] {
        assert_eq!(said["checks"][check]["ok"], true, "{said}");
    }
    let platform = Platform::start().await;
    for (missing, settings) in [
        ("keys", RelaySettings { openid: nowhere(), ..settings(&platform.base, NetworkSettings::default()) }),
        ("token", RelaySettings { token_url: nowhere(), ..settings(&platform.base, NetworkSettings::default()) }),
    ] {
        let relay = relay::start(settings).await.unwrap();
        let ops = relay.ready().ops.clone().unwrap();
        let answer = site.http.get(format!("{ops}/readyz")).send().await.unwrap();
        assert_eq!(answer.status(), 503);
        let said: Value = answer.json().await.unwrap();
        assert_eq!((&said["ready"], &said["checks"][missing]["ok"]), (&false.into(), &false.into()), "{said}");
        assert!(said["checks"][missing]["reason"].as_str().unwrap().contains("cannot be"), "{said}");
        assert_eq!(said["checks"]["journal"]["ok"], true, "{said}");
        let alive = site.http.get(format!("{ops}/healthz")).send().await.unwrap();
        assert_eq!(alive.status(), 200, "not ready is not dead");
        relay.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_name_cannot_read_the_ops_listener() {
    let site = Site::open().await;
    let ops = site.relay.ready().ops.clone().unwrap();
    let port = url::Url::parse(&ops).unwrap().port().unwrap();
    let ask = async |host: &str| {
        let asked = site.http.get(format!("{ops}/metrics")).header("host", host).send().await.unwrap();
        (asked.status().as_u16(), asked.text().await.unwrap())
    };
    for host in ["localhost", "LOCALHOST:9090", "127.0.0.1", "127.8.9.1:80", "[::1]:80", "[::1]"] {
        assert_eq!(ask(host).await.0, 200, "{host}");
    }
    for host in ["evil.example", "evil.example:80", "localhost.evil.example", "192.168.1.1", "0.0.0.0", "[::2]:1"] {
        let (status, said) = ask(host).await;
        assert!(status == 421 && said.contains("only to localhost") && !said.contains("callboard_"), "{host}: {said}");
    }
    let silent = "GET /metrics HTTP/1.0\r\n\r\n";
    let mut line = super::site::dial("127.0.0.1", ([127, 0, 0, 1], port).into()).await;
    tokio::io::AsyncWriteExt::write_all(&mut line, silent.as_bytes()).await.unwrap();
    let said = super::site::heard(&mut line).await;
    assert!(said.starts_with("HTTP/1.0 421"), "{said}");
}

fn nowhere() -> url::Url {
    url::Url::parse("http://127.0.0.1:1/nowhere").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_on_the_ops_listener_and_count_events() {
    let site = Site::open().await.with_a_call().await;
    for path in ["metrics", "readyz", "metrics/", "healthz/../metrics"] {
        let public = site.http.get(format!("{}/{path}", site.relay.ready().relay)).bearer_auth(OPERATOR).send();
        assert_eq!(public.await.unwrap().status(), 404, "{path}");
    }
    let mute = format!("{}/communications/calls/a/participants/bob/mute", site.relay.ready().gate);
    assert_eq!(site.http.post(&mute).bearer_auth(OPERATOR).send().await.unwrap().status(), 200);
    assert_eq!(site.webhook(&good_token(), "rubbish").await.status(), 400);
    assert_eq!(site.counted("gate_total{action=\"mute\",outcome=\"done\"}").await, 1);
    assert_eq!(site.counted("webhooks_total{outcome=\"kept\"}").await, 1);
    assert_eq!(site.counted("webhooks_total{outcome=\"unreadable\"}").await, 1);
    assert!(site.counted("reconcile_total{task=\"read\",outcome=\"done\"}").await >= 1);
    assert!(site.counted("keeper_total{errand=\"read\",outcome=\"done\"}").await >= 1);
    assert!(site.counted("journal_append_seconds_count").await >= 5);
    assert!(site.counted("journal_head").await >= 5);
    assert!(site.counted("app_token_left_seconds").await > 3_000);
    assert_eq!(site.webhook(&good_token(), &envelope("b")).await.status(), 202);
    assert_eq!(site.counted("webhooks_total{outcome=\"kept\"}").await, 2);
}
