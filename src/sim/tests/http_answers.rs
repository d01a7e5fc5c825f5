//! Tests of Graph's paths over HTTP: content types, methods, action names, query options and headers.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ALLOW, CONTENT_TYPE, USER_AGENT};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::recordings_and_tones::Client;
use super::*;

impl Client {
    fn request(&self, method: Method, version: &str, path: &str) -> reqwest::RequestBuilder {
        let root = self.sim.ready().graph.join("/").unwrap();
        self.http.request(method, format!("{root}{version}/{path}")).bearer_auth(&self.bearer)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_must_be_json() {
    let client = Client::in_a_call().await;
    let path = format!("{}/mute", client.call);
    let cases = [
        (Some("application/json"), 200),
        (Some("application/json; charset=utf-8"), 200),
        (Some("application/json; charset=latin1"), 415),
        (Some("text/plain"), 415),
        (None, 415),
    ];
    for (kind, status) in cases {
        let asked = client.request(Method::POST, "v1.0", &path).body("{}");
        let asked =
            kind.map_or_else(|| asked.try_clone().unwrap(), |it| asked.try_clone().unwrap().header(CONTENT_TYPE, it));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), status, "{kind:?}");
    }
    let keep = client.request(Method::POST, "v1.0", &format!("{}/keepAlive", client.call)).send().await.unwrap();
    assert_eq!((keep.status().as_u16(), keep.headers()["content-length"].to_str().unwrap()), (200, "0"));
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_be_gzip_and_nothing_else() {
    let client = Client::in_a_call().await;
    let zipped = |text: &str| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
        writer.finish().unwrap()
    };
    let marked = r#"{"clientContext": "zipped"}"#;
    let path = format!("{}/mute", client.call);
    let huge = format!("{{\"clientContext\": \"{}\"}}", " ".repeat(2 << 20));
    for (encoding, body, status, code) in [
        ("gzip", zipped(marked), 200, ""),
        ("gzip", marked.as_bytes().to_vec(), 400, "invalidRequest"),
        ("gzip", zipped(&huge), 413, "invalidRequest"),
        ("br", marked.as_bytes().to_vec(), 415, "unsupportedMediaType"),
    ] {
        let asked = client.request(Method::POST, "v1.0", &path).header(CONTENT_TYPE, "application/json");
        let answer = asked.header("content-encoding", encoding).body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{encoding}");
        assert_eq!(answer.headers().get("accept-encoding").is_some(), status == 415, "a 415 says what is read");
        let said: Value = answer.json().await.unwrap();
        if status == 200 {
            assert_eq!(said["clientContext"], "zipped");
        } else {
            assert_eq!(said["error"]["code"], code, "{said}");
        }
    }
    let control = client.sim.ready().control.to_string();
    let key = client.sim.ready().control_token.expose_secret();
    let asked = client.http.post(format!("{control}/faults")).bearer_auth(key).header("content-encoding", "gzip");
    let answer = asked.body(zipped(r#"{"holdAnswer": "completed"}"#)).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["holdAnswer"], "completed");
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_carries_the_chain_id_of_its_call_as_scenario_id() {
    let client = Client::in_a_call().await;
    let call: Value = client.request(Method::GET, "v1.0", &client.call).send().await.unwrap().json().await.unwrap();
    let chain = call["callChainId"].as_str().unwrap();
    let mute = format!("{}/mute", client.call);
    for (method, path, given, expected) in [
        (Method::GET, client.call.as_str(), None, Some(chain)),
        (Method::POST, &mute, Some("mine"), Some(chain)),
        (Method::GET, "communications/calls/nowhere", Some("mine"), Some("mine")),
        (Method::GET, "communications/calls/nowhere", None, None),
        (Method::DELETE, client.call.as_str(), None, Some(chain)),
    ] {
        let asked = client.request(method.clone(), "v1.0", path).json(&json!({}));
        let asked =
            given.map_or_else(|| asked.try_clone().unwrap(), |it| asked.try_clone().unwrap().header("scenario-id", it));
        let answer = asked.send().await.unwrap();
        let got = answer.headers().get("scenario-id").map(|it| it.to_str().unwrap());
        assert_eq!(got, expected, "{method} {path} {given:?}");
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_body_times_out() {
    let client = Client::in_a_call().await;
    let (ready, bearer) = (client.sim.ready(), client.bearer.as_str());
    let call = format!("{}/{}/mute", ready.graph.path(), client.call);
    let login = ready.token.path().to_owned();
    let asks = [(call, 408), (login, 408)].map(|(path, status)| {
        let address = ready.graph.socket_addrs(|| None).unwrap()[0];
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer {bearer}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{{"
        );
        async move {
            let mut line = TcpStream::connect(address).await.unwrap();
            line.write_all(head.as_bytes()).await.unwrap();
            let mut said = String::new();
            let reading = tokio::time::timeout(Duration::from_mins(1), line.read_to_string(&mut said)).await;
            reading.expect("the simulator must time out").unwrap();
            assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {said}");
        }
    });
    futures_util::future::join_all(asks).await;
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unserved_method_gets_405_with_the_served_methods() {
    let client = Client::in_a_call().await;
    let cases = [
        (Method::PUT, client.call.clone(), "GET, DELETE"),
        (Method::GET, format!("{}/mute", client.call), "POST"),
        (Method::OPTIONS, format!("{}/audioRoutingGroups/x", client.call), "GET, PATCH, DELETE"),
        (Method::POST, format!("{}/operations/x", client.call), "GET"),
        (Method::DELETE, "communications/calls".to_owned(), "POST"),
    ];
    for (method, path, allow) in cases {
        let answer = client.request(method.clone(), "v1.0", &path).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{method} {path}");
        assert_eq!(answer.headers()[ALLOW], allow, "{method} {path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "notAllowed");
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn action_names_may_be_short_or_qualified_in_any_case() {
    let client = Client::in_a_call().await;
    let bare = client.call.replace("communications/", "");
    let cases = [
        ("v1.0", format!("{}/microsoft.graph.MUTE", client.call), 200),
        ("V1.0", client.call.replace("communications/calls", "Communications/CALLS") + "/Mute", 200),
        ("beta", format!("{}/mute", client.call), 200),
        ("beta", format!("app/{bare}/mute"), 200),
        ("v1.0", format!("app/{bare}/mute"), 404),
        ("v1.0", format!("{}/contoso.mute", client.call), 404),
        ("v1.0", format!("{}/novel", client.call), 404),
    ];
    for (version, path, status) in cases {
        let answer = client.request(Method::POST, version, &path).json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), status, "{version} {path}");
        let place = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
        let root = format!("{}{}/", client.sim.ready().graph.join("/").unwrap(), version.to_lowercase());
        assert!(status != 200 || place.as_ref().is_some_and(|it| it.starts_with(&root)), "{place:?}");
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_odata_decides_the_effect_of_select() {
    let client = Client::in_a_call().await;
    let read = async |path: &str| -> (u16, Value) {
        let answer = client.request(Method::GET, "v1.0", path).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let names = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (_, call) = read(&format!("{}?$select=state,%20id", client.call)).await;
    assert_eq!(names(&call), ["@odata.context", "@odata.type", "id", "state"]);
    let people = format!("{}/participants", client.call);
    let (_, roster) = read(&format!("{people}?%24select=isMuted&$top=1")).await;
    assert!(roster["value"].as_array().unwrap().len() > 1, "only $select has an effect");
    assert_eq!(names(&roster["value"][0]), ["@odata.type", "isMuted"]);
    let one = format!("{people}/{}", read(&people).await.1["value"][0]["id"].as_str().unwrap());
    assert_eq!(names(&read(&format!("{one}?$select=info")).await.1), ["@odata.context", "@odata.type", "info"]);
    let muted = client.asks(Method::POST, &format!("{}/mute", client.call), &json!({})).await.1;
    let operation = format!("{}/operations/{}", client.call, muted["id"].as_str().unwrap());
    let (_, operation) = read(&format!("{operation}?$select=status")).await;
    assert_eq!(names(&operation), ["@odata.context", "@odata.type", "status"]);
    for (setting, status, members) in [("ignored", 200, true), ("refused", 400, false)] {
        client.hand("/faults", &json!({ "odata": setting })).await;
        let (got, body) = read(&format!("{}?$select=state", client.call)).await;
        assert_eq!((got, body.get("subject").is_some()), (status, members), "{setting}");
        assert_eq!(read(&client.call).await.0, 200);
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_graphs_headers_and_quality_needs_a_user_agent() {
    let client = Client::in_a_call().await;
    for (path, status) in [(client.call.clone(), 200), ("users/me".to_owned(), 404)] {
        let asked = client.request(Method::GET, "v1.0", &path).header("client-request-id", "mine");
        let answer = asked.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["client-request-id"]),
            (status, &"mine".parse().unwrap())
        );
        assert_eq!(answer.headers()["cache-control"], "private");
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
        let diagnostic = answer.headers()["x-ms-ags-diagnostic"].to_str().unwrap();
        assert!(serde_json::from_str::<Value>(diagnostic).unwrap()["ServerInfo"].is_object());
        assert!(answer.headers().contains_key("request-id") && answer.headers().contains_key("date"));
    }
    let report = json!({ "quality": {
        "callChainId": "c", "participantId": "p", "mediaLegId": "m", "deviceName": "d", "deviceDescription": "e",
        "mediaQualityList": [],
    } });
    for (agent, status) in [(Some("TestAgent/1.0"), 200), (None, 400)] {
        let asked = client.request(Method::POST, "v1.0", "communications/calls/logTeleconferenceDeviceQuality");
        let asked = asked.json(&report);
        let asked =
            agent.map_or_else(|| asked.try_clone().unwrap(), |it| asked.try_clone().unwrap().header(USER_AGENT, it));
        assert_eq!(asked.send().await.unwrap().status(), status, "{agent:?}");
    }
    client.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beta_serves_the_rows_of_v1_and_says_that_it_serves_no_others() {
    let client = Client::in_a_call().await;
    let read = client.request(Method::GET, "beta", &client.call).send().await.unwrap();
    assert_eq!(read.status(), 200);
    let guide = include_str!("../../../assets/guide/bots.md");
    for (method, row) in [
        (Method::POST, "participants/muteAll"),
        (Method::POST, "participants/configureMixer"),
        (Method::POST, "participants/x/reportSyntheticMedia"),
        (Method::POST, "record"),
        (Method::POST, "startRecording"),
        (Method::POST, "stopRecording"),
        (Method::POST, "startTranscription"),
        (Method::POST, "stopTranscription"),
        (Method::GET, "contentSharingSessions/x/pngOfCurrentSlide"),
    ] {
        let path = format!("{}/{row}", client.call);
        let answer = client.request(method, "beta", &path).json(&json!({})).send().await.unwrap();
        assert!(matches!(answer.status().as_u16(), 404 | 405), "{row}: {}", answer.status());
        let name = row.rsplit('/').next().unwrap();
        assert!(guide.contains(&format!("`{name}`")), "the guide names {name}");
    }
    client.sim.stop().await;
}
