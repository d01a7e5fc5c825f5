//! Logs, answers and debug output contain no secrets or personal data: canaries go in everywhere, and none comes out.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use callboard::relay::{NetworkSettings, RelaySettings};
use serde_json::{Value, json};

use super::site::{APP, KID, Platform, SECRET, TENANT, claims, good_token, settings, sign};
use crate::e2e::processes::{Server, callboard, secret};

/// A canary of each confidential kind: names and numbers of people, marks of operators, tokens, secrets.
const CANARIES: [&str; 6] =
    ["Canary Person", "+15550100", "canary-ticket", "canary-guess", "canary-claim", "dana-canary"];

/// Every kind of traffic, good and bad, with a canary wherever one fits.
async fn traffic(relay: &Server, token: &str) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |token: &str, body: String| {
        let sent = http.post(relay.says("intake")).bearer_auth(token).body(body).send().await.unwrap();
        sent.status().as_u16()
    };
    let person = json!({ "id": "bob", "info": { "identity": {
        "user": { "id": "bob", "displayName": "Canary Person" }, "phone": { "id": "+15550100" } } } });
    let call = json!({ "@odata.type": "#microsoft.graph.call", "state": "established", "subject": "Canary Person" });
    let item = |url: &str, data: &Value| json!({ "changeType": "updated", "resourceUrl": url, "resourceData": data });
    let good = json!({ "value": [
        item("/communications/calls/a", &call), item("/communications/calls/a/participants", &json!([person])),
        item("/communications/calls/a/participants", &json!("Canary Person")), { "changeType": "+15550100" },
    ] });
    assert_eq!(post(&good_token(), good.to_string()).await, 202);
    assert_eq!(post(&good_token(), "Canary Person +15550100".to_owned()).await, 400);
    assert_eq!(post("canary-guess", String::new()).await, 401);
    let mut theirs = claims();
    theirs["aud"] = "canary-claim".into();
    assert_eq!(post(&sign(&json!({ "alg": "RS256", "kid": KID }), &theirs), String::new()).await, 401);
    assert_eq!(post(&sign(&json!({ "alg": "RS256", "kid": "canary-claim" }), &claims()), String::new()).await, 401);
    let gate = format!("{}/communications/calls/a", relay.says("gate"));
    for (token, path, context) in [
        (token, "/mute", "canary-ticket"),
        ("canary-guess", "/mute", "canary-ticket"),
        (token, "/transfer", "canary-ticket"),
    ] {
        let act = http.post(format!("{gate}{path}?to=%2B15550100")).bearer_auth(token);
        act.json(&json!({ "clientContext": context, "customPrompt": "Canary Person" })).send().await.unwrap();
    }
}

fn told(log: &str, secrets: &[&str]) -> Vec<String> {
    let all = CANARIES.iter().chain(secrets);
    all.filter(|it| log.contains(**it)).map(|it| format!("{it} is in the log:\n{log}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_contain_no_personal_data_in_either_format() {
    let platform = Platform::start().await;
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (journal, log, app_secret) = (path("journal"), path("log"), path("secret"));
        let added =
            callboard(&["relay", "operator", "add", "dana-canary", "--role", "operator", "--journal", &journal]);
        let token = added.trim();
        secret(Path::new(&app_secret), SECRET);
        let url = |path: &str| format!("{}{path}", platform.base);
        let (openid, graph, token_url) = (url("/openid"), url("/v1.0"), url("/token"));
        let relay = Server::start(&[
            "relay",
            "--app-id",
            APP,
            "--tenant",
            TENANT,
            "--openid",
            &openid,
            "--graph",
            &graph,
            "--token-url",
            &token_url,
            "--client-secret-file",
            &app_secret,
            "--journal",
            &journal,
            "--log",
            &log,
            "--log-format",
            format,
            "--limit",
            "refusals-noted-seconds=0",
            "--ops-listen",
            "127.0.0.1:0",
        ]);
        traffic(&relay, token).await;
        let figures = reqwest::get(format!("{}/metrics", relay.says("ops"))).await.unwrap().text().await.unwrap();
        // What is noted for operators is logged too, as soon as it is.
        let read = || std::fs::read_to_string(&log).unwrap();
        let logged = async {
            while !read().contains("wrong audience") {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), logged).await.expect("a refusal is logged with its reason");
        assert!(relay.terminate());
        let mode = std::fs::metadata(&log).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only the owner reads it");
        let log = read();
        assert!(log.contains("the relay serves"), "{log}");
        let secrets = [token, SECRET, "app-token", &good_token()[..40]];
        assert_eq!(told(&log, &secrets), [""; 0]);
        assert_eq!(told(&figures, &secrets), [""; 0]);
        if format == "json" {
            for line in log.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                assert!(line["level"].is_string() && line["fields"]["message"].is_string(), "{line}");
            }
        }
    }
}

#[test]
fn settings_print_without_secrets() {
    let settings: RelaySettings = settings("http://127.0.0.1:1", NetworkSettings::default());
    let print = format!("{settings:?}");
    assert!(print.contains(APP) && !print.contains(SECRET) && !print.contains("token-of"), "{print}");
}

#[test]
fn a_relay_off_loopback_without_tls_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let app_secret = path("secret");
    secret(Path::new(&app_secret), SECRET);
    let relay = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(["relay", "--app-id", APP, "--tenant", TENANT, "--token-url", "http://127.0.0.1:1/token"]);
        command.args(["--client-secret-file", &app_secret, "--journal", &path("journal")]).args(more);
        let ended = command.output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    };
    let (code, said) = relay(&["--listen", "0.0.0.0:0"]);
    assert!(code != Some(0) && said.contains("plain HTTP") && said.contains("--behind-proxy"), "{said}");
    let (code, said) = relay(&["--limit", "conections=1"]);
    assert!(code == Some(2) && said.contains("conections"), "{said}");
    let (code, said) = relay(&["--tls-cert", "cert.pem"]);
    assert!(code == Some(2) && said.contains("--tls-key"), "{said}");
}
