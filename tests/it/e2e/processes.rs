//! Simulator, relay and console in separate processes, a call created through the API, and a relay that
//! is killed and restarted.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::terminal::Terminal;

/// A command that listens; it is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    // Kept open, because a server fails if it cannot print.
    _output: BufReader<ChildStdout>,
    ready: Value,
}

impl Server {
    pub(crate) fn start(words: &[&str]) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_callboard")), words)
    }

    /// The same by another command, which becomes the binary.
    pub(crate) fn spawn(mut command: Command, words: &[&str]) -> Self {
        command.args(words).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 {
            let mut error = String::new();
            child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("{words:?} did not start: {error}");
        }
        Self { child, _output: output, ready: serde_json::from_str(&line).unwrap() }
    }

    pub(crate) fn says(&self, member: &str) -> &str {
        self.ready[member].as_str().unwrap_or_else(|| panic!("no {member} in {}", self.ready))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a service manager does, and returns whether it succeeded.
    pub(crate) fn terminate(mut self) -> bool {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// Tells it to read its files again, as a service manager does.
    pub(crate) fn hang_up(&self) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &process]).status().unwrap().success());
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

/// Returns the error of a server that does not start.
pub(crate) fn refuses(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(words).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        drop(child.kill());
        panic!("{words:?} started: {line}");
    }
    let ended = child.wait_with_output().unwrap();
    assert!(!ended.status.success());
    String::from_utf8(ended.stderr).unwrap()
}

pub(crate) fn callboard(words: &[&str]) -> String {
    let ended = Command::new(env!("CARGO_BIN_EXE_callboard")).args(words).output().unwrap();
    assert!(ended.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

pub(crate) fn secret(file: &Path, text: &str) {
    std::fs::write(file, text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A meeting call created as any bot creates it; its id.
pub(crate) async fn create(sim: &Server, intake: &str) -> String {
    create_at(|member| sim.says(member), intake).await
}

/// The same at a simulator that says these things when it is ready.
pub(crate) async fn create_at<'a>(says: impl Fn(&'static str) -> &'a str, intake: &str) -> String {
    let client = reqwest::Client::new();
    let form = [
        ("client_id", says("clientId")),
        ("client_secret", says("clientSecret")),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let token: Value = client.post(says("token")).form(&form).send().await.unwrap().json().await.unwrap();
    let call = json!({
        "@odata.type": "#microsoft.graph.call", "callbackUri": intake, "requestedModalities": ["audio"],
        "subject": "Created by a bot", "tenantId": says("tenant"),
        "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
        "chatInfo": {"@odata.type": "#microsoft.graph.chatInfo", "threadId": "19:meeting_x@thread.v2", "messageId": "0"},
        "meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "allowConversationWithoutHost": true,
                        "organizer": {"user": {"id": "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96", "displayName": "Bob"}}},
    });
    let created = client
        .post(format!("{}/communications/calls", says("graph")))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .json(&call)
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), 201, "{}", created.text().await.unwrap());
    let created: Value = created.json().await.unwrap();
    created["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn separate_processes_survive_a_killed_relay() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (journal, token, app_secret) = (path("journal"), path("dana.token"), path("secret"));
    let sim = Server::start(&["sim", "--scenario", "empty"]);
    let added = callboard(&["relay", "operator", "add", "dana", "--role", "operator", "--journal", &journal]);
    assert_eq!(added.lines().count(), 1, "the token is the only line");
    secret(Path::new(&token), &added);
    secret(Path::new(&app_secret), sim.says("clientSecret"));
    let listed = callboard(&["relay", "operator", "list", "--journal", &journal]);
    assert!(listed.starts_with("operator\t") && listed.ends_with("\tdana\n"), "{listed}");

    let mut words = vec![
        "relay",
        "--app-id",
        sim.says("clientId"),
        "--tenant",
        sim.says("tenant"),
        "--openid",
        sim.says("openid"),
        "--graph",
        sim.says("graph"),
        "--token-url",
        sim.says("token"),
        "--client-secret-file",
        &app_secret,
        "--journal",
        &journal,
        "--label",
        "a floor of our own",
        "--listen",
    ];
    let relay = Server::start(&[&words[..], &["127.0.0.1:0"]].concat());
    let address = relay.says("relay").trim_start_matches("http://").to_owned();
    let intake = relay.says("intake").to_owned();
    let mut console =
        Terminal::run(&["console", "--relay", &format!("http://{address}"), "--token-file", &token], (120, 36));
    console.shows("a floor of our own");
    console.shows("LIVE");
    create(&sim, &intake).await;
    console.until("the created call and its company", |screen| {
        screen.contains("Created by a bot") && screen.lines().filter(|line| line.contains(" live ")).count() >= 2
    });

    relay.kill();
    console.shows("NO LINE");
    words.push(&address);
    let relay = Server::start(&words);
    let back = console.until("the board, live again", |screen| screen.contains("LIVE") && screen.contains("had a gap"));
    assert!(back.contains("Created by a bot"), "nothing was lost:\n{back}");
    console.quit();
    let (success, ended) = console.ends();
    assert!(success && ended.is_as_found());
    assert!(relay.terminate() && sim.terminate(), "servers end cleanly when told");
}

#[test]
fn an_operators_token_can_be_rotated_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal").display().to_string();
    let at = ["--journal", journal.as_str()];
    let operator = |words: &[&str]| callboard(&[&["relay", "operator"], words, &at].concat());
    let first = operator(&["add", "dana", "--role", "operator", "--expires", "2h"]);
    let second = operator(&["rotate", "dana", "--expires", "never"]);
    assert_ne!(first, second);
    let listed = operator(&["list"]);
    let rows: Vec<Vec<&str>> = listed.lines().map(|it| it.split('\t').collect()).collect();
    assert_eq!(rows.len(), 2, "{listed}");
    assert!(rows.iter().all(|it| it[0] == "operator" && it[1].len() == 4 && it[4] == "dana"), "{listed}");
    assert!(rows[0][3].starts_with("ends 20") && rows[1][3] == "ends never", "{listed}");
    assert!(!listed.contains(first.trim()));

    let mut third = Command::new(env!("CARGO_BIN_EXE_callboard"));
    let third = third.args(["relay", "operator", "rotate", "dana"]).args(at).output().unwrap();
    assert_eq!(third.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&third.stderr).contains("has two live tokens already"));

    assert_eq!(operator(&["revoke", "dana", "--token", rows[0][1]]), "tokens revoked: 1\n");
    assert_eq!(operator(&["list"]).lines().count(), 1);
    let mut past = Command::new(env!("CARGO_BIN_EXE_callboard"));
    let past = past.args(["relay", "operator", "rotate", "dana", "--expires", "2020-01-01"]).args(at).output().unwrap();
    assert_eq!(past.status.code(), Some(2));
}
