//! A simulator for its keys, and the relay in a separate process, so that its memory can be measured.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::process;

pub(crate) struct Server {
    child: Child,
    _output: BufReader<ChildStdout>,
    pub(crate) ready: Value,
}

impl Server {
    fn callboard(words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(words).arg("--json").env("RUST_LOG", "error");
        Self::start(command)
    }

    fn relay(words: &[String]) -> Self {
        Self::callboard(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A baseline, see `baseline`.
    pub(crate) fn baseline(name: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--baseline", name]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a server starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output is ours"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it says that it is ready");
        Self { child, _output: output, ready: serde_json::from_str(&line).expect("in JSON") }
    }

    pub(crate) fn says(&self, member: &str) -> &str {
        self.ready[member].as_str().expect("the ready line has it")
    }

    /// Returns the process's memory in KiB.
    pub(crate) fn memory(&self) -> f64 {
        process::memory(self.child.id()).expect("Linux says it")
    }

    /// Returns the time that the process has computed.
    pub(crate) fn cpu_time(&self) -> Duration {
        process::cpu_time(self.child.id()).expect("Linux says it")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) struct Stage {
    pub(crate) relay: Server,
    pub(crate) authorization: String,
    pub(crate) token: String,
    /// The words that start the relay.
    words: Vec<String>,
    sim: Server,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Starts a simulator, and a relay that reads calls from it.
    pub(crate) async fn set() -> Self {
        Self::with(None).await
    }

    /// The same with a stand-in for Graph.
    pub(crate) async fn with(graph: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the run");
        let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
        let sim = Server::callboard(&["sim", "--scenario", "empty"]);
        let journal = path("journal");
        let added = ["relay", "operator", "add", "dana", "--role", "viewer", "--journal", &journal];
        let added = Command::new(env!("CARGO_BIN_EXE_callboard")).args(added).output().expect("an operator is added");
        std::fs::write(path("secret"), sim.says("clientSecret")).expect("a file");
        std::fs::set_permissions(path("secret"), std::fs::Permissions::from_mode(0o600)).expect("ours alone");
        let words = [
            "relay",
            "--app-id",
            sim.says("clientId"),
            "--tenant",
            sim.says("tenant"),
            "--openid",
            sim.says("openid"),
            "--graph",
            graph.unwrap_or_else(|| sim.says("graph")),
            "--token-url",
            sim.says("token"),
            "--client-secret-file",
            &path("secret"),
            "--journal",
            &journal,
            "--ops-listen",
            "127.0.0.1:0",
        ];
        let words: Vec<String> = words.iter().map(|it| (*it).to_owned()).collect();
        let relay = Server::relay(&words);
        let authorization = authorization(&sim).await;
        let token = String::from_utf8(added.stdout).expect("a token").trim().to_owned();
        Self { relay, authorization, token, words, sim, folder }
    }

    /// Kills the relay, and starts it again with the same journal and more words.
    pub(crate) fn restart(self, more: &[&str]) -> Self {
        let Self { relay, authorization, token, mut words, sim, folder } = self;
        drop(relay);
        words.extend(more.iter().map(|it| (*it).to_owned()));
        Self { relay: Server::relay(&words), authorization, token, words, sim, folder }
    }

    /// Returns the folder of the run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the number of connected consoles.
    pub(crate) async fn consoles(&self) -> usize {
        let health = format!("{}/healthz", self.relay.says("ops"));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let health: Value = client.get(health).send().await.expect("an answer").json().await.expect("in JSON");
        usize::try_from(health["consoles"].as_u64().expect("a number")).expect("a small one")
    }
}

/// Returns the `Authorization` header of a webhook that the simulator signs.
async fn authorization(sim: &Server) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let here = format!("http://{}/", listener.local_addr().expect("its address"));
    let (tell, mut told) = watch::channel(String::new());
    let take = move |headers: axum::http::HeaderMap| async move {
        tell.send_replace(headers["authorization"].to_str().expect("text").to_owned());
        axum::http::StatusCode::ACCEPTED
    };
    let server = tokio::spawn(axum::serve(listener, axum::Router::new().fallback(take)).into_future());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let form = [
        ("client_id", sim.says("clientId")),
        ("client_secret", sim.says("clientSecret")),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let token = client.post(sim.says("token")).form(&form).send().await.expect("a token");
    let token: Value = token.json().await.expect("in JSON");
    let call = json!({
        "callbackUri": here, "requestedModalities": ["audio"], "tenantId": sim.says("tenant"),
        "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
        "chatInfo": {"threadId": "19:meeting_x@thread.v2", "messageId": "0"},
        "meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "allowConversationWithoutHost": true,
                        "organizer": {"user": {"id": "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96", "displayName": "Bob"}}},
    });
    let access = token["access_token"].as_str().expect("a token");
    let create = client.post(format!("{}/communications/calls", sim.says("graph"))).bearer_auth(access).json(&call);
    create.send().await.expect("an answer").error_for_status().expect("a call");
    let authorization = told.wait_for(|it| !it.is_empty()).await.expect("a webhook").clone();
    server.abort();
    authorization
}
